//! Proposals, held against trying every quarter of an hour with another way of judging.

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::islands::{Island, all_parties};
use super::{Found, Party, QUICKLY_READ, WayOut};
use crate::facts::Facts;
use crate::facts::mobility_tests::{facts, resource, two_hosts};
use crate::schedule::{
    Cron, Occurrences, Overlap, Recurrence, Schedule, Search, TimeOfDay, Zone, first_overlap,
};

const ZONES: [&str; 3] = ["UTC", "Europe/Berlin", "Australia/Lord_Howe"];
const DAYS: [&str; 4] = ["*", "SAT", "SUN", "1-5"];
/// The hosts of the machines.
const HOSTS: [usize; 3] = [0, 0, 1];
/// How many backups the repository takes at once.
const TASKS: usize = 2;

#[derive(Clone, Debug)]
struct Timing {
    quarter: i64,
    days: usize,
    zone: usize,
    quarters: i64,
}

impl Timing {
    fn schedule(&self) -> Schedule {
        let (hour, minute) = (self.quarter / 4, self.quarter % 4 * 15);
        let cron = format!("{minute} {hour} * * {}", DAYS[self.days]);
        let cron = Recurrence::Cron(Cron::parse(&cron).unwrap().0);
        Schedule::new(cron, Zone::parse(ZONES[self.zone]).unwrap()).lasting(self.quarters * 900)
    }

    fn written(&self) -> String {
        let (hour, minute) = (self.quarter / 4, self.quarter % 4 * 15);
        format!(
            "schedule: {{ cron: '{minute} {hour} * * {}', duration: {}m, timeZone: {} }}",
            DAYS[self.days],
            self.quarters * 15,
            ZONES[self.zone]
        )
    }
}

/// Policies and plans with their machines, windows with their host.
#[derive(Clone, Debug)]
struct Estate {
    policies: Vec<(u8, Timing)>,
    plans: Vec<(u8, Timing)>,
    windows: Vec<(usize, Timing)>,
}

fn timing() -> impl Strategy<Value = Timing> {
    // Close together, so that they meet.
    let quarter = prop_oneof![80..96_i64, 0..24_i64];
    (
        quarter,
        0..DAYS.len(),
        0..ZONES.len(),
        prop_oneof![1..24_i64, 60..90_i64],
    )
        .prop_map(|(quarter, days, zone, quarters)| Timing {
            quarter,
            days,
            zone,
            quarters,
        })
}

fn estate() -> impl Strategy<Value = Estate> {
    (
        prop::collection::vec((1..8_u8, timing()), 1..4),
        prop::collection::vec((1..8_u8, timing()), 0..3),
        prop::collection::vec((0..2_usize, timing()), 0..3),
    )
        .prop_map(|(policies, plans, windows)| Estate {
            policies,
            plans,
            windows,
        })
}

fn machines(mask: u8) -> Vec<usize> {
    (0..3).filter(|machine| mask >> machine & 1 == 1).collect()
}

impl Estate {
    fn facts(&self) -> Facts {
        let mut text = two_hosts();
        resource(
            &mut text,
            "BackupRepository",
            "r",
            &format!("maximumConcurrentTasks: {TASKS}"),
        );
        for (machine, host) in HOSTS.iter().enumerate() {
            resource(
                &mut text,
                "VirtualMachine",
                &format!("v{machine}"),
                &format!("host: h{host}"),
            );
        }
        for (index, (mask, timing)) in self.policies.iter().enumerate() {
            let targets: Vec<String> = machines(*mask).iter().map(|it| format!("v{it}")).collect();
            let targets = targets.join(", ");
            let spec = format!(
                "repository: r, targets: {{ virtualMachines: [{targets}] }}, {}",
                timing.written()
            );
            resource(&mut text, "BackupPolicy", &format!("b{index}"), &spec);
        }
        for (index, (mask, timing)) in self.plans.iter().enumerate() {
            let moves = machines(*mask).into_iter();
            let moves = moves.map(|it| format!("{{ vm: v{it}, to: h{} }}", 1 - HOSTS[it]));
            let moves: Vec<String> = moves.collect();
            let spec = format!("moves: [{}], {}", moves.join(", "), timing.written());
            resource(&mut text, "MigrationPlan", &format!("m{index}"), &spec);
        }
        for (index, (host, timing)) in self.windows.iter().enumerate() {
            let spec = format!("hosts: [h{host}], {}", timing.written());
            resource(&mut text, "MaintenanceWindow", &format!("w{index}"), &spec);
        }
        facts(&text)
    }

