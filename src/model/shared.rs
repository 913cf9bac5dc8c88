//! Texts that stand in many places and are kept once.

use std::cell::RefCell;

use arcstr::ArcStr;

use crate::source::sum;

/// The logarithm of how many texts each thread remembers.
const BITS: u32 = 12;
/// How many of them lie in a row, which is made when the first of them is remembered.
const ROW: usize = 1 << (BITS / 2);
/// What is longer is a path or a sentence, which hardly ever stands twice.
const LONGEST: usize = 40;

thread_local! {
    static NAMES: RefCell<Vec<Vec<ArcStr>>> = RefCell::new(vec![Vec::new(); ROW]);
}

/// A name, shared with those that were read before it, as far as they are remembered.
pub(crate) fn shared(text: &str) -> ArcStr {
    match text.len() {
        0..=LONGEST => remembered(text),
        _ => text.into(),
    }
}

/// A text, shared with those that were read before it, as far as they are remembered: the last one
/// at each place of a table.
pub(crate) fn remembered(text: &str) -> ArcStr {
    let place = place(text);
    NAMES.with_borrow_mut(|names| {
        let row = &mut names[place / ROW];
        if row.is_empty() {
            row.resize_with(ROW, ArcStr::default);
        }
        let known = &mut row[place % ROW];
        if **known != *text {
            *known = text.into();
        }
        ArcStr::clone(known)
    })
}

/// Names differ in few letters: the bits on which all of these bear stand at the upper end of a
/// product (Knuth, The Art of Computer Programming, vol. 3, 6.4).
fn place(text: &str) -> usize {
    (sum(text).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use arcstr::ArcStr;

    use super::{place, shared};

    #[test]
    fn equal_texts_are_one() {
        let long = "x".repeat(200);
        for text in ["", "hv01", "hv02", "hv01", &long] {
            assert_eq!(&*shared(text), text);
        }
        assert!(ArcStr::ptr_eq(&shared("hv01"), &shared("hv01")));
    }

    #[test]
    fn texts_that_share_a_place_are_not_mixed_up() {
        for number in 0..5_000 {
            let name = format!("app{number}");
            assert_eq!(*shared(&name), *name);
        }
    }

    #[test]
    fn few_names_of_an_estate_share_a_place() {
        let hosts = (0..500).map(|number| format!("hv{number}"));
        let machines = (0..500).map(|number| format!("app1-{number}"));
        let mut places: Vec<usize> = hosts.chain(machines).map(|name| place(&name)).collect();
        places.sort_unstable();
        places.dedup();
        assert!(places.len() > 850, "{}", places.len());
    }
}
