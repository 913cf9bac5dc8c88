//! What else could be done with a machine than what is declared or planned: other hosts, by their
//! processors.

use super::Facts;
use super::moves::PlannedMove;
use super::placement::Placements;
use super::truths::{all, decide};
use crate::model::{HostAdapter, Item, PlatformVersion, State, Vendor};

/// Hosts, and whether there may be more.
type Hosts = (Vec<u32>, bool);

/// How the processors of two hosts compare.
pub(super) struct Comparison {
    pub(super) same_vendor: Option<bool>,
    /// One vendor, and two generations of it.
    pub(super) generations_differ: Option<bool>,
    /// One vendor and one generation.
    pub(super) equal: Option<bool>,
}

impl Comparison {
    const UNKNOWN: Comparison = Comparison {
        same_vendor: None,
        generations_differ: None,
        equal: None,
    };
}

impl Facts {
    /// How the processors of two hosts compare, one of which may be unknown.
    pub(super) fn compare(&self, one: &State<u32>, other: &State<u32>) -> Comparison {
        let host = |host: &State<u32>| Some(&self.placements.hosts[*host.known()? as usize]);
        let (Some(one), Some(other)) = (host(one), host(other)) else {
            return Comparison::UNKNOWN;
        };
        let vendors = one.vendor.known().zip(other.vendor.known());
        let vendors = vendors.map(|(one, other)| one == other);
        let generations = one.generation.known().zip(other.generation.known());
        let generations = generations.map(|(one, other)| one == other);
        Comparison {
            same_vendor: vendors,
            generations_differ: all([vendors, generations.map(|same| !same)]),
            equal: all([vendors, generations]),
        }
    }

    /// The possible hosts of a machine without some; none where nobody knows them. Hosts that are
    /// nowhere declared only may be among them.
    fn possible_but(&self, machine: u32, without: &[&State<u32>]) -> Option<Hosts> {
        let set = self.placements.possible(machine)?;
        let is_out = |host: u32| {
            let out = without.iter().any(|it| it.known() == Some(&host));
            decide(out, !without.iter().any(|it| **it == State::Unknown))
        };
        let declared = |host: u32| self.inventory.hosts[host as usize].meta.is_declared();
        Some(sifted((set.hosts.clone(), set.open), |host| {
            match is_out(host) {
                Some(false) => declared(host).then_some(true),
                out => out.map(|out| !out),
            }
        }))
    }

    /// The possible hosts of a machine other than the one it is on.
    pub(super) fn other_possible_hosts(&self, machine: u32) -> Option<Hosts> {
        self.possible_but(machine, &[&self.placements.machines[machine as usize].host])
    }

    /// Those of them that have the processor of the host it is on.
    pub(super) fn others_of_same_processor(&self, machine: u32) -> Option<Hosts> {
        let host = &self.placements.machines[machine as usize].host;
        let others = self.other_possible_hosts(machine)?;
        Some(sifted(others, |other| {
            self.compare(host, &State::Known(other)).equal
        }))
    }

    /// The possible hosts of a machine of whose vendor there is another generation among them.
    pub(super) fn hosts_of_differing_generations(&self, machine: u32) -> Option<Hosts> {
        let set = self.placements.possible(machine)?;
        let processor = |host: u32| {
            let host = &self.placements.hosts[host as usize];
            Some((host.vendor.known()?, host.generation.known()?))
        };
        let mut of_vendor: [Option<&String>; 2] = [None, None];
        let mut differ = [false, false];
        for (vendor, generation) in set.hosts.iter().filter_map(|host| processor(*host)) {
            let seen = of_vendor[*vendor as usize].get_or_insert(generation);
            differ[*vendor as usize] |= *seen != generation;
        }
        let unclear = set.open || set.hosts.iter().any(|host| processor(*host).is_none());
        Some(sifted((set.hosts.clone(), set.open), |host| {
            let (vendor, _) = processor(host)?;
            decide(differ[*vendor as usize], !unclear)
        }))
    }

