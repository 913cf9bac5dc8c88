//! What a calendar shows: backups, migrations and maintenance, whom they concern, and when.
//!
//! The one door through which a view sees facts. It hands out plain numbers, names, places and
//! times; how they follow from what is declared stays in the files beside this one.

use std::collections::BTreeMap;

use super::Facts;
use super::calendar::Timing;
use crate::model::{Attr, Entity, Meta, Resource, Schedule, State};
use crate::schedule::{Instant, Zone};
use crate::source::Location;

/// What happens to machines.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Activity {
    /// A backup policy backs them up.
    Backup,
    /// A migration plan moves them.
    Migration,
    /// A maintenance window takes their hosts down.
    Maintenance,
}

impl Activity {
    /// All of them.
    pub const ALL: [Activity; 3] = [Activity::Backup, Activity::Migration, Activity::Maintenance];
}

/// Whether it is known when something happens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// It is.
    Known,
    /// A single time, over before the search began.
    Over,
    /// No schedule is written.
    Unscheduled,
    /// What is written of the schedule does not tell.
    Unknown,
}

/// The half-open interval from `start` to `end`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Window {
    /// Its first instant.
    pub start: Instant,
    /// The first instant after it; nobody knows where there is none, but it is after the start.
    pub end: Option<Instant>,
}

impl Window {
    /// Whether any of it is for certain in the span of time from `from` to `until`.
    #[must_use]
    pub fn touches(&self, from: Instant, until: Instant) -> bool {
        let lasts = match self.end {
            Some(end) => end > from && end > self.start,
            None => self.start >= from,
        };
        self.start < until && lasts
    }
}

/// A backup policy, migration plan or maintenance window.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it does.
    pub activity: Activity,
    /// Its name, with its namespace where it has one.
    pub name: String,
    /// Where its name is written.
    pub place: Location,
    /// Where its schedule is written.
    pub schedule_place: Option<Location>,
    /// Whether it is known when it happens.
    pub when: When,
    /// The machines it concerns, ascending.
    pub machines: Vec<u32>,
    /// The hosts it concerns, ascending: those of its machines, both ends of its moves, or those
    /// that go down.
    pub hosts: Vec<u32>,
    timing: Option<Timing>,
}

/// What a calendar has one row for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum By {
    /// Each machine.
    Machine,
    /// Each host.
    Host,
    /// Each cluster, and all that is in none.
    Cluster,
}

/// A machine, host or cluster, and what happens to it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name, with its namespace where it has one; none for what is in no cluster.
    pub name: Option<String>,
    /// Where its name is written.
    pub place: Option<Location>,
    /// The name of the host that a machine is on.
    pub host: Option<String>,
    /// The name of the cluster that a machine or host belongs to.
    pub cluster: Option<String>,
    /// Its machines, ascending.
    pub machines: Vec<u32>,
    /// Numbers of the entries that concern it, ascending.
    pub entries: Vec<u32>,
}

/// Everything that has, or should have, a schedule.
pub struct Agenda<'f> {
    pub(super) facts: &'f Facts,
    /// Policies, plans and windows, each in the order of path and position.
    pub entries: Vec<Entry>,
}

