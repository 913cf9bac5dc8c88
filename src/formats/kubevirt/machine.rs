//! Virtual machines: as such, running ones, and templates of many.

use arcstr::ArcStr;

use super::placement;
use super::{devices, disks, known_text, nearest, sizes, written};
use crate::formats::join::Content;
use crate::formats::lowering::{self, below, known, unknown};
use crate::formats::manifest::Manifest;
use crate::formats::{Lowered, join};
use crate::model::{
    Attr, Criticality, EvictionStrategy, Host, Kind, MachineDetails, MachineMemory,
    MachineProcessor, MachineProcessorDetails, MachineState, MaintenanceStrategy, Ref, Seconds,
    State, VirtualMachine, Whole,
};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// The shapes in which a machine is declared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A machine that can be off.
    Machine,
    /// A running one.
    Instance,
    /// A template of running ones.
    ReplicaSet,
    /// A template of machines.
    Pool,
}

impl Shape {
    /// The keys that lead to what declares the machine: whether it runs, and its size.
    fn declaration(self) -> &'static [&'static str] {
        match self {
            Shape::Machine | Shape::Instance | Shape::ReplicaSet => &["spec"],
            Shape::Pool => &["spec", "virtualMachineTemplate", "spec"],
        }
    }

    /// The keys that lead to metadata and spec of the running machine.
    fn template(self) -> &'static [&'static str] {
        match self {
            Shape::Instance => &[],
            Shape::Machine | Shape::ReplicaSet => &["spec", "template"],
            Shape::Pool => &["spec", "virtualMachineTemplate", "spec", "template"],
        }
    }

    fn declared_as(self) -> &'static str {
        match self {
            Shape::Machine => join::MACHINE,
            Shape::Instance => join::INSTANCE,
            Shape::ReplicaSet => "VirtualMachineInstanceReplicaSet",
            Shape::Pool => "VirtualMachinePool",
        }
    }
}

/// The document of a machine.
pub(super) struct Source<'t> {
    root: Node<'t>,
    shape: Shape,
    /// The keys that lead to the spec of the running machine.
    way: Vec<&'static str>,
    /// That spec.
    spec: Option<Node<'t>>,
}

impl<'t> Source<'t> {
    fn of(root: Node<'t>, shape: Shape) -> Self {
        let way = [shape.template(), &["spec"]].concat();
        let entry = below(root, &way).map(|entry| entry.value);
        let is_mapping = |node: &Node<'_>| matches!(node.value(), Value::Mapping(_));
        Source {
            root,
            shape,
            spec: entry.filter(|node| is_mapping(node) && !node.is_template()),
            way,
        }
    }

    /// Whether anything is said of the running machine.
    pub(super) fn has_spec(&self) -> bool {
        self.spec.is_some()
    }

    /// What these keys of the spec of the running machine lead to.
    pub(super) fn spec(&self, keys: &[&str]) -> Option<Entry<'t>> {
        below(self.spec?, keys).filter(|entry| !entry.value.is_null())
    }

    /// The key nearest to what these keys lead to, of those that are written.
    pub(super) fn nearest(&self, keys: &[&str]) -> Span {
        let way: Vec<&str> = self.way.iter().chain(keys).copied().collect();
        nearest(self.root, &way).unwrap_or(self.root.place().span)
    }

    /// What a key of the declaration has.
    pub(super) fn declared(&self, key: &str) -> Option<Entry<'t>> {
        written(below(self.root, self.shape.declaration())?.value, key)
    }

    /// What the metadata of the running machine has.
    fn pod(&self, key: &str) -> Option<Entry<'t>> {
        let template = match self.shape.template() {
            [] => self.root,
            way => below(self.root, way)?.value,
        };
        written(template.get("metadata")?.value, key)
    }

    /// An annotation or label of the machine, else of the running one.
    fn mark(&self, name: &str) -> Option<Entry<'t>> {
        let own = |key: &str| below(self.root, &["metadata", key]);
        let maps = [
            own("annotations"),
            own("labels"),
            self.pod("annotations"),
            self.pod("labels"),
        ];
        let mut maps = maps.into_iter().flatten();
        maps.find_map(|map| written(map.value, name))
    }
}

