//! What follows for moves, held against what one gets by trying everything.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::date;
use proptest::prelude::*;

use super::Facts;
use crate::formats;
use crate::inventory::{Inventory, World};
use crate::schedule::Search;
use crate::source::{SourceFile, Sources};
use crate::yaml::{self, Room};

pub(super) fn facts(estate: &str) -> Facts {
    let file = Sources::default().add(SourceFile::new("a.yaml", estate));
    let stream = yaml::parse(estate);
    let lowered = stream.documents.iter().filter_map(|document| {
        formats::lower(document, file, &mut Room::default(), &mut |_, _| {})
    });
    let resources = lowered.flat_map(|lowered| lowered.resources).collect();
    let built = Inventory::build(resources, World::Closed);
    Facts::derive(built.inventory, &Search::new(date(2026, 1, 1)))
}

/// A resource in one line.
pub(super) fn resource(estate: &mut String, kind: &str, name: &str, spec: &str) {
    writeln!(
        estate,
        "---\n{{ apiVersion: vmlint.dev/v1, kind: {kind}, metadata: {{ name: {name} }}, spec: {{ {spec} }} }}"
    )
    .unwrap();
}

/// A cluster `c` with two hosts, `h0` and `h1`.
pub(super) fn two_hosts() -> String {
    let mut text = String::new();
    let members = "platformVersion: '2022', hosts: [h0, h1]";
    resource(&mut text, "Cluster", "c", members);
    resource(&mut text, "Host", "h0", "");
    resource(&mut text, "Host", "h1", "");
    text
}

/// What is written of something that may be a template.
fn or_template(written: Option<String>) -> String {
    written.unwrap_or_else(|| "'{{ x }}'".to_owned())
}

const HOSTS: usize = 3;
const KINDS: [&str; 4] = ["live", "quick", "storage", "offline"];
/// In GiB.
const CAPACITY: i64 = 10;
const HUGE: i64 = 1000;

#[derive(Clone, Debug)]
struct Machine {
    /// None where it is a template.
    host: Option<usize>,
    runs: bool,
    startup: Option<i64>,
    minimum: Minimum,
}

#[derive(Clone, Debug)]
enum Minimum {
    Absent,
    Unknown,
    Known(i64),
}

#[derive(Clone, Debug)]
struct Moved {
    machine: Option<usize>,
    to: Option<usize>,
    kind: Option<usize>,
}

fn machine() -> impl Strategy<Value = Machine> {
    let host = prop_oneof![9 => (0..HOSTS).prop_map(Some), 1 => Just(None)];
    let startup = prop_oneof![9 => (1..8_i64).prop_map(Some), 1 => Just(None)];
    let minimum = prop_oneof![
        5 => Just(Minimum::Absent),
        4 => (1..5_i64).prop_map(Minimum::Known),
        1 => Just(Minimum::Unknown),
    ];
    (host, prop::bool::weighted(0.8), startup, minimum).prop_map(
        |(host, runs, startup, minimum)| Machine {
            host,
            runs,
            startup,
            minimum,
        },
    )
}

fn moved(machines: usize) -> impl Strategy<Value = Moved> {
    let known = |of: usize| prop_oneof![12 => (0..of).prop_map(Some), 1 => Just(None)];
    let written = (known(machines), known(HOSTS), known(KINDS.len()));
    let moved = |(machine, to, kind)| Moved { machine, to, kind };
    prop_oneof![
        15 => written.prop_map(moved),
        1 => Just(moved((None, None, None))),
    ]
}

fn text(machines: &[Machine], moves: &[Moved]) -> String {
    let mut estate = String::new();
    for host in 0..HOSTS {
        let memory = format!("memory: {{ capacity: {CAPACITY}GiB, reserve: 0 }}");
        resource(&mut estate, "Host", &format!("h{host}"), &memory);
    }
    for (index, machine) in machines.iter().enumerate() {
        let host = or_template(machine.host.map(|host| format!("h{host}")));
        let state = if machine.runs { "running" } else { "'off'" };
        let startup = or_template(machine.startup.map(|startup| format!("{startup}GiB")));
        let minimum = match machine.minimum {
            Minimum::Absent => String::new(),
            Minimum::Unknown => ", minimum: '{{ x }}'".to_owned(),
            Minimum::Known(minimum) => format!(", minimum: {minimum}GiB"),
        };
        let spec =
            format!("host: {host}, state: {state}, memory: {{ startup: {startup}{minimum} }}");
        resource(&mut estate, "VirtualMachine", &format!("m{index}"), &spec);
    }
    let moves: Vec<_> = moves
        .iter()
        .map(|moved| {
            if let (None, None, None) = (moved.machine, moved.to, moved.kind) {
                return or_template(None);
            }
            let machine = or_template(moved.machine.map(|machine| format!("m{machine}")));
            let to = or_template(moved.to.map(|to| format!("h{to}")));
            let kind = or_template(moved.kind.map(|kind| KINDS[kind].to_owned()));
            format!("{{ vm: {machine}, to: {to}, type: {kind} }}")
        })
        .collect();
    let moves = format!("moves: [{}]", moves.join(", "));
    resource(&mut estate, "MigrationPlan", "plan", &moves);
    estate
}

