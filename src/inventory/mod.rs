//! Resources with their relations: who is meant by a name.
//!
//! Takes what the formats lowered, gives each resource a number, resolves references and finds
//! what does not fit together: names that nobody has, or several have. Knows no rule beyond that.

mod integrity;
mod listing;
pub mod processors;

use std::collections::HashSet;

use hashbrown::hash_map::{Entry, HashMap};

use rayon::prelude::*;

pub use listing::Listing;

use crate::diagnostic::{Finding, ResourceName};
use crate::model::reflect::{Object, Value};
use crate::model::{
    AnyResource, BackupPolicy, BackupRepository, Cluster, DisruptionBudget, Host, Identity, Kind,
    MaintenanceWindow, Meta, MigrationPlan, MigrationPolicy, Origin, Rebalancer, Reference,
    Resource, Resources, Snapshot, Sought, StorageClass, VirtualMachine, kinds,
};
use crate::source::{FileId, Location, Span};

macro_rules! define_inventory {
    ($(#[doc = $doc:literal] $kind:ident $group:ident,)+) => {
        /// Everything that is declared, by kind, in the order of path and position.
        #[derive(Default, Debug)]
        pub struct Inventory {
            $(
                #[doc = concat!("Resources of the kind [`", stringify!($kind), "`](crate::model::", stringify!($kind), ").")]
                pub $group: Resources<$kind>,
            )+
            /// For each host the clusters that it is said to belong to, its own word first, and where.
            pub claims: Vec<Vec<(u32, Location)>>,
            /// Whether all that exists is declared.
            pub world: World,
        }

        impl Inventory {
            fn push(&mut self, resource: AnyResource) {
                match resource {
                    $(AnyResource::$kind(resource) => self.$group.push(resource),)+
                }
            }

            /// Lets go of all resources, each half of the files on a thread, as they were read, and the
            /// last ones first. What was read together lies together in memory, which is only free
            /// as a whole.
            pub fn let_go(&mut self) {
                let mut late = Inventory {
                    $($group: self.$group.split_off(self.$group.len() / 2),)+
                    ..Inventory::default()
                };
                rayon::join(|| self.let_go_backwards(), || late.let_go_backwards());
            }

            fn let_go_backwards(&mut self) {
                const PARTS: usize = 50;
                $(let $group = self.$group.len();)+
                for part in (0..PARTS).rev() {
                    $(self.$group.truncate($group * part / PARTS);)+
                }
            }

            /// What every resource has, kind by kind.
            pub fn metas(&self) -> impl Iterator<Item = &Meta> {
                fn of<S>(resources: &[Box<Resource<S>>]) -> impl Iterator<Item = &Meta> {
                    resources.iter().map(|resource| &resource.meta)
                }
                std::iter::empty()$(.chain(of(&self.$group)))+
            }

            /// The resource of a kind with a number, as rules see it.
            #[must_use]
            pub fn object(&self, kind: Kind, index: u32) -> Option<Object<'_>> {
                let index = index as usize;
                match kind {
                    $(Kind::$kind => self.$group.get(index).map(|it| it.object()),)+
                }
            }
        }
    };
}
kinds!(define_inventory);

/// How an inventory is made.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum World {
    /// All that exists is declared: a name that nothing has is a mistake.
    #[default]
    Closed,
    /// Only some files were given: a name may be declared elsewhere.
    Open,
}

/// An inventory and what is wrong with it.
#[derive(Debug)]
pub struct Built {
    /// The inventory.
    pub inventory: Inventory,
    /// Duplicates, references to nothing, hosts in two clusters, unknown processors.
    pub findings: Vec<Finding>,
    /// References of which nobody can tell whether they lead anywhere.
    pub not_evaluated: Vec<(ResourceName, Location)>,
}

/// The numbers of all named resources.
#[derive(Default)]
struct Names {
    indices: HashMap<Identity, u32>,
    /// Hosts that are not declared, but named by a cluster.
    undeclared: HashMap<Identity, u32>,
    /// Scopes and kinds in which some resource has a name or namespace that nobody knows.
    nameless: HashSet<(u32, Kind)>,
}

impl Names {
    /// Resolves the references of a resource; false where one leads to nothing that is declared.
    fn resolve(&self, resource: &mut AnyResource) -> bool {
        let mut is_resolved = true;
        resource.references(|meta, kind, reference| {
            let found = self.find(meta, kind, reference);
            is_resolved &= found.is_some();
            reference.resolve(found.or_else(|| self.find_undeclared(meta, kind, reference)));
        });
        is_resolved
    }

    /// The resource that `reference` means when `meta` says it: in its own namespace, and for
    /// kinds that have none in practice also in the empty one.
    fn find(&self, meta: &Meta, kind: Kind, reference: &Reference) -> Option<u32> {
        Self::find_in(&self.indices, meta, kind, reference)
    }

