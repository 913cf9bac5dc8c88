//! What the formats of Windows have in common: values as people write them there, and resources
//! that are known in part.

use arcstr::ArcStr;

use super::lowering;
use crate::model::{
    Attr, AuthenticationType, Kind, MachineState, Memory, Meta, Modelled, Origin,
    PerformanceOption, Ref, State, SwitchType, Whole,
};
use crate::source::{FileId, Span};
use crate::yaml::{Entry, Node};

/// A mapping whose entries are attributes.
#[derive(Clone, Copy)]
pub(super) struct Fields<'t> {
    pub(super) node: Node<'t>,
    /// Whether it may not count: a condition or a loop stands before it.
    pub(super) unsure: bool,
}

impl<'t> Fields<'t> {
    /// Those of a mapping, which does not count where nobody knows whether it is to be there.
    pub(super) fn of(node: Node<'t>) -> Self {
        let ensure = node.get("Ensure");
        Fields {
            node,
            unsure: ensure.is_some_and(|entry| is_open(entry.value)),
        }
    }

    /// The first of these entries that says something.
    pub(super) fn entry(self, keys: &[&str]) -> Option<Entry<'t>> {
        let mut entries = keys.iter().filter_map(|key| self.node.get(key));
        entries.find(|entry| !entry.value.is_null())
    }

    /// The text of an entry, where it is known; also where it is not sure to count.
    pub(super) fn plain(self, keys: &[&str]) -> Option<&'t str> {
        let node = self.entry(keys)?.value;
        node.text()
            .filter(|text| !text.is_empty() && !is_open(node))
    }

    pub(super) fn read<T: Modelled>(
        self,
        keys: &[&str],
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Attr<T> {
        let Some(entry) = self.entry(keys) else {
            return Attr::default();
        };
        let value = entry.value.text().filter(|_| !is_open(entry.value));
        let value = value.filter(|_| !self.unsure).and_then(read);
        lowering::attribute(entry, value.map_or(State::Unknown, State::Known))
    }

    pub(super) fn text(self, keys: &[&str]) -> Attr<ArcStr> {
        self.read(keys, |text| (!text.is_empty()).then(|| text.into()))
    }

    pub(super) fn boolean(self, keys: &[&str]) -> Attr<bool> {
        self.read(keys, boolean)
    }

    pub(super) fn whole<const MIN: i32, const MAX: i32>(
        self,
        keys: &[&str],
    ) -> Attr<Whole<MIN, MAX>> {
        self.read(keys, whole)
    }

    pub(super) fn memory(self, keys: &[&str]) -> Attr<Memory> {
        self.read(keys, Memory::parse)
    }

    pub(super) fn reference<K: crate::model::Entity>(self, keys: &[&str]) -> Attr<Ref<K>> {
        self.read(keys, |text| Some(Ref::to(text)))
    }

    /// Whether an entry says this word, in any case.
    pub(super) fn says(self, key: &str, word: &str) -> bool {
        let said = self.node.get(key).and_then(|entry| entry.value.text());
        said.is_some_and(|said| said.eq_ignore_ascii_case(word))
    }
}

/// Whether a value has yet to be filled in: a template, an expression of DSC (`[parameters('x')]`),
/// or what Datum computes or decrypts (`[x={ … }=]`, `[ENC=…]`).
pub(super) fn is_open(node: Node<'_>) -> bool {
    let computed = |text: &str| text.starts_with('[') && !text.starts_with("[[");
    lowering::is_unknown(node)
        || node
            .text()
            .is_some_and(|text| computed(text) || text.contains("{%"))
}

/// What YAML 1.1 and PowerShell take for true and false.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "$true" => Some(true),
        "false" | "no" | "off" | "0" | "$false" => Some(false),
        _ => None,
    }
}

pub(super) fn whole<const MIN: i32, const MAX: i32>(text: &str) -> Option<Whole<MIN, MAX>> {
    Whole::of(text.parse().ok()?)
}

/// Whether a machine runs, in the words of Hyper-V. A paused one does neither.
pub(super) fn machine_state(text: &str) -> Option<MachineState> {
    match text.to_ascii_lowercase().as_str() {
        "running" | "restarted" => Some(MachineState::Running),
        "off" | "stopped" => Some(MachineState::Off),
        "saved" => Some(MachineState::Saved),
        _ => None,
    }
}

/// The type of a virtual switch. One with network address translation is an internal one for
/// Hyper-V.
pub(super) fn switch_type(text: &str) -> Option<SwitchType> {
    match text.eq_ignore_ascii_case("NAT") {
        true => Some(SwitchType::Internal),
        false => SwitchType::parse(text),
    }
}

pub(super) fn authentication_type(text: &str) -> Option<AuthenticationType> {
    AuthenticationType::parse(text)
}

pub(super) fn performance_option(text: &str) -> Option<PerformanceOption> {
    PerformanceOption::parse(text)
}

/// Where something is declared.
#[derive(Clone, Copy)]
pub(super) struct Site {
    pub(super) file: FileId,
    /// The whole mapping.
    pub(super) extent: Span,
    /// The key that its attributes lie below.
    pub(super) key: Span,
}

impl Site {
    /// What every resource has. What it does not say is unknown.
    pub(super) fn meta(self, kind: Kind, name: &str, name_span: Span) -> Meta {
        Meta {
            name: name.into(),
            named: !name.is_empty(),
            partial: true,
            origin: Origin::Windows,
            labels_open: true,
            name_place: name_span.into(),
            spec_place: Some(self.key.into()),
            ..Meta::at(kind, self.file, self.extent)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_yaml_and_powershell_are_booleans() {
        for (text, value) in [
            ("yes", Some(true)),
            ("On", Some(true)),
            ("$true", Some(true)),
            ("no", Some(false)),
            ("False", Some(false)),
            ("maybe", None),
        ] {
            assert_eq!(boolean(text), value, "{text}");
        }
    }
}
