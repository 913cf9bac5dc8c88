//! What every resource has, and who it is.

use arcstr::ArcStr;
use hashbrown::Equivalent;

use super::Kind;
use super::attribute::{Attr, State};
use super::labels::Labels;
use super::place::Place;
use super::read::{Anchor, Modelled};
use crate::diagnostic::ResourceName;
use crate::source::{FileId, Location, Span};
use crate::yaml::is_template_text;

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
    /// `metadata.name`; as written where it is a template, empty where it is missing.
    pub name: ArcStr,
    /// Whether [`Meta::name`] is its name, not a template and not missing.
    pub named: bool,
    /// Whether it is known in part only: what is not written is unknown, not absent.
    pub partial: bool,
    /// Where it was read from.
    pub origin: Origin,
    /// What part it plays among others.
    pub standing: Standing,
    /// `metadata.namespace`, empty where none is given.
    pub namespace: ArcStr,
    /// `metadata.labels`, as far as they are known.
    pub labels: Labels,
    /// Whether there may be more labels than are known: some are filled in later.
    pub labels_open: bool,
    /// `metadata.annotations`.
    pub annotations: Labels,
    /// The file it is declared in.
    pub file: FileId,
    /// The whole mapping that declares it.
    pub extent: Span,
    /// The value of `metadata.name`; where it is missing, the nearest there is.
    pub name_place: Place,
    /// The key `spec`, where there is one.
    pub spec_place: Option<Place>,
    /// Its number among the resources of its kind.
    pub index: u32,
    /// Its scope: a closed world of its own.
    pub scope: u32,
    /// What few have, where it has anything of it.
    pub details: Option<Box<MetaDetails>>,
}

/// What few resources have, kept apart: there are many.
#[derive(Clone, Default, Debug)]
pub struct MetaDetails {
    /// The kind its document says, where several are one kind of the model; else empty.
    pub declared_as: &'static str,
    /// The folder whose namespace it is in, where nobody knows which that is.
    pub folder: Option<ArcStr>,
    /// Attributes that are used through an alias, and where they are defined.
    pub anchors: Vec<Anchor>,
    /// Places in other files, where some of its attributes are written: see [`Meta::locate`].
    pub borrowed: Vec<Location>,
}

impl std::ops::Deref for Meta {
    type Target = MetaDetails;

    fn deref(&self) -> &MetaDetails {
        static NOTHING: MetaDetails = MetaDetails {
            declared_as: "",
            folder: None,
            anchors: Vec::new(),
            borrowed: Vec::new(),
        };
        self.details.as_deref().unwrap_or(&NOTHING)
    }
}

impl std::ops::DerefMut for Meta {
    fn deref_mut(&mut self) -> &mut MetaDetails {
        self.details.get_or_insert_default()
    }
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
    pub namespace: ArcStr,
    /// The folder whose namespace it is in, where nobody knows which that is.
    pub folder: Option<ArcStr>,
    /// Its name.
    pub name: ArcStr,
}

/// An [`Identity`] to be looked for, in texts of others.
#[derive(Hash, Debug)]
pub(crate) struct Sought<'a> {
    pub(crate) scope: u32,
    pub(crate) kind: Kind,
    pub(crate) namespace: &'a str,
    pub(crate) folder: Option<&'a str>,
    pub(crate) name: &'a str,
}

impl Equivalent<Identity> for Sought<'_> {
    fn equivalent(&self, identity: &Identity) -> bool {
        identity.name == self.name
            && identity.namespace == self.namespace
            && identity.kind == self.kind
            && identity.scope == self.scope
            && identity.folder.as_deref() == self.folder
    }
}

impl Meta {
    /// Of a resource of which is known where it stands, and nothing else.
    #[must_use]
    pub fn at(kind: Kind, file: FileId, extent: Span) -> Self {
        Meta {
            kind,
            name: ArcStr::default(),
            named: false,
            partial: false,
            origin: Origin::default(),
            standing: Standing::default(),
            namespace: ArcStr::default(),
            labels: Labels::default(),
            labels_open: false,
            annotations: Labels::default(),
            file,
            extent,
            name_place: extent.into(),
            spec_place: None,
            index: 0,
            scope: 0,
            details: None,
        }
    }

    /// The same, in the namespace of a folder, where nobody knows which that is.
    #[must_use]
    pub fn of_folder(mut self, folder: Option<ArcStr>) -> Self {
        if folder.is_some() {
            self.folder = folder;
        }
        self
    }

    /// The value of `metadata.name`; where it is missing, the nearest there is.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.name_place.span()
    }

    /// The key `spec`, where there is one.
    #[must_use]
    pub fn spec_span(&self) -> Option<Span> {
        self.spec_place.map(Place::span)
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
    pub fn beside(&self, name: ArcStr) -> Identity {
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
    pub fn said<'a, T: Modelled>(&self, attribute: &'a Attr<T>) -> State<&'a T> {
        match attribute.state() {
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
