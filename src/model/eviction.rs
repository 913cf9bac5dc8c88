//! What Kubernetes says about moving machines: how, how many, and who starts it.

use arcstr::ArcStr;

use super::amount::Bandwidth;
use super::attribute::List;
use super::cluster::Cluster;
use super::labels::Labels;
use super::read::{choice, record};
use super::reference::Ref;
use super::value::CountOrNone;

choice! {
    /// What a drain does with a machine.
    EvictionStrategy {
        /// It is shut down.
        None = "None",
        /// It is live-migrated; where it cannot be, the drain waits.
        LiveMigrate = "LiveMigrate",
        /// It is live-migrated where it can be, else shut down.
        LiveMigrateIfPossible = "LiveMigrateIfPossible",
        /// A controller outside of KubeVirt moves it.
        External = "External",
    }
}

choice! {
    /// What Harvester does with a machine when its node is put into maintenance.
    MaintenanceStrategy {
        /// It is live-migrated.
        Migrate = "Migrate",
        /// It is shut down, and started elsewhere once the node is in maintenance.
        ShutdownAndRestartAfterEnable = "ShutdownAndRestartAfterEnable",
        /// It is shut down, and started once the maintenance is over.
        ShutdownAndRestartAfterDisable = "ShutdownAndRestartAfterDisable",
        /// It is shut down.
        Shutdown = "Shutdown",
    }
}

record! {
    /// What a migration policy is for: the namespaces and machines that carry all of these labels.
    pub struct PolicySelectors {
        /// Labels of the namespace.
        namespace_selector "namespaceSelector": Labels,
        /// Labels of the running machine.
        virtual_machine_instance_selector "virtualMachineInstanceSelector": Labels,
    }
}

record! {
    /// How live migrations of some machines are done; overrides what the cluster says.
    pub struct MigrationPolicy for MigrationPolicy {
        /// Which machines it is for.
        selectors "selectors": PolicySelectors,
        /// Whether a migration that does not converge goes on with memory fetched from the source.
        allow_post_copy "allowPostCopy": bool = false,
        /// Whether a machine is slowed down until its migration converges.
        allow_auto_converge "allowAutoConverge": bool = false,
        /// What a migration may use.
        bandwidth_per_migration "bandwidthPerMigration": Bandwidth,
        /// Seconds a migration may take for each GiB of memory.
        completion_timeout_per_gib "completionTimeoutPerGiB": CountOrNone,
    }
}

record! {
    /// How many of some machines evictions must leave running.
    pub struct DisruptionBudget for DisruptionBudget {
        /// Labels that its pods carry.
        match_labels "matchLabels": Labels,
        /// Whether its pods must meet more than `matchLabels`.
        further_requirements "furtherRequirements": bool = false,
        /// How many may be away: a number, or a percentage.
        maximum_unavailable "maxUnavailable": ArcStr,
        /// How many must be there: a number, or a percentage.
        minimum_available "minAvailable": ArcStr,
    }
}

record! {
    /// How many machines a rebalancer evicts at once.
    pub struct EvictionLimits {
        /// In the whole cluster.
        total "total": CountOrNone,
        /// From one node.
        node "node": CountOrNone,
    }
}

record! {
    /// What moves machines to spread load: the descheduler.
    pub struct Rebalancer for Rebalancer {
        /// The cluster whose machines it moves.
        cluster "cluster": Ref<Cluster>,
        /// `Automatic` where it moves machines, `Predictive` where it only says which.
        mode "mode": ArcStr,
        /// What it goes by.
        profiles "profiles": List<ArcStr>,
        /// How many machines it evicts at once.
        eviction_limits "evictionLimits": EvictionLimits,
        /// Whether `LongLifecycle` asks for evictions that KubeVirt answers with a live migration.
        background_evictions "devEnableEvictionsInBackground": bool = false,
    }
}
