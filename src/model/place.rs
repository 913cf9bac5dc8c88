//! Where things of a resource are written, in four bytes: a model is full of places.

use std::fmt;
use std::sync::{LazyLock, PoisonError, RwLock};

use hashbrown::HashMap;

use crate::source::Span;

/// Where something is written, and two bits for whoever keeps it.
///
/// What is short and not far into its file is told by the place itself, all else by its number in
/// a table that all share. In bytes, so that nothing is left free between it and a short value.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Place([u8; 4]);

/// How many bits tell how long something is.
const LENGTH: u32 = 8;
/// How many bits tell where it starts: within 2 MiB.
const START: u32 = 21;
/// Set where the bits below are a number in the table.
const FAR: u32 = 1 << (START + LENGTH);
/// Below the two bits of others.
const MARK: u32 = START + LENGTH + 1;

impl Place {
    /// The place of a span, with two bits beside it.
    pub(super) fn marked(span: Span, mark: u8) -> Self {
        let length = span.end.wrapping_sub(span.start);
        let place = match span.start >> START == 0 && length >> LENGTH == 0 {
            true => span.start << LENGTH | length,
            false => FAR | FarSpans::number(span),
        };
        Place((place | u32::from(mark) << MARK).to_ne_bytes())
    }

    /// The two bits beside it.
    pub(super) fn mark(self) -> u8 {
        (u32::from_ne_bytes(self.0) >> MARK) as u8
    }

    /// Hands its span to `visit`, to be changed.
    pub(super) fn visit(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        let mut span = self.span();
        visit(&mut span);
        *self = Place::marked(span, self.mark());
    }

    /// The span of it.
    #[must_use]
    pub fn span(self) -> Span {
        let place = u32::from_ne_bytes(self.0) & ((1 << MARK) - 1);
        if place & FAR != 0 {
            return FarSpans::span(place & !FAR);
        }
        let start = place >> LENGTH;
        Span {
            start,
            end: start + (place & ((1 << LENGTH) - 1)),
        }
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Place::marked(span, 0)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span().fmt(f)
    }
}

/// Spans that do not fit, each once: of files of many megabytes, of long texts, and of places in
/// other files. None is forgotten as long as the program runs.
#[derive(Default)]
struct FarSpans {
    spans: Vec<Span>,
    numbers: HashMap<Span, u32>,
}

static FAR_SPANS: LazyLock<RwLock<FarSpans>> = LazyLock::new(RwLock::default);

impl FarSpans {
    fn number(span: Span) -> u32 {
        let known = FAR_SPANS.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = known.numbers.get(&span) {
            return *number;
        }
        drop(known);
        let mut table = FAR_SPANS.write().unwrap_or_else(PoisonError::into_inner);
        let FarSpans { spans, numbers } = &mut *table;
        *numbers.entry(span).or_insert_with(|| {
            let number = (spans.len() as u32).min(FAR - 1);
            spans.push(span);
            number
        })
    }

    fn span(number: u32) -> Span {
        let known = FAR_SPANS.read().unwrap_or_else(PoisonError::into_inner);
        known
            .spans
            .get(number as usize)
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Place, Span};

    fn offset() -> impl Strategy<Value = u32> {
        prop_oneof![
            0..1_u32 << 10,
            (1_u32 << 21) - 300..(1 << 21) + 300,
            any::<u32>()
        ]
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(start in offset(), length in prop_oneof![0..600_u32, offset()], mark in 0..4_u8) {
            let span = Span { start, end: start.saturating_add(length) };
            let place = Place::marked(span, mark);
            prop_assert_eq!((place.span(), place.mark()), (span, mark));
            prop_assert_eq!(place, Place::marked(span, mark));
        }
    }
}
