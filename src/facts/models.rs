//! Processor models that machines on KubeVirt ask for, and nodes that can show them.

use arcstr::ArcStr;

use super::Facts;
use super::moves::PlannedMove;
use super::truths::any;
use crate::model::{Item, Platform, State, VirtualMachine};

impl Facts {
    /// The processor model that a machine on KubeVirt sees: its own, else its cluster's, else that
    /// of its host; absent elsewhere.
    pub(super) fn shown_model(&self, machine: u32) -> State<&str> {
        let placement = &self.placements.machines[machine as usize];
        match placement.platform {
            State::Known(Platform::KubeVirt) => {}
            State::Known(Platform::HyperV) | State::Absent => return State::Absent,
            State::Unknown => return State::Unknown,
        }
        let machine = &self.inventory.machines[machine as usize];
        let processor = machine.spec.processor.state();
        match processor.and_then(|processor| processor.model.state()) {
            State::Absent if machine.meta.partial => return State::Unknown,
            State::Absent => {}
            own => return own.map(|model| &**model),
        }
        let of_cluster = placement.cluster.as_ref().and_then(|cluster| {
            let cluster = &self.inventory.clusters[*cluster as usize];
            cluster.spec.processor_model.state()
        });
        match of_cluster {
            State::Absent => default_model(&machine.spec),
            of_cluster => of_cluster.map(|model| &**model),
        }
    }

    /// The name of the processor model that a machine asks for, where it is not that of its host.
    pub(super) fn named_model(&self, machine: u32) -> State<&str> {
        match self.shown_model(machine) {
            State::Known("host-model" | "host-passthrough") => State::Absent,
            model => model,
        }
    }

    fn is_from_kubernetes(&self, machine: u32) -> bool {
        self.inventory.machines[machine as usize]
            .meta
            .is_of_kubernetes()
    }

    /// The possible hosts of a machine that list processor models, and have the one that it asks
    /// for or not; and whether there may be more.
    pub(super) fn nodes_by_model(&self, machine: u32, having: bool) -> Option<(Vec<u32>, bool)> {
        let wanted = match self.named_model(machine) {
            State::Known(wanted) => wanted,
            State::Absent => return Some((Vec::new(), false)),
            State::Unknown if !self.is_from_kubernetes(machine) => {
                return Some((Vec::new(), false));
            }
            State::Unknown => return None,
        };
        let set = self.placements.possible(machine)?;
        let nodes = set.hosts.iter().copied();
        let matching = nodes.filter(|host| self.shows_model(*host, wanted) == Some(having));
        Some((matching.collect(), set.open))
    }

    /// Whether the target of a move can show its machine the processor model that it asks for by
    /// name, so that the vendor does not matter.
    pub(super) fn target_shows_model(&self, planned: &PlannedMove) -> Option<bool> {
        let machine = *planned.machine.known()?;
        let is_foreign = self.is_from_kubernetes(machine);
        match (self.named_model(machine), planned.target.known()) {
            (State::Absent, _) => Some(false),
            (State::Known(model), Some(target)) => self.shows_model(*target, model),
            (State::Unknown, _) if !is_foreign => Some(false),
            _ => None,
        }
    }

    /// Whether a host can show machines a processor model; none where it lists no models.
    pub(super) fn shows_model(&self, host: u32, wanted: &str) -> Option<bool> {
        let processor = self.inventory.hosts[host as usize].spec.processor.known()?;
        let models = processor.models.known()?;
        let known = |model: &Item<ArcStr>| Some(&**model.known()? == wanted);
        any(models.iter().map(known))
    }
}

/// What `KubeVirt` takes where nobody names a model (`pkg/defaults/arm64.go` of kubevirt/kubevirt).
fn default_model(machine: &VirtualMachine) -> State<&'static str> {
    match machine.architecture.state() {
        State::Known(architecture) if &**architecture == "arm64" => {
            State::Known("host-passthrough")
        }
        State::Known(_) | State::Absent => State::Known("host-model"),
        State::Unknown => State::Unknown,
    }
}