pub(super) fn lower(manifest: &Manifest<'_>, shape: Shape, lowered: &mut Lowered) {
    let source = Source::of(manifest.root, shape);
    let mut meta = manifest.meta(Kind::VirtualMachine, lowered.file, None);
    meta.declared_as = shape.declared_as();
    meta.spec_place = Some(source.nearest(&[]).into());
    meta.partial |= source.spec.is_none();
    let whole = !meta.partial && !lowered.partial;
    if let (Shape::Machine | Shape::Pool, true) = (shape, whole) {
        let asked = join::Sized {
            extent: meta.extent,
            instancetype: asked(&source, "instancetype"),
            preference: asked(&source, "preference"),
        };
        if asked.instancetype.is_some() || asked.preference.is_some() {
            lowered.add_piece(Content::Sized(asked));
        }
    }
    let spec = machine(&source);
    lowered.add(meta, spec);
}

/// The instancetype or preference that a machine asks for.
fn asked(source: &Source<'_>, key: &str) -> Option<join::Asked> {
    let node = source.declared(key)?.value;
    let kind = known_text(Some(node), "kind").unwrap_or_default();
    Some(join::Asked {
        of_cluster: kind.is_empty() || sizes::is_of_cluster(&kind),
        name: known_text(Some(node), "name"),
    })
}

fn machine(source: &Source<'_>) -> VirtualMachine {
    let adapters = devices::adapters(source);
    let details = MachineDetails {
        eviction_strategy: lowering::word(
            source.spec(&["evictionStrategy"]),
            EvictionStrategy::parse,
        ),
        architecture: lowering::text(source.spec(&["architecture"])),
        autoattach_pod_interface: adapters.autoattach,
        placement: placement::placement(source),
        pod_labels: lowering::labels(source.pod("labels")),
        pod_annotations: lowering::labels(source.pod("annotations")),
        launch_security: devices::launch_security(source),
        hyperv_passthrough: lowering::boolean(source.spec(&[
            "domain",
            "features",
            "hypervPassthrough",
            "enabled",
        ])),
        preference: preference(source),
        maintenance_strategy: lowering::word(
            source.mark("harvesterhci.io/maintain-mode-strategy"),
            MaintenanceStrategy::parse,
        ),
        devices: devices::devices(source),
        ..MachineDetails::default()
    };
    VirtualMachine {
        state: state(source),
        host: host(source),
        criticality: criticality(source),
        recovery_point_objective: lowering::read(
            source.mark("vmlint.dev/recovery-point-objective"),
            |node| Seconds::parse(node.text()?).ok(),
        ),
        processor: processor(source),
        memory: memory(source),
        disks: disks::disks(source),
        network_adapters: adapters.adapters,
        details: Some(Box::new(details)),
        ..VirtualMachine::default()
    }
}

/// Whether it runs. One that is started by hand may run or not.
fn state(source: &Source<'_>) -> Attr<MachineState> {
    let unsaid = unknown(source.nearest(&[]));
    let said = |entry: Entry<'_>, read: fn(Node<'_>) -> Option<MachineState>| {
        lowering::read(Some(entry), read)
    };
    match source.shape {
        Shape::ReplicaSet => unsaid,
        Shape::Instance => match below(source.root, &["status", "phase"]) {
            Some(phase) => said(phase, |node| match node.text()? {
                "Succeeded" | "Failed" => None,
                _ => Some(MachineState::Running),
            }),
            None => known(MachineState::Running, unsaid.span()),
        },
        Shape::Machine | Shape::Pool => {
            match (source.declared("runStrategy"), source.declared("running")) {
                (Some(strategy), _) => said(strategy, |node| match node.text()? {
                    "Halted" => Some(MachineState::Off),
                    "Always" | "Once" | "RerunOnFailure" => Some(MachineState::Running),
                    _ => None,
                }),
                (None, Some(running)) => said(running, |node| match node.value() {
                    Value::Bool(true) => Some(MachineState::Running),
                    Value::Bool(false) => Some(MachineState::Off),
                    _ => None,
                }),
                (None, None) => unsaid,
            }
        }
    }
}

