//! The resources vmlint knows.
//!
//! One definition of each attribute (`record!` in the files of this room) yields its Rust type,
//! its JSON Schema in `schemas/` and what rules may name. Every attribute keeps the place it was
//! read from. What other formats describe is lowered to the same resources.

use std::fmt;

mod amount;
mod attribute;
mod backup;
mod cluster;
mod eviction;
mod host;
mod labels;
mod machine;
mod meta;
mod place;
mod plan;
pub mod read;
mod record;
mod reference;
pub mod reflect;
mod schedule;
pub mod schema;
mod shared;
mod storage;
pub mod value;

pub use amount::*;
pub use attribute::*;
pub use backup::*;
pub use cluster::*;
pub use eviction::*;
pub use host::*;
pub use labels::*;
pub use machine::*;
pub use meta::*;
pub use place::*;
pub use plan::*;
pub use read::{Entity, Modelled, Precedence, Reader, Violation};
pub use reference::*;
pub use schedule::*;
pub(crate) use shared::shared;
pub use storage::*;
pub use value::*;

/// The `apiVersion` of the native format.
pub const API_VERSION: &str = "vmlint.dev/v1";

/// Hands every kind to a macro: its doc, its name, and what resources of it are called together.
macro_rules! kinds {
    ($then:ident) => {
        $then! {
            /// A failover cluster, or a Kubernetes cluster with KubeVirt.
            Cluster clusters,
            /// A virtualisation host.
            Host hosts,
            /// A virtual machine.
            VirtualMachine machines,
            /// Moves planned for a window.
            MigrationPlan plans,
            /// Hosts that go down for a window.
            MaintenanceWindow windows,
            /// Which machines are backed up when and how.
            BackupPolicy policies,
            /// Where backups go.
            BackupRepository repositories,
            /// How live migrations of some machines are done.
            MigrationPolicy migration_policies,
            /// How many machines evictions must leave running.
            DisruptionBudget budgets,
            /// What moves machines to spread load.
            Rebalancer rebalancers,
            /// What claims on storage are served from.
            StorageClass storage_classes,
            /// A single copy of a machine.
            Snapshot snapshots,
        }
    };
}
pub(crate) use kinds;

macro_rules! define_kinds {
    ($(#[doc = $doc:literal] $kind:ident $group:ident,)+) => {
        /// The kinds of resources.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Kind { $(#[doc = $doc] $kind,)+ }

        impl Kind {
            /// All kinds.
            pub const ALL: [Kind; [$(stringify!($kind)),+].len()] = [$(Kind::$kind),+];

            /// The word behind `kind:`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Kind::$kind => stringify!($kind),)+ }
            }

            /// The `spec` of its resources, as rules see it.
            #[must_use]
            pub fn record(self) -> &'static reflect::RecordType {
                match self { $(Kind::$kind => $kind::TYPE,)+ }
            }

            /// The JSON Schema of the `spec` of its resources.
            #[must_use]
            pub fn spec_schema(self) -> serde_json::Value {
                match self { $(Kind::$kind => <$kind as Entity>::spec_schema(),)+ }
            }
        }

        /// A resource of any kind, as a format lowers it.
        #[derive(Clone, Debug)]
        pub enum AnyResource {
            $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind(Box<Resource<$kind>>),)+
        }

        impl AnyResource {
            /// Reads a resource from the `spec` of its document; `None` reads as an empty one.
            #[must_use]
            pub fn read(meta: Meta, spec: Option<crate::yaml::Node<'_>>, reader: &mut Reader) -> Self {
                match meta.kind {
                    $(Kind::$kind => AnyResource::$kind(Box::new(Resource {
                        meta,
                        spec: $kind::read_spec(spec, reader),
                    })),)+
                }
            }

            /// What every resource has.
            #[must_use]
            pub fn meta(&self) -> &Meta {
                match self { $(AnyResource::$kind(resource) => &resource.meta,)+ }
            }

            /// The same, to be changed.
            pub fn meta_mut(&mut self) -> &mut Meta {
                match self { $(AnyResource::$kind(resource) => &mut resource.meta,)+ }
            }

            /// Hands every reference to `visit`, with who says it and the kind it names.
            pub fn references(&mut self, mut visit: impl FnMut(&Meta, Kind, &mut Reference)) {
                match self {
                    $(AnyResource::$kind(resource) => {
                        let Resource { meta, spec } = &mut **resource;
                        spec.references(&mut |kind, reference| visit(meta, kind, reference));
                    })+
                }
            }

            /// Makes unknown in which attributes another of its kind differs.
            pub fn keep_common(&mut self, other: &Self) {
                match (self, other) {
                    $((AnyResource::$kind(one), AnyResource::$kind(other)) => {
                        one.spec.keep_common(&other.spec);
                    })+
                    _ => {}
                }
            }

            /// Adds what another of its kind says of the same thing, which may stand in another file.
            pub fn join(&mut self, other: &Self, by: Precedence) {
                match (self, other) {
                    $((AnyResource::$kind(one), AnyResource::$kind(other)) => one.join(other, by),)+
                    _ => {}
                }
            }

            /// The resource as rules see it.
            #[must_use]
            pub fn object(&self) -> reflect::Object<'_> {
                match self { $(AnyResource::$kind(resource) => resource.object(),)+ }
            }
        }

        $(impl From<Resource<$kind>> for AnyResource {
            fn from(resource: Resource<$kind>) -> Self {
                AnyResource::$kind(Box::new(resource))
            }
        })+
    };
}
kinds!(define_kinds);

impl Kind {
    /// The kind of that name, written exactly so.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether its resources are in no namespace in practice.
    #[must_use]
    pub fn is_shared(self) -> bool {
        matches!(
            self,
            Kind::Cluster
                | Kind::Host
                | Kind::BackupRepository
                | Kind::MigrationPolicy
                | Kind::Rebalancer
                | Kind::StorageClass
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A resource: what every one has, and the `spec` of its kind.
#[derive(Clone, Debug)]
pub struct Resource<S> {
    /// What every resource has.
    pub meta: Meta,
    /// What its kind has.
    pub spec: S,
}

impl<S: Entity + Clone> Resource<S> {
    fn join(&mut self, other: &Self, by: Precedence) {
        let mut spec = other.spec.clone();
        if self.meta.file != other.meta.file || !other.meta.borrowed.is_empty() {
            let meta = &mut self.meta;
            spec.places(&mut |span| *span = meta.place_of(other.meta.locate(*span)));
        }
        self.spec.join(&spec, by);
    }
}

impl<S: Entity> Resource<S> {
    /// The resource as rules see it.
    #[must_use]
    pub fn object(&self) -> reflect::Object<'_> {
        reflect::Object::part(&self.spec, Some(&self.meta))
    }
}

/// Resources of one kind, where the format put them: they are large, and none is moved.
pub type Resources<S> = Vec<Box<Resource<S>>>;
