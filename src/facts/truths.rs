//! What several truths come to, of which some are not known.

/// True where all are, false as soon as one is not, else unknown.
pub(super) fn all(truths: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut sum = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            None => sum = None,
            Some(true) => {}
        }
    }
    sum
}

/// True as soon as one is, false where none is, else unknown.
pub(super) fn any(truths: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    all(truths.into_iter().map(|it| it.map(|it| !it))).map(|it| !it)
}

/// True where it is proven, false where all is known and it is not, else unknown.
pub(super) fn decide(proven: bool, all_known: bool) -> Option<bool> {
    if proven {
        Some(true)
    } else {
        all_known.then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::{all, any};

    #[test]
    fn what_is_known_may_decide_alone() {
        let (yes, no, unknown) = (Some(true), Some(false), None);
        assert_eq!(all([yes, unknown, no]), no);
        assert_eq!(all([yes, unknown]), unknown);
        assert_eq!(all([]), yes);
        assert_eq!(any([no, unknown, yes]), yes);
        assert_eq!(any([no, unknown]), unknown);
        assert_eq!(any([]), no);
    }
}