    /// Whether a host can take a machine when a drain moves it: it is a possible host, it takes
    /// live migrations, and its processor is one that the machine can go on with. What is nowhere
    /// stated of processors is no obstacle.
    pub(super) fn can_take(&self, machine: u32, host: u32) -> Option<bool> {
        let possible = match self.placements.possible(machine) {
            Some(set) => decide(set.hosts.contains(&host), !set.open),
            None => None,
        };
        let live = match (
            self.takes_live_migrations(host),
            self.is_quick_migrated_by_drain(machine),
        ) {
            (Some(false), quick) if quick != Some(false) => None,
            (takes, _) => takes,
        };
        let conditions = [possible, live, self.processor_suits(machine, host)];
        all(conditions)
    }

    /// Whether live migration is enabled on a host, as it is where nothing is said.
    pub(super) fn takes_live_migrations(&self, host: u32) -> Option<bool> {
        let host = &self.inventory.hosts[host as usize];
        let migration = host.meta.said(&host.spec.migration);
        match migration.and_then(|migration| host.meta.said(&migration.enabled)) {
            State::Absent => Some(true),
            State::Known(enabled) => Some(*enabled),
            State::Unknown => None,
        }
    }

    /// Whether a running machine can go on with the processor of another host. One of another
    /// generation suits with compatibility mode; without it, it depends.
    pub(super) fn processor_suits(&self, machine: u32, host: u32) -> Option<bool> {
        let home = *self.placements.machines[machine as usize].host.known()?;
        let [home, other] = [home, host].map(|host| &self.placements.hosts[host as usize]);
        match (&home.vendor, &other.vendor) {
            (State::Absent, _) | (_, State::Absent) => return Some(true),
            (State::Known(its), State::Known(other)) if its != other => return Some(false),
            (State::Unknown, _) | (_, State::Unknown) => return None,
            (State::Known(_), State::Known(_)) => {}
        }
        let processor = self.inventory.machines[machine as usize]
            .spec
            .processor
            .known();
        let compatible = processor
            .and_then(|it| it.compatibility_for_migration_enabled.known())
            .is_some_and(|enabled| *enabled);
        match (&home.generation, &other.generation) {
            _ if compatible => Some(true),
            (State::Absent, _) | (_, State::Absent) => Some(true),
            (State::Known(its), State::Known(other)) if its == other => Some(true),
            _ => None,
        }
    }

    /// Whether a move leads to a host that is not of the cluster of its machine.
    pub(super) fn leaves_cluster(&self, planned: &PlannedMove) -> Option<bool> {
        let machine = &self.placements.machines[*planned.machine.known()? as usize];
        self.leads_out_of(&machine.cluster, *planned.target.known()?)
    }

    /// Whether a move leads out of the cluster of the host it leaves.
    pub(super) fn leaves_cluster_of_source(&self, planned: &PlannedMove) -> Option<bool> {
        let cluster = match planned.source {
            State::Known(host) => &self.placements.hosts[host as usize].cluster,
            State::Absent => &State::Absent,
            State::Unknown => &State::Unknown,
        };
        match (cluster, &planned.target) {
            (State::Absent, _) | (_, State::Absent) => Some(false),
            (_, target) => self.leads_out_of(cluster, *target.known()?),
        }
    }

    /// Whether a host is in another cluster, or in none; nothing leads out of no cluster.
    fn leads_out_of(&self, cluster: &State<u32>, target: u32) -> Option<bool> {
        let cluster = match cluster {
            State::Known(cluster) => *cluster,
            State::Absent => return Some(false),
            State::Unknown => return None,
        };
        match self.placements.hosts[target as usize].cluster {
            State::Known(other) => Some(cluster != other),
            State::Absent => Some(true),
            State::Unknown => {
                (!Placements::may_belong(&self.inventory, target, cluster)).then_some(true)
            }
        }
    }

    /// The possible hosts of the machine that moves, without both ends of the move.
    pub(super) fn other_targets(&self, planned: &PlannedMove) -> Option<Hosts> {
        let machine = *planned.machine.known()?;
        self.possible_but(machine, &[&planned.source, &planned.target])
    }

