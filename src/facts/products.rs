//! What single products of Kubernetes refuse, or do otherwise than their users think.

use super::Facts;
use super::truths::any;
use crate::model::{
    BackupPolicy, BackupProduct, Disk, EvictionStrategy, Item, MachineState, Origin, Resource,
    Standing, State, VirtualMachine,
};
use crate::schedule::{ParseError, Robfig, RobfigStarts, format_duration};
use crate::yaml::is_template_text;

/// The shortest time between two starts that Harvester takes, in seconds.
const SHORTEST_OF_HARVESTER: i64 = 3_600;

/// What Harvester refuses of a schedule, and where that is said.
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) help: &'static str,
    pub(super) of: Refused,
}

/// The attribute that is refused.
pub(super) enum Refused {
    Cron,
    Retain,
    MaximumFailures,
}

impl Facts {
    fn policy(&self, index: u32) -> &Resource<BackupPolicy> {
        &self.inventory.policies[index as usize]
    }

    /// The policies of a product in the scope of a policy, and the policy itself: each object once.
    fn of_product(
        &self,
        policy: &Resource<BackupPolicy>,
        product: BackupProduct,
    ) -> impl Iterator<Item = &Resource<BackupPolicy>> {
        let scope = policy.meta.scope;
        self.inventory.policies.iter().filter(move |other| {
            other.meta.scope == scope
                && other.meta.standing != Standing::Apart
                && other.spec.product.known() == Some(&product)
        })
    }

    /// What the product of a policy makes of its cron; none where it has none that is known, or is
    /// not of Kubernetes.
    pub(super) fn product_cron(&self, policy: u32) -> Option<Result<Robfig, ParseError>> {
        let policy = self.policy(policy);
        let schedule = policy.spec.schedule.known()?;
        let text = schedule.timetable.cron.known()?;
        (policy.meta.origin == Origin::Kubernetes).then(|| Robfig::parse(text))
    }

    /// Whether it is known what cron a policy of Kubernetes has, if any.
    pub(super) fn says_when(&self, policy: u32) -> bool {
        if self.policy(policy).meta.origin != Origin::Kubernetes {
            return true;
        }
        match &self.policy(policy).spec.schedule.state {
            State::Known(schedule) => schedule.timetable.cron.state != State::Unknown,
            State::Absent => true,
            State::Unknown => false,
        }
    }

    /// The zone that all other schedules of Velero in the scope name, three or more, where this one
    /// names none; unknown where one of them may name another.
    pub(super) fn zone_of_others(&self, index: u32) -> State<&str> {
        let policy = self.policy(index);
        let counts = |other: &Resource<BackupPolicy>| {
            let schedule = other.spec.schedule.known();
            let cron = schedule.and_then(|it| it.timetable.cron.known());
            !cron.is_some_and(|cron| cron.contains("@every "))
        };
        let velero = policy.spec.product.known() == Some(&BackupProduct::Velero);
        if !velero || policy.meta.standing == Standing::Apart {
            return State::Absent;
        }
        let schedule = policy.spec.schedule.known();
        let without = schedule.is_some_and(|it| it.timetable.time_zone.state.is_absent())
            && self.product_cron(index).is_some_and(|cron| cron.is_ok())
            && counts(policy);
        if !without {
            return State::Absent;
        }
        let others = self.of_product(policy, BackupProduct::Velero);
        let others = others.filter(|other| other.meta.index != index && counts(other));
        let (mut common, mut count, mut open) = (None::<&str>, 0, false);
        for other in others {
            let zone = match &other.spec.schedule.state {
                State::Known(schedule) => &schedule.timetable.time_zone.state,
                State::Absent => continue,
                State::Unknown => &State::Unknown,
            };
            count += 1;
            match zone {
                State::Absent => return State::Absent,
                State::Unknown => open = true,
                State::Known(zone) if common.is_some_and(|common| common != &**zone) => {
                    return State::Absent;
                }
                State::Known(zone) => common = Some(&**zone),
            }
        }
        match common {
            _ if count < 3 => State::Absent,
            _ if open => State::Unknown,
            Some(zone) => State::Known(zone),
            None => State::Absent,
        }
    }

    /// What Harvester refuses of a schedule of its own: the first of cron, retain and maxFailure
    /// that is bad (its webhook, `pkg/webhook/resources/schedulevmbackup`, and the CRD's bounds).
    pub(super) fn refusal(&self, index: u32) -> Option<Refusal> {
        let policy = self.policy(index);
        if policy.spec.product.known() != Some(&BackupProduct::Harvester) {
            return None;
        }
        if let Some(shortest) = self.shortest_interval_of_harvester(index) {
            return Some(Refusal {
                reason: format!(
                    "it starts {} apart, and an hour is the least",
                    format_duration(shortest)
                ),
                help: "start it once an hour or less often, or set the annotation harvesterhci.io/svmbackupSkipCronCheck",
                of: Refused::Cron,
            });
        }
        let number = |state: &State<_>, otherwise: i64| match state {
            State::Known(crate::model::Whole(number)) => Some(*number),
            State::Absent if !policy.meta.partial => Some(otherwise),
            State::Absent | State::Unknown => None,
        };
        let retain = number(&policy.spec.retain.state, 8);
        let failures = number(&policy.spec.maximum_failures.state, 4);
        if let Some(retain) = retain.filter(|retain| !(2..=250).contains(retain)) {
            return Some(Refusal {
                reason: format!("it keeps {retain} backups, and 2 to 250 can be kept"),
                help: "write a number from 2 to 250",
                of: Refused::Retain,
            });
        }
        if let Some(failures) = failures.filter(|failures| *failures < 2) {
            return Some(Refusal {
                reason: format!("`maxFailure` is {failures}, and 2 is the least"),
                help: "write 2 or more, and less than `retain`",
                of: Refused::MaximumFailures,
            });
        }
        let (retain, failures) = (retain?, failures?);
        let default = match policy.spec.maximum_failures.state {
            State::Absent => " by default",
            _ => "",
        };
        (failures >= retain).then(|| Refusal {
            reason: format!("`maxFailure` is {failures}{default}, and must be less than `retain`, which is {retain}"),
            help: "write a `maxFailure` that is less than `retain`, or keep more backups",
            of: Refused::MaximumFailures,
        })
    }

