//! Failover clusters.

use arcstr::ArcStr;

use super::amount::Bandwidth;
use super::attribute::List;
use super::eviction::EvictionStrategy;
use super::host::Host;
use super::read::{choice, record};
use super::reference::Ref;
use super::value::CountOrNone;

choice! {
    /// What runs the machines.
    Platform {
        /// Microsoft Hyper-V.
        HyperV = "hyper-v",
        /// KubeVirt on Kubernetes.
        KubeVirt = "kubevirt",
    }
}

choice! {
    /// The release of Windows Server (or of Azure Stack HCI of the same age) on a host.
    PlatformVersion {
        /// Windows Server 2008 R2.
        V2008R2 = "2008R2",
        /// Windows Server 2012.
        V2012 = "2012",
        /// Windows Server 2012 R2.
        V2012R2 = "2012R2",
        /// Windows Server 2016.
        V2016 = "2016",
        /// Windows Server 2019.
        V2019 = "2019",
        /// Windows Server 2022.
        V2022 = "2022",
        /// Windows Server 2025.
        V2025 = "2025",
    }
}

choice! {
    /// The tie-breaker among an even number of hosts.
    Witness {
        /// None.
        None = "none",
        /// A disk that all hosts reach.
        Disk = "disk",
        /// A file share.
        FileShare = "fileShare",
        /// A blob in a cloud.
        Cloud = "cloud",
    }
}

choice! {
    /// Which product brings KubeVirt, and so its defaults.
    KubeVirtProduct {
        /// KubeVirt itself.
        KubeVirt = "kubevirt",
        /// The HyperConverged Cluster Operator: OpenShift Virtualization and OKD.
        HyperConverged = "hyperConverged",
    }
}

record! {
    /// How a KubeVirt cluster does live migrations.
    pub struct ClusterMigration {
        /// What a migration may use; none means without limit.
        bandwidth_per_migration "bandwidthPerMigration": Bandwidth,
        /// Seconds a migration may take for each GiB of memory.
        completion_timeout_per_gib "completionTimeoutPerGiB": CountOrNone,
        /// Whether migrations are not encrypted.
        disable_tls "disableTLS": bool = false,
        /// Whether migrations that KubeVirt takes for unsafe are done.
        unsafe_migration_override "unsafeMigrationOverride": bool = false,
        /// Whether a migration that does not converge goes on with memory fetched from the source.
        allow_post_copy "allowPostCopy": bool = false,
        /// Whether a machine is slowed down until its migration converges.
        allow_auto_converge "allowAutoConverge": bool = false,
    }
}

record! {
    /// A failover cluster: hosts among which its virtual machines move.
    pub struct Cluster for Cluster {
        /// What runs the machines.
        platform "platform": Platform = Platform::HyperV,
        /// The release of the platform on all hosts that state none.
        platform_version "platformVersion": PlatformVersion,
        /// Hosts that belong to it, beside those whose own `cluster` names it.
        hosts "hosts": List<Ref<Host>>,
        /// Live migrations at once on each host, set once for the cluster; overrides the hosts' own value (`(Get-Cluster).MaximumParallelMigrations`, since a 2022-09 update of Windows Server 2022).
        maximum_parallel_migrations "maximumParallelMigrations": CountOrNone,
        /// Live migrations at once in the whole cluster.
        parallel_migrations_per_cluster "parallelMigrationsPerCluster": CountOrNone,
        /// Live migrations that leave a host at once (KubeVirt, which does not count those that arrive).
        maximum_outbound_migrations "maximumOutboundMigrations": CountOrNone,
        /// Which product brings KubeVirt.
        product "product": KubeVirtProduct,
        /// What a drain does with machines that do not say it themselves (KubeVirt).
        eviction_strategy "evictionStrategy": EvictionStrategy,
        /// The processor model of machines that do not say it themselves (KubeVirt).
        processor_model "processorModel": ArcStr,
        /// How live migrations are done (KubeVirt).
        migration "migration": ClusterMigration,
        /// How machines come to a new version of KubeVirt: `LiveMigrate`, `Evict`.
        workload_update_methods "workloadUpdateMethods": List<ArcStr>,
        /// Features of KubeVirt that are switched on.
        feature_gates "featureGates": List<ArcStr>,
        /// How machines without network adapters of their own are connected (KubeVirt: bridge).
        default_network_interface "defaultNetworkInterface": ArcStr,
        /// Whether machines of one anti-affinity class must never share a host (`ClusterEnforcedAntiAffinity`).
        enforced_anti_affinity "enforcedAntiAffinity": bool = false,
        /// The tie-breaker for quorum.
        witness "witness": Witness = Witness::None,
        /// Volumes that every host of the cluster reaches.
        shared_storage "sharedStorage": List<ArcStr>,
    }
}
