//! Virtual machines.

use arcstr::ArcStr;

use super::amount::{Bandwidth, Memory, Seconds, Version};
use super::attribute::List;
use super::cluster::Cluster;
use super::eviction::{EvictionStrategy, MaintenanceStrategy};
use super::host::Host;
use super::labels::Labels;
use super::read::{choice, record};
use super::reference::Ref;
use super::storage::StorageClass;
use super::value::{Count, CountOrNone, Whole};

choice! {
    /// How bad it is when a machine is down.
    Criticality {
        /// Never, outside an announced window.
        Critical = "critical",
        /// Bad.
        High = "high",
        /// As usual.
        Normal = "normal",
        /// Nobody minds.
        Low = "low",
    }
}

choice! {
    /// The order in which a cluster starts and drains machines.
    Priority {
        /// First.
        High = "high",
        /// Second.
        Medium = "medium",
        /// Last; a drain saves it instead of live-migrating it.
        Low = "low",
        /// Not started by the cluster.
        NoAutoStart = "noAutoStart",
    }
}

choice! {
    /// Whether a machine runs.
    MachineState {
        /// It runs.
        Running = "running",
        /// It is shut down.
        Off = "off",
        /// Its memory is on disk, to be resumed on a processor with the same features.
        Saved = "saved",
    }
}

choice! {
    /// What a disk is made of.
    DiskFormat {
        /// VHDX file.
        Vhdx = "vhdx",
        /// VHD file, the format before 2012.
        Vhd = "vhd",
        /// VHD set, shared between guests.
        Vhds = "vhds",
        /// A physical disk of the host.
        PassThrough = "passThrough",
    }
}

choice! {
    /// What kind of physical device a machine uses.
    DeviceType {
        /// Graphics processor.
        Gpu = "gpu",
        /// Any PCI Express device; on KubeVirt, any device that is passed through as such.
        Pci = "pci",
        /// Virtual Fibre Channel adapter.
        FibreChannel = "fibreChannel",
    }
}

choice! {
    /// How a machine gets a device.
    Assignment {
        /// Discrete device assignment: the machine owns it.
        Dda = "dda",
        /// A partition of it.
        Partition = "partition",
    }
}

choice! {
    /// Which checkpoints a machine makes.
    CheckpointType {
        /// Production, standard where that fails.
        Production = "production",
        /// Production, or none.
        ProductionOnly = "productionOnly",
        /// With memory.
        Standard = "standard",
        /// None.
        Disabled = "disabled",
    }
}

choice! {
    /// What happens to a machine when its host shuts down.
    StopAction {
        /// Its memory is saved to disk.
        Save = "save",
        /// The plug is pulled.
        TurnOff = "turnOff",
        /// The guest shuts down.
        ShutDown = "shutDown",
    }
}

record! {
    /// The virtual processors of a machine.
    pub struct MachineProcessor (rare: MachineProcessorDetails) {
        /// How many.
        count "count": Count,
        /// Processor compatibility mode: the machine sees only features that all generations of its vendor have.
        compatibility_for_migration_enabled "compatibilityForMigrationEnabled": bool = false,
        /// Nested virtualisation.
        expose_virtualization_extensions "exposeVirtualizationExtensions" rare: bool = false,
        /// The model it sees: a name, `host-model` or `host-passthrough` (KubeVirt).
        model "model" rare: ArcStr,
    }
}

record! {
    /// The memory of a machine.
    pub struct MachineMemory {
        /// What it starts with; the whole of it without dynamic memory.
        startup "startup": Memory,
        /// The least that dynamic memory leaves it.
        minimum "minimum": Memory,
        /// The most that dynamic memory gives it.
        maximum "maximum": Memory,
        /// How fast it writes memory, which a live migration must outrun.
        dirty_rate "dirtyRate": Bandwidth,
    }
}

record! {
    /// A file of the host that is a disk of a machine (KubeVirt).
    pub struct HostDisk {
        /// Its path.
        path "path": ArcStr,
        /// Whether all hosts have the same file.
        shared "shared": bool = false,
    }
}

