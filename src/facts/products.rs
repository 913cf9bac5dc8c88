//! What single products of Kubernetes refuse, or do otherwise than their users think.

use std::collections::{BTreeMap, HashMap};

use arcstr::ArcStr;

use super::Facts;
use super::grouped::Grouped;
use super::truths::any;
use crate::model::{
    BackupPolicy, BackupProduct, Disk, EvictionStrategy, Item, MachineState, Resource, State, Whole,
};
use crate::schedule::{ParseError, Robfig, RobfigStarts, format_duration};

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

    /// What the product of a policy makes of its cron; none where it has none that is known, or is
    /// not of Kubernetes.
    pub(super) fn product_cron(&self, policy: u32) -> Option<Result<Robfig, ParseError>> {
        let policy = self.policy(policy);
        let schedule = policy.spec.schedule.known()?;
        let text = schedule.timetable.cron.known()?;
        policy.meta.is_of_kubernetes().then(|| Robfig::parse(text))
    }

    /// Whether it is known what cron a policy of Kubernetes has, if any.
    pub(super) fn says_when(&self, policy: u32) -> bool {
        if !self.policy(policy).meta.is_of_kubernetes() {
            return true;
        }
        match &self.policy(policy).spec.schedule.state() {
            State::Known(schedule) => schedule.timetable.cron.state() != State::Unknown,
            State::Absent => true,
            State::Unknown => false,
        }
    }

    /// The zone that all other schedules of Velero in the scope name, three or more, where this one
    /// names none; unknown where one of them may name another.
    pub(super) fn zone_of_others(&self, index: u32) -> State<&str> {
        let policy = self.policy(index);
        let names_none = match zone_of_velero(policy) {
            Some(State::Absent) => self.product_cron(index).is_some_and(|cron| cron.is_ok()),
            _ => false,
        };
        let all = self.zones_of_velero().get(&policy.meta.scope);
        match all {
            Some(all) if names_none && policy.meta.is_related() => all.of_all_but_one(),
            _ => State::Absent,
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
        let number = |state: State<&Whole<_, _>>, otherwise: i64| match state {
            State::Known(number) => Some(number.get()),
            State::Absent if !policy.meta.partial => Some(otherwise),
            State::Absent | State::Unknown => None,
        };
        let retain = number(policy.spec.retain.state(), 8);
        let failures = number(policy.spec.maximum_failures.state(), 4);
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
        let default = match policy.spec.maximum_failures.state() {
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
        let own = &self.policy(index).meta;
        let same = source_of_harvester(self.policy(index))
            .filter(|_| own.is_related())
            .and_then(|source| self.schedules_of_harvester().get(&(own.scope, source)));
        let mut open = false;
        for earlier in same.into_iter().flatten().take_while(|it| **it < index) {
            match own.shares_namespace(&self.policy(*earlier).meta) {
                Some(true) => return State::Known(*earlier),
                Some(false) => {}
                None => open = true,
            }
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
            let runs = !self.is_off(*machine);
            let machine = &self.inventory.machines[*machine as usize];
            runs && matches!(
                machine.spec.eviction_strategy.known(),
                Some(EvictionStrategy::LiveMigrate | EvictionStrategy::LiveMigrateIfPossible)
            )
        };
        let mut machines = self.machines_under(window);
        machines.retain(wants);
        machines
    }

    /// Whether a machine is one that would be missed without a backup, as far as its document says.
    pub(super) fn is_worth_backing_up(&self, machine: u32) -> Option<bool> {
        let machine = &self.inventory.machines[machine as usize];
        let meta = &machine.meta;
        if !meta.is_of_kubernetes() {
            return Some(true);
        }
        if !meta.knows_namespace() {
            return Some(false);
        }
        let disks = match machine.spec.disks.state() {
            State::Absent => return Some(false),
            State::Unknown => return None,
            State::Known(disks) => disks,
        };
        let on_claim = |disk: &Item<Disk>| Some(!disk.known()?.claim.is_absent());
        any(disks.iter().map(on_claim))
    }
}

/// What the schedules of Velero in a scope say of their zone.
#[derive(Default)]
pub(super) struct VeleroZones {
    silent: usize,
    unknown: usize,
    named: BTreeMap<ArcStr, usize>,
}

impl VeleroZones {
    /// The zone that all name but a single one, which names none.
    fn of_all_but_one(&self) -> State<&str> {
        const FEWEST: usize = 3;
        let others = self.unknown + self.named.values().sum::<usize>();
        let mut zones = self.named.keys();
        match (zones.next(), zones.next()) {
            (Some(zone), None) if self.silent == 1 && others >= FEWEST => match self.unknown {
                0 => State::Known(zone),
                _ => State::Unknown,
            },
            (None, None) if self.silent == 1 && others >= FEWEST => State::Unknown,
            _ => State::Absent,
        }
    }
}

/// By scope what the schedules of Velero say of their zone.
pub(super) fn zones_of_velero(facts: &Facts) -> HashMap<u32, VeleroZones> {
    let mut scopes: HashMap<u32, VeleroZones> = HashMap::new();
    for policy in &facts.inventory.policies {
        let Some(zone) = zone_of_velero(policy).filter(|_| policy.meta.is_related()) else {
            continue;
        };
        let zones = scopes.entry(policy.meta.scope).or_default();
        match zone {
            State::Absent => zones.silent += 1,
            State::Unknown => zones.unknown += 1,
            State::Known(zone) => *zones.named.entry(zone).or_default() += 1,
        }
    }
    scopes
}

/// The zone that a schedule of Velero names; none of what starts at no time of day.
fn zone_of_velero(policy: &Resource<BackupPolicy>) -> Option<State<ArcStr>> {
    if policy.spec.product.known() != Some(&BackupProduct::Velero) {
        return None;
    }
    match policy.spec.schedule.state() {
        State::Absent => None,
        State::Unknown => Some(State::Unknown),
        State::Known(schedule) => {
            let cron = schedule.timetable.cron.known();
            let every = cron.is_some_and(|cron| cron.contains("@every "));
            (!every).then(|| schedule.timetable.time_zone.state().cloned())
        }
    }
}

/// The machine that a schedule of Harvester is for, as written.
fn source_of_harvester(policy: &Resource<BackupPolicy>) -> Option<ArcStr> {
    if policy.spec.product.known() != Some(&BackupProduct::Harvester) {
        return None;
    }
    let machines = policy.spec.targets.known()?.virtual_machines.known()?;
    let [machine] = &**machines else {
        return None;
    };
    Some(machine.known()?.reference.written.clone())
}

/// The schedules of Harvester by scope and the name of their machine, in the order of policies.
pub(super) fn schedules_of_harvester(facts: &Facts) -> HashMap<(u32, ArcStr), Vec<u32>> {
    let mut schedules: HashMap<_, Vec<u32>> = HashMap::new();
    for policy in &facts.inventory.policies {
        if let Some(source) = source_of_harvester(policy).filter(|_| policy.meta.is_related()) {
            let same = schedules.entry((policy.meta.scope, source)).or_default();
            same.push(policy.meta.index);
        }
    }
    schedules
}

/// For each storage class the machines that are wanted to migrate and have a disk of it that several
/// nodes are to use at once as a block device.
pub(super) fn migrating_machines(facts: &Facts) -> Grouped {
    let machines = facts.inventory.machines.iter();
    let related = machines.filter(|machine| machine.meta.is_related());
    let pairs = related.flat_map(|machine| {
        let disks = machine.spec.disks.known().into_iter().flatten();
        let mut classes: Vec<u32> = disks
            .filter_map(|disk| class_of_shared_block(disk.known()?))
            .collect();
        let index = machine.meta.index;
        if !classes.is_empty() && facts.is_wanted_to_migrate(index) != Some(true) {
            classes.clear();
        }
        classes.into_iter().map(move |class| (class, index))
    });
    Grouped::of(facts.inventory.storage_classes.len(), pairs)
}

/// The storage class of a disk that several nodes are to use at once as a block device.
fn class_of_shared_block(disk: &Disk) -> Option<u32> {
    let is = |text: Option<&ArcStr>, word: &str| text.is_some_and(|text| **text == *word);
    let mut modes = disk.access_modes.known().into_iter().flatten();
    let shared = modes.any(|mode| is(mode.known(), "ReadWriteMany"));
    let class = disk.storage_class.known()?.target()?;
    (shared && is(disk.volume_mode.known(), "Block")).then_some(class)
}
