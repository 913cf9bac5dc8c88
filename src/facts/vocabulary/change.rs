//! What rules can name of a change: the base of every resource, and changed virtual hardware.

use std::any::Any;

use super::{Facts, attributes, here, operands, text};
use crate::facts::change::HardwareChange;
use crate::facts::truth;
use crate::model::reflect::{Attribute, Derived, Object, Record, RecordType, Type, Value};
use crate::model::{
    BackupPolicy, BackupRepository, Cluster, DisruptionBudget, Host, Kind, MaintenanceWindow, Meta,
    MigrationPlan, MigrationPolicy, Rebalancer, Snapshot, StorageClass, VirtualMachine,
};
use crate::source::Span;

/// The attribute `base` of a kind of resource.
macro_rules! base_of {
    ($kind:ident) => {
        Derived {
            of: $kind::TYPE,
            attributes: attributes! { $kind;
                /// What it was before the change, with all its attributes and references as they were; absent when it is new, and when no change is judged.
                "base" optional: Type::Record($kind::TYPE),
                |facts, it, object| object.owner.map_or(Value::Unknown, |owner| facts.base_of(owner));
            },
        }
    };
}

pub(super) const CLUSTER: Derived = base_of!(Cluster);
pub(super) const HOST: Derived = base_of!(Host);
pub(super) const MACHINE: Derived = base_of!(VirtualMachine);
pub(super) const PLAN: Derived = base_of!(MigrationPlan);
pub(super) const WINDOW: Derived = base_of!(MaintenanceWindow);
pub(super) const POLICY: Derived = base_of!(BackupPolicy);
pub(super) const REPOSITORY: Derived = base_of!(BackupRepository);
pub(super) const MIGRATION_POLICY: Derived = base_of!(MigrationPolicy);
pub(super) const BUDGET: Derived = base_of!(DisruptionBudget);
pub(super) const REBALANCER: Derived = base_of!(Rebalancer);
pub(super) const STORAGE_CLASS: Derived = base_of!(StorageClass);
pub(super) const SNAPSHOT: Derived = base_of!(Snapshot);

impl Facts {
    /// A resource as it was before the change.
    fn base_of(&self, meta: &Meta) -> Value<'_> {
        let Some(base) = &self.base else {
            return Value::Absent;
        };
        match base.facts.optional(meta.kind, &base.find(meta)) {
            Value::Record(object) => Value::Record(object.in_base()),
            value => value,
        }
    }

    pub(super) fn hardware_change<'a>(&'a self, change: &'a HardwareChange) -> Object<'a> {
        let machine = &self.inventory.machines[change.machine as usize];
        Object::part(change, Some(&machine.meta))
    }
}

pub(in crate::facts) static HARDWARE_CHANGE: RecordType = RecordType {
    name: "HardwareChange",
    doc: "A setting of the virtual hardware of a machine that has another value than in the base.",
    kind: None,
    attributes: attributes! { HardwareChange;
        /// The machine.
        "vm": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| facts.object(Kind::VirtualMachine, it.machine);
        /// The machine before the change.
        "base": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| object.owner.map_or(Value::Unknown, |owner| facts.base_of(owner));
        /// Which setting: `generation`, `configurationVersion`, `processor.count`, `processor.compatibilityForMigrationEnabled` or `processor.exposeVirtualizationExtensions`.
        "attribute": Type::Text,
        |facts, it, object| it.attribute.map_or(Value::Unknown, |path| Value::Text(path.into())),
        at here(object, Some(it.place), it.attribute.and_then(|path| path.rsplit('.').next()).unwrap_or_default());
        /// Its value before the change, in words; absent where nothing was said and nothing is the default.
        "before" optional: Type::Text,
        |facts, it, object| text(it.before.as_ref());
        /// Its value now, in words.
        "after" optional: Type::Text,
        |facts, it, object| text(it.after.as_ref());
        /// Whether the value is a higher number or a newer version than before.
        "rises": Type::Bool,
        |facts, it, object| truth(it.rises());
    },
};

impl Record for HardwareChange {
    fn record_type(&self) -> &'static RecordType {
        &HARDWARE_CHANGE
    }

    fn place(&self) -> Option<Span> {
        Some(self.place)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
