//! Maps from text to text: labels and annotations.

use std::fmt;

use arcstr::ArcStr;
use serde_json::{Value as Json, json};

use super::Meta;
use super::attribute::State;
use super::place::Place;
use super::read::{Modelled, Reader};
use super::reflect::{Type, Value};
use super::shared::remembered;
use crate::yaml::{self, Node};

/// A map from text to text, in the order written.
///
/// All of it is one text, in which each key and each value stands behind its length and a colon
/// (`4:tier4:gold`): every resource has some, and most have the same as others beside them.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Labels(ArcStr);

impl Labels {
    /// Of pairs that no other resource has, as annotations are.
    pub(crate) fn alone<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        Labels(ArcStr::from(spelled(pairs)))
    }

    /// Keys and values, in the order written.
    #[must_use]
    pub fn iter(&self) -> Pairs<'_> {
        Pairs(&self.0)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut pairs = self.iter();
        pairs.find_map(|(own, value)| (own == key).then_some(value))
    }

    /// Whether there is this key with this value.
    #[must_use]
    pub fn contains(&self, pair: (&str, &str)) -> bool {
        self.iter().any(|own| own == pair)
    }
}

/// See [`Labels::iter`].
#[derive(Clone, Debug)]
pub struct Pairs<'a>(&'a str);

impl<'a> Pairs<'a> {
    fn text(&mut self) -> Option<&'a str> {
        let (length, rest) = self.0.split_once(':')?;
        let (text, rest) = rest.split_at_checked(length.parse().ok()?)?;
        self.0 = rest;
        Some(text)
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.text()?, self.text()?))
    }
}

impl<'a> IntoIterator for &'a Labels {
    type Item = (&'a str, &'a str);
    type IntoIter = Pairs<'a>;

    fn into_iter(self) -> Pairs<'a> {
        self.iter()
    }
}

impl<'t> FromIterator<(&'t str, &'t str)> for Labels {
    fn from_iter<I: IntoIterator<Item = (&'t str, &'t str)>>(pairs: I) -> Self {
        Labels(remembered(&spelled(pairs)))
    }
}

/// Keys and values as [`Labels`] keep them.
fn spelled<'t>(pairs: impl IntoIterator<Item = (&'t str, &'t str)>) -> String {
    let mut all = String::with_capacity(128);
    for text in pairs.into_iter().flat_map(<[&str; 2]>::from) {
        push_length(&mut all, text.len());
        all.push(':');
        all += text;
    }
    all
}

/// Adds a number in decimal digits, without a text of its own for it.
fn push_length(text: &mut String, length: usize) {
    if length >= 10 {
        push_length(text, length / 10);
    }
    text.push(char::from(b'0' + (length % 10) as u8));
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl Modelled for Labels {
    type Beside = Place;

    fn ty() -> Type {
        Type::Labels
    }

    fn schema() -> Json {
        json!({ "type": "object", "additionalProperties": { "type": "string" } })
    }

    fn read(node: Node<'_>, _: &mut Reader) -> State<Self> {
        if !matches!(node.value(), yaml::Value::Mapping(_)) {
            return State::Unknown;
        }
        let pairs: Option<Labels> = node
            .entries()
            .map(|entry| match entry.value.value() {
                yaml::Value::Text(value) if !entry.value.is_template() => {
                    Some((entry.key.text()?, value))
                }
                _ => None,
            })
            .collect();
        pairs.map_or(State::Unknown, State::Known)
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Labels(self)
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

/// Labels of which all have to be there, of which some may be unknown.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Selector {
    /// Those of which key and value are known.
    pub labels: Labels,
    /// The keys of those whose value is not.
    pub valueless: Vec<Box<str>>,
    /// Whether there are some of which not even the key is known.
    pub open: bool,
}

impl Modelled for Selector {
    type Beside = Place;

    fn ty() -> Type {
        Type::Labels
    }

    fn schema() -> Json {
        Labels::schema()
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        if !matches!(node.value(), yaml::Value::Mapping(_)) {
            return State::Unknown;
        }
        let mut selector = Selector::default();
        let mut labels = Vec::new();
        for entry in node.entries() {
            reader.wants_text(entry.key);
            reader.wants_text(entry.value);
            match (entry.key.text(), entry.value.value()) {
                (Some(key), _) if yaml::is_template_text(key) => selector.open = true,
                (Some(key), yaml::Value::Text(value)) if !entry.value.is_template() => {
                    labels.push((key, value));
                }
                (Some(key), _) => selector.valueless.push(key.into()),
                (None, _) => selector.open = true,
            }
        }
        selector.labels = labels.into_iter().collect();
        State::Known(selector)
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        if self.is_known() {
            Value::Labels(&self.labels)
        } else {
            Value::Unknown
        }
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Selector {
    /// Whether nothing of it is unknown.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.valueless.is_empty() && !self.open
    }

    /// Whether a machine with these labels may be meant; `more` says whether it may have others.
    #[must_use]
    pub fn may_select(&self, labels: &Labels, more: bool) -> bool {
        let carried = |(key, wanted)| labels.get(key).map_or(more, |value| value == wanted);
        self.labels.iter().all(carried)
            && (more || self.valueless.iter().all(|key| labels.get(key).is_some()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Labels;

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(pairs in prop::collection::vec((".{0,12}", ".{0,12}"), 0..8)) {
            let texts = || pairs.iter().map(|(key, value)| (&**key, &**value));
            let labels: Labels = texts().collect();
            prop_assert_eq!(labels.iter().collect::<Vec<_>>(), texts().collect::<Vec<_>>());
            prop_assert_eq!(labels.len(), pairs.len());
            for (key, value) in texts() {
                prop_assert!(labels.contains((key, value)));
                let first = texts().find(|(own, _)| *own == key);
                prop_assert_eq!(labels.get(key), first.map(|(_, value)| value));
            }
        }
    }
}
