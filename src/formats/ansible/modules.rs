//! Tasks of the collection `microsoft.hyperv`.

use std::collections::HashSet;

use arcstr::ArcStr;

use super::{Module, Task};
use crate::formats::Lowered;
use crate::formats::join::Content;
use crate::formats::join::machines::Said;
use crate::formats::lowering::{known, unknown};
use crate::formats::windows::{Fields, Site, is_open, machine_state};
use crate::model::{
    AnyResource, Assignment, Attr, Device, DeviceType, Disk, Host, Item, Kind, List,
    MachineAdapter, MachineMemory, MachineProcessor, MachineProcessorDetails, MaintenanceWindow,
    Migration, MigrationPlan, Modelled, Move, MoveDetails, MoveType, Ref, Resource, State,
    VirtualMachine, WindowDetails, WindowProduct,
};
use crate::source::Span;
use crate::yaml::{Entry, Value};

const NAME: &[&str] = &["name", "vm_name"];

/// Lowers a task. `restart` is where its host restarts after it, before anything says that it is in
/// use again.
pub(super) fn lower(
    module: &str,
    entry: Entry<'_>,
    site: Site,
    task: &Task<'_>,
    restart: Option<Span>,
    lowered: &mut Lowered,
) {
    if !matches!(entry.value.value(), Value::Mapping(_)) {
        return;
    }
    let fields = Fields {
        node: entry.value,
        unsure: task.setting.unsure || entry.value.get("state").is_some_and(|it| is_open(it.value)),
    };
    let mut caller = Caller {
        fields,
        site,
        task,
        lowered,
    };
    match module {
        "hv_vm_move" => caller.move_machine(),
        "hv_cluster_node_maintenance" if !fields.says("state", "active") => {
            caller.maintenance(restart);
        }
        "hv_migration_network" => caller.migration_network(),
        _ => caller.machine(module),
    }
}

struct Caller<'a, 't> {
    fields: Fields<'t>,
    site: Site,
    task: &'a Task<'t>,
    lowered: &'a mut Lowered,
}

impl Caller<'_, '_> {
    fn machine(&mut self, module: &str) {
        let fields = self.fields;
        let keys: &[&str] = match module {
            "hv_hard_disk" | "hv_network_adapter" | "hv_dvd_drive" => &["vm_name"],
            _ => NAME,
        };
        let mut spec = VirtualMachine {
            ..VirtualMachine::default()
        };
        let absent = fields.says("state", "absent");
        match module {
            "hv_vm" if !absent => {
                spec.generation = fields.whole(&["generation"]);
                let startup = fields.memory(&["memory_startup_bytes"]);
                self.set_memory(&mut spec, startup, Attr::default(), Attr::default());
            }
            "hv_memory" => {
                let dynamic = fields.boolean(&["dynamic_memory_enabled"]);
                let is_static = dynamic.known() == Some(&false);
                let bound = |key| match is_static {
                    true => Attr::default(),
                    false => fields.memory(&[key]),
                };
                let startup = fields.memory(&["startup_bytes"]);
                self.set_memory(
                    &mut spec,
                    startup,
                    bound("minimum_bytes"),
                    bound("maximum_bytes"),
                );
            }
            "hv_processor" => {
                let processor = MachineProcessor {
                    place: self.site.key.into(),
                    count: fields.whole(&["count"]),
                    compatibility_for_migration_enabled: fields
                        .boolean(&["compatibility_for_migration_enabled"]),
                    details: MachineProcessorDetails {
                        expose_virtualization_extensions: fields
                            .boolean(&["expose_virtualization_extensions"]),
                        ..MachineProcessorDetails::default()
                    }
                    .apart(),
                };
                spec.processor = known(processor, self.site.key);
            }
            "hv_vm_state" => spec.state = fields.read(&["state"], machine_state),
            "hv_dvd_drive" if fields.says("state", "ejected") => {
                spec.dvd = unknown(self.site.key);
            }
            "hv_dvd_drive" if !absent => spec.dvd = fields.text(&["path"]),
            "hv_hard_disk" if absent => return self.removed(keys, Said::RemovedDisk, "path"),
            "hv_hard_disk" => {
                let disk = Disk {
                    place: self.site.key.into(),
                    path: fields.text(&["path"]),
                    ..Disk::default()
                };
                spec.disks = self.element(disk);
            }
            "hv_network_adapter" if !absent => {
                let adapter = MachineAdapter {
                    place: self.site.key.into(),
                    name: match fields.entry(&["name"]) {
                        Some(_) => fields.text(&["name"]),
                        None => known("Network Adapter".into(), self.site.key),
                    },
                    switch: fields.text(&["switch_name"]),
                    ..MachineAdapter::default()
                };
                spec.network_adapters = self.element(adapter);
            }
            "hv_hardware_passthrough" if absent => {
                return self.removed(keys, Said::RemovedDevice, "device_type");
            }
            "hv_hardware_passthrough" => {
                let assignment = fields.read(&["device_type"], |word| match word {
                    "dda" => Some(Assignment::Dda),
                    "gpu_partition" => Some(Assignment::Partition),
                    _ => None,
                });
                let device_type = fields.read(&["device_type"], |word| match word {
                    "dda" => Some(DeviceType::Pci),
                    "gpu_partition" => Some(DeviceType::Gpu),
                    _ => None,
                });
                let device = Device {
                    place: self.site.key.into(),
                    device_type,
                    assignment,
                };
                spec.devices = self.element(device);
            }
            _ => return,
        }
        self.add_machine(keys, spec, module == "hv_vm");
    }

