//! What follows for backups: what protects a machine, what a repository has to take.

use super::{attributes, here, number, operands, optional_text, records, said, text, written};
use crate::facts::calendar::Calendar;
use crate::facts::disks::{DiskSharing, untracked, untracked_version};
use crate::facts::recovery::BackupGap;
use crate::facts::repositories::RepositoryLoad;
use crate::facts::targets::BackupTarget;
use crate::facts::{Facts, list, truth};
use crate::model::reflect::{Attribute, Moment, Object, RecordType, Type, Value};
use crate::model::{BackupPolicy, Disk, Kind, Platform, State, VirtualMachine};
use crate::schedule::{Collision, Instant, Overlap};

pub(super) static MACHINE: &[Attribute] = attributes! { VirtualMachine;
    /// Whether some backup policy that is not over backs it up, whatever the type of the backup.
    "backedUp": Type::Bool,
    |facts, it, object| truth(facts.backed_up(number(object)));
    /// Whether anything in its scope is backed up: whether there is a policy that is not over, and for a machine of KubeVirt whether one backs up another such machine.
    "scopeHasBackups": Type::Bool,
    |facts, it, object| truth(facts.scope_has_backups(number(object)));
    /// Whether it would be missed: true of a machine of vmlint's own format, and of one of KubeVirt in a namespace that is known, with a disk on a claim.
    "worthBackingUp": Type::Bool,
    |facts, it, object| truth(facts.is_worth_backing_up(number(object)));
    /// The policy that backs up most of the other machines of its cluster, else of its host; one that only names machines where there is no other. Absent where none of them is backed up.
    "neighboursPolicy" optional: Type::Record(BackupPolicy::TYPE),
    |facts, it, object| {
        let policy = facts.policy_of_neighbours(number(object));
        policy.map_or(Value::Absent, |policy| facts.object(Kind::BackupPolicy, policy))
    };
    /// The longest gap between its backups in the 400 days of the search, also if every policy that may back it up does; absent where fewer than two start. Copies do not count.
    "backupGap" optional: Type::Record(&BACKUP_GAP),
    |facts, it, object| said(facts.backup_gap(number(object)), |gap| Value::Record(Object::fact(gap)));
    /// True on Hyper-V, which is the platform unless that of its cluster is known to be another; absent there.
    "onHyperV" optional: Type::Bool,
    |facts, it, object| match &facts.placements.machines[number(object) as usize].platform {
        State::Known(Platform::KubeVirt) => Value::Absent,
        _ => Value::Bool(true),
    };
    /// When its next backup has to start after the one that begins `backupGap`, to meet its objective.
    "backupDue" optional: Type::Instant,
    |facts, it, object| match (facts.backup_gap(number(object)), it.recovery_point_objective.state()) {
        (State::Known(gap), State::Known(objective)) => {
            let due = gap.due(objective.0, &facts.calendar);
            Value::Instant(gap.moment(due, &facts.calendar))
        }
        (State::Unknown, _) | (_, State::Unknown) => Value::Unknown,
        _ => Value::Absent,
    };
};

pub(super) static POLICY: &[Attribute] = attributes! { BackupPolicy;
    /// Whether one of its windows overlaps its own next one.
    "overrunsNext": Type::Bool,
    |facts, it, object| match self_overlap(facts, number(object)) {
        _ if facts.makes_backups(number(object)) == Some(false) => Value::Bool(false),
        Overlap::Never => Value::Bool(false),
        Overlap::Unknown => Value::Unknown,
        Overlap::Collides(_) => Value::Bool(true),
    };
    /// The first of its windows that overlaps its own next one.
    "overrun" optional: Type::Window,
    |facts, it, object| overrun(facts, number(object), |collision, at| {
        Value::Window(at(collision.first.start), collision.first.end)
    });
    /// When the window that `overrun` overlaps starts.
    "overrunStart" optional: Type::Instant,
    |facts, it, object| overrun(facts, number(object), |collision, at| {
        Value::Instant(at(collision.second.start))
    });
    /// How often one of its windows overlaps the next one and for how long, in words.
    "overrunRecurs" optional: Type::Text,
    |facts, it, object| {
        let timing = facts.calendar.policies[number(object) as usize];
        let recurs = timing.and_then(|timing| facts.calendar.own_recurrence(timing));
        optional_text(recurs.map(|text| text + &facts.assumption([number(object)])))
    };
    /// The shortest time between two of its starts; absent where it starts only once.
    "shortestInterval" optional: Type::Duration,
    |facts, it, object| said(shortest_interval(facts, number(object)), |(length, _)| Value::Duration(length));
    /// Whether the clocks go forward between these two.
    "shortestIntervalSkipsTime": Type::Bool,
    |facts, it, object| match shortest_interval(facts, number(object)) {
        State::Known((_, skips)) => Value::Bool(skips),
        State::Absent => Value::Bool(false),
        State::Unknown => Value::Unknown,
    };
    /// Whether the hosts that its targets are declared on make production checkpoints and track changes, as they do from Windows Server 2016 on: false where one is older, true where all are known to be newer.
    "hostsTrackChanges": Type::Bool,
    |facts, it, object| truth(facts.hosts_track_changes(number(object)));
    /// Its targets that a plan moves, other than offline and to the host that they are on.
    "movedTargets": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let (moved, open) = facts.moved_targets(number(object));
        list(facts.objects(Kind::VirtualMachine, moved), open)
    };
    /// Its targets whose VSS integration service is known to be off; of more than fifty the first ones.
    "targetsWithoutVss": records(VirtualMachine::TYPE),
    |facts, it, object| Value::List(facts.objects(Kind::VirtualMachine, facts.targets_without_vss(number(object))));
    /// What its repository has to take when its window opens; absent where it has none.
    "repositoryLoad" optional: Type::Record(&REPOSITORY_LOAD),
    |facts, it, object| match (facts.repository_load(number(object)), it.repository.state()) {
        (Some(load), _) => Value::Record(Object::fact(load)),
        (None, State::Absent) => Value::Absent,
        (None, _) => Value::Unknown,
    };
};