    fn timing(&mut self, party: Party) -> &mut Timing {
        match party {
            Party::Policy(index) => &mut self.policies[index as usize].1,
            Party::Plan(index) => &mut self.plans[index as usize].1,
            Party::Window(index) => &mut self.windows[index as usize].1,
        }
    }

    fn moved(&self, party: Party, time: TimeOfDay) -> Self {
        let mut moved = self.clone();
        moved.timing(party).quarter = time.seconds() / 900;
        moved
    }

    /// Whether a party is in anybody's way, or there is too much with it.
    fn is_troubled(&self, party: Party) -> bool {
        let search = Search::new(date(2026, 1, 1));
        let occurrences = |timing: &Timing| Occurrences::of(&timing.schedule(), &search);
        let collide = |one: &Timing, other: &Timing| {
            let overlap = first_overlap(&occurrences(one), &occurrences(other));
            matches!(overlap, Overlap::Collides(_))
        };
        let under = |host: usize| {
            (0..3)
                .filter(move |it| HOSTS[*it] == host)
                .fold(0, |mask, it| mask | 1 << it)
        };
        let meets = |policy: usize, other: Party| {
            let (mask, timing) = &self.policies[policy];
            let (others, its) = match other {
                Party::Policy(it) => &self.policies[it as usize],
                Party::Plan(it) => &self.plans[it as usize],
                Party::Window(it) => &{
                    let (host, timing) = &self.windows[it as usize];
                    (under(*host), timing.clone())
                },
            };
            mask & others != 0 && collide(timing, its)
        };
        // More at once than there may be, at the start of anybody.
        let crowded = |own: usize, members: &[(usize, &Timing)], limit: usize| {
            let all: Vec<_> = members
                .iter()
                .map(|(weight, it)| (*weight, occurrences(it)))
                .collect();
            let mut starts = all.iter().flat_map(|(_, it)| it.iter()).map(|it| it.start);
            members[own].0 <= limit
                && starts.any(|at| {
                    let open: Vec<usize> = (0..all.len())
                        .filter(|it| all[*it].1.open_at(at) == Some(true))
                        .collect();
                    let sum: usize = open.iter().map(|it| all[*it].0).sum();
                    open.contains(&own) && sum > limit
                })
        };
        let count = |list: usize| (0..).take(list);
        match party {
            Party::Policy(own) => {
                let index = own as usize;
                let policies = count(self.policies.len())
                    .filter(|it| *it != own)
                    .map(Party::Policy);
                let plans = count(self.plans.len()).map(Party::Plan);
                let windows = count(self.windows.len()).map(Party::Window);
                let members = self
                    .policies
                    .iter()
                    .map(|(mask, it)| (machines(*mask).len(), it));
                policies
                    .chain(plans)
                    .chain(windows)
                    .any(|other| meets(index, other))
                    || crowded(index, &members.collect::<Vec<_>>(), TASKS)
            }
            Party::Plan(own) => {
                let members: Vec<_> = self.plans.iter().map(|(_, it)| (1, it)).collect();
                (0..self.policies.len()).any(|policy| meets(policy, party))
                    || crowded(own as usize, &members, 1)
            }
            Party::Window(own) => {
                let (host, timing) = &self.windows[own as usize];
                let mut others = self.windows.iter().filter(|(other, _)| other != host);
                (0..self.policies.len()).any(|policy| meets(policy, party))
                    || others.any(|(_, other)| collide(timing, other))
            }
        }
    }

    fn overruns(&self, party: Party) -> bool {
        let timing = self.clone().timing(party).clone();
        timing.quarters > 96
    }
}

/// The ways out where nobody asks who shares what with whom.
fn of_all(facts: &Facts, quickly_read: usize) -> BTreeMap<Party, WayOut> {
    WayOut::on(facts, Island::of(facts, &all_parties(facts)), quickly_read)
}

/// How many of each there are in a country.
const CLUSTERS: usize = 3;
const REPOSITORIES: usize = 3;
const MACHINES: usize = 4 * CLUSTERS;

/// Several clusters of three hosts, with four machines on each: one on each of two hosts, one
/// somewhere, and one on a host that no document tells.
#[derive(Clone, Debug)]
struct Country {
    /// With their repositories.
    policies: Vec<(Option<usize>, Vec<usize>, Timing)>,
    /// Their machines, and by how many hosts each moves on.
    plans: Vec<(Vec<(usize, usize)>, Timing)>,
    /// The first host, how many in a row, and the cluster that is down as a whole.
    windows: Vec<(usize, usize, Option<usize>, Timing)>,
}