impl Facts {
    /// Everything that has, or should have, a schedule.
    #[must_use]
    pub fn agenda(&self) -> Agenda<'_> {
        let (inventory, calendar) = (&self.inventory, &self.calendar);
        let mut entries = Vec::new();
        for (policy, timing) in inventory.policies.iter().zip(&calendar.policies) {
            let machines = self.targets[policy.meta.index as usize].machines.to_vec();
            let hosts = self.hosts_of(&machines);
            let schedule = &policy.spec.schedule;
            let entry = self.entry(Activity::Backup, policy, schedule, *timing);
            entries.push(entry.with(machines, hosts));
        }
        for (plan, timing) in inventory.plans.iter().zip(&calendar.plans) {
            let moves = self.moves_of_plan(plan.meta.index).iter();
            let machines = moves.clone().filter_map(|it| it.machine.known()).copied();
            let ends = moves.flat_map(|it| [it.source.known(), it.target.known()]);
            let hosts = ends.flatten().copied().collect();
            let entry = self.entry(Activity::Migration, plan, &plan.spec.schedule, *timing);
            entries.push(entry.with(machines.collect(), hosts));
        }
        for (window, timing) in inventory.windows.iter().zip(&calendar.windows) {
            let machines = self.machines_under(window.meta.index);
            let (hosts, _) = self.hosts_of_window(window.meta.index);
            let schedule = &window.spec.schedule;
            let entry = self.entry(Activity::Maintenance, window, schedule, *timing);
            entries.push(entry.with(machines, hosts));
        }
        Agenda {
            facts: self,
            entries,
        }
    }

    fn entry<S: Entity>(
        &self,
        activity: Activity,
        resource: &Resource<S>,
        schedule: &Attr<Schedule>,
        timing: Option<Timing>,
    ) -> Entry {
        Entry {
            activity,
            name: qualified(&resource.meta),
            place: place(&resource.meta),
            schedule_place: schedule.place().map(|span| resource.meta.locate(span)),
            when: match timing {
                Some(_) if self.calendar.is_past(timing) => When::Over,
                Some(_) => When::Known,
                None if schedule.is_absent() && !resource.meta.partial => When::Unscheduled,
                None => When::Unknown,
            },
            machines: Vec::new(),
            hosts: Vec::new(),
            timing,
        }
    }

    /// The hosts that machines are on.
    fn hosts_of(&self, machines: &[u32]) -> Vec<u32> {
        let host = |machine: &u32| self.placements.machines[*machine as usize].host.known();
        machines.iter().filter_map(host).copied().collect()
    }

    pub(super) fn windows_of(&self, timing: Timing) -> impl Iterator<Item = Window> {
        let all = self.calendar.occurrences(timing).iter();
        all.filter(|it| !it.is_empty()).map(|it| Window {
            start: it.start,
            end: it.end,
        })
    }
}

impl Entry {
    fn with(mut self, machines: Vec<u32>, hosts: Vec<u32>) -> Self {
        let sorted = |mut list: Vec<u32>| {
            list.sort_unstable();
            list.dedup();
            list
        };
        self.machines = sorted(machines);
        self.hosts = sorted(hosts);
        self
    }

    pub(super) fn timing(&self) -> Option<Timing> {
        self.timing
    }
}

/// `namespace/name`, or the name alone.
pub(super) fn qualified(meta: &Meta) -> String {
    match &*meta.namespace {
        "" => meta.name.to_string(),
        namespace => format!("{namespace}/{}", meta.name),
    }
}

pub(super) fn place(meta: &Meta) -> Location {
    Location {
        file: meta.file,
        span: meta.name_span(),
    }
}