/// What is asked of a world in which everything is known: do the machines on the host need more
/// than it has, at least and to start?
fn exceeds(machines: &[Machine], moves: &[Moved], host: usize) -> [bool; 2] {
    let mut places: Vec<_> = machines.iter().map(|machine| machine.host).collect();
    for moved in moves {
        let (Some(machine), Some(kind)) = (moved.machine, moved.kind) else {
            continue;
        };
        if machines[machine].runs && kind < 2 {
            places[machine] = moved.to;
        }
    }
    let there = places.iter().zip(machines);
    let there = there.filter(|(place, machine)| **place == Some(host) && machine.runs);
    let (mut minimum, mut startup) = (0, 0);
    for (_, machine) in there {
        let own = machine.startup.unwrap_or(0);
        startup += own;
        minimum += match machine.minimum {
            Minimum::Known(minimum) => minimum,
            _ => own,
        };
    }
    [minimum > CAPACITY, startup > CAPACITY]
}

/// A world of which everything is known.
type Estate = (Vec<Machine>, Vec<Moved>);
/// Settles something that was not known.
type Choice = Box<dyn Fn(&mut Estate)>;
/// The switches of a host: the number of the name, where that is known, and iov.
type Switches = Vec<(Option<usize>, bool)>;

/// All worlds that a half-known one may turn out to be. A machine that is a template may be one of
/// those declared, or another of any size, which stands at the end.
fn worlds(machines: &[Machine], moves: &[Moved]) -> Vec<Estate> {
    let mut worlds = vec![(machines.to_vec(), moves.to_vec())];
    if moves.iter().any(|moved| moved.machine.is_none()) {
        let stranger = |startup| Machine {
            host: None,
            runs: true,
            startup: Some(startup),
            minimum: Minimum::Absent,
        };
        worlds = [0, HUGE]
            .map(|startup| {
                let mut machines = machines.to_vec();
                machines.push(stranger(startup));
                (machines, moves.to_vec())
            })
            .to_vec();
    }
    let all = worlds[0].0.len();
    let mut branch = |choices: Vec<Choice>| {
        worlds = worlds
            .iter()
            .flat_map(|world| {
                choices.iter().map(|choose| {
                    let mut world = world.clone();
                    choose(&mut world);
                    world
                })
            })
            .collect();
    };
    for (index, machine) in machines.iter().enumerate() {
        if machine.host.is_none() {
            branch(vec![
                Box::new(|_| {}),
                Box::new(move |world| world.0[index].host = Some(0)),
                Box::new(move |world| world.0[index].host = Some(1)),
                Box::new(move |world| world.0[index].host = Some(2)),
            ]);
        }
        if machine.startup.is_none() {
            branch(vec![
                Box::new(move |world| world.0[index].startup = Some(0)),
                Box::new(move |world| world.0[index].startup = Some(HUGE)),
            ]);
        }
        if matches!(machine.minimum, Minimum::Unknown) {
            branch(vec![
                Box::new(move |world| world.0[index].minimum = Minimum::Known(0)),
                Box::new(move |world| world.0[index].minimum = Minimum::Known(HUGE)),
            ]);
        }
    }
    for (index, moved) in moves.iter().enumerate() {
        if moved.machine.is_none() {
            branch(
                (0..all)
                    .map(|machine| -> Choice {
                        Box::new(move |world| world.1[index].machine = Some(machine))
                    })
                    .collect(),
            );
        }
        if moved.to.is_none() {
            branch(vec![
                Box::new(move |world| world.1[index].to = Some(0)),
                Box::new(move |world| world.1[index].to = Some(1)),
                Box::new(move |world| world.1[index].to = Some(2)),
            ]);
        }
        if moved.kind.is_none() {
            branch(vec![
                Box::new(move |world| world.1[index].kind = Some(0)),
                Box::new(move |world| world.1[index].kind = Some(2)),
            ]);
        }
    }
    worlds
}

