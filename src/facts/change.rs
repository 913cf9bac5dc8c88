//! What a change makes of an estate: each resource beside what the base has under its name, and
//! the virtual hardware that is another than there.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::Facts;
use crate::model::{
    Attr, Identity, Kind, MachineProcessor, Meta, Modelled, Resource, State, VirtualMachine,
};
use crate::source::Span;

/// The estate before the change.
pub(super) struct Base {
    pub(super) facts: Box<Facts>,
    /// Whether all of it could be read.
    complete: bool,
    numbers: HashMap<Identity, u32>,
    /// Kinds of which some resource has a name that nobody knows.
    nameless: HashSet<Kind>,
}

/// Who a resource is; none where nobody knows its name or namespace.
fn known(meta: &Meta) -> Option<Identity> {
    (meta.named && meta.knows_namespace()).then(|| meta.identity())
}

impl Base {
    pub(super) fn new(facts: Facts, complete: bool) -> Self {
        let (mut numbers, mut nameless) = (HashMap::new(), HashSet::new());
        for meta in facts.inventory.metas() {
            match known(meta) {
                Some(identity) => {
                    numbers.insert(identity, meta.index);
                }
                None => {
                    nameless.insert(meta.kind);
                }
            }
        }
        Base {
            facts: Box::new(facts),
            complete,
            numbers,
            nameless,
        }
    }

    /// The number that a resource has in the base: absent where it is new, unknown where it may be
    /// in what could not be read.
    pub(super) fn find(&self, meta: &Meta) -> State<u32> {
        let Some(identity) = known(meta) else {
            return State::Unknown;
        };
        match self.numbers.get(&identity) {
            Some(number) => State::Known(*number),
            None if self.complete && !self.nameless.contains(&meta.kind) => State::Absent,
            None => State::Unknown,
        }
    }
}

/// A piece of virtual hardware of which the base says something else, or may.
pub(super) struct HardwareChange {
    pub(super) machine: u32,
    /// Its path; none where nobody knows the machine in the base.
    pub(super) attribute: Option<&'static str>,
    pub(super) before: State<String>,
    pub(super) after: State<String>,
    /// Where the present says it, else what it would be part of.
    pub(super) place: Span,
}

impl HardwareChange {
    /// Whether it is more or newer than before.
    pub(super) fn rises(&self) -> Option<bool> {
        let (before, after) = (self.before.known()?, self.after.known()?);
        Some(order(before, after) == Ordering::Less)
    }
}

/// All changes of virtual hardware, in the order of machines.
pub(super) fn of_hardware(facts: &Facts) -> Vec<HardwareChange> {
    let mut changes = Vec::new();
    let Some(base) = &facts.base else {
        return changes;
    };
    for machine in &facts.inventory.machines {
        match base.find(&machine.meta) {
            State::Absent => {}
            State::Unknown => changes.push(HardwareChange {
                machine: machine.meta.index,
                attribute: None,
                before: State::Unknown,
                after: State::Unknown,
                place: machine.meta.name_span(),
            }),
            State::Known(number) => {
                let before = &base.facts.inventory.machines[number as usize];
                changes.extend(HARDWARE.iter().filter_map(|it| it.change(before, machine)));
            }
        }
    }
    changes
}

type Machine = Resource<VirtualMachine>;

/// Something a machine is made of.
struct Hardware {
    path: &'static str,
    read: fn(&VirtualMachine) -> Said,
    /// What nothing said means.
    default: Option<&'static str>,
}

/// What is said of it, and where.
struct Said {
    value: State<String>,
    place: Option<Span>,
}

static HARDWARE: [Hardware; 5] = [
    Hardware {
        path: "generation",
        read: |machine| said(&machine.generation, |of| of.0.to_string()),
        default: None,
    },
    Hardware {
        path: "configurationVersion",
        read: |machine| said(&machine.configuration_version, |of| of.0.to_string()),
        default: None,
    },
    Hardware {
        path: "processor.count",
        read: |machine| in_processor(machine, |it| said(&it.count, |of| of.0.to_string())),
        default: None,
    },
    Hardware {
        path: "processor.compatibilityForMigrationEnabled",
        read: |machine| {
            in_processor(machine, |it| {
                said(&it.compatibility_for_migration_enabled, bool::to_string)
            })
        },
        default: Some("false"),
    },
    Hardware {
        path: "processor.exposeVirtualizationExtensions",
        read: |machine| {
            in_processor(machine, |it| {
                said(&it.expose_virtualization_extensions, bool::to_string)
            })
        },
        default: Some("false"),
    },
];

impl Hardware {
    fn change(&self, before: &Machine, after: &Machine) -> Option<HardwareChange> {
        let place = (self.read)(&after.spec).place;
        let meta = &after.meta;
        let (before, after) = (self.value(before), self.value(after));
        let same = match (&before, &after) {
            (State::Known(before), State::Known(after)) => order(before, after).is_eq(),
            (State::Absent, State::Absent) => true,
            _ => false,
        };
        (!same).then(|| HardwareChange {
            machine: meta.index,
            attribute: Some(self.path),
            before,
            after,
            place: place.or(meta.spec_span()).unwrap_or(meta.name_span()),
        })
    }

    fn value(&self, machine: &Machine) -> State<String> {
        match ((self.read)(&machine.spec).value, self.default) {
            (State::Absent, _) if machine.meta.partial => State::Unknown,
            (State::Absent, Some(default)) => State::Known(default.to_owned()),
            (said, _) => said,
        }
    }
}

fn said<T: Modelled>(attribute: &Attr<T>, text: fn(&T) -> String) -> Said {
    Said {
        value: attribute.state().map(text),
        place: attribute.place(),
    }
}

fn in_processor(machine: &VirtualMachine, read: fn(&MachineProcessor) -> Said) -> Said {
    let place = machine.processor.place();
    match machine.processor.state() {
        State::Known(processor) => {
            let said = read(processor);
            Said {
                place: said.place.or(place),
                ..said
            }
        }
        State::Absent => Said {
            value: State::Absent,
            place,
        },
        State::Unknown => Said {
            value: State::Unknown,
            place,
        },
    }
}

/// The order of numbers and of versions, part by part, and of `false` before `true`.
fn order(a: &str, b: &str) -> Ordering {
    let number = |part: &str| {
        let digits = part.trim_start_matches('0').to_owned();
        (digits.len(), digits)
    };
    let is_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if !is_version(a) || !is_version(b) {
        return a.cmp(b);
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let order = number(left.unwrap_or("0")).cmp(&number(right.unwrap_or("0")));
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_numbers_have_the_order_of_their_parts() {
        let less = [("9.0", "10.0"), ("8.3", "9"), ("2", "16"), ("9", "9.1")];
        for (a, b) in less {
            assert_eq!(order(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(order(b, a), Ordering::Greater, "{b} {a}");
        }
        assert_eq!(order("9.0", "09"), Ordering::Equal);
        assert_eq!(order("false", "true"), Ordering::Less);
    }
}
