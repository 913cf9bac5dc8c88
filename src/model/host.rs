//! Virtualisation hosts.

use arcstr::ArcStr;

use super::amount::{Bandwidth, Memory};
use super::attribute::List;
use super::cluster::{Cluster, PlatformVersion};
use super::read::{choice, record};
use super::reference::Ref;
use super::value::CountOrNone;

choice! {
    /// Who made a processor.
    Vendor {
        /// Intel.
        Intel = "intel",
        /// AMD.
        Amd = "amd",
    }
}

choice! {
    /// How an adapter does remote direct memory access.
    Rdma {
        /// Not at all.
        None = "none",
        /// Over TCP.
        Iwarp = "iwarp",
        /// Over converged Ethernet; needs data centre bridging.
        Roce = "roce",
    }
}

choice! {
    /// What a virtual switch is connected to.
    SwitchType {
        /// A physical network.
        External = "external",
        /// The host and its machines.
        Internal = "internal",
        /// The machines of the host only.
        Private = "private",
    }
}

choice! {
    /// How hosts prove who they are to each other for a live migration.
    AuthenticationType {
        /// Needs a session on the source host.
        CredSsp = "credssp",
        /// Needs constrained delegation.
        Kerberos = "kerberos",
    }
}

choice! {
    /// How memory is transported in a live migration.
    PerformanceOption {
        /// Plain TCP.
        TcpIp = "tcpip",
        /// Compressed over TCP.
        Compression = "compression",
        /// SMB 3, with RDMA where adapters have it.
        Smb = "smb",
    }
}

record! {
    /// The processor of a host.
    pub struct Processor (rare: ProcessorDetails) {
        /// Who made it; default: what `model` says by the table of models.
        vendor "vendor": Vendor,
        /// The model, as Windows or libvirt prints it.
        model "model": ArcStr,
        /// The generation, such as `cascade-lake`; default: what `model` says by the table of models.
        generation "generation": ArcStr,
        /// The processor models that it can show to machines (KubeVirt).
        models "models" rare: List<ArcStr>,
        /// Features worth naming.
        features "features" rare: List<ArcStr>,
    }
}

record! {
    /// The memory of a host.
    pub struct HostMemory {
        /// What is built in.
        capacity "capacity": Memory,
        /// What machines cannot have; default 384 MiB and 30 MiB for each GiB of capacity.
        reserve "reserve": Memory,
    }
}

record! {
    /// A physical network adapter of a host.
    pub struct HostAdapter {
        /// Its name.
        name "name": ArcStr,
        /// Its speed.
        speed "speed": Bandwidth,
        /// Its kind of remote direct memory access.
        rdma "rdma": Rdma = Rdma::None,
        /// Whether it takes TCP connections over from the host; not supported for machines since Windows Server 2012.
        tcp_chimney_offload "tcpChimneyOffload": bool = false,
        /// Whether it offers virtual functions.
        sriov "sriov": bool = false,
    }
}

record! {
    /// A virtual switch of a host.
    pub struct VirtualSwitch (short: name) {
        /// Its name: machines find it by that on every host.
        name "name": ArcStr,
        /// What it is connected to.
        switch_type "type": SwitchType,
        /// Whether it offers single-root I/O virtualisation (`EnableIov`).
        iov "iov": bool = false,
    }
}

record! {
    /// How a host does live migrations.
    pub struct Migration {
        /// Whether it takes part in them (`Enable-VMMigration`).
        enabled "enabled": bool = true,
        /// Live migrations at once (`Set-VMHost -MaximumVirtualMachineMigrations`).
        maximum_virtual_machine_migrations "maximumVirtualMachineMigrations": CountOrNone,
        /// How hosts prove who they are to each other.
        authentication_type "authenticationType": AuthenticationType,
        /// How memory is transported.
        performance_option "performanceOption": PerformanceOption,
        /// Whether any network may carry live migrations.
        use_any_network "useAnyNetwork": bool = false,
        /// Subnets that may carry live migrations.
        networks "networks": List<ArcStr>,
        /// What live migrations can use; default: the speed of the adapters when all are equal.
        bandwidth "bandwidth": Bandwidth,
    }
}

record! {
    /// What keeps machines off a Kubernetes node unless they tolerate it.
    pub struct Taint {
        /// Its key.
        key "key": ArcStr,
        /// Its value.
        value "value": ArcStr,
        /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
        effect "effect": ArcStr,
    }
}

record! {
    /// A host that runs virtual machines.
    pub struct Host (rare: HostDetails) for Host {
        /// The cluster it belongs to.
        cluster "cluster": Ref<Cluster>,
        /// The release of the platform; default: the cluster's.
        platform_version "platformVersion": PlatformVersion,
        /// Its processor.
        processor "processor": Processor,
        /// Its memory.
        memory "memory": HostMemory,
        /// Its physical network adapters.
        network_adapters "networkAdapters": List<HostAdapter>,
        /// Its virtual switches.
        virtual_switches "virtualSwitches": List<VirtualSwitch>,
        /// Volumes that only this host reaches.
        storage "storage" rare: List<ArcStr>,
        /// How it does live migrations.
        migration "migration": Migration,
        /// Live migrations that leave it at once (KubeVirt, which does not count those that arrive).
        maximum_outbound_migrations "maximumOutboundMigrations" rare: CountOrNone,
        /// What keeps machines off it unless they tolerate it (Kubernetes).
        taints "taints" rare: List<Taint>,
        /// Whether no new machine starts on it (Kubernetes).
        unschedulable "unschedulable" rare: bool = false,
    }
}