    fn set_memory(
        &self,
        spec: &mut VirtualMachine,
        startup: Attr<crate::model::Memory>,
        minimum: Attr<crate::model::Memory>,
        maximum: Attr<crate::model::Memory>,
    ) {
        let memory = MachineMemory {
            place: self.site.key.into(),
            startup,
            minimum,
            maximum,
            dirty_rate: Attr::default(),
        };
        spec.memory = known(memory, self.site.key);
    }

    /// A list of which this task names one element.
    fn element<T: Modelled>(&self, element: T) -> Attr<List<T>> {
        if self.fields.unsure {
            return unknown(self.site.key);
        }
        let item = Item::new(State::Known(element), self.site.key);
        known([item].into(), self.site.key)
    }

    /// A part of a machine that is taken away.
    fn removed(&mut self, keys: &[&str], said: fn(ArcStr, ArcStr) -> Said, key: &str) {
        if let (Some(machine), Some(part)) = (self.fields.plain(keys), self.fields.plain(&[key])) {
            self.lowered
                .add_piece(Content::Windows(said(machine.into(), part.into())));
        }
    }

    /// Adds what is known of a machine. One whose name is not known counts only where a task
    /// creates it: then there is a machine that nobody can name.
    fn add_machine(&mut self, keys: &[&str], mut spec: VirtualMachine, created: bool) {
        let Some(name) = self.fields.entry(keys) else {
            return;
        };
        let plain = self.fields.plain(keys);
        if plain.is_none() && !created {
            return;
        }
        if !self.fields.unsure {
            spec.host = self.host();
        }
        let span = name.value.place().span;
        let mut meta = self
            .site
            .meta(Kind::VirtualMachine, plain.unwrap_or_default(), span);
        if plain.is_none() {
            meta.name = name.value.text().unwrap_or_default().into();
        }
        let machine = Resource { meta, spec };
        self.lowered
            .resources
            .push(AnyResource::VirtualMachine(Box::new(machine)));
    }

    /// The host that the task runs on, if it turns out to be one.
    fn host(&self) -> Attr<Ref<Host>> {
        let host = self.task.setting.host.as_ref();
        host.map(|(name, span)| known(Ref::to(name.clone()), *span))
            .unwrap_or_default()
    }

    fn move_machine(&mut self) {
        let fields = self.fields;
        let Some(name) = fields.entry(NAME) else {
            return;
        };
        let at = name.value.place().span;
        let to = fields.reference(&["destination_host"]);
        let storage = fields.entry(&["destination_storage_path"]);
        let storage_span = storage.map_or(self.site.key, |entry| entry.value.place().span);
        let to_storage = match storage {
            Some(_) => unknown(storage_span),
            None => Attr::default(),
        };
        let move_type = match (to.state(), fields.unsure) {
            (_, true) => unknown(self.site.key),
            (State::Absent, _) => known(MoveType::Storage, self.site.key),
            _ => known(MoveType::Live, self.site.key),
        };
        let moved = Move {
            place: self.site.key.into(),
            vm: Attr::new(
                match fields.plain(NAME) {
                    Some(name) => State::Known(Ref::to(name)),
                    None => State::Unknown,
                },
                at,
            ),
            from: match fields.unsure {
                true => unknown(self.site.key),
                false => self.host(),
            },
            to,
            move_type,
            details: MoveDetails {
                to_storage,
                include_storage: match fields.unsure {
                    true => unknown(storage_span),
                    false => known(storage.is_some(), storage_span),
                },
            }
            .apart(),
        };
        self.add_move(moved);
    }

    fn add_move(&mut self, moved: Move) {
        if let (State::Known(vm), false) = (moved.vm.state(), self.fields.unsure) {
            let name = vm.reference.written.clone();
            self.moved(&name, moved.vm.span());
        }
        let (name, span) = self.title("hv_vm_move");
        add_plan(moved, (&name, span), self.site, self.lowered);
    }

