//! The Kubernetes documents of a scope are one cluster: which one its machines, nodes and windows
//! belong to. Where they cannot be of one cluster, nobody knows: nodes, settings of clusters and
//! windows relate to no machine then.

use std::collections::{BTreeMap, HashMap, HashSet};

use arcstr::ArcStr;

use super::{Content, Piece};
use crate::model::{
    AnyResource, Attr, Cluster, Host, Item, Kind, KubeVirtProduct, Meta, Modelled, Ref, Resource,
    Standing, State,
};
use crate::source::{FileId, Span};

/// What the documents of a scope are documents of.
enum World {
    /// Of the cluster of this name.
    Of(ArcStr),
    /// Of more than one.
    Split,
}

/// Relates the Kubernetes documents of each scope to its cluster.
///
/// Of a machine, node, window or rebalancer that is a patch or variant, and of all of them where the
/// world is split, `cluster` becomes unknown, and so do the nodes that machines, moves and windows
/// name. It stays absent where no document of the scope describes a cluster.
pub(super) fn settle(resources: &mut Vec<AnyResource>, pieces: &[Piece]) {
    let worlds = worlds(resources, &digests(pieces));
    drop_products(resources);
    let claimed = claimed_hosts(resources);
    for resource in resources.iter_mut() {
        let meta = resource.meta();
        if !meta.is_of_kubernetes() {
            continue;
        }
        let apart = !meta.is_related();
        match worlds.get(&meta.scope) {
            Some(World::Split) => estrange(resource),
            _ if apart => estrange(resource),
            Some(World::Of(_))
                if meta.kind == Kind::Host
                    && claimed.contains(&(meta.scope, meta.name.clone())) => {}
            Some(World::Of(cluster)) => relate(resource, cluster),
            _ => {}
        }
    }
    name_nodes(resources, &worlds);
}

fn kubernetes(resources: &[AnyResource]) -> impl Iterator<Item = &AnyResource> {
    let ours = |it: &&AnyResource| it.meta().is_of_kubernetes();
    resources.iter().filter(ours)
}

/// What the settings in each document come to.
type Digests = HashMap<(FileId, Span), u64>;

fn digests(pieces: &[Piece]) -> Digests {
    let settings = pieces.iter().filter_map(|piece| match &piece.content {
        Content::Settings(it) => Some(((piece.file, it.extent), it.digest)),
        _ => None,
    });
    settings.collect()
}

/// The world of each scope in which Kubernetes documents describe a cluster.
fn worlds(resources: &[AnyResource], digests: &Digests) -> BTreeMap<u32, World> {
    let mut clusters: BTreeMap<u32, Vec<&Resource<Cluster>>> = BTreeMap::new();
    for resource in kubernetes(resources) {
        if let AnyResource::Cluster(cluster) = resource {
            clusters
                .entry(cluster.meta.scope)
                .or_default()
                .push(cluster);
        }
    }
    let world = |(scope, clusters): (u32, Vec<_>)| Some((scope, world(&clusters, digests)?));
    clusters.into_iter().filter_map(world).collect()
}

/// The world that these clusters make; none where all of them are patches.
fn world(clusters: &[&Resource<Cluster>], digests: &Digests) -> Option<World> {
    let of = |product: Option<KubeVirtProduct>| {
        let whole = clusters.iter().filter(|it| it.meta.is_related());
        whole.filter(move |it| it.spec.product.known().copied() == product)
    };
    let [hyper_converged, kubevirt] =
        [KubeVirtProduct::HyperConverged, KubeVirtProduct::KubeVirt].map(Some);
    let split = [hyper_converged, kubevirt].into_iter().any(|product| {
        of(product).count() > 1
            || of(product).any(|it| has_differing_variants(clusters, it, digests))
    });
    if split {
        return Some(World::Split);
    }
    let mut by_rank = of(hyper_converged).chain(of(kubevirt)).chain(of(None));
    by_rank.next().map(|it| World::Of(it.meta.name.clone()))
}

/// Whether a cluster is what several documents have in common, which differ.
fn has_differing_variants(
    clusters: &[&Resource<Cluster>],
    common: &Resource<Cluster>,
    digests: &Digests,
) -> bool {
    let of_it = clusters
        .iter()
        .map(|it| &it.meta)
        .filter(|meta| !meta.is_related() && !meta.partial && meta.name == common.meta.name);
    let said: HashSet<_> = of_it
        .filter_map(|meta| digests.get(&(meta.file, meta.extent)))
        .collect();
    common.meta.standing == Standing::Common && said.len() > 1
}

/// A KubeVirt beside a HyperConverged is made by it, and says nothing of its own.
fn drop_products(resources: &mut Vec<AnyResource>) {
    let product = |resource: &AnyResource| match resource {
        AnyResource::Cluster(it) if it.meta.is_of_kubernetes() => it.spec.product.known().copied(),
        _ => None,
    };
    let above: HashSet<u32> = resources
        .iter()
        .filter(|it| it.meta().is_related())
        .filter(|it| product(it) == Some(KubeVirtProduct::HyperConverged))
        .map(|it| it.meta().scope)
        .collect();
    resources.retain(|it| {
        product(it) != Some(KubeVirtProduct::KubeVirt) || !above.contains(&it.meta().scope)
    });
}

