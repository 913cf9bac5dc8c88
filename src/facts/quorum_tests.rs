use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::facts::mobility_tests::{facts, resource};

fn downtime(hosts: &[u32], more: i64, at_once: (i64, i64)) -> Downtime {
    Downtime {
        window: 0,
        hosts: hosts.to_vec(),
        more,
        at_once,
    }
}

fn electorate(hosts: i64, witness: i64) -> Electorate {
    Electorate {
        hosts: (hosts, hosts),
        witness: (witness, witness),
    }
}

#[test]
fn half_of_the_votes_stop_a_cluster_but_one_host_never_does() {
    let breaks = |hosts, witness, down| electorate(hosts, witness).broken((down, down));
    assert_eq!(breaks(4, 0, 2), Some(true));
    assert_eq!(breaks(4, 1, 2), Some(false));
    assert_eq!(breaks(4, 1, 3), Some(true));
    assert_eq!(breaks(5, 0, 2), Some(false));
    assert_eq!(breaks(2, 0, 1), Some(false));
    assert_eq!(breaks(1, 0, 1), Some(false));
    assert_eq!(breaks(2, 0, 2), Some(true));
    let tolerates = |hosts, witness| electorate(hosts, witness).tolerates();
    assert_eq!(
        [2, 3, 4, 5, 6].map(|hosts| tolerates(hosts, 0)),
        [1, 1, 1, 2, 2]
    );
    assert_eq!(
        [2, 3, 4, 5, 6].map(|hosts| tolerates(hosts, 1)),
        [1, 1, 2, 2, 3]
    );
}

#[test]
fn two_windows_on_the_same_hosts_take_them_down_once() {
    let both = [downtime(&[0, 1], 0, (2, 2)), downtime(&[1, 0], 0, (2, 2))];
    assert_eq!(electorate(5, 0).down(&both, []), (2, 2));
    let apart = [downtime(&[0, 1], 0, (1, 1)), downtime(&[2, 3], 0, (1, 1))];
    assert_eq!(electorate(5, 0).down(&apart, []), (2, 2));
    let named_few = [downtime(&[0, 1], 0, (9, 9))];
    assert_eq!(electorate(5, 0).down(&named_few, []), (2, 2));
}

#[test]
fn of_many_other_windows_the_first_are_told() {
    let mut estate = String::new();
    resource(&mut estate, "Cluster", "c", "hosts: [h0, h1]");
    resource(&mut estate, "Host", "h0", "");
    resource(&mut estate, "Host", "h1", "");
    let others = TOLD + 9;
    for number in 0..=others {
        let window = format!(
            "hosts: [h{}], schedule: {{ start: '22:00', end: '23:00' }}",
            number % 2
        );
        resource(
            &mut estate,
            "MaintenanceWindow",
            &format!("w{number}"),
            &window,
        );
    }
    let facts = facts(&estate);
    let told = |quorum: &WindowQuorum| (quorum.others.len(), quorum.more_others, quorum.broken);
    for quorum in facts.quorums() {
        assert_eq!(told(quorum), (TOLD, 9, Some(true)));
    }
    assert_eq!(facts.quorums().len(), others + 1);
}

/// A cluster of which everything is known, with the windows that are open.
struct Estate {
    hosts: u32,
    witness: bool,
    windows: Vec<(BTreeSet<u32>, i64)>,
}

impl Estate {
    /// By the words of the catalogue.
    fn stops(&self) -> bool {
        let mut distinct: BTreeSet<u32> = BTreeSet::new();
        let mut sum = 0;
        for (hosts, at_once) in &self.windows {
            let there: Vec<_> = hosts.iter().filter(|host| **host < self.hosts).collect();
            sum += (*at_once).min(there.len() as i64);
            distinct.extend(there);
        }
        let down = sum.min(distinct.len() as i64);
        let votes = i64::from(self.hosts) + i64::from(self.witness);
        down >= 2 && 2 * down >= votes
    }
}

/// A window with what is not known of it.
#[derive(Clone, Debug)]
struct Draft {
    hosts: BTreeSet<u32>,
    /// How many hosts it has that nobody knows; of this cluster or not.
    more: usize,
    at_once: Option<i64>,
    open: bool,
}