    /// A machine that is moved exists, and runs where nobody says that it does not.
    fn moved(&mut self, name: &ArcStr, span: Span) {
        self.lowered
            .add_piece(Content::Windows(Said::Moved(name.clone(), span)));
        let spec = VirtualMachine {
            host: self.host(),
            ..VirtualMachine::default()
        };
        let meta = self.site.meta(Kind::VirtualMachine, name, span);
        let machine = Resource { meta, spec };
        self.lowered
            .resources
            .push(AnyResource::VirtualMachine(Box::new(machine)));
    }

    /// What the task is called, else what it does.
    fn title(&self, module: &str) -> (String, Span) {
        title(self.task, module, self.site)
    }

    fn maintenance(&mut self, restart: Option<Span>) {
        let fields = self.fields;
        let keys = &["node_name", "name"];
        let Some(node) = fields.entry(keys) else {
            return;
        };
        let host = fields.reference(keys);
        let item = Item::new(host.into_state(), node.value.place().span);
        let drain = fields.boolean(&["drain"]);
        let spec = MaintenanceWindow {
            hosts: known([item].into(), node.value.place().span),
            strategy: match drain.known() {
                None if drain.is_absent() => Attr::default(),
                Some(true) => Attr::default(),
                _ => unknown(drain.span()),
            },
            reboot: restart.map_or(Attr::default(), |span| known(true, span)),
            details: WindowDetails {
                drain,
                product: known(WindowProduct::FailoverCluster, self.site.key),
                ..WindowDetails::default()
            }
            .apart(),
            ..MaintenanceWindow::default()
        };
        let (name, span) = self.title("hv_cluster_node_maintenance");
        let mut meta = self.site.meta(Kind::MaintenanceWindow, &name, span);
        meta.partial = false;
        let window = Resource { meta, spec };
        self.lowered
            .resources
            .push(AnyResource::MaintenanceWindow(Box::new(window)));
    }

    fn migration_network(&mut self) {
        if self.fields.says("state", "absent") || self.fields.unsure {
            return;
        }
        let Some((host, span)) = self.task.setting.host.clone() else {
            return;
        };
        let Some(subnet) = self.fields.entry(&["subnet"]) else {
            return;
        };
        let item = Item::new(
            self.fields.text(&["subnet"]).into_state(),
            subnet.value.place().span,
        );
        let migration = Migration {
            place: self.site.key.into(),
            networks: known([item].into(), subnet.value.place().span),
            ..Migration::default()
        };
        let spec = Host {
            migration: known(migration, self.site.key),
            ..Host::default()
        };
        super::script::add_host(self.site, Some((host, span)), spec, self.lowered);
    }
}

/// Adds the plan that a task is which moves a machine: at no time, and complete.
pub(super) fn add_plan(
    moved: Move,
    (name, name_span): (&str, Span),
    site: Site,
    lowered: &mut Lowered,
) {
    let mut meta = site.meta(Kind::MigrationPlan, name, name_span);
    meta.partial = false;
    let item = Item::new(State::Known(moved), site.key);
    let spec = MigrationPlan {
        moves: known([item].into(), site.key),
        ..MigrationPlan::default()
    };
    lowered.add(meta, spec);
}

/// What a task is called, else what it does.
pub(super) fn title(task: &Task<'_>, module: &str, site: Site) -> (String, Span) {
    let named = task.node.get("name").map(|entry| entry.value);
    let text = named.and_then(|node| Some((node.text()?, node.place().span)));
    match text.filter(|(text, _)| !text.is_empty()) {
        Some((text, span)) => (text.to_owned(), span),
        None => (module.to_owned(), site.key),
    }
}

/// Where the host restarts after a pause, before it is resumed: for each of a list of tasks.
pub(super) fn restarts(tasks: &[Task<'_>]) -> Vec<Option<Span>> {
    let mut next = None;
    // The nodes that are resumed before the next restart.
    let mut resumed: HashSet<Option<&str>> = HashSet::new();
    let mut found = vec![None; tasks.len()];
    for (index, task) in tasks.iter().enumerate().rev() {
        match &task.module {
            Module::Reboot => {
                next = Some(task.node.place().span);
                resumed.clear();
            }
            Module::HyperV("hv_cluster_node_maintenance", entry) => {
                let fields = Fields::of(entry.value);
                let node = fields.plain(&["node_name", "name"]);
                found[index] = next.filter(|_| !resumed.contains(&node));
                if fields.says("state", "active") {
                    resumed.insert(node);
                }
            }
            _ => {}
        }
    }
    found
}
