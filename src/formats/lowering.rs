//! From nodes of foreign documents to attributes of the model. A value of a wrong type, and one
//! that somebody has yet to fill in, is unknown; nothing is reported.

use arcstr::ArcStr;

use crate::model::{Attr, Entity, Item, Labels, List, Memory, Modelled, Ref, State, Whole};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// The entry that these keys lead to.
pub(super) fn below<'t>(node: Node<'t>, keys: &[&str]) -> Option<Entry<'t>> {
    let (last, way) = keys.split_last()?;
    let mut way = way.iter();
    way.try_fold(node, |node, key| Some(node.get(key)?.value))?
        .get(last)
}

/// Whether somebody has yet to fill a value in: Helm, Kustomize, a shell, DSC, SOPS.
pub(super) fn is_unknown(node: Node<'_>) -> bool {
    node.is_template() || node.text().is_some_and(is_unknown_text)
}

/// The same of a text.
pub(super) fn is_unknown_text(text: &str) -> bool {
    const SIGNS: [&str; 6] = ["{{", "${", "$(", "@@", "[parameters(", "ENC["];
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// An attribute that says this, at a place.
pub(super) fn known<T: Modelled>(value: T, span: Span) -> Attr<T> {
    Attr::new(State::Known(value), span)
}

/// An attribute of which nobody knows what it says, at a place.
pub(super) fn unknown<T: Modelled>(span: Span) -> Attr<T> {
    Attr::new(State::Unknown, span)
}

/// An attribute with the place of what it was lowered from: a scalar's value, a collection's key.
pub(super) fn attribute<T: Modelled>(entry: Entry<'_>, state: State<T>) -> Attr<T> {
    let collection = matches!(entry.value.value(), Value::Mapping(_) | Value::Sequence(_))
        && !entry.value.is_template();
    let node = if collection { entry.key } else { entry.value };
    Attr::new(state, node.place().span)
}

/// An attribute read from a scalar that is no template; null is as if it were not written.
pub(super) fn read<T: Modelled>(
    entry: Option<Entry<'_>>,
    read: impl FnOnce(Node<'_>) -> Option<T>,
) -> Attr<T> {
    let Some(entry) = entry else {
        return Attr::default();
    };
    if entry.value.is_null() {
        return Attr::default();
    }
    let state = match is_unknown(entry.value) {
        true => State::Unknown,
        false => read(entry.value).map_or(State::Unknown, State::Known),
    };
    attribute(entry, state)
}

/// A text. A number counts as it is written.
pub(super) fn text(entry: Option<Entry<'_>>) -> Attr<ArcStr> {
    read(entry, |node| {
        node.text()
            .filter(|text| !text.is_empty())
            .map(ArcStr::from)
    })
}

/// `true` or `false`.
pub(super) fn boolean(entry: Option<Entry<'_>>) -> Attr<bool> {
    read(entry, |node| match node.value() {
        Value::Bool(value) => Some(value),
        _ => None,
    })
}

/// A whole number in a range.
pub(super) fn whole<const MIN: i32, const MAX: i32>(
    entry: Option<Entry<'_>>,
) -> Attr<Whole<MIN, MAX>> {
    read(entry, |node| match node.value() {
        Value::Int(number) => Whole::of(number),
        _ => None,
    })
}

/// A word that stands for something.
pub(super) fn word<T: Modelled>(
    entry: Option<Entry<'_>>,
    parse: impl Fn(&str) -> Option<T>,
) -> Attr<T> {
    read(entry, |node| parse(node.text()?))
}

/// A list, element by element. `None` from `read` is an element that is unknown.
pub(super) fn list<T: Modelled>(
    entry: Option<Entry<'_>>,
    mut read: impl FnMut(Node<'_>) -> Option<T>,
) -> Attr<List<T>> {
    let Some(entry) = entry.filter(|entry| !entry.value.is_null()) else {
        return Attr::default();
    };
    let state = match entry.value.value() {
        Value::Sequence(_) => State::Known(
            entry
                .value
                .items()
                .map(|node| {
                    Item::new(
                        match is_unknown(node) {
                            true => State::Unknown,
                            false => read(node).map_or(State::Unknown, State::Known),
                        },
                        node.place().span,
                    )
                })
                .collect(),
        ),
        _ => State::Unknown,
    };
    attribute(entry, state)
}

/// The name of another resource.
pub(super) fn reference<K: Entity>(entry: Option<Entry<'_>>) -> Attr<Ref<K>> {
    text(entry).map(Ref::to)
}

/// A list of texts.
pub(super) fn texts(entry: Option<Entry<'_>>) -> Attr<List<ArcStr>> {
    list(entry, |node| node.text().map(ArcStr::from))
}

/// A map from text to text, unknown where part of it is.
pub(super) fn labels(entry: Option<Entry<'_>>) -> Attr<Labels> {
    let Some(entry) = entry.filter(|entry| !entry.value.is_null()) else {
        return Attr::default();
    };
    let (pairs, open) = pairs(Some(entry));
    attribute(
        entry,
        match open {
            true => State::Unknown,
            false => State::Known(pairs),
        },
    )
}

/// What is known of a map from text to text, and whether there may be more.
pub(super) fn pairs(entry: Option<Entry<'_>>) -> (Labels, bool) {
    let Some(node) = entry.map(|entry| entry.value) else {
        return (Labels::default(), false);
    };
    match node.value() {
        Value::Null => return (Labels::default(), false),
        Value::Mapping(_) if !node.is_template() => {}
        _ => return (Labels::default(), true),
    }
    let mut open = false;
    let known = node.entries().filter_map(|entry| {
        let is_known = !is_unknown(entry.key) && !is_unknown(entry.value);
        let pair = entry.key.text().zip(entry.value.text());
        open |= !is_known || pair.is_none();
        pair.filter(|_| is_known)
    });
    (known.collect(), open)
}

/// An amount of memory as Kubernetes writes it: `2Gi` is binary, `2G` decimal, `2000m` two bytes.
pub(super) fn quantity(entry: Option<Entry<'_>>) -> Attr<Memory> {
    read(entry, |node| bytes_of(node.text()?).map(Memory))
}

/// The bytes that a quantity of Kubernetes stands for, rounded up.
pub(super) fn bytes_of(text: &str) -> Option<i64> {
    let digits = text.find(|it: char| !it.is_ascii_digit() && it != '.');
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    if let Some(exponent) = unit.strip_prefix(['e', 'E']).filter(|it| !it.is_empty()) {
        let power = 10_f64.powi(exponent.parse().ok()?);
        return whole_bytes(number.parse::<f64>().ok()? * power);
    }
    let factor: f64 = match unit {
        "" => 1.0,
        "m" => 0.001,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        _ => return None,
    };
    whole_bytes(number.parse::<f64>().ok()? * factor)
}

fn whole_bytes(bytes: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation)]
    (0.0..9.2e18).contains(&bytes).then(|| bytes.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::bytes_of;

    #[test]
    fn quantities_are_read_as_kubernetes_does() {
        for (text, bytes) in [
            ("2Gi", Some(2_147_483_648)),
            ("512M", Some(512_000_000)),
            ("1.5Ki", Some(1536)),
            ("128974848", Some(128_974_848)),
            ("129e6", Some(129_000_000)),
            ("500m", Some(1)),
            ("4GB", None),
            ("", None),
            ("-1Gi", None),
        ] {
            assert_eq!(bytes_of(text), bytes, "{text}");
        }
    }
}
