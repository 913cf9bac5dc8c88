//! (doc to be written)

use std::fmt;
use std::sync::Arc;

pub mod reflect;
pub mod value;

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

/// What every resource has, whatever its kind, and where it stands.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Its kind.
    pub kind: Kind,
    /// `metadata.name`.
    pub name: Arc<str>,
    /// `metadata.namespace`, empty where none is given.
    pub namespace: Arc<str>,
    /// `metadata.labels`.
    pub labels: Vec<(Box<str>, Box<str>)>,
    /// `metadata.annotations`.
    pub annotations: Vec<(Box<str>, Box<str>)>,
    /// The file it is declared in.
    pub file: FileId,
    /// The whole mapping that declares it.
    pub extent: Span,
    /// The value of `metadata.name`.
    pub name_span: Span,
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