fn country() -> impl Strategy<Value = Country> {
    // Most share with their neighbours only.
    let machine = || (0..CLUSTERS, 0..4_usize);
    let machines = (machine(), prop::collection::vec(machine(), 0..3), 0..6_u8).prop_map(
        |((cluster, first), others, far)| {
            let others = others.into_iter().map(|(other, machine)| match far {
                0 => other * 4 + machine,
                _ => cluster * 4 + machine,
            });
            let mut all: Vec<usize> = others.chain([cluster * 4 + first]).collect();
            all.sort_unstable();
            all.dedup();
            all
        },
    );
    let policy = (prop::option::of(0..REPOSITORIES), machines, timing());
    let moved = (0..MACHINES, 1..3_usize);
    let plan = (prop::collection::vec(moved, 1..3), timing());
    let cluster = prop_oneof![4 => Just(None), 1 => (0..CLUSTERS).prop_map(Some)];
    let window = (0..3 * CLUSTERS, 1..3_usize, cluster, timing());
    (
        prop::collection::vec(policy, 1..7),
        prop::collection::vec(plan, 0..5),
        prop::collection::vec(window, 0..5),
    )
        .prop_map(|(policies, plans, windows)| Country {
            policies,
            plans,
            windows,
        })
}

impl Country {
    fn facts(&self) -> Facts {
        let mut text = String::new();
        for cluster in 0..CLUSTERS {
            let hosts: Vec<String> = (0..3).map(|it| format!("h{}", cluster * 3 + it)).collect();
            let spec = format!("platformVersion: '2022', hosts: [{}]", hosts.join(", "));
            resource(&mut text, "Cluster", &format!("c{cluster}"), &spec);
            for host in hosts {
                resource(
                    &mut text,
                    "Host",
                    &host,
                    "migration: { maximumVirtualMachineMigrations: 1 }",
                );
            }
            for (machine, host) in ["h", "h", "", "x"].iter().enumerate() {
                let spec = match *host {
                    "" => format!("cluster: c{cluster}"),
                    "x" => format!("host: unsaid{cluster}"),
                    _ => format!("host: h{}", cluster * 3 + machine),
                };
                let name = format!("v{}", cluster * 4 + machine);
                resource(&mut text, "VirtualMachine", &name, &spec);
            }
        }
        for repository in 0..REPOSITORIES {
            let spec = format!("maximumConcurrentTasks: {TASKS}");
            resource(
                &mut text,
                "BackupRepository",
                &format!("r{repository}"),
                &spec,
            );
        }
        for (index, (repository, machines, timing)) in self.policies.iter().enumerate() {
            let targets: Vec<String> = machines.iter().map(|it| format!("v{it}")).collect();
            let repository = repository.map_or(String::new(), |it| format!("repository: r{it}, "));
            let spec = format!(
                "{repository}targets: {{ virtualMachines: [{}] }}, {}",
                targets.join(", "),
                timing.written()
            );
            resource(&mut text, "BackupPolicy", &format!("b{index}"), &spec);
        }
        for (index, (moves, timing)) in self.plans.iter().enumerate() {
            let moves = moves.iter().map(|(machine, by)| {
                let (cluster, own) = (machine / 4, machine % 4);
                let to = cluster * 3 + (own + by) % 3;
                format!("{{ vm: v{machine}, to: h{to} }}")
            });
            let moves: Vec<String> = moves.collect();
            let spec = format!("moves: [{}], {}", moves.join(", "), timing.written());
            resource(&mut text, "MigrationPlan", &format!("m{index}"), &spec);
        }
        for (index, (host, more, cluster, timing)) in self.windows.iter().enumerate() {
            let hosts = (*host..(host + more).min(3 * CLUSTERS)).map(|it| format!("h{it}"));
            let hosts: Vec<String> = hosts.collect();
            let down = match cluster {
                Some(cluster) => format!("cluster: c{cluster}"),
                None => format!("hosts: [{}]", hosts.join(", ")),
            };
            let spec = format!("{down}, {}", timing.written());
            resource(&mut text, "MaintenanceWindow", &format!("w{index}"), &spec);
        }
        facts(&text)
    }
}

/// All that is said of a way out.
fn said(facts: &Facts, way: &WayOut) -> String {
    let WayOut { found, moves, .. } = way;
    format!("{found:?} {moves} {:?}", way.sentence(facts))
}

