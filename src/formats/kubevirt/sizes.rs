//! Instancetypes and preferences: what machines have that ask for them. The common ones come with
//! `KubeVirt` (github.com/kubevirt/common-instancetypes, v1.7.0).

use arcstr::ArcStr;

use crate::formats::Lowered;
use crate::formats::join::{Content, Size};
use crate::formats::lowering::{self, below, bytes_of};
use crate::formats::manifest::Manifest;
use crate::model::{
    Attr, Kind, MachineDetails, MachineMemory, MachinePlacement, MachineProcessor,
    MachineProcessorDetails, Memory, Modelled, VirtualMachine, Whole,
};
use crate::source::Span;

/// Whether a kind of instancetypes or preferences is in no namespace.
pub(super) fn is_of_cluster(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("VirtualMachineClusterInstancetype")
        || kind.eq_ignore_ascii_case("VirtualMachineClusterPreference")
}

pub(super) fn instancetype(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let root = manifest.root;
    let spec = |keys: &[&str]| lowering::below(root.get("spec")?.value, keys);
    let mut said = machine(
        lowering::quantity(spec(&["memory", "guest"])),
        MachineProcessor {
            count: lowering::whole(spec(&["cpu", "guest"])),
            details: MachineProcessorDetails {
                model: lowering::text(spec(&["cpu", "model"])),
                ..MachineProcessorDetails::default()
            }
            .apart(),
            ..MachineProcessor::default()
        },
    );
    said.placement = known(MachinePlacement {
        node_selector: lowering::labels(spec(&["nodeSelector"])),
        ..MachinePlacement::default()
    });
    piece(manifest, false, said, lowered);
}

pub(super) fn preference(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let architecture = below(manifest.root, &["spec", "preferredArchitecture"]);
    let said = of_architecture(lowering::text(architecture));
    piece(manifest, true, said, lowered);
}

fn of_architecture(architecture: Attr<ArcStr>) -> VirtualMachine {
    let details = MachineDetails {
        architecture,
        ..MachineDetails::default()
    };
    VirtualMachine {
        details: Some(Box::new(details)),
        ..VirtualMachine::default()
    }
}

fn machine(startup: Attr<Memory>, processor: MachineProcessor) -> VirtualMachine {
    VirtualMachine {
        memory: known(MachineMemory {
            startup,
            ..MachineMemory::default()
        }),
        processor: known(processor),
        ..VirtualMachine::default()
    }
}

/// An attribute that no document says.
fn known<T: Modelled>(value: T) -> Attr<T> {
    lowering::known(value, Span::default())
}

fn piece(
    manifest: &Manifest<'_>,
    is_preference: bool,
    said: VirtualMachine,
    lowered: &mut Lowered,
) {
    let kind = match is_of_cluster(manifest.kind) {
        true => Kind::Cluster,
        false => Kind::VirtualMachine,
    };
    let mut meta = manifest.meta(kind, lowered.file, None);
    meta.partial |= lowered.partial;
    if meta.named {
        let size = Size {
            meta: Box::new(meta),
            is_preference,
            said: Box::new(said),
        };
        lowered.add_piece(Content::Size(size));
    }
}

/// What comes with `KubeVirt` under this name.
pub(in crate::formats) fn common(name: &str, is_preference: bool) -> Option<VirtualMachine> {
    match is_preference {
        true => common_preference(name),
        false => common_instancetype(name),
    }
}

/// A line for each instancetype: name, processors, memory.
const INSTANCETYPES: &str = include_str!("instancetypes.txt");

fn common_instancetype(name: &str) -> Option<VirtualMachine> {
    let mut lines = INSTANCETYPES.lines().filter(|line| !line.starts_with('#'));
    let (processors, memory) = lines.find_map(|line| {
        let (found, rest) = line.split_once(' ')?;
        (found == name).then(|| rest.split_once(' ')).flatten()
    })?;
    Some(machine(
        known(Memory(bytes_of(memory)?)),
        MachineProcessor {
            count: known(Whole(processors.parse().ok()?)),
            ..MachineProcessor::default()
        },
    ))
}

/// The common preferences that are for another architecture than others of their system; no other
/// says anything that machines of the model have.
const OF_ARCHITECTURES: [&str; 6] = [
    "fedora.arm64",
    "fedora.s390x",
    "rhel.10.arm64",
    "rhel.10.s390x",
    "rhel.9.arm64",
    "rhel.9.s390x",
];

fn common_preference(name: &str) -> Option<VirtualMachine> {
    let known_so = OF_ARCHITECTURES.iter().find(|it| **it == name)?;
    let (_, architecture) = known_so.rsplit_once('.')?;
    Some(of_architecture(known(architecture.into())))
}

#[cfg(test)]
mod tests {
    use super::{INSTANCETYPES, common};

    #[test]
    fn common_instancetypes_have_processors_and_memory() {
        let names = INSTANCETYPES.lines().filter(|line| !line.starts_with('#'));
        let names: Vec<_> = names.filter_map(|line| line.split(' ').next()).collect();
        assert!(names.len() > 60);
        for name in names {
            let machine = common(name, false).expect(name);
            let memory = machine.memory.known().expect(name);
            assert!(memory.startup.known().expect(name).0 >= 1 << 29, "{name}");
        }
        assert!(common("u1.gigantic", false).is_none());
    }
}