fn unknowns(machines: &[Machine], moves: &[Moved]) -> usize {
    let of_machines = machines.iter().map(|machine| {
        usize::from(machine.host.is_none())
            + usize::from(machine.startup.is_none())
            + usize::from(matches!(machine.minimum, Minimum::Unknown))
    });
    let of_moves = moves.iter().map(|moved| {
        usize::from(moved.machine.is_none())
            + usize::from(moved.to.is_none())
            + usize::from(moved.kind.is_none())
    });
    of_machines.sum::<usize>() + of_moves.sum::<usize>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn memory_exceeds_only_if_it_does_in_all_worlds(
        machines in prop::collection::vec(machine(), 4),
        moves in prop::collection::vec(moved(4), 1..5),
    ) {
        let unknowns = unknowns(&machines, &moves);
        prop_assume!(unknowns <= 4);
        let facts = facts(&text(&machines, &moves));
        let worlds = worlds(&machines, &moves);
        let live = |moved: &Moved| Some((moved.machine?, moved.to?, moved.kind?));
        let targets: BTreeSet<usize> = moves
            .iter()
            .filter_map(live)
            .filter(|(machine, _, kind)| machines[*machine].runs && *kind < 2)
            .map(|(_, to, _)| to)
            .collect();
        let loads = facts.memory_loads();
        let found: BTreeSet<usize> = loads.iter().map(|load| load.host as usize).collect();
        prop_assert_eq!(targets, found);
        for load in loads {
            let seen: Vec<_> = worlds
                .iter()
                .map(|(machines, moves)| exceeds(machines, moves, load.host as usize))
                .collect();
            for (which, verdict) in [load.minimum_exceeds, load.startup_exceeds].into_iter().enumerate() {
                match verdict {
                    Some(verdict) => prop_assert!(seen.iter().all(|seen| seen[which] == verdict)),
                    None => prop_assert!(unknowns > 0),
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Network {
    /// For each host the switches it declares, if it does.
    hosts: Vec<Option<Switches>>,
    owners: Option<Vec<usize>>,
    targets: Vec<usize>,
}

fn network() -> impl Strategy<Value = Network> {
    let name = prop_oneof![6 => (0..3_usize).prop_map(Some), 1 => Just(None)];
    let switches = prop::collection::vec((name, any::<bool>()), 0..3);
    let hosts = prop::collection::vec(prop::option::weighted(0.8, switches), 5);
    let owners = prop::option::of(prop::collection::vec(0..4_usize, 0..4));
    (hosts, owners, prop::collection::vec(0..5_usize, 0..3)).prop_map(|(hosts, owners, targets)| {
        Network {
            hosts,
            owners,
            targets,
        }
    })
}

impl Network {
    /// Four hosts of a cluster and one alone, a machine and what moves it.
    fn text(&self) -> String {
        let mut estate = String::new();
        resource(&mut estate, "Cluster", "c", "hosts: [h0, h1, h2, h3]");
        for (index, switches) in self.hosts.iter().enumerate() {
            let switches = switches.as_ref().map_or_else(String::new, |switches| {
                let each: Vec<_> = switches
                    .iter()
                    .map(|(name, iov)| {
                        let name = or_template(name.map(|name| format!("s{name}")));
                        format!("{{ name: {name}, iov: {iov} }}")
                    })
                    .collect();
                format!("virtualSwitches: [{}]", each.join(", "))
            });
            resource(&mut estate, "Host", &format!("h{index}"), &switches);
        }
        let named = |hosts: &[usize]| {
            let hosts: Vec<_> = hosts.iter().map(|host| format!("h{host}")).collect();
            hosts.join(", ")
        };
        let owners = self.owners.as_ref();
        let owners = owners.map_or_else(String::new, |owners| {
            format!(", possibleOwners: [{}]", named(owners))
        });
        let spec = format!("host: h0, networkAdapters: [{{ switch: s0 }}]{owners}");
        resource(&mut estate, "VirtualMachine", "m", &spec);
        let moves: Vec<_> = self
            .targets
            .iter()
            .map(|target| format!("{{ vm: m, to: h{target} }}"))
            .collect();
        let moves = format!("moves: [{}]", moves.join(", "));
        resource(&mut estate, "MigrationPlan", "plan", &moves);
        estate
    }

    fn destinations(&self) -> BTreeSet<usize> {
        let possible = (0..4).filter(|host| {
            let owners = self.owners.as_ref();
            owners.is_none_or(|owners| owners.contains(host))
        });
        possible.chain(self.targets.iter().copied()).collect()
    }
}

fn set(hosts: &[u32]) -> BTreeSet<usize> {
    hosts.iter().map(|host| *host as usize).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn switches_are_found_where_they_are(network in network()) {
        let facts = facts(&network.text());
        let destinations = network.destinations();
        prop_assert_eq!(&set(&facts.destinations(0).0), &destinations);
        let adapters = facts.inventory.machines[0].spec.network_adapters.known();
        let adapter = adapters.and_then(|adapters| adapters[0].known());
        let connections = facts.connections(0, adapter.unwrap());
        let first = |host: &usize| {
            let switches = network.hosts[*host].as_ref()?;
            switches.iter().find(|(name, _)| *name == Some(0))
        };
        let unclear = |host: &usize| {
            let switches = network.hosts[*host].as_ref();
            first(host).is_none()
                && switches.is_some_and(|switches| switches.iter().any(|(name, _)| name.is_none()))
        };
        let such = |test: &dyn Fn(&usize) -> bool| -> BTreeSet<usize> {
            destinations.iter().copied().filter(|host| test(host)).collect()
        };
        let declares = |host: &usize| network.hosts[*host].is_some();
        prop_assert_eq!(set(&connections.present.known), such(&|host| first(host).is_some()));
        prop_assert_eq!(
            set(&connections.missing.known),
            such(&|host| declares(host) && first(host).is_none() && !unclear(host))
        );
        prop_assert_eq!(connections.missing.open, destinations.iter().any(unclear));
        prop_assert_eq!(
            set(&connections.without_iov.known),
            such(&|host| first(host).is_some_and(|(_, iov)| !iov))
        );
        prop_assert_eq!(
            connections.without_iov.open,
            destinations.iter().any(|host| unclear(host) || !declares(host))
        );
    }
}
