//! The resources vmlint knows.
//!
//! One definition of each attribute (`record!` in the files of this room) yields its Rust type,
//! its JSON Schema in `schemas/` and what rules may name. Every attribute keeps the place it was
//! read from. What other formats describe is lowered to the same resources.

use std::fmt;
use std::sync::Arc;

mod amount;
mod backup;
mod cluster;
mod host;
mod machine;
mod plan;
pub mod read;
pub mod reflect;
mod schedule;
pub mod schema;
mod shared;
pub mod value;

pub use amount::*;
pub use backup::*;
pub use cluster::*;
pub use host::*;
pub use machine::*;
pub use plan::*;
pub use read::{Entity, Modelled, Reader, Violation};
pub use schedule::*;
pub(crate) use shared::shared;
pub use value::*;

/// The `apiVersion` of the native format.
pub const API_VERSION: &str = "vmlint.dev/v1";

use crate::diagnostic::ResourceName;
use crate::source::{FileId, Span};

/// The kinds of resources.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A failover cluster.
    Cluster,
    /// A virtualisation host.
    Host,
    /// A virtual machine.
    VirtualMachine,
    /// Moves planned for a window.
    MigrationPlan,
    /// Hosts that go down for a window.
    MaintenanceWindow,
    /// Which machines are backed up when and how.
    BackupPolicy,
    /// Where backups go.
    BackupRepository,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 7] = [
        Kind::Cluster,
        Kind::Host,
        Kind::VirtualMachine,
        Kind::MigrationPlan,
        Kind::MaintenanceWindow,
        Kind::BackupPolicy,
        Kind::BackupRepository,
    ];

    /// The word behind `kind:`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Cluster => "Cluster",
            Kind::Host => "Host",
            Kind::VirtualMachine => "VirtualMachine",
            Kind::MigrationPlan => "MigrationPlan",
            Kind::MaintenanceWindow => "MaintenanceWindow",
            Kind::BackupPolicy => "BackupPolicy",
            Kind::BackupRepository => "BackupRepository",
        }
    }

    /// The kind of that name, written exactly so.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
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

impl<S: Entity> Resource<S> {
    /// The resource as rules see it.
    #[must_use]
    pub fn object(&self) -> reflect::Object<'_> {
        reflect::Object::part(&self.spec, Some(&self.meta))
    }
}

/// Resources of one kind, where the format put them: they are large, and none is moved.
pub type Resources<S> = Vec<Box<Resource<S>>>;

/// A resource of any kind, as a format lowers it.
#[derive(Clone, Debug)]
pub enum AnyResource {
    /// See [`Cluster`].
    Cluster(Box<Resource<Cluster>>),
    /// See [`Host`].
    Host(Box<Resource<Host>>),
    /// See [`VirtualMachine`].
    VirtualMachine(Box<Resource<VirtualMachine>>),
    /// See [`MigrationPlan`].
    MigrationPlan(Box<Resource<MigrationPlan>>),
    /// See [`MaintenanceWindow`].
    MaintenanceWindow(Box<Resource<MaintenanceWindow>>),
    /// See [`BackupPolicy`].
    BackupPolicy(Box<Resource<BackupPolicy>>),
    /// See [`BackupRepository`].
    BackupRepository(Box<Resource<BackupRepository>>),
}

/// Does the same with a resource of any kind.
macro_rules! each_kind {
    ($any:expr, $resource:ident => $body:expr) => {
        match $any {
            $crate::model::AnyResource::Cluster($resource) => $body,
            $crate::model::AnyResource::Host($resource) => $body,
            $crate::model::AnyResource::VirtualMachine($resource) => $body,
            $crate::model::AnyResource::MigrationPlan($resource) => $body,
            $crate::model::AnyResource::MaintenanceWindow($resource) => $body,
            $crate::model::AnyResource::BackupPolicy($resource) => $body,
            $crate::model::AnyResource::BackupRepository($resource) => $body,
        }
    };
}

impl AnyResource {
    /// What every resource has.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        each_kind!(self, resource => &resource.meta)
    }

    /// The same, to be changed.
    pub fn meta_mut(&mut self) -> &mut Meta {
        each_kind!(self, resource => &mut resource.meta)
    }

    /// Hands every reference to `visit`, with who says it and the place where it is written.
    pub fn references(&mut self, mut visit: impl FnMut(&Meta, &mut Reference, Span)) {
        each_kind!(self, resource => {
            let Resource { meta, spec } = &mut **resource;
            spec.references(&mut |reference, span| visit(meta, reference, span));
        });
    }
}

/// What every resource has, whatever its kind, and where it stands.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Its kind.
    pub kind: Kind,
    /// `metadata.name`; as written where it is a template, empty where it is missing.
    pub name: Arc<str>,
    /// Whether [`Meta::name`] is its name, not a template and not missing.
    pub named: bool,
    /// Whether it is known in part only: what is not written is unknown, not absent.
    pub partial: bool,
    /// Whether its document is of the format of the model, which holds attributes by their names.
    pub native: bool,
    /// `metadata.namespace`, empty where none is given.
    pub namespace: Arc<str>,
    /// `metadata.labels`, as far as they are known.
    pub labels: Vec<(Box<str>, Box<str>)>,
    /// Whether there may be more labels than are known: some are filled in later.
    pub labels_open: bool,
    /// `metadata.annotations`.
    pub annotations: Vec<(Box<str>, Box<str>)>,
    /// The file it is declared in.
    pub file: FileId,
    /// The whole mapping that declares it.
    pub extent: Span,
    /// The value of `metadata.name`; where it is missing, the nearest there is.
    pub name_span: Span,
    /// Attributes that are used through an alias, and where they are defined.
    pub anchors: Vec<read::Anchor>,
    /// The key `spec`, where there is one.
    pub spec_span: Option<Span>,
    /// Its number among the resources of its kind.
    pub index: u32,
    /// Its scope: a closed world of its own.
    pub scope: u32,
}

impl Meta {
    /// The resource as outputs name it.
    #[must_use]
    pub fn resource_name(&self) -> ResourceName {
        ResourceName {
            kind: self.kind.as_str(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }
}
