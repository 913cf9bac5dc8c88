//! Texts that stand in many places and are kept once.

use std::cell::RefCell;

use arcstr::ArcStr;

use crate::source::sum;

/// How many texts each thread remembers, a power of two.
const REMEMBERED: usize = ROW * ROW;
/// How many of them lie in a row, which is made when the first of them is remembered.
const ROW: usize = 1 << 6;
/// What is longer hardly ever stands twice.
const LONGEST: usize = 128;

thread_local! {
    static NAMES: RefCell<Vec<Vec<ArcStr>>> = RefCell::new(vec![Vec::new(); ROW]);
}

/// A text, shared with those that were read before it, as far as they are remembered: the last one
/// at each place of a table.
pub(crate) fn shared(text: &str) -> ArcStr {
    if text.len() > LONGEST {
        return text.into();
    }
    let place = sum(text) as usize % REMEMBERED;
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

#[cfg(test)]
mod tests {
    use arcstr::ArcStr;

    use super::shared;

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
}