/// The hosts that native clusters name, by scope.
fn claimed_hosts(resources: &[AnyResource]) -> HashSet<(u32, ArcStr)> {
    let mut claimed = HashSet::new();
    for resource in resources {
        if let AnyResource::Cluster(cluster) = resource {
            let hosts = cluster.spec.hosts.known().into_iter().flatten();
            let names = hosts.filter_map(|host| Some(host.known()?.reference.written.clone()));
            claimed.extend(names.map(|name| (cluster.meta.scope, name)));
        }
    }
    claimed
}

fn relate(resource: &mut AnyResource, cluster: &ArcStr) {
    let (of, span) = match resource {
        AnyResource::VirtualMachine(it) => (&mut it.spec.cluster, it.meta.name_span()),
        AnyResource::Host(it) => (&mut it.spec.cluster, it.meta.name_span()),
        AnyResource::Rebalancer(it) => (&mut it.spec.cluster, it.meta.name_span()),
        AnyResource::MaintenanceWindow(it) if it.spec.hosts.is_absent() => {
            (&mut it.spec.cluster, it.meta.name_span())
        }
        _ => return,
    };
    if of.is_absent() {
        *of = Attr::new(State::Known(Ref::to(cluster.clone())), span);
    }
}

/// Makes unknown which cluster and nodes a resource has to do with.
fn estrange(resource: &mut AnyResource) {
    match resource {
        AnyResource::VirtualMachine(it) => {
            it.spec.cluster.set(State::Unknown);
            unless_absent(&mut it.spec.host);
        }
        AnyResource::Host(it) => it.spec.cluster.set(State::Unknown),
        AnyResource::Rebalancer(it) => it.spec.cluster.set(State::Unknown),
        AnyResource::MaintenanceWindow(it) => {
            it.spec.cluster.set(State::Unknown);
            unless_absent(&mut it.spec.hosts);
        }
        AnyResource::MigrationPlan(it) => {
            if let Some(moves) = it.spec.moves.known_mut() {
                for planned in moves {
                    if let Some(planned) = planned.known_mut() {
                        unless_absent(&mut planned.from);
                        unless_absent(&mut planned.to);
                    }
                }
            }
        }
        _ => {}
    }
}

fn unless_absent<T: Modelled>(attribute: &mut Attr<T>) {
    if !attribute.is_absent() {
        attribute.set(State::Unknown);
    }
}

/// Nodes that machines, moves and windows name and no document describes: of them only the name is
/// known.
fn name_nodes(resources: &mut Vec<AnyResource>, worlds: &BTreeMap<u32, World>) {
    let mut known = HashSet::new();
    for resource in resources.iter() {
        if let AnyResource::Host(host) = resource {
            known.insert((host.meta.scope, host.meta.name.clone()));
        }
    }
    known.extend(claimed_hosts(resources));
    let mut nodes: BTreeMap<(u32, ArcStr), Meta> = BTreeMap::new();
    for resource in kubernetes(resources) {
        let meta = resource.meta();
        for name in nodes_of(resource) {
            let key = (meta.scope, name.clone());
            if !known.contains(&key) {
                nodes.entry(key).or_insert_with(|| named(meta, name));
            }
        }
    }
    for ((scope, _), meta) in nodes {
        let mut host = AnyResource::Host(Box::new(Resource {
            meta,
            spec: Host::default(),
        }));
        if let Some(World::Of(cluster)) = worlds.get(&scope) {
            relate(&mut host, cluster);
        }
        resources.push(host);
    }
}

fn nodes_of(resource: &AnyResource) -> Vec<ArcStr> {
    fn host(attribute: &Attr<Ref<Host>>) -> Option<ArcStr> {
        Some(attribute.known()?.reference.written.clone())
    }
    fn item(item: &Item<Ref<Host>>) -> Option<ArcStr> {
        Some(item.known()?.reference.written.clone())
    }
    match resource {
        AnyResource::VirtualMachine(it) => host(&it.spec.host).into_iter().collect(),
        AnyResource::MaintenanceWindow(it) => {
            let hosts = it.spec.hosts.known().into_iter().flatten();
            hosts.filter_map(item).collect()
        }
        AnyResource::MigrationPlan(it) => {
            let moves = it.spec.moves.known().into_iter().flatten();
            let moves = moves.filter_map(|planned| planned.known());
            moves
                .flat_map(|planned| [host(&planned.from), host(&planned.to)])
                .flatten()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What is known of a node that a resource names.
fn named(by: &Meta, name: ArcStr) -> Meta {
    Meta {
        name,
        named: true,
        partial: true,
        origin: by.origin,
        standing: Standing::Named,
        labels_open: true,
        scope: by.scope,
        ..Meta::at(Kind::Host, by.file, by.name_span())
    }
}
