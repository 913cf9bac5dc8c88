//! Descriptions for Windows: what several tasks and documents say of one machine, host or cluster
//! is put together, with the native document of it, if there is one, whose word then counts.

use std::collections::{BTreeMap, HashMap, HashSet};

use arcstr::ArcStr;

use super::{Content, Piece};
use crate::model::{
    AnyResource, Attr, DeviceType, Host, Item, Kind, List, MachineState, Meta, Modelled, Origin,
    Precedence, Ref, Resource, Standing, State, VirtualMachine,
};
use crate::source::{FileId, Location, Span};

/// What a task says about a machine beside its attributes.
#[derive(Clone, Debug)]
pub(in crate::formats) enum Said {
    /// It is moved, by this name at this place.
    Moved(ArcStr, Span),
    /// The machine, and the path of a disk that is taken from it.
    RemovedDisk(ArcStr, ArcStr),
    /// The machine, and the type of a device that is taken from it.
    RemovedDevice(ArcStr, ArcStr),
}

/// Who is who: scope, kind and name.
type Identity = (u32, Kind, ArcStr);

fn identity(meta: &Meta) -> Identity {
    (meta.scope, meta.kind, meta.name.clone())
}

pub(super) fn unite(
    resources: &mut Vec<AnyResource>,
    pieces: &[Piece],
    path: &dyn Fn(FileId) -> ArcStr,
) {
    let is_ours = |it: &AnyResource| it.meta().origin == Origin::Windows;
    if !resources.iter().any(is_ours) {
        return;
    }
    name_hosts(resources, path);
    let natives = natives(resources);
    let mut hosts = known_hosts(resources, |_| true);
    // Of several hosts with one name nobody knows which is meant.
    hosts.retain(|(scope, name)| {
        let spaces = natives.get(&(*scope, Kind::Host, name.clone()));
        spaces.is_none_or(|spaces| spaces.len() < 2)
    });
    let placed = known_hosts(resources, |meta| {
        meta.kind == Kind::Cluster && meta.origin == Origin::Native
    });
    for resource in resources.iter_mut().filter(|it| is_ours(it)) {
        keep_known_hosts(resource, &hosts);
        let scope = resource.meta().scope;
        if let AnyResource::Host(host) = resource
            && placed.contains(&(scope, host.meta.name.clone()))
        {
            host.spec.cluster = Attr::default();
        }
    }
    refer_to_natives(resources, &natives);
    put_together(resources, &natives, pieces);
}

/// Gives a name to hosts that have machines, and of which no document says the name.
fn name_hosts(resources: &mut [AnyResource], path: &dyn Fn(FileId) -> ArcStr) {
    let mut taken: HashMap<(u32, ArcStr), u32> = HashMap::new();
    let mut named: HashMap<(FileId, Span), ArcStr> = HashMap::new();
    for resource in resources.iter_mut() {
        let AnyResource::Host(host) = resource else {
            continue;
        };
        let meta = &mut host.meta;
        if meta.origin != Origin::Windows || meta.named {
            continue;
        }
        let path = path(meta.file);
        let file = path.rsplit('/').next().unwrap_or(&path);
        let mut name: ArcStr = format!("the host of {file}").into();
        let times = taken.entry((meta.scope, name.clone())).or_default();
        *times += 1;
        if *times > 1 {
            name = format!("the host of {file} ({times})").into();
        }
        meta.name = name.clone();
        meta.named = true;
        named.insert((meta.file, meta.name_span()), name);
    }
    for resource in resources {
        let AnyResource::VirtualMachine(machine) = resource else {
            continue;
        };
        let host = &mut machine.spec.host;
        if let (State::Unknown, Some(name)) =
            (host.state(), named.get(&(machine.meta.file, host.span())))
        {
            host.set(State::Known(Ref::to(name.clone())));
        }
    }
}