    /// The time between two starts in seconds, where Harvester finds it too short.
    fn shortest_interval_of_harvester(&self, index: u32) -> Option<i64> {
        let policy = self.policy(index);
        if *policy.spec.skips_cron_check.known().unwrap_or(&false) {
            return None;
        }
        let shortest = match self.product_cron(index)?.ok()?.starts {
            RobfigStarts::Every(seconds) => seconds,
            RobfigStarts::Cron(_) => {
                let all = self
                    .calendar
                    .occurrences(self.calendar.policies[index as usize]?);
                let starts: Vec<_> = all.iter().map(|one| one.start).collect();
                starts.windows(2).map(|pair| pair[1].since(pair[0])).min()?
            }
        };
        (shortest < SHORTEST_OF_HARVESTER).then_some(shortest)
    }

    /// The first schedule of Harvester before this one for the same machine.
    pub(super) fn earlier_schedule(&self, index: u32) -> State<u32> {
        let policy = self.policy(index);
        let source = |policy: &Resource<BackupPolicy>| {
            let machines = policy.spec.targets.known()?.virtual_machines.known()?;
            let [machine] = machines.as_slice() else {
                return None;
            };
            Some(machine.state.known()?.reference.written.clone())
        };
        let harvester = BackupProduct::Harvester;
        let related = policy.spec.product.known() == Some(&harvester)
            && policy.meta.standing != Standing::Apart;
        let Some(machine) = source(policy).filter(|_| related) else {
            return State::Absent;
        };
        let earlier = self.of_product(policy, harvester);
        let earlier = earlier.take_while(|other| other.meta.index < index);
        let mut open = false;
        for other in earlier.filter(|other| source(other).as_ref() == Some(&machine)) {
            let (own, its) = (&policy.meta, &other.meta);
            if own.space() == its.space() && !is_template_text(&own.namespace) {
                return State::Known(its.index);
            }
            let known = |namespace: &str| !is_template_text(namespace);
            open |= own.folder.is_some() || its.folder.is_some();
            open |= !known(&own.namespace) || !known(&its.namespace);
        }
        match open {
            true => State::Unknown,
            false => State::Absent,
        }
    }

    /// The targets of a policy that run.
    pub(super) fn running_targets(&self, policy: u32) -> Vec<u32> {
        let machines = self.targets[policy as usize].machines.iter().copied();
        machines
            .filter(|machine| {
                let state = self.placements.machines[*machine as usize].state.known();
                state == Some(&MachineState::Running)
            })
            .collect()
    }

    /// The machines that a window concerns whose own documents want them to be live-migrated, where
    /// that can be done or always.
    pub(super) fn live_migrated_under(&self, window: u32) -> Vec<u32> {
        let wants = |machine: &u32| {
            let machine = &self.inventory.machines[*machine as usize];
            matches!(
                machine.spec.eviction_strategy.known(),
                Some(EvictionStrategy::LiveMigrate | EvictionStrategy::LiveMigrateIfPossible)
            )
        };
        let mut machines = self.machines_under(window);
        machines.retain(wants);
        machines
    }

    /// The machines that are wanted to migrate and have a disk of a storage class that several
    /// nodes are to use at once as a block device.
    pub(super) fn migrating_on(&self, class: u32) -> Vec<u32> {
        let is_of_class = |disk: &Disk| {
            let class_of = disk.storage_class.known().and_then(|class| class.target());
            let mut modes = disk.access_modes.known().into_iter().flatten();
            class_of == Some(class)
                && disk
                    .volume_mode
                    .known()
                    .is_some_and(|mode| &**mode == "Block")
                && modes.any(|mode| {
                    mode.state
                        .known()
                        .is_some_and(|it| &**it == "ReadWriteMany")
                })
        };
        let on_it = |machine: &&Resource<VirtualMachine>| {
            let disks = machine.spec.disks.known().into_iter().flatten();
            let mut disks = disks.filter_map(|disk| disk.state.known());
            machine.meta.standing != Standing::Apart
                && disks.any(is_of_class)
                && self.is_wanted_to_migrate(machine.meta.index) == Some(true)
        };
        let machines = self.inventory.machines.iter().filter(on_it);
        machines.map(|machine| machine.meta.index).collect()
    }

    /// Whether a machine is one that would be missed without a backup, as far as its document says.
    pub(super) fn is_worth_backing_up(&self, machine: u32) -> Option<bool> {
        let machine = &self.inventory.machines[machine as usize];
        let meta = &machine.meta;
        if meta.origin != Origin::Kubernetes {
            return Some(true);
        }
        if meta.folder.is_some() || is_template_text(&meta.namespace) {
            return Some(false);
        }
        let disks = match &machine.spec.disks.state {
            State::Absent => return Some(false),
            State::Unknown => return None,
            State::Known(disks) => disks,
        };
        let on_claim = |disk: &Item<Disk>| Some(!disk.state.known()?.claim.state.is_absent());
        any(disks.iter().map(on_claim))
    }
}