fn self_overlap(facts: &Facts, policy: u32) -> Overlap {
    match facts.calendar.policies[policy as usize] {
        Some(timing) => facts.calendar.self_overlap(timing),
        None => Overlap::Unknown,
    }
}

/// Reads the collision of a policy with itself, with what gives an instant its zone.
fn overrun<'a>(
    facts: &'a Facts,
    policy: u32,
    read: impl FnOnce(&Collision, &dyn Fn(Instant) -> Moment<'a>) -> Value<'a>,
) -> Value<'a> {
    let calendar: &'a Calendar = &facts.calendar;
    match (
        self_overlap(facts, policy),
        calendar.policies[policy as usize],
    ) {
        (Overlap::Collides(collision), Some(timing)) => {
            let zone = calendar.zone(timing);
            read(&collision, &|at| Moment { at, zone })
        }
        (Overlap::Never, _) => Value::Absent,
        _ => Value::Unknown,
    }
}

/// The shortest time between two starts of a policy in seconds, and whether the wall clock shows
/// more.
fn shortest_interval(facts: &Facts, policy: u32) -> State<(i64, bool)> {
    let Some(timing) = facts.calendar.policies[policy as usize] else {
        return State::Unknown;
    };
    let all = facts.calendar.occurrences(timing).iter();
    let starts: Vec<Instant> = all
        .filter(|one| !one.is_empty())
        .map(|one| one.start)
        .collect();
    let shortest = starts.windows(2).min_by_key(|pair| pair[1].since(pair[0]));
    shortest.map_or(State::Absent, |pair| {
        let zone = facts.calendar.zone(timing);
        let length = pair[1].since(pair[0]);
        let shown = zone
            .wall_clock(pair[1])
            .duration_since(zone.wall_clock(pair[0]));
        State::Known((length, shown.as_secs() > length))
    })
}

pub(in crate::facts) static BACKUP_GAP: RecordType = RecordType {
    name: "BackupGap",
    doc: "The longest time between two successive backups of a machine.",
    kind: None,
    attributes: attributes! { BackupGap;
        /// How long it is: on the wall clock of the policy that ends it, so that a clock change does not count.
        "length": Type::Duration,
        |facts, it, object| Value::Duration(it.gap.length);
        /// When the backup before it starts.
        "start": Type::Instant,
        |facts, it, object| Value::Instant(it.moment(it.gap.from, &facts.calendar));
        /// When the backup starts that ends it.
        "end": Type::Instant,
        |facts, it, object| Value::Instant(it.moment(it.gap.to, &facts.calendar));
        /// Whether it is longer in truth: unknown where nobody knows whether some policy backs the machine up, else false.
        "mayBeLonger": Type::Bool,
        |facts, it, object| truth((!it.may_be_longer).then_some(false));
    },
};