    /// Those of them that have a processor of the source's vendor.
    pub(super) fn other_targets_of_same_vendor(&self, planned: &PlannedMove) -> Option<Hosts> {
        let others = self.other_targets(planned)?;
        Some(sifted(others, |other| {
            self.compare(&planned.source, &State::Known(other))
                .same_vendor
        }))
    }

    /// Whether connections of machines are offloaded on a host: an adapter of it says so, and its
    /// release is older than Windows Server 2016.
    pub(super) fn uses_chimney_offload(&self, host: u32) -> Option<bool> {
        let adapters = self.inventory.hosts[host as usize]
            .spec
            .network_adapters
            .known();
        let offloads = adapters.and_then(|adapters| {
            let offloads =
                |item: &Item<HostAdapter>| match item.known()?.tcp_chimney_offload.state() {
                    State::Absent => Some(false),
                    state => state.known().map(|offloads| **offloads),
                };
            let all: Vec<_> = adapters.iter().map(offloads).collect();
            decide(all.contains(&Some(true)), !all.contains(&None))
        });
        let release = self.placements.hosts[host as usize].version.known();
        let old = release.map(|release| *release < PlatformVersion::V2016);
        all([offloads, old])
    }

    /// The hosts of a cluster that have a processor of a vendor.
    pub(super) fn hosts_of_vendor(&self, cluster: u32, vendor: Vendor) -> Hosts {
        let members = &self.placements.clusters[cluster as usize];
        sifted((members.hosts.clone(), members.open), |host| {
            let its = self.placements.hosts[host as usize].vendor.known();
            its.map(|its| *its == vendor)
        })
    }

    /// The highly available machines of a cluster that can run on Intel and on AMD hosts, without
    /// those that see one processor model on all of them.
    pub(super) fn machines_across_vendors(&self, cluster: u32) -> Hosts {
        let machines = &self.placements.clusters[cluster as usize].machines;
        sifted((machines.clone(), false), |machine| {
            let available = self.placements.machines[machine as usize]
                .highly_available
                .known();
            let set = self.placements.possible(machine);
            let is_foreign = self.inventory.machines[machine as usize]
                .meta
                .is_of_kubernetes();
            match self.named_model(machine) {
                State::Known(_) => return Some(false),
                State::Unknown if is_foreign => return None,
                _ => {}
            }
            let differ = set.and_then(|set| set.vendors_differ);
            all([available.copied(), differ])
        })
    }
}

