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
mod eviction;
mod host;
mod machine;
mod plan;
pub mod read;
mod record;
pub mod reflect;
mod schedule;
pub mod schema;
mod shared;
mod storage;
pub mod value;

pub use amount::*;
pub use backup::*;
pub use cluster::*;
pub use eviction::*;
pub use host::*;
pub use machine::*;
pub use plan::*;
pub use read::{Entity, Modelled, Precedence, Reader, Violation};
pub use schedule::*;
pub(crate) use shared::shared;
pub use storage::*;
pub use value::*;

/// The `apiVersion` of the native format.
pub const API_VERSION: &str = "vmlint.dev/v1";

use crate::diagnostic::ResourceName;
use crate::source::{FileId, Location, Span};
use crate::yaml::is_template_text;

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

            /// Hands every reference to `visit`, with who says it and the place where it is written.
            pub fn references(&mut self, mut visit: impl FnMut(&Meta, &mut Reference, Span)) {
                match self {
                    $(AnyResource::$kind(resource) => {
                        let Resource { meta, spec } = &mut **resource;
                        spec.references(&mut |reference, span| visit(meta, reference, span));
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

/// Where a resource was read from, which decides what rules hold it against.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Origin {
    /// A document of the format of the model.
    #[default]
    Native,
    /// A manifest of KubeVirt or of a product beside it.
    Kubernetes,
    /// A description for Windows: Ansible, Datum, DSC, PowerShell.
    Windows,
}

impl Origin {
    /// All, by the words that rule files use.
    pub const ALL: [(&'static str, Origin); 3] = [
        ("native", Origin::Native),
        ("kubernetes", Origin::Kubernetes),
        ("windows", Origin::Windows),
    ];

    /// The word that rule files use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, origin)| *origin == self);
        known.map_or("", |(word, _)| word)
    }
}

/// What part a resource plays among others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Standing {
    /// It is what its document says.
    #[default]
    Whole,
    /// Its document is a patch, or one of several variants of one object: it is judged alone, and in
    /// no relation.
    Apart,
    /// What several variants of one object have in common: in relations only.
    Common,
    /// A name that another resource says, which nothing declares.
    Named,
}

/// What every resource has, whatever its kind, and where it stands.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Its kind.
    pub kind: Kind,
    /// The kind its document says, where several are one kind of the model; else empty.
    pub declared_as: &'static str,
    /// `metadata.name`; as written where it is a template, empty where it is missing.
    pub name: Arc<str>,
    /// Whether [`Meta::name`] is its name, not a template and not missing.
    pub named: bool,
    /// Whether it is known in part only: what is not written is unknown, not absent.
    pub partial: bool,
    /// Where it was read from.
    pub origin: Origin,
    /// What part it plays among others.
    pub standing: Standing,
    /// `metadata.namespace`, empty where none is given.
    pub namespace: Arc<str>,
    /// The folder whose namespace it is in, where nobody knows which that is.
    pub folder: Option<Arc<str>>,
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
    /// Places in other files, where some of its attributes are written: see [`Meta::locate`].
    pub borrowed: Vec<Location>,
    /// The key `spec`, where there is one.
    pub spec_span: Option<Span>,
    /// Its number among the resources of its kind.
    pub index: u32,
    /// Its scope: a closed world of its own.
    pub scope: u32,
}

/// Where spans start that stand for a place in another file: no file is so long.
const BORROWED: u32 = 1 << 31;

/// Who has a name. Two that differ in their namespace may still be one where either is a folder's.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Clone, Debug)]
pub struct Identity {
    /// Its scope: a closed world of its own.
    pub scope: u32,
    /// Its kind.
    pub kind: Kind,
    /// Its namespace, empty where none is given.
    pub namespace: Arc<str>,
    /// The folder whose namespace it is in, where nobody knows which that is.
    pub folder: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
}

impl Meta {
    /// Of a resource of which is known where it stands, and nothing else.
    #[must_use]
    pub fn at(kind: Kind, file: FileId, extent: Span) -> Self {
        Meta {
            kind,
            declared_as: "",
            name: Arc::default(),
            named: false,
            partial: false,
            origin: Origin::default(),
            standing: Standing::default(),
            namespace: Arc::default(),
            folder: None,
            labels: Vec::new(),
            labels_open: false,
            annotations: Vec::new(),
            file,
            extent,
            name_span: extent,
            anchors: Vec::new(),
            borrowed: Vec::new(),
            spec_span: None,
            index: 0,
            scope: 0,
        }
    }

    /// Where one of its attributes is written, given the span that the attribute has.
    #[must_use]
    pub fn locate(&self, span: Span) -> Location {
        let lent = span.start.checked_sub(BORROWED);
        let lent = lent.and_then(|number| self.borrowed.get(number as usize));
        lent.copied().unwrap_or(Location {
            file: self.file,
            span,
        })
    }

    /// The span for an attribute that is written at a place, in whatever file.
    #[must_use]
    pub fn place_of(&mut self, place: Location) -> Span {
        match place.file == self.file {
            true => place.span,
            false => self.borrow(place),
        }
    }

    /// The span for an attribute that is written in another file.
    fn borrow(&mut self, place: Location) -> Span {
        let number = BORROWED as usize + self.borrowed.len();
        self.borrowed.push(place);
        Span::new(number, number)
    }

    /// Who it is, as far as that is known.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.beside(self.name.clone())
    }

    /// Who something of its kind is that has another name, in the same namespace.
    #[must_use]
    pub fn beside(&self, name: Arc<str>) -> Identity {
        Identity {
            scope: self.scope,
            kind: self.kind,
            namespace: self.namespace.clone(),
            folder: self.folder.clone(),
            name,
        }
    }

    /// What an attribute of its spec says: of one that is known in part, what is not written is
    /// unknown.
    pub fn said<'a, T>(&self, attribute: &'a Attr<T>) -> State<&'a T> {
        match attribute.state.as_ref() {
            State::Absent if self.partial => State::Unknown,
            state => state,
        }
    }

    /// Whether its namespace is known.
    #[must_use]
    pub fn knows_namespace(&self) -> bool {
        self.folder.is_none() && !is_template_text(&self.namespace)
    }

    /// Whether another of its scope is in its namespace; none where nobody knows.
    #[must_use]
    pub fn shares_namespace(&self, other: &Meta) -> Option<bool> {
        let same = (&self.namespace, &self.folder) == (&other.namespace, &other.folder);
        if same && !is_template_text(&self.namespace) {
            return Some(true);
        }
        (self.knows_namespace() && other.knows_namespace()).then_some(false)
    }

    /// Whether a document declares it.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        self.standing != Standing::Named
    }

    /// Whether it is written as it is: neither a mere name, nor what variants have in common.
    #[must_use]
    pub fn is_written(&self) -> bool {
        matches!(self.standing, Standing::Whole | Standing::Apart)
    }

    /// Whether it has to do with other resources.
    #[must_use]
    pub fn is_related(&self) -> bool {
        self.standing != Standing::Apart
    }

    /// Whether it was read from a manifest of Kubernetes.
    #[must_use]
    pub fn is_of_kubernetes(&self) -> bool {
        self.origin == Origin::Kubernetes
    }

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