record! {
    /// A disk of a machine.
    pub struct Disk (rare: DiskDetails) {
        /// Its name.
        name "name": ArcStr,
        /// The volume it is on; default: the volume in `C:\ClusterStorage\<volume>\…`, or `\\server\share` of a UNC path.
        storage "storage": ArcStr,
        /// The path of its file.
        path "path": ArcStr,
        /// What it is made of.
        format "format": DiskFormat,
        /// Its size.
        size "size": Memory,
        /// The claim on storage that holds it (Kubernetes).
        claim "claim" rare: ArcStr,
        /// The labels of its claim (Kubernetes).
        claim_labels "claimLabels" rare: Labels,
        /// From how many nodes its claim can be used: `ReadWriteOnce`, `ReadWriteMany`, … (Kubernetes).
        access_modes "accessModes" rare: List<ArcStr>,
        /// `Block` or `Filesystem` (Kubernetes).
        volume_mode "volumeMode" rare: ArcStr,
        /// What its claim is served from (Kubernetes).
        storage_class "storageClass" rare: Ref<StorageClass>,
        /// The file of the host that it is (KubeVirt).
        host_disk "hostDisk" rare: HostDisk,
    }
}

record! {
    /// A virtual network adapter.
    pub struct MachineAdapter (rare: AdapterDetails) {
        /// Its name.
        name "name": ArcStr,
        /// The virtual switch it is connected to, by name.
        switch "switch": ArcStr,
        /// Whether it uses a virtual function (`IovWeight` above 0).
        sriov "sriov": bool = false,
        /// Whether it asks for TCP offload.
        tcp_chimney_offload "tcpChimneyOffload" rare: bool = false,
        /// How it is connected: `masquerade`, `bridge`, `sriov`, or a plugin (KubeVirt).
        binding "binding" rare: ArcStr,
        /// Whether it is on the network of the pods (KubeVirt).
        pod_network "podNetwork" rare: bool = false,
        /// Ports that are forwarded to it; all where none is listed (KubeVirt).
        ports "ports" rare: List<CountOrNone>,
    }
}

