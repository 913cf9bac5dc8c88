//! Facts that only some rules need: each is derived when it is first asked for.
//!
//! Most of what is large is asked for by the rules of one relation only, and is kept no longer than
//! they run ([`Passing`]); what several need is there for all ([`Lasting`]). What is asked for from
//! elsewhere after all is derived once more.
//!
//! Nothing is derived on several threads: one that waits for the others takes up another rule, and
//! that may ask for what it is deriving itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use arcstr::ArcStr;

use super::Facts;
use super::affinity::{self, AntiAffinityClass};
use super::change::{self, HardwareChange};
use super::collisions::{self, BackupOverlap, MaintenanceCollision, MigrationCollision};
use super::disks::{self, DiskSharing};
use super::downtimes::Downtimes;
use super::estimates::{self, Evacuations, PlanEstimate};
use super::evacuation::{self, EvacuationCapacity};
use super::grouped::Grouped;
use super::kubernetes::{self, EvictionLimit, MigrationSettings, Pods};
use super::leeway::{self, Leeway};
use super::loads::{self, ClusterLoad, HostLoad, HostLoads};
use super::maintenance::{self, WindowsOfMachines};
use super::meetings::Crews;
use super::memory::{MemoryLoad, Occupancy};
use super::moves::{self, Departures};
use super::networks::{self, MigrationNetworks};
use super::overlapping;
use super::parts::UnsaidParts;
use super::products::{self, VeleroZones};
use super::quorum::{self, WindowQuorum};
use super::recovery::{self, Recovery};
use super::repositories::{self, RepositoryLoad};
use super::schedules::{self, ScheduleUse};
use super::settings::{self, ClusterSetting};
use super::switches::Switchboard;
use super::targets::{self, BackedUp, BackupTarget};
use super::ways_out::{Islands, WaysOut, WindowsOver};

/// `name: type = what derives it`, for each a place to keep it and a method of [`Facts`].
macro_rules! lazily {
    ($(#[doc = $doc:literal])* $keep:ident in $kept:ident:
        $($name:ident: $ty:ty = $derive:expr;)*) => {
        $(#[doc = $doc])*
        #[derive(Default)]
        pub(super) struct $keep {
            $($name: OnceLock<$ty>),*
        }

        impl Facts {
            $(pub(super) fn $name(&self) -> &$ty {
                let derive: fn(&Facts) -> $ty = $derive;
                self.$kept.$name.get_or_init(|| derive(self))
            })*
        }
    };
}

lazily! {
    /// What is there for all once it was asked for.
    Lasting in lasting:
    migration_collisions: Vec<MigrationCollision> = collisions::with_migrations;
    maintenance_collisions: Vec<MaintenanceCollision> = collisions::with_maintenance;
    machines_of_unnamed_clusters: HashMap<u32, Vec<u32>> = collisions::machines_of_unnamed_clusters;
    crews: Crews = Crews::derive;
    backup_overlaps: Vec<BackupOverlap> = overlapping::among_backups;
    loads_of_hosts: Vec<HostLoad> = |facts| loads::on_hosts(facts, &facts.moves).collect();
    cluster_loads: Vec<ClusterLoad> = loads::on_clusters;
    twins_of_policies: HashMap<u32, u32> = kubernetes::twins_of_policies;
    pods: Pods = Pods::derive;
    zones_of_velero: HashMap<u32, VeleroZones> = products::zones_of_velero;
    schedules_of_harvester: HashMap<(u32, ArcStr), Vec<u32>> = products::schedules_of_harvester;
    migrating_machines: Grouped = products::migrating_machines;
    drained_nodes: BTreeSet<u32> = kubernetes::drained_nodes;
    downtimes: Downtimes = Downtimes::derive;
    windows_of_machines: WindowsOfMachines = WindowsOfMachines::derive;
    adrift: HashMap<u32, Vec<u32>> = maintenance::adrift;
    unsaid_parts: UnsaidParts = |facts| UnsaidParts::of(&facts.inventory);
    recovery: Recovery = recovery::derive;
    stray_policies: HashMap<u32, Vec<u32>> = repositories::stray_policies;
    backed_up_on_kubevirt: HashMap<u32, BackedUp> = targets::backed_up_on_kubevirt;
    scopes_with_backups: HashMap<u32, bool> = recovery::scopes_with_backups;
    windows_over: WindowsOver = WindowsOver::derive;
    islands: Islands = Islands::derive;
    ways_out: WaysOut = WaysOut::unsought;
    departures: Departures = |facts| moves::departures(&facts.moves, facts.inventory.hosts.len());
    quorums: Vec<WindowQuorum> = quorum::of_windows;
    repository_loads: Vec<RepositoryLoad> = repositories::derive;
}

lazily! {
    /// What is there for the rules of one relation once they asked for it.
    Passing in passing:
    host_loads: HostLoads = loads::on_worst_hosts;
    leeways: BTreeMap<u32, Leeway> = leeway::of_plans;
    hardware_changes: Vec<HardwareChange> = change::of_hardware;
    plan_estimates: Vec<PlanEstimate> = estimates::of_plans;
    evacuations: Evacuations = estimates::of_windows;
    migration_settings: Vec<MigrationSettings> = kubernetes::migration_settings;
    eviction_limits: Vec<EvictionLimit> = kubernetes::eviction_limits;
    migration_networks: Vec<MigrationNetworks> = networks::of_clusters;
    cluster_settings: Vec<ClusterSetting> = settings::of_clusters;
    evacuation_capacities: Vec<EvacuationCapacity> = evacuation::of_windows;
    anti_affinity_classes: Vec<AntiAffinityClass> = affinity::classes;
    occupancy: Occupancy = Facts::derive_occupancy;
    memory_loads: Vec<MemoryLoad> = Facts::derive_memory_loads;
    switchboard: Switchboard = Facts::derive_switchboard;
    disk_sharings: Vec<DiskSharing> = disks::sharings;
    uses_of_schedules: Vec<ScheduleUse> = schedules::derive;
    backup_targets: Vec<BackupTarget> = targets::of_current_policies;
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use crate::facts::mobility_tests::facts;

    #[test]
    fn relations_share_what_several_ask_for_and_nothing_else() {
        let facts = facts("");
        let (one, other) = (facts.of_relation(), facts.of_relation());
        assert!(ptr::eq(one.crews(), other.crews()));
        assert!(ptr::eq(one.crews(), facts.crews()));
        assert!(!ptr::eq(one.occupancy(), other.occupancy()));
        assert!(!ptr::eq(one.occupancy(), facts.occupancy()));
    }
}
