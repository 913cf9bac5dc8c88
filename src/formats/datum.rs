//! Datum: YAML from which DSC configurations are made, as far as it describes Hyper-V with the
//! configurations of CommonTasks. Source: <https://github.com/dsccommunity/CommonTasks>,
//! `source/DSCResources/HyperV`, `FailoverCluster`, `DscLcmMaintenanceWindows`.
//!
//! What stands in one document is of one host: the one that `NodeName` names.

use arcstr::ArcStr;

use super::lowering::{known, unknown};
use super::windows::{Fields, Site, machine_state, switch_type};
use super::{Format, Lowered};
use crate::model::{
    Attr, CheckpointType, Cluster, Disk, DiskFormat, Host, Item, Kind, List, MachineAdapter,
    MachineDetails, MachineMemory, MachineProcessor, MaintenanceWindow, Modelled, Ref, Schedule,
    State, StopAction, Timetable, TimetableDetails, VirtualMachine, VirtualSwitch, Witness,
};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// Documents of Datum.
pub(super) const FORMAT: Format = Format {
    name: "datum",
    title: "Datum: machines, switches and clusters of the configurations in CommonTasks",
    recognised_by: "a list VMMachines or VMSwitches, at the top or under HyperV; FailoverCluster with QuorumType",
    markers: &["VMMachines", "VMSwitches", "FailoverCluster"],
    helpers: &[],
    recognise,
    lower,
};

const CLUSTER: &str = "FailoverCluster";

fn recognise(root: Node<'_>) -> bool {
    let is_manifest = root.get("apiVersion").is_some() && root.get("kind").is_some();
    !is_manifest && (hyper_v(root).is_some() || cluster(root).is_some())
}