/// What passes a test; more may where the test cannot tell.
fn sifted((all, mut open): Hosts, test: impl Fn(u32) -> Option<bool>) -> Hosts {
    let passes = |one: &u32| {
        let verdict = test(*one);
        open |= verdict.is_none();
        verdict == Some(true)
    };
    let passing = all.into_iter().filter(passes).collect();
    (passing, open)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::facts::mobility_tests::{facts, resource};
    use crate::model::{State, Vendor};

    /// Vendor and generation; a generation or both may be unknown.
    const PROCESSORS: [(&str, Option<&str>, Option<&str>); 5] = [
        (
            "{ vendor: intel, generation: skylake }",
            Some("intel"),
            Some("skylake"),
        ),
        (
            "{ vendor: intel, generation: ice-lake }",
            Some("intel"),
            Some("ice-lake"),
        ),
        (
            "{ vendor: amd, generation: milan }",
            Some("amd"),
            Some("milan"),
        ),
        ("{ vendor: amd }", Some("amd"), None),
        ("'{{ x }}'", None, None),
    ];

    proptest! {
        #[test]
        fn what_is_offered_agrees_with_looking_at_every_host(
            processors in prop::collection::vec(0..PROCESSORS.len(), 1..6),
            [home, target] in [0..6_usize, 0..6],
            open in any::<bool>(),
        ) {
            let (home, target) = (home % processors.len(), target % processors.len());
            let mut estate = String::new();
            let mut names: Vec<_> = (0..processors.len()).map(|host| format!("h{host}")).collect();
            if open {
                names.push("'{{ x }}'".to_owned());
            }
            resource(&mut estate, "Cluster", "c", &format!("hosts: [{}]", names.join(", ")));
            for (host, processor) in processors.iter().enumerate() {
                let spec = format!("processor: {}", PROCESSORS[*processor].0);
                resource(&mut estate, "Host", &format!("h{host}"), &spec);
            }
            resource(&mut estate, "VirtualMachine", "m", &format!("host: h{home}"));
            let moves = format!("moves: [{{ vm: m, to: h{target} }}]");
            resource(&mut estate, "MigrationPlan", "p", &moves);
            let facts = facts(&estate);
            let known = |host: usize| (PROCESSORS[processors[host]].1, PROCESSORS[processors[host]].2);
            let such = |test: &dyn Fn(usize) -> bool| -> Vec<u32> {
                (0_u32..).zip(0..processors.len()).filter(|(_, host)| test(*host)).map(|(it, _)| it).collect()
            };
            let planned = &facts.moves[0];
            let found = |hosts: Option<(Vec<u32>, bool)>| hosts.map(|(hosts, _)| hosts).unwrap();
            prop_assert_eq!(found(facts.other_possible_hosts(0)), such(&|host| host != home));
            prop_assert_eq!(
                facts.other_targets(planned),
                Some((such(&|host| host != home && host != target), open))
            );
            let same_vendor = |host| known(host).0.is_some() && known(host).0 == known(home).0;
            prop_assert_eq!(
                found(facts.other_targets_of_same_vendor(planned)),
                such(&|host| host != home && host != target && same_vendor(host))
            );
            let same = |host| same_vendor(host) && known(host).1.is_some() && known(host).1 == known(home).1;
            prop_assert_eq!(
                found(facts.others_of_same_processor(0)),
                such(&|host| host != home && same(host))
            );
            let differs = |one: usize, other: usize| {
                let ((vendor, generation), (its, other)) = (known(one), known(other));
                vendor.is_some() && vendor == its
                    && generation.zip(other).is_some_and(|(one, other)| one != other)
            };
            let clashes = |host: usize| (0..processors.len()).any(|other| differs(host, other));
            prop_assert_eq!(found(facts.hosts_of_differing_generations(0)), such(&clashes));
            let possible = facts.placements.possible(0).unwrap();
            prop_assert_eq!(
                possible.generations_differ == Some(true),
                (0..processors.len()).any(clashes)
            );
            prop_assert_eq!(
                facts.hosts_of_vendor(0, Vendor::Amd).0,
                such(&|host| known(host).0 == Some("amd"))
            );
        }
    }

    #[test]
    fn a_host_that_an_open_cluster_may_have_is_in_no_known_one() {
        let mut estate = String::new();
        resource(&mut estate, "Cluster", "a", "hosts: [h0]");
        resource(
            &mut estate,
            "Cluster",
            "b",
            "platformVersion: '2022', hosts: ['{{ x }}']",
        );
        for host in ["h0", "h1"] {
            resource(&mut estate, "Host", host, "");
        }
        for machine in ["m0", "m1"] {
            resource(
                &mut estate,
                "VirtualMachine",
                machine,
                &machine.replace('m', "host: h"),
            );
        }
        resource(
            &mut estate,
            "MigrationPlan",
            "p",
            "moves: [{ vm: m0, to: h1 }, { vm: m1, to: h0 }]",
        );
        let facts = facts(&estate);
        assert_eq!(facts.placements.hosts[0].cluster, State::Known(0));
        assert_eq!(facts.placements.hosts[1].cluster, State::Unknown);
        assert_eq!(facts.placements.hosts[1].version, State::Unknown);
        assert_eq!(
            facts.placements.machines[1].highly_available,
            State::Unknown
        );
        assert_eq!(facts.leaves_cluster(&facts.moves[0]), Some(true));
        assert_eq!(facts.leaves_cluster(&facts.moves[1]), None);
    }
}