record! {
    /// A label that a node must have, or not have.
    pub struct NodeRequirement {
        /// The label.
        key "key": ArcStr,
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`.
        operator "operator": ArcStr,
        /// What it is compared with.
        values "values": List<ArcStr>,
    }
}

record! {
    /// Requirements of which a node must meet all.
    pub struct NodeTerm {
        /// The requirements.
        match_expressions "matchExpressions": List<NodeRequirement>,
    }
}

record! {
    /// A taint that does not keep a machine off a node.
    pub struct Toleration {
        /// Its key; all keys where none is given.
        key "key": ArcStr,
        /// `Equal` or `Exists`.
        operator "operator": ArcStr,
        /// Its value.
        value "value": ArcStr,
        /// Its effect; all effects where none is given.
        effect "effect": ArcStr,
    }
}

record! {
    /// Which nodes a machine may run on (Kubernetes).
    pub struct MachinePlacement {
        /// The only node that it may run on (`kubernetes.io/hostname` of `nodeSelector`).
        hostname "hostname": ArcStr,
        /// Labels that a node must have.
        node_selector "nodeSelector": Labels,
        /// Terms of which a node must meet one.
        required_node_affinity "requiredNodeAffinity": List<NodeTerm>,
        /// Taints that do not keep it off.
        tolerations "tolerations": List<Toleration>,
    }
}

record! {
    /// A physical device that a machine uses.
    pub struct Device {
        /// What kind of device.
        device_type "type": DeviceType,
        /// How the machine gets it.
        assignment "assignment": Assignment,
    }
}

record! {
    /// Services between host and guest.
    pub struct IntegrationServices {
        /// Whether backups can ask the guest to write its data to disk first.
        vss "vss": bool = true,
    }
}

record! {
    /// A virtual machine.
    pub struct VirtualMachine (rare: MachineDetails) for VirtualMachine {
        /// The cluster it is a role of; default: its host's.
        cluster "cluster": Ref<Cluster>,
        /// Where it runs today.
        host "host": Ref<Host>,
        /// Whether the cluster keeps it running elsewhere when its host fails; default: true when it has a cluster.
        highly_available "highlyAvailable": bool,
        /// How bad it is when it is down.
        criticality "criticality": Criticality = Criticality::Normal,
        /// The order in which the cluster starts and drains it.
        priority "priority": Priority = Priority::Medium,
        /// Whether it runs.
        state "state": MachineState = MachineState::Running,
        /// 1 with BIOS, 2 with UEFI.
        generation "generation": Whole<1, 2>,
        /// The version of its configuration, such as 9.0; says which hosts accept it.
        configuration_version "configurationVersion": Version,
        /// Its virtual processors.
        processor "processor": MachineProcessor,
        /// Its memory.
        memory "memory": MachineMemory,
        /// Its disks.
        disks "disks": List<Disk>,
        /// The image in its DVD drive.
        dvd "dvd" rare: ArcStr,
        /// Its virtual network adapters.
        network_adapters "networkAdapters": List<MachineAdapter>,
        /// Physical devices it uses.
        devices "devices" rare: List<Device>,
        /// Hosts it may run on, of those of its cluster.
        possible_owners "possibleOwners": List<Ref<Host>>,
        /// Hosts it runs on by preference.
        preferred_owners "preferredOwners" rare: List<Ref<Host>>,
        /// Classes of machines that should not share a host (`AntiAffinityClassNames`).
        anti_affinity "antiAffinity" rare: List<ArcStr>,
        /// Services between host and guest.
        integration_services "integrationServices" rare: IntegrationServices,
        /// Which checkpoints it makes.
        checkpoint_type "checkpointType": CheckpointType,
        /// What happens to it when its host shuts down.
        automatic_stop_action "automaticStopAction" rare: StopAction,
        /// The most that may be lost: how far apart its backups may be.
        recovery_point_objective "recoveryPointObjective": Seconds,
        /// What a drain does with it (KubeVirt).
        eviction_strategy "evictionStrategy" rare: EvictionStrategy,
        /// What becomes of it when its node is put into maintenance (Harvester).
        maintenance_strategy "maintenanceStrategy" rare: MaintenanceStrategy,
        /// Which nodes it may run on (Kubernetes).
        placement "placement" rare: MachinePlacement,
        /// The labels of its pod (Kubernetes).
        pod_labels "podLabels" rare: Labels,
        /// The annotations of its pod (Kubernetes).
        pod_annotations "podAnnotations" rare: Labels,
        /// Whether its memory is encrypted by the processor (`launchSecurity`, KubeVirt).
        launch_security "launchSecurity" rare: bool = false,
        /// Whether it sees all of Hyper-V's features that the host has (KubeVirt).
        hyperv_passthrough "hypervPassthrough" rare: bool = false,
        /// Whether it is on the network of the pods when it lists no adapter (KubeVirt).
        autoattach_pod_interface "autoattachPodInterface" rare: bool = true,
        /// The architecture of its processors: `amd64`, `arm64`, `s390x` (KubeVirt).
        architecture "architecture" rare: ArcStr,
        /// The preference that fills in what it does not say (KubeVirt).
        preference "preference" rare: ArcStr,
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{
        BackupPolicy, Disk, Entity as _, Host, Item, MachineAdapter, MaintenanceWindow, Meta,
        MigrationPlan, Move, Ref, Schedule, Targets, VirtualMachine,
    };

    /// There are many of each, and every byte counts as often.
    #[test]
    fn what_there_is_much_of_is_small() {
        let sizes = [
            (size_of::<Meta>(), 80),
            (size_of::<VirtualMachine>(), 264),
            (size_of::<Item<Disk>>(), 80),
            (size_of::<Item<MachineAdapter>>(), 56),
            (size_of::<Host>(), 240),
            (size_of::<BackupPolicy>(), 216),
            (size_of::<Targets>(), 40),
            (size_of::<Schedule>(), 120),
            (size_of::<MigrationPlan>(), 168),
            (size_of::<Item<Move>>(), 72),
            (size_of::<MaintenanceWindow>(), 192),
            (size_of::<Item<Ref<Host>>>(), 16),
        ];
        for (size, most) in sizes {
            assert!(size <= most, "{sizes:?}");
        }
    }

    #[test]
    fn what_few_say_is_kept_apart() {
        let mut machine = VirtualMachine::default();
        machine.places(&mut |_| {});
        machine.references(&mut |_, _| {});
        assert!(machine.pod_labels.is_absent());
        assert!(machine.details.is_none());
    }
}