    /// The same among the hosts that only a cluster names.
    fn find_undeclared(&self, meta: &Meta, kind: Kind, reference: &Reference) -> Option<u32> {
        Self::find_in(&self.undeclared, meta, kind, reference)
    }

    fn find_in(
        indices: &HashMap<Identity, u32>,
        meta: &Meta,
        kind: Kind,
        reference: &Reference,
    ) -> Option<u32> {
        let find = |namespace: &str, folder: Option<&str>, name: &str| {
            let sought = Sought {
                scope: meta.scope,
                kind,
                namespace,
                folder,
                name,
            };
            indices.get(&sought).copied()
        };
        let written = &reference.written;
        if let Some((namespace, name)) = written.split_once('/') {
            return find(namespace, None, name);
        }
        let own = find(&meta.namespace, meta.folder.as_deref(), written);
        own.or_else(|| {
            let is_shared = kind.is_shared();
            is_shared.then(|| find("", None, written)).flatten()
        })
    }
}

impl Inventory {
    /// Builds an inventory from lowered resources, which are put in the order of path and position:
    /// `files` are numbered by path.
    #[must_use]
    pub fn build(mut resources: Vec<AnyResource>, world: World) -> Built {
        resources.sort_by_key(|resource| (resource.meta().file, resource.meta().extent));
        let mut findings = Vec::new();
        let mut names = Names::default();
        names.indices.reserve(resources.len());
        let mut places: [Vec<((FileId, Span), bool)>; Kind::ALL.len()] = Default::default();
        let mut counts = [0_u32; Kind::ALL.len()];
        resources.retain_mut(|resource| {
            let meta = resource.meta_mut();
            let count = &mut counts[meta.kind as usize];
            meta.index = *count;
            if !meta.named || !meta.knows_namespace() {
                names.nameless.insert((meta.scope, meta.kind));
            }
            if meta.named && meta.is_related() {
                let is_native = meta.origin == Origin::Native;
                match names.indices.entry(meta.identity()) {
                    Entry::Vacant(entry) => {
                        entry.insert(*count);
                    }
                    Entry::Occupied(mut first) => {
                        let (place, native) = places[meta.kind as usize][*first.get() as usize];
                        if native && is_native {
                            findings.push(integrity::duplicate(meta, place));
                            return false;
                        }
                        if is_native {
                            first.insert(*count);
                        }
                    }
                }
            }
            let is_native = meta.origin == Origin::Native;
            places[meta.kind as usize].push(((meta.file, meta.name_span()), is_native));
            *count += 1;
            true
        });
        let mut inventory = Inventory {
            world,
            ..Inventory::default()
        };
        let phantoms = integrity::undeclared_hosts(&resources, &mut names);
        let resolved = resources.par_iter_mut().map(|it| names.resolve(it));
        let resolved: Vec<bool> = resolved.collect();
        let mut astray = integrity::Astray::new(&names, world);
        for (mut resource, is_resolved) in resources.into_iter().zip(resolved) {
            if !is_resolved {
                astray.report(&mut resource);
            }
            inventory.push(resource);
        }
        findings.extend(astray.findings);
        let not_evaluated = astray.not_evaluated;
        inventory.hosts.extend(phantoms.into_iter().map(Box::new));
        inventory.claims = inventory.cluster_claims();
        findings.extend(integrity::hosts_in_two_clusters(&inventory));
        findings.extend(integrity::unknown_processors(&inventory));
        Built {
            inventory,
            findings,
            not_evaluated,
        }
    }

    fn cluster_claims(&self) -> Vec<Vec<(u32, Location)>> {
        let own = |host: &Resource<Host>| {
            let cluster = host.spec.cluster.known()?.target()?;
            let span = host.spec.cluster.span();
            Some((cluster, host.meta.locate(span)))
        };
        let mut claims: Vec<Vec<_>> = self
            .hosts
            .iter()
            .map(|host| own(host).into_iter().collect())
            .collect();
        for cluster in &self.clusters {
            for item in cluster.spec.hosts.known().into_iter().flatten() {
                if let Some(host) = item.known().and_then(|host| host.target()) {
                    let location = cluster.meta.locate(item.span());
                    claims[host as usize].push((cluster.meta.index, location));
                }
            }
        }
        claims
    }

    /// How many resources are declared.
    #[must_use]
    pub fn len(&self) -> usize {
        self.metas().filter(|meta| meta.is_written()).count()
    }

    /// Whether nothing is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a reference names, for rules.
    #[must_use]
    pub fn resolve(&self, kind: Kind, reference: &Reference) -> Value<'_> {
        let target = reference.target();
        let object = target.and_then(|index| self.object(kind, index));
        object.map_or(Value::Unknown, Value::Record)
    }
}