/// The names of hosts by scope: those that are declared, and those that a cluster lists.
fn known_hosts(resources: &[AnyResource], by: impl Fn(&Meta) -> bool) -> HashSet<(u32, ArcStr)> {
    let mut hosts = HashSet::new();
    for resource in resources.iter().filter(|it| by(it.meta())) {
        let meta = resource.meta();
        match resource {
            AnyResource::Host(_) if meta.named && meta.standing != Standing::Apart => {
                hosts.insert((meta.scope, meta.name.clone()));
            }
            AnyResource::Cluster(cluster) => {
                let listed = cluster.spec.hosts.known().into_iter().flatten();
                for host in listed.filter_map(|item| item.known()) {
                    let written = &host.reference.written;
                    let name = written.rsplit('/').next().unwrap_or(written);
                    hosts.insert((meta.scope, name.into()));
                }
            }
            _ => {}
        }
    }
    hosts
}

/// Forgets the host that a play names where no host is called so: it is a group, or nobody knows.
fn keep_known_hosts(resource: &mut AnyResource, hosts: &HashSet<(u32, ArcStr)>) {
    let scope = resource.meta().scope;
    let forget = |host: &mut Attr<Ref<Host>>| {
        let name = host.known().map(|host| host.reference.written.clone());
        if name.is_some_and(|name| !hosts.contains(&(scope, name))) {
            *host = Attr::default();
        }
    };
    match resource {
        AnyResource::VirtualMachine(machine) => forget(&mut machine.spec.host),
        AnyResource::MigrationPlan(plan) => {
            if let Some(moves) = plan.spec.moves.known_mut() {
                for item in moves {
                    if let Some(moved) = item.known_mut() {
                        forget(&mut moved.from);
                    }
                }
            }
        }
        AnyResource::Host(host)
            if host.meta.standing == Standing::Apart
                && hosts.contains(&(scope, host.meta.name.clone())) =>
        {
            host.meta.standing = Standing::Whole;
        }
        _ => {}
    }
}

/// Native resources by name, whatever their namespace.
fn natives(resources: &[AnyResource]) -> BTreeMap<Identity, Vec<ArcStr>> {
    let mut natives: BTreeMap<Identity, Vec<ArcStr>> = BTreeMap::new();
    for meta in resources.iter().map(AnyResource::meta) {
        if meta.origin == Origin::Native && meta.named {
            let spaces = natives.entry(identity(meta)).or_default();
            spaces.push(meta.namespace.clone());
        }
    }
    natives.values_mut().for_each(|spaces| {
        spaces.sort_unstable();
        spaces.dedup();
    });
    natives
}

fn put_together(
    resources: &mut Vec<AnyResource>,
    natives: &BTreeMap<Identity, Vec<ArcStr>>,
    pieces: &[Piece],
) {
    let is_one = |meta: &Meta| {
        matches!(meta.kind, Kind::VirtualMachine | Kind::Host | Kind::Cluster)
            && meta.named
            && meta.standing == Standing::Whole
    };
    let mut groups: BTreeMap<Identity, Vec<AnyResource>> = BTreeMap::new();
    let (ours, mut rest): (Vec<_>, Vec<_>) = std::mem::take(resources)
        .into_iter()
        .partition(|it| it.meta().origin == Origin::Windows && is_one(it.meta()));
    for resource in ours {
        let who = identity(resource.meta());
        groups.entry(who).or_default().push(resource);
    }
    let said = said(pieces);
    let mut places: HashMap<(Identity, ArcStr), usize> = HashMap::new();
    for (at, meta) in rest.iter().map(AnyResource::meta).enumerate() {
        if meta.origin == Origin::Native && meta.named {
            let place = places.entry((identity(meta), meta.namespace.clone()));
            place.or_insert(at);
        }
    }
    for (who, mut group) in groups {
        group.sort_by_key(|it| (it.meta().file, it.meta().extent, it.meta().spec_span()));
        let spaces = natives.get(&who).map_or(&[][..], Vec::as_slice);
        if spaces.len() > 1 {
            // Which of them is meant cannot be told.
            rest.extend(group.into_iter().map(|mut resource| {
                resource.meta_mut().standing = Standing::Apart;
                resource
            }));
            continue;
        }
        let mut group = group.into_iter();
        let Some(mut whole) = group.next() else {
            continue;
        };
        for part in group {
            whole.join(&part, Precedence::Equal);
        }
        if let AnyResource::VirtualMachine(machine) = &mut whole {
            unite_adapters(&mut machine.spec);
            let said = said.get(&(who.0, who.2.clone()));
            note(machine, said.map_or(&[][..], Vec::as_slice));
        }
        let native = spaces
            .first()
            .cloned()
            .and_then(|space| places.get(&(who, space)));
        match native {
            Some(at) => rest[*at].join(&whole, Precedence::First),
            None => rest.push(whole),
        }
    }
    *resources = rest;
}