/// The node it runs on, else the one that it may run on alone.
fn host(source: &Source<'_>) -> Attr<Ref<Host>> {
    let on = match source.shape {
        Shape::Instance => below(source.root, &["status", "nodeName"]),
        _ => None,
    };
    let on = on.filter(|node| node.value.text().is_some_and(|text| !text.is_empty()));
    let selected = || source.spec(&["nodeSelector", "kubernetes.io/hostname"]);
    lowering::reference(on.or_else(selected))
}

fn criticality(source: &Source<'_>) -> Attr<Criticality> {
    if let Some(mark) = source.mark("vmlint.dev/criticality") {
        return lowering::word(Some(mark), Criticality::parse);
    }
    let class = source.spec(&["priorityClassName"]);
    let is_system = |class: &Entry<'_>| {
        let text = class.value.text().unwrap_or_default();
        text.starts_with("system-") && text.ends_with("-critical")
    };
    lowering::read(class.filter(is_system), |_| Some(Criticality::Critical))
}

fn processor(source: &Source<'_>) -> Attr<MachineProcessor> {
    if !source.has_spec() {
        return Attr::default();
    }
    let cpu = ["domain", "cpu"];
    let place = source.nearest(&cpu);
    let mut attribute = Attr::new(
        State::Known(MachineProcessor {
            place: place.into(),
            count: count(source),
            details: MachineProcessorDetails {
                model: lowering::text(source.spec(&["domain", "cpu", "model"])),
                ..MachineProcessorDetails::default()
            }
            .apart(),
            ..MachineProcessor::default()
        }),
        place,
    );
    if source
        .spec(&cpu)
        .is_some_and(|it| lowering::is_unknown(it.value))
    {
        attribute.set(State::Unknown);
    }
    attribute
}

/// Sockets, cores of each, threads of each; one where nothing is said.
fn count(source: &Source<'_>) -> Attr<Whole<1, 1_000_000_000>> {
    let parts = ["sockets", "cores", "threads"].map(|key| source.spec(&["domain", "cpu", key]));
    let Some(first) = parts.iter().flatten().next().copied() else {
        return Attr::default();
    };
    let product =
        parts.iter().flatten().try_fold(1_i64, |product, part| {
            match lowering::whole::<1, 1_000_000>(Some(*part)).state() {
                State::Known(number) => product.checked_mul(number.get()),
                _ => None,
            }
        });
    lowering::read(Some(first), |_| product.and_then(Whole::of))
}

fn memory(source: &Source<'_>) -> Attr<MachineMemory> {
    if !source.has_spec() {
        return Attr::default();
    }
    let guest = source.spec(&["domain", "memory", "guest"]);
    let requested = || source.spec(&["domain", "resources", "requests", "memory"]);
    let startup = guest.or_else(requested);
    let place = source.nearest(&["domain", "memory"]);
    Attr::new(
        State::Known(MachineMemory {
            place: place.into(),
            startup: lowering::quantity(startup),
            ..MachineMemory::default()
        }),
        place,
    )
}

/// What fills in what it does not say; unknown where it is chosen by its boot disk.
fn preference(source: &Source<'_>) -> Attr<ArcStr> {
    let Some(entry) = source.declared("preference") else {
        return Attr::default();
    };
    match entry.value.get("name") {
        Some(name) => lowering::text(Some(name)),
        None => unknown(entry.key.place().span),
    }
}