#[test]
fn who_shares_something_is_on_one_island_even_if_only_by_others() {
    let timing = |quarter| Timing {
        quarter,
        days: 0,
        zone: 0,
        quarters: 4,
    };
    let mut country = Country {
        policies: vec![
            (Some(0), vec![0], timing(88)),
            (Some(1), vec![4], timing(88)),
            (Some(2), vec![10], timing(88)),
        ],
        plans: vec![(vec![(5, 1)], timing(88))],
        windows: vec![(3, 1, None, timing(88)), (0, 1, Some(2), timing(88))],
    };
    let islands = |country: &Country| -> Vec<Vec<Party>> {
        let facts = country.facts();
        let islands = facts.islands();
        let parties = (0..).take(islands.count());
        parties.map(|it| islands.parties(it).to_vec()).collect()
    };
    let [first, second, third] = [0, 1, 2].map(Party::Policy);
    let second = vec![second, Party::Plan(0), Party::Window(0)];
    let third = vec![third, Party::Window(1)];
    assert_eq!(
        islands(&country),
        [vec![first], second.clone(), third.clone()]
    );
    country.policies[0].0 = Some(2);
    let joined = vec![first, Party::Policy(2), Party::Window(1)];
    assert_eq!(islands(&country), [joined, second]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn a_way_out_on_an_island_is_the_one_on_all_together(country in country()) {
        let facts = country.facts();
        let together = of_all(&facts, QUICKLY_READ);
        let islands = facts.islands();
        // Whoever asks first.
        for party in all_parties(&facts).into_iter().rev() {
            let together = together.get(&party).map(|way| said(&facts, way));
            let found = facts.way_out(party).map(|way| said(&facts, way));
            prop_assert_eq!(&found, &together, "{:?}", party);
            let island = Island::of(&facts, islands.parties(islands.of(party)));
            for is_large in [false, true] {
                let ways = WayOut::on(&facts, island.sized(is_large), QUICKLY_READ);
                prop_assert!(ways.keys().all(|other| island.has(*other)));
                let alone = ways.get(&party).map(|way| said(&facts, way));
                prop_assert_eq!(&alone, &together, "{:?} {}", party, is_large);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn crowds_with_many_changes_have_room_at_the_same_times(estate in estate()) {
        let facts = estate.facts();
        let found = |quickly_read| -> Vec<(Party, String)> {
            let ways = of_all(&facts, quickly_read);
            ways.iter().map(|(party, way)| (*party, format!("{:?}", way.found))).collect()
        };
        prop_assert_eq!(found(0), found(usize::MAX));
    }

    #[test]
    fn what_is_proposed_is_free_alone_and_together_and_nearest(estate in estate()) {
        let facts = estate.facts();
        let ways = &of_all(&facts, QUICKLY_READ);
        let mut together = estate.clone();
        for (party, way) in ways {
            if let Found::Time(time) = way.found {
                prop_assert!(!estate.moved(*party, time).is_troubled(*party), "{:?} at {}", party, time);
                if way.moves {
                    together = together.moved(*party, time);
                }
            }
        }
        for (party, _) in ways.iter().filter(|(_, way)| way.moves && way.found.is_some()) {
            prop_assert!(!together.is_troubled(*party), "{:?} in {:?}", party, together);
        }
        // Nothing is proposed before the first one.
        let Some((party, way)) = ways.iter().next() else {
            return Ok(());
        };
        prop_assert!(estate.is_troubled(*party));
        prop_assert!(!estate.overruns(*party));
        let times = (0..96).filter_map(|quarter| {
            TimeOfDay::parse(&format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15)).ok()
        });
        let free: Vec<TimeOfDay> = times.filter(|time| !estate.moved(*party, *time).is_troubled(*party)).collect();
        let own = estate.clone().timing(*party).clone();
        let steady = |time: &&TimeOfDay| {
            let moved = Timing { quarter: time.seconds() / 900, ..own.clone() };
            let search = Search::new(date(2026, 1, 1));
            Occurrences::of(&moved.schedule(), &search).clock_change().is_none()
        };
        let distance = |time: &&TimeOfDay| {
            let ahead = time.seconds() / 900 - own.quarter;
            match DAYS[own.days] {
                "*" => (ahead.rem_euclid(96).min(96 - ahead.rem_euclid(96)), ahead.rem_euclid(96) > 48),
                _ => (ahead.abs(), ahead < 0),
            }
        };
        let nearest = free.iter().filter(steady).min_by_key(distance).or(free.iter().min_by_key(distance));
        match (&way.found, nearest) {
            (Found::Time(found), Some(nearest)) => prop_assert_eq!(found, nearest),
            (Found::Nothing(_), None) => {}
            (found, nearest) => prop_assert!(false, "{:?} and {:?}", found, nearest),
        }
    }
}