/// What tasks say about machines, by scope and name, with the file.
type Notes<'p> = HashMap<(u32, ArcStr), Vec<(FileId, &'p Said)>>;

fn said(pieces: &[Piece]) -> Notes<'_> {
    let mut said = Notes::new();
    for piece in pieces {
        if let Content::Windows(what) = &piece.content {
            let (Said::Moved(machine, _)
            | Said::RemovedDisk(machine, _)
            | Said::RemovedDevice(machine, _)) = what;
            let about = said.entry((piece.scope, machine.clone())).or_default();
            about.push((piece.file, what));
        }
    }
    said
}

/// Notes what tasks say about a machine, given its attributes.
fn note(machine: &mut Resource<VirtualMachine>, all: &[(FileId, &Said)]) {
    let mut paths = HashSet::new();
    let mut devices = Vec::new();
    for (file, said) in all {
        match said {
            Said::Moved(_, span) if machine.spec.state.is_absent() => {
                let place = Location {
                    file: *file,
                    span: *span,
                };
                machine.spec.state = Attr::new(
                    State::Known(MachineState::Running),
                    machine.meta.place_of(place),
                );
            }
            Said::Moved(..) => {}
            Said::RemovedDisk(_, path) => {
                paths.insert(path.to_ascii_lowercase());
            }
            Said::RemovedDevice(_, word) => {
                let removed = match &**word {
                    "dda" => DeviceType::Pci,
                    _ => DeviceType::Gpu,
                };
                if !devices.contains(&removed) {
                    devices.push(removed);
                }
            }
        }
    }
    let spec = &mut machine.spec;
    if !paths.is_empty() {
        forget(&mut spec.disks, |disk| {
            let own = disk.path.known();
            own.is_none_or(|own| paths.contains(&own.to_ascii_lowercase()))
        });
    }
    if !devices.is_empty() {
        forget(&mut spec.devices, |device| {
            let own = device.device_type.known();
            own.is_none_or(|own| devices.contains(own))
        });
    }
}

/// Makes elements unknown that one task adds and another one takes away.
fn forget<T: Modelled>(list: &mut Attr<List<T>>, is_it: impl Fn(&T) -> bool) {
    if let Some(items) = list.known_mut() {
        for item in items {
            if item.known().is_some_and(&is_it) {
                item.set(State::Unknown);
            }
        }
    }
}

/// Two adapters of one name are one.
fn unite_adapters(machine: &mut VirtualMachine) {
    let Some(items) = machine.network_adapters.known_mut() else {
        return;
    };
    let mut united: Vec<_> = Vec::new();
    let mut by_name: HashMap<ArcStr, usize> = HashMap::new();
    for item in std::mem::take(items) {
        let name = item.known().and_then(|it| it.name.known().cloned());
        let first = name.map(|name| *by_name.entry(name).or_insert(united.len()));
        let same = first.and_then(|first| united.get_mut(first));
        match (same.and_then(Item::known_mut), item.known()) {
            (Some(one), Some(other)) => {
                crate::model::Modelled::join(one, other, Precedence::Equal);
            }
            _ => united.push(item),
        }
    }
    *items = united.into();
}

/// Names mean native resources where there is just one of that name, in whatever namespace.
fn refer_to_natives(resources: &mut [AnyResource], natives: &BTreeMap<Identity, Vec<ArcStr>>) {
    let ours = resources.iter_mut();
    for resource in ours.filter(|it| it.meta().origin == Origin::Windows) {
        let scope = resource.meta().scope;
        resource.references(|_, kind, reference| {
            let who = (scope, kind, reference.written.clone());
            if let Some([space]) = natives.get(&who).map(Vec::as_slice)
                && !space.is_empty()
            {
                reference.written = format!("{space}/{}", reference.written).into();
            }
        });
    }
}
