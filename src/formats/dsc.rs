//! Documents of DSC, version 3, as far as resources of HyperVDsc are in them, directly or below an
//! adapter. Source: <https://learn.microsoft.com/powershell/dsc/reference/schemas/config/document>,
//! <https://github.com/dsccommunity/HyperVDsc>, `source/DSCResources/*/*.schema.mof`.

use super::datum::switch_names;
use super::lowering::known;
use super::windows::{
    Fields, Site, authentication_type, machine_state, performance_option, switch_type,
};
use super::{Format, Lowered};
use crate::model::{
    Attr, Disk, Host, Item, Kind, MachineMemory, MachineProcessor, MachineProcessorDetails,
    Migration, State, VirtualMachine, VirtualSwitch,
};
use crate::yaml::{Entry, Node};

/// Documents of DSC.
pub(super) const FORMAT: Format = Format {
    name: "dsc",
    title: "DSC, version 3: hosts, machines and switches of HyperVDsc",
    recognised_by: "$schema at aka.ms/dsc, and a resource of HyperVDsc",
    markers: &["aka.ms/dsc"],
    helpers: &[],
    recognise,
    lower,
};

fn recognise(root: Node<'_>) -> bool {
    let schema = root.get("$schema").and_then(|entry| entry.value.text());
    let mut ours = false;
    if schema.is_some_and(|schema| schema.contains("aka.ms/dsc/")) {
        each(root, 0, &mut |_, _, _| ours = true);
    }
    ours
}

/// How deep resources may lie in each other.
const DEEPEST: usize = 20;

fn lower(root: Node<'_>, lowered: &mut Lowered) {
    lowered.mixed = true;
    let mut switches: Option<(Site, Vec<Item<VirtualSwitch>>)> = None;
    each(root, 0, &mut |resource, kind, properties| {
        let site = Site {
            file: lowered.file,
            extent: resource.place().span,
            key: properties.key.place().span,
        };
        let fields = Fields::of(properties.value);
        if fields.says("Ensure", "Absent") {
            return;
        }
        match kind {
            "vmhost" => add_host(resource, fields, site, lowered),
            "vmprocessor" => add_processor(fields, site, lowered),
            "vmhyperv" => add_machine(fields, site, lowered),
            "vmswitch" => {
                let item = virtual_switch(resource, fields);
                let listed = switches.get_or_insert((site, Vec::new()));
                listed.1.push(item);
            }
            _ => {}
        }
    });
    if let Some((site, items)) = switches {
        let spec = Host {
            virtual_switches: known(items.into(), site.key),
            ..Host::default()
        };
        lowered.add(site.meta(Kind::Host, "", site.key), spec);
    }
}

/// Hands every resource of HyperVDsc to `visit`, with its type in lower case and its properties.
fn each<'t>(node: Node<'t>, depth: usize, visit: &mut dyn FnMut(Node<'t>, &str, Entry<'t>)) {
    let resources = node.get("resources").map(|entry| entry.value);
    for resource in resources.into_iter().flat_map(Node::items) {
        let kind = resource.get("type").and_then(|entry| entry.value.text());
        let Some((kind, properties)) = kind.zip(resource.get("properties")) else {
            continue;
        };
        let kind = kind.to_ascii_lowercase();
        match kind.strip_prefix("hypervdsc/") {
            Some(kind) => visit(resource, kind, properties),
            None if depth < DEEPEST => each(properties.value, depth + 1, visit),
            None => {}
        }
    }
}

/// The host that the document is for: its name is nowhere.
fn add_host(resource: Node<'_>, fields: Fields<'_>, site: Site, lowered: &mut Lowered) {
    let enabled = fields.boolean(&["VirtualMachineMigrationEnabled"]);
    let migration = Migration {
        place: site.key.into(),
        enabled,
        maximum_virtual_machine_migrations: fields.whole(&["MaximumVirtualMachineMigrations"]),
        authentication_type: fields.read(
            &["VirtualMachineMigrationAuthenticationType"],
            authentication_type,
        ),
        performance_option: fields.read(
            &["VirtualMachineMigrationPerformanceOption"],
            performance_option,
        ),
        use_any_network: fields.boolean(&["UseAnyNetworkForMigration"]),
        ..Migration::default()
    };
    let spec = Host {
        migration: known(migration, site.key),
        ..Host::default()
    };
    let mut meta = site.meta(Kind::Host, "", site.key);
    if let Some(name) = resource.get("name") {
        meta.name_place = name.value.place().span.into();
    }
    lowered.add(meta, spec);
}

fn virtual_switch(resource: Node<'_>, fields: Fields<'_>) -> Item<VirtualSwitch> {
    let place = resource.place().span;
    let switch = VirtualSwitch {
        place: place.into(),
        name: fields.text(&["Name"]),
        switch_type: fields.read(&["Type"], switch_type),
        iov: Attr::default(),
    };
    Item::new(State::Known(switch), place)
}

fn add_processor(fields: Fields<'_>, site: Site, lowered: &mut Lowered) {
    let processor = MachineProcessor {
        place: site.key.into(),
        compatibility_for_migration_enabled: fields.boolean(&["CompatibilityForMigrationEnabled"]),
        details: MachineProcessorDetails {
            expose_virtualization_extensions: fields.boolean(&["ExposeVirtualizationExtensions"]),
            ..MachineProcessorDetails::default()
        }
        .apart(),
        ..MachineProcessor::default()
    };
    let spec = VirtualMachine {
        processor: known(processor, site.key),
        ..VirtualMachine::default()
    };
    add_named(fields, "VMName", site, spec, lowered);
}

fn add_named(
    fields: Fields<'_>,
    key: &str,
    site: Site,
    spec: VirtualMachine,
    lowered: &mut Lowered,
) {
    let Some((entry, name)) = fields.entry(&[key]).zip(fields.plain(&[key])) else {
        return;
    };
    let meta = site.meta(Kind::VirtualMachine, name, entry.value.place().span);
    lowered.add(meta, spec);
}

fn add_machine(fields: Fields<'_>, site: Site, lowered: &mut Lowered) {
    let processor = fields.entry(&["ProcessorCount"]).map(|entry| {
        let place = entry.key.place().span;
        let processor = MachineProcessor {
            place: place.into(),
            count: fields.whole(&["ProcessorCount"]),
            ..MachineProcessor::default()
        };
        known(processor, place)
    });
    let memory = fields.entry(&["StartupMemory", "MinimumMemory", "MaximumMemory"]);
    let memory = memory.map(|entry| {
        let place = entry.key.place().span;
        let memory = MachineMemory {
            place: place.into(),
            startup: fields.memory(&["StartupMemory"]),
            minimum: fields.memory(&["MinimumMemory"]),
            maximum: fields.memory(&["MaximumMemory"]),
            ..MachineMemory::default()
        };
        known(memory, place)
    });
    let disk = fields.entry(&["VhdPath"]).map(|entry| {
        let place = entry.value.place().span;
        let disk = Disk {
            place: place.into(),
            path: fields.text(&["VhdPath"]),
            ..Disk::default()
        };
        let item = Item::new(State::Known(disk), place);
        known([item].into(), place)
    });
    let switches = fields.entry(&["SwitchName"]);
    let spec = VirtualMachine {
        state: fields.read(&["State"], machine_state),
        generation: fields.whole(&["Generation"]),
        processor: processor.unwrap_or_default(),
        memory: memory.unwrap_or_default(),
        disks: disk.unwrap_or_default(),
        network_adapters: switches.map_or(Attr::default(), switch_names),
        ..VirtualMachine::default()
    };
    add_named(fields, "Name", site, spec, lowered);
}