/// Every window that a draft can turn out to be, among so many hosts.
fn completions(draft: &Draft, hosts: u32) -> Vec<Option<(BTreeSet<u32>, i64)>> {
    let mut named = vec![draft.hosts.clone()];
    for _ in 0..draft.more {
        let other = (0..=hosts).flat_map(|host| {
            let with = |set: &BTreeSet<u32>| set.iter().copied().chain([host]).collect();
            named.iter().map(with).collect::<Vec<BTreeSet<u32>>>()
        });
        named = other.collect();
    }
    let at_once = draft
        .at_once
        .map_or_else(|| (1..=4).collect(), |it| vec![it]);
    let mut all = Vec::new();
    for hosts in &named {
        all.extend(
            at_once
                .iter()
                .map(|at_once| Some((hosts.clone(), *at_once))),
        );
    }
    if !draft.open {
        all.push(None);
    }
    all
}

/// Whether the cluster stops, by trying everything that is not known.
fn naive(hosts: u32, more: u32, witness: Option<bool>, drafts: &[Draft]) -> Option<bool> {
    let mut seen = BTreeSet::new();
    for hosts in hosts..=hosts + more {
        for witness in witness.map_or_else(|| vec![false, true], |it| vec![it]) {
            let mut worlds = vec![Vec::new()];
            for draft in drafts {
                let next = completions(draft, hosts);
                worlds = worlds
                    .iter()
                    .flat_map(|world: &Vec<(BTreeSet<u32>, i64)>| {
                        next.iter()
                            .map(|window| world.iter().cloned().chain(window.clone()).collect())
                            .collect::<Vec<_>>()
                    })
                    .collect();
            }
            seen.extend(worlds.into_iter().map(|windows| {
                let estate = Estate {
                    hosts,
                    witness,
                    windows,
                };
                estate.stops()
            }));
        }
    }
    match seen.into_iter().collect::<Vec<_>>().as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// Windows of which this is known, by a chance: how many hosts, how many at once, whether open.
fn drafts(known: f64) -> impl Strategy<Value = Draft> {
    let hosts = prop::collection::btree_set(0..4_u32, 0..4);
    let chances = [0.0..1.0_f64, 0.0..1.0, 0.0..1.0];
    (hosts, 1..4_i64, chances).prop_map(move |(hosts, at_once, [more, unsaid, open])| Draft {
        hosts,
        more: usize::from(more > known),
        at_once: (unsaid <= known).then_some(at_once),
        open: open <= known,
    })
}

fn derived(hosts: u32, more: u32, witness: Option<bool>, drafts: &[Draft]) -> Option<bool> {
    let electorate = Electorate {
        hosts: (hosts.into(), (hosts + more).into()),
        witness: witness.map_or((0, 1), |it| (it.into(), it.into())),
    };
    let downtimes: Vec<(bool, Downtime)> = drafts
        .iter()
        .map(|draft| {
            let named: Vec<u32> = draft
                .hosts
                .iter()
                .copied()
                .filter(|it| *it < hosts)
                .collect();
            let at_once = draft.at_once.map_or((1, i64::MAX), |it| (it, it));
            (draft.open, downtime(&named, draft.more as i64, at_once))
        })
        .collect();
    let those = |wanted| {
        downtimes
            .iter()
            .filter(move |it| it.0 == wanted)
            .map(|it| &it.1)
    };
    electorate.broken(electorate.down(those(true), those(false)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn known_windows_are_judged_by_the_words_of_the_catalogue(
        hosts in 0..6_u32,
        witness in any::<bool>(),
        drafts in prop::collection::vec(drafts(1.0), 0..4),
    ) {
        let judged = derived(hosts, 0, Some(witness), &drafts);
        prop_assert_eq!(judged, naive(hosts, 0, Some(witness), &drafts));
        prop_assert!(judged.is_some());
    }

    #[test]
    fn what_is_said_of_unknown_windows_holds_however_they_turn_out(
        hosts in 4..6_u32,
        more in 0..2_u32,
        witness in prop::option::weighted(0.7, any::<bool>()),
        drafts in prop::collection::vec(drafts(0.7), 0..3),
    ) {
        let judged = derived(hosts, more, witness, &drafts);
        if judged.is_some() {
            prop_assert_eq!(judged, naive(hosts, more, witness, &drafts));
        }
    }
}