/// The mapping that lists machines or switches.
fn hyper_v(root: Node<'_>) -> Option<Node<'_>> {
    let under = root.get("HyperV").map(|entry| entry.value);
    [Some(root), under].into_iter().flatten().find(|node| {
        ["VMMachines", "VMSwitches"]
            .iter()
            .any(|key| is_list(*node, key))
    })
}

/// Whether an entry is a list of mappings with names.
fn is_list(node: Node<'_>, key: &str) -> bool {
    let list = node.get(key).map(|entry| entry.value);
    list.is_some_and(|list| list.items().any(|item| item.get("Name").is_some()))
}

fn cluster(root: Node<'_>) -> Option<Entry<'_>> {
    let entry = root.get(CLUSTER)?;
    entry.value.get("QuorumType").map(|_| entry)
}

fn lower(root: Node<'_>, lowered: &mut Lowered) {
    lowered.mixed = true;
    let whole = Fields::of(root);
    let name = whole.entry(&["NodeName"]);
    let hyper_v = hyper_v(root);
    let switches = hyper_v.and_then(|node| node.get("VMSwitches"));
    let cluster = cluster(root);
    let nearest = name.or(switches).or(cluster).or(root.entries().next());
    let span = nearest.map_or(root.place().span, |entry| match name {
        Some(_) => entry.value.place().span,
        None => entry.key.place().span,
    });
    let site = Site {
        file: lowered.file,
        extent: nearest.map_or(span, |entry| {
            let (key, value) = (entry.key.place().span, entry.value.place().span);
            key.join(value)
        }),
        key: nearest.map_or(span, |entry| entry.key.place().span),
    };
    let meta = site.meta(
        Kind::Host,
        whole.plain(&["NodeName"]).unwrap_or_default(),
        span,
    );
    let host = match (meta.named, switches) {
        (true, _) => known(Ref::to(meta.name.clone()), span),
        // The join finds a name for it.
        (false, Some(_)) => unknown(span),
        (false, None) => Attr::default(),
    };
    let cluster_name = cluster.and_then(|entry| {
        let fields = Fields::of(entry.value);
        fields.plain(&["Name"])?;
        Some(fields.reference(&["Name"]))
    });
    let spec = Host {
        cluster: cluster_name.unwrap_or_default(),
        virtual_switches: switches.map_or(Attr::default(), virtual_switches),
        ..Host::default()
    };
    if meta.named || switches.is_some() {
        lowered.add(meta, spec);
    }
    let mut parts: Vec<(Span, Part<'_>)> = Vec::new();
    if let Some(entry) = cluster {
        parts.push((entry.key.place().span, Part::Cluster(entry)));
    }
    let machines = hyper_v.and_then(|node| node.get("VMMachines"));
    for machine in machines.into_iter().flat_map(|entry| entry.value.items()) {
        parts.push((machine.place().span, Part::Machine(machine)));
    }
    for list in [
        Some(root),
        root.get("DscLcmMaintenanceWindows").map(|it| it.value),
    ] {
        let windows = list.and_then(|list| list.get("MaintenanceWindows"));
        for window in windows.into_iter().flat_map(|entry| entry.value.items()) {
            parts.push((window.place().span, Part::Window(window)));
        }
    }
    parts.sort_by_key(|(span, _)| span.start);
    for (_, part) in parts {
        match part {
            Part::Cluster(entry) => add_cluster(entry, lowered),
            Part::Machine(node) => add_machine(node, &host, lowered),
            Part::Window(node) => add_window(node, &host, lowered),
        }
    }
}

enum Part<'t> {
    Cluster(Entry<'t>),
    Machine(Node<'t>),
    Window(Node<'t>),
}

/// A list attribute, without the elements that are to be absent.
fn list<T: Modelled>(entry: Entry<'_>, read: impl Fn(Fields<'_>, Span) -> T) -> Attr<List<T>> {
    let span = entry.key.place().span;
    if !matches!(entry.value.value(), Value::Sequence(_)) {
        return match entry.value.is_null() {
            true => Attr::default(),
            false => unknown(span),
        };
    }
    let present = |node: &Node<'_>| !Fields::of(*node).says("Ensure", "Absent");
    let items = entry.value.items().filter(present).map(|node| {
        let place = node.place().span;
        let is_mapping = matches!(node.value(), Value::Mapping(_)) && !node.is_template();
        Item::new(
            match is_mapping {
                true => State::Known(read(Fields::of(node), place)),
                false => State::Unknown,
            },
            place,
        )
    });
    known(items.collect(), span)
}

fn virtual_switches(entry: Entry<'_>) -> Attr<List<VirtualSwitch>> {
    list(entry, |fields, place| VirtualSwitch {
        place: place.into(),
        name: fields.text(&["Name"]),
        switch_type: fields.read(&["Type"], switch_type),
        iov: fields.boolean(&["EnableIov"]),
    })
}

fn add_machine(node: Node<'_>, host: &Attr<Ref<Host>>, lowered: &mut Lowered) {
    let fields = Fields::of(node);
    let Some(name) = fields.entry(&["Name"]) else {
        return;
    };
    if fields.says("Ensure", "Absent") {
        return;
    }
    let key = name.key.place().span;
    let place = node.place().span;
    let processors = fields.entry(&["ProcessorCount"]);
    let memory = ["StartupMemory", "MinimumMemory", "MaximumMemory"];
    let memory_at = fields.entry(&memory).map(|entry| entry.key.place().span);
    let spec = VirtualMachine {
        host: host.clone(),
        state: fields.read(&["State"], machine_state),
        generation: fields.whole(&["Generation"]),
        processor: processors.map_or(Attr::default(), |entry| {
            let place = entry.key.place().span;
            let processor = MachineProcessor {
                place: place.into(),
                count: fields.whole(&["ProcessorCount"]),
                ..MachineProcessor::default()
            };
            known(processor, place)
        }),
        memory: memory_at.map_or(Attr::default(), |place| {
            let memory = MachineMemory {
                place: place.into(),
                startup: fields.memory(&["StartupMemory"]),
                minimum: fields.memory(&["MinimumMemory"]),
                maximum: fields.memory(&["MaximumMemory"]),
                dirty_rate: Attr::default(),
            };
            known(memory, place)
        }),
        disks: match fields.entry(&["Disks"]) {
            Some(entry) => list(entry, |disk, place| read_disk(fields, disk, place)),
            None => Attr::default(),
        },
        network_adapters: adapters(fields),
        checkpoint_type: fields.read(&["CheckpointType"], CheckpointType::parse),
        details: MachineDetails {
            dvd: first_image(fields),
            automatic_stop_action: fields.read(&["AutomaticStopAction"], StopAction::parse),
            ..MachineDetails::default()
        }
        .apart(),
        ..VirtualMachine::default()
    };
    let site = Site {
        file: lowered.file,
        extent: place,
        key,
    };
    let plain = fields.plain(&["Name"]);
    let mut meta = site.meta(
        Kind::VirtualMachine,
        plain.unwrap_or_default(),
        name.value.place().span,
    );
    if plain.is_none() {
        meta.name = name.value.text().unwrap_or_default().into();
    }
    lowered.add(meta, spec);
}

/// A disk: `<Path>\<machine>_<Name>.vhdx`, in the folder `Disks` of the machine where it states no
/// path.
fn read_disk(machine: Fields<'_>, disk: Fields<'_>, place: Span) -> Disk {
    let own = disk.entry(&["Path"]);
    let path = (|| {
        let (vm, name) = (machine.plain(&["Name"])?, disk.plain(&["Name"])?);
        let folder = match own {
            Some(_) => disk.plain(&["Path"])?.to_owned(),
            None => format!("{}\\{vm}\\Disks", machine.plain(&["Path"])?),
        };
        Some(format!("{folder}\\{vm}_{name}.vhdx"))
    })();
    Disk {
        place: place.into(),
        name: disk.text(&["Name"]),
        path: Attr::new(
            path.map_or(State::Unknown, |path| State::Known(path.into())),
            own.map_or(place, |entry| entry.value.place().span),
        ),
        format: known(DiskFormat::Vhdx, place),
        size: disk.memory(&["Size"]),
        ..Disk::default()
    }
}

/// The first image among the drives.
fn first_image(machine: Fields<'_>) -> Attr<ArcStr> {
    let drives = machine.entry(&["Drives"]).map(|entry| entry.value);
    for drive in drives.into_iter().flat_map(Node::items) {
        let path = Fields::of(drive).text(&["Path"]);
        let is_image = |path: &ArcStr| path.to_ascii_lowercase().ends_with(".iso");
        if path.known().is_none_or(is_image) && !path.is_absent() {
            return path;
        }
    }
    Attr::default()
}

/// Adapters: `NetworkAdapters`, or the short form `SwitchName` with one or several switches.
fn adapters(machine: Fields<'_>) -> Attr<List<MachineAdapter>> {
    if let Some(entry) = machine.entry(&["NetworkAdapters"]) {
        return list(entry, |adapter, place| MachineAdapter {
            place: place.into(),
            name: adapter.text(&["Name"]),
            switch: adapter.text(&["SwitchName"]),
            ..MachineAdapter::default()
        });
    }
    machine
        .entry(&["SwitchName"])
        .map_or(Attr::default(), switch_names)
}

/// One adapter for each switch that is named.
pub(super) fn switch_names(entry: Entry<'_>) -> Attr<List<MachineAdapter>> {
    let of = |node: Node<'_>| {
        let span = node.place().span;
        let text = node.text().filter(|_| !super::windows::is_open(node));
        let switch = match text {
            Some(text) => known(text.into(), span),
            None => unknown(span),
        };
        let adapter = MachineAdapter {
            place: span.into(),
            switch,
            ..MachineAdapter::default()
        };
        Item::new(State::Known(adapter), span)
    };
    let items = match entry.value.value() {
        Value::Sequence(items) => items.map(of).collect(),
        _ => vec![of(entry.value)],
    };
    known(items.into(), entry.key.place().span)
}

fn add_cluster(entry: Entry<'_>, lowered: &mut Lowered) {
    let fields = Fields::of(entry.value);
    let key = entry.key.place().span;
    let name = fields.entry(&["Name"]);
    let witness = fields.read(&["QuorumType"], |word| match word {
        "NodeMajority" => Some(Witness::None),
        "NodeAndDiskMajority" | "DiskOnly" => Some(Witness::Disk),
        "NodeAndFileShareMajority" => Some(Witness::FileShare),
        "NodeAndCloudMajority" => Some(Witness::Cloud),
        _ => None,
    });
    let site = Site {
        file: lowered.file,
        extent: entry.value.place().span,
        key,
    };
    let meta = site.meta(
        Kind::Cluster,
        fields.plain(&["Name"]).unwrap_or_default(),
        name.map_or(key, |name| name.value.place().span),
    );
    let spec = Cluster {
        witness,
        ..Cluster::default()
    };
    lowered.add(meta, spec);
}

/// A window of the local configuration manager, in which a host may change and restart. Its zone
/// is the host's, which nobody knows.
fn add_window(node: Node<'_>, host: &Attr<Ref<Host>>, lowered: &mut Lowered) {
    let fields = Fields::of(node);
    let Some(name) = fields.entry(&["Name"]) else {
        return;
    };
    let place = node.place().span;
    let start = fields.entry(&["StartTime"]);
    let schedule = start.map_or(Attr::default(), |entry| {
        let span = entry.value.place().span;
        let timetable = Timetable {
            place: place.into(),
            duration: match fields.entry(&["Timespan"]) {
                Some(length) => unknown(length.value.place().span),
                None => Attr::default(),
            },
            details: TimetableDetails {
                start: fields.text(&["StartTime"]),
                ..TimetableDetails::default()
            }
            .apart(),
            ..Timetable::default()
        };
        known(Schedule::foreign(timetable, State::Unknown), span)
    });
    let hosts = match host.state() {
        State::Absent => Attr::default(),
        state => {
            let item = Item::new(state.cloned(), host.span());
            known([item].into(), host.span())
        }
    };
    let spec = MaintenanceWindow {
        hosts,
        schedule,
        ..MaintenanceWindow::default()
    };
    let site = Site {
        file: lowered.file,
        extent: place,
        key: name.key.place().span,
    };
    let meta = site.meta(
        Kind::MaintenanceWindow,
        fields.plain(&["Name"]).unwrap_or_default(),
        name.value.place().span,
    );
    lowered.add(meta, spec);
}