impl Agenda<'_> {
    /// When an entry happens in a span of time, by the starts; what reaches into it counts.
    #[must_use]
    pub fn windows(&self, entry: &Entry, from: Instant, until: Instant) -> Vec<Window> {
        let all = entry.timing.map(|timing| self.facts.windows_of(timing));
        let windows = all.into_iter().flatten();
        windows
            .take_while(|window| window.start < until)
            .filter(|window| window.touches(from, until))
            .collect()
    }

    /// When an entry happens next, from an instant on.
    #[must_use]
    pub fn next(&self, entry: &Entry, from: Instant) -> Option<Window> {
        let mut windows = self.facts.windows_of(entry.timing?);
        windows.find(|window| window.start >= from)
    }

    /// The zone that most schedules are written in, the first by name of several; UTC where there
    /// is none.
    #[must_use]
    pub fn usual_zone(&self) -> Zone {
        let mut zones: BTreeMap<&str, (usize, &Zone)> = BTreeMap::new();
        for timing in self.entries.iter().filter_map(|entry| entry.timing) {
            let zone = self.facts.calendar.zone(timing);
            zones.entry(zone.name()).or_insert((0, zone)).0 += 1;
        }
        let most = zones.values().map(|(count, _)| *count).max();
        let usual = zones.into_values().find(|(count, _)| Some(*count) == most);
        usual.map_or_else(Zone::utc, |(_, zone)| zone.clone())
    }

    /// One row for each machine, host or cluster, in the order of path and position.
    #[must_use]
    pub fn rows(&self, by: By) -> Vec<Row> {
        let mut rows = match by {
            By::Machine => self.machine_rows(),
            By::Host => self.host_rows(),
            By::Cluster => self.cluster_rows(),
        };
        let none = rows.len().saturating_sub(1);
        let of_cluster = |cluster: &State<u32>| cluster.known().map_or(none, |it| *it as usize);
        let of_host = |host: &u32| of_cluster(&self.facts.placements.hosts[*host as usize].cluster);
        let of_machine =
            |it: &u32| of_cluster(&self.facts.placements.machines[*it as usize].cluster);
        for (number, entry) in (0..).zip(&self.entries) {
            let (hosts, machines) = (entry.hosts.iter(), entry.machines.iter());
            let mut concerned: Vec<usize> = match by {
                By::Machine => machines.map(|machine| *machine as usize).collect(),
                By::Host => hosts.map(|host| *host as usize).collect(),
                By::Cluster => hosts.map(of_host).chain(machines.map(of_machine)).collect(),
            };
            concerned.sort_unstable();
            concerned.dedup();
            for row in concerned {
                rows[row].entries.push(number);
            }
        }
        rows
    }

    fn machine_rows(&self) -> Vec<Row> {
        let facts = self.facts;
        let row = |meta: &Meta| {
            let placement = &facts.placements.machines[meta.index as usize];
            Row {
                host: placement.host.known().map(|host| self.host_name(*host)),
                cluster: placement.cluster.known().map(|it| self.cluster_name(*it)),
                machines: vec![meta.index],
                ..Row::of(meta)
            }
        };
        let machines = facts.inventory.machines.iter();
        machines.map(|machine| row(&machine.meta)).collect()
    }

    fn host_rows(&self) -> Vec<Row> {
        let facts = self.facts;
        let row = |meta: &Meta| {
            let placement = &facts.placements.hosts[meta.index as usize];
            Row {
                cluster: placement.cluster.known().map(|it| self.cluster_name(*it)),
                machines: placement.machines.clone(),
                ..Row::of(meta)
            }
        };
        let hosts = facts.inventory.hosts.iter();
        hosts.map(|host| row(&host.meta)).collect()
    }

    fn cluster_rows(&self) -> Vec<Row> {
        let facts = self.facts;
        let row = |meta: &Meta| Row {
            machines: facts.placements.clusters[meta.index as usize]
                .machines
                .clone(),
            ..Row::of(meta)
        };
        let clusters = facts.inventory.clusters.iter();
        let mut rows: Vec<Row> = clusters.map(|cluster| row(&cluster.meta)).collect();
        let homeless = (0..).zip(&facts.placements.machines);
        let homeless = homeless.filter(|(_, machine)| machine.cluster.known().is_none());
        rows.push(Row {
            name: None,
            place: None,
            host: None,
            cluster: None,
            machines: homeless.map(|(machine, _)| machine).collect(),
            entries: Vec::new(),
        });
        rows
    }

    /// The name of a host.
    #[must_use]
    pub fn host_name(&self, host: u32) -> String {
        qualified(&self.facts.inventory.hosts[host as usize].meta)
    }

    /// The name of a machine.
    #[must_use]
    pub fn machine_name(&self, machine: u32) -> String {
        qualified(&self.facts.inventory.machines[machine as usize].meta)
    }

    pub(super) fn cluster_name(&self, cluster: u32) -> String {
        qualified(&self.facts.inventory.clusters[cluster as usize].meta)
    }
}

impl Row {
    fn of(meta: &Meta) -> Self {
        Row {
            name: Some(qualified(meta)),
            place: Some(place(meta)),
            host: None,
            cluster: None,
            machines: Vec::new(),
            entries: Vec::new(),
        }
    }
}

#[cfg(test)]
#[path = "agenda_tests.rs"]
mod tests;