pub(in crate::facts) static REPOSITORY_LOAD: RecordType = RecordType {
    name: "RepositoryLoad",
    doc: "What a repository has to take when the window of a policy opens.",
    kind: None,
    attributes: attributes! { RepositoryLoad;
        /// How many backups run at once: when it is first too much, else those of the policy alone.
        "running": Type::Int,
        |facts, it, object| Value::Int(it.running);
        /// Whether that is more than the repository takes.
        "exceeded": Type::Bool,
        |facts, it, object| truth(it.exceeded);
        /// Whether there may be more: of some policy nobody knows all targets, or how many at once.
        "mayBeMore": Type::Bool,
        |facts, it, object| Value::Bool(it.may_be_more);
        /// The other policies that run then; of more than fifty the first ones.
        "others": records(BackupPolicy::TYPE),
        |facts, it, object| Value::List(facts.objects(Kind::BackupPolicy, it.others.iter().copied()));
        /// How many other policies run then beside these.
        "moreOthers": Type::Int,
        |facts, it, object| Value::Int(it.more_others);
        /// When it is first too much; absent where the policy is too much alone.
        "at" optional: Type::Instant,
        |facts, it, object| match (it.at, facts.calendar.policies[it.policy as usize]) {
            (Some(at), Some(timing)) => Value::Instant(Moment { at, zone: facts.calendar.zone(timing) }),
            _ => Value::Absent,
        };
        /// That time in words, until one of them ends: `Sat 2026-12-05 22:00–23:00 (Europe/Berlin)`.
        "when" optional: Type::Text,
        |facts, it, object| {
            let joint = facts.joint(&facts.calendar.policies, it.policy, &it.others, it.at);
            let policies = std::iter::once(it.policy).chain(it.others.iter().copied());
            optional_text(joint.map(|joint| joint.window + &facts.assumption(policies)))
        };
        /// How often it starts together with the others and for how long all of them run, in words; absent where the policy is too much alone.
        "recurs" optional: Type::Text,
        |facts, it, object| {
            let joint = facts.joint(&facts.calendar.policies, it.policy, &it.others, it.at);
            optional_text(joint.map(|joint| joint.recurs))
        };
    },
};

pub(in crate::facts) static BACKUP_TARGET: RecordType = RecordType {
    name: "BackupTarget",
    doc: "A machine and a policy that backs it up.",
    kind: None,
    attributes: attributes! { BackupTarget;
        /// The policy.
        "policy": Type::Record(BackupPolicy::TYPE),
        |facts, it, object| facts.object(Kind::BackupPolicy, it.policy);
        /// The machine.
        "vm": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| facts.object(Kind::VirtualMachine, it.machine);
        /// The first disk of the machine that resilient change tracking cannot follow: a VHD file or a physical disk.
        "untrackedDisk" optional: Type::Record(Disk::TYPE),
        |facts, it, object| {
            let machine = &facts.inventory().machines[it.machine as usize];
            said(untracked(&machine.spec), |disk| Value::Record(Object::part(disk, Some(&machine.meta))))
        };
        /// The configuration version of the machine where it is too old for resilient change tracking: below 6.2.
        "untrackedVersion" optional: Type::Text,
        |facts, it, object| text(untracked_version(&facts.inventory().machines[it.machine as usize].spec)),
        at {
            let machine = &facts.inventory().machines[it.machine as usize];
            let owner = machine.object();
            let place = written(&machine.spec.configuration_version, owner);
            let old = untracked_version(&machine.spec).known().is_some();
            here(owner, place.filter(|_| old), "configurationVersion")
        };
        /// The machines of the policy that have no resilient change tracking for no other reason than their host, which is older than 2016; of more than fifty the first ones.
        "untrackedByHost": records(VirtualMachine::TYPE),
        |facts, it, object| Value::List(facts.objects(Kind::VirtualMachine, facts.untracked_by_host(it.policy)));
    },
};

pub(in crate::facts) static DISK_SHARING: RecordType = RecordType {
    name: "DiskSharing",
    doc: "A disk of a machine, and who else has a disk of the same path.",
    kind: None,
    attributes: attributes! { DiskSharing;
        /// The machine.
        "vm": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| facts.object(Kind::VirtualMachine, it.machine);
        /// The disk.
        "disk": Type::Record(Disk::TYPE),
        |facts, it, object| {
            let owner = &facts.inventory().machines[it.machine as usize].meta;
            match facts.disk(it) {
                Some(disk) => Value::Record(Object::part(disk, Some(owner))),
                None => Value::Unknown,
            }
        };
        /// Whether another machine has a disk of the same path. The path decides, unless they are known to be apart: of `C:\\ClusterStorage` in two clusters, of another drive in two clusters or on hosts that do not share one; a share is the same everywhere.
        "shared": Type::Bool,
        |facts, it, object| truth(it.shared);
        /// The disks of that path that other machines have, one of each; of more than fifty the first ones.
        "others": records(&DISK_SHARING),
        |facts, it, object| {
            let other = |index: &u32| facts.disk_sharings().get(*index as usize);
            let others = it.others.iter().filter_map(other);
            Value::List(others.map(|other| Value::Record(Object::fact(other))).collect())
        };
    },
};
