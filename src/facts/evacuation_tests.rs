use proptest::prelude::*;

use super::*;

const GIB: i64 = 1 << 30;

fn balance(needed: i64, hosts: &[i64]) -> Balance {
    Balance {
        needed: Amount::of(needed),
        hosts: (0..)
            .zip(hosts.iter().map(|host| Amount::of(*host)))
            .collect(),
        open: false,
    }
}

fn downtime(hosts: &[u32], at_once: i64) -> Downtime {
    Downtime {
        window: 0,
        hosts: hosts.to_vec(),
        more: 0,
        at_once: (at_once, at_once),
    }
}

#[test]
fn the_largest_hosts_of_the_window_are_down() {
    let capacity = balance(90, &[60, 40, 50]).during(0, &downtime(&[0, 1], 1));
    assert_eq!(capacity.down, [0]);
    assert_eq!(capacity.available, Some(90));
    assert_eq!(capacity.lacking, Some(false));
    let capacity = balance(91, &[60, 40, 50]).during(0, &downtime(&[0, 1], 1));
    assert_eq!((capacity.lacking, capacity.feasible), (Some(true), None));
    let capacity = balance(90, &[60, 40, 50]).during(0, &downtime(&[0, 1, 2], 2));
    assert_eq!(capacity.down, [0, 2]);
    assert_eq!((capacity.lacking, capacity.feasible), (Some(true), Some(1)));
}

#[test]
fn a_host_of_unknown_size_may_be_the_one_that_is_down() {
    let mut three = balance(100, &[60, 30, 0]);
    three.hosts[2].1 = Amount::UNKNOWN;
    assert_eq!(three.during(0, &downtime(&[0, 2], 1)).lacking, Some(true));
    assert_eq!(three.during(0, &downtime(&[0, 1], 1)).lacking, None);
}

/// By the words of the catalogue: the largest hosts of the window are down.
fn lacks(needed: i64, hosts: &[i64], window: &[usize], at_once: usize) -> bool {
    let mut down: Vec<usize> = window.to_vec();
    down.sort_by_key(|host| Reverse(hosts[*host]));
    down.truncate(at_once);
    let rest = (0..hosts.len()).filter(|host| !down.contains(host));
    needed > rest.map(|host| hosts[host]).sum()
}

fn ends(amount: Amount) -> Vec<i64> {
    let most = amount.most.unwrap_or(1_000 * GIB);
    vec![amount.least, (amount.least + most) / 2, most]
}

/// What everything that is not known can turn out to be.
fn naive(balance: &Balance, downtime: &Downtime) -> Option<bool> {
    let mut estates: Vec<Vec<i64>> = vec![Vec::new()];
    for (_, memory) in &balance.hosts {
        let with = |estate: &Vec<i64>| {
            let host = |memory| estate.iter().copied().chain([memory]).collect();
            ends(*memory).into_iter().map(host).collect::<Vec<_>>()
        };
        estates = estates.iter().flat_map(with).collect();
    }
    let named: Vec<usize> = downtime.hosts.iter().map(|host| *host as usize).collect();
    let mut windows = vec![named.clone()];
    if downtime.more > 0 {
        let others = (0..balance.hosts.len()).filter(|host| !named.contains(host));
        windows.extend(others.map(|host| [&named[..], &[host]].concat()));
    }
    let mut seen = std::collections::BTreeSet::new();
    for estate in &estates {
        for needed in ends(balance.needed) {
            for window in &windows {
                for at_once in downtime.at_once.0..=downtime.at_once.1.min(4) {
                    seen.insert(lacks(needed, estate, window, at_once as usize));
                    if balance.open {
                        let larger = [&estate[..], &[1_000 * GIB]].concat();
                        seen.insert(lacks(needed, &larger, window, at_once as usize));
                    }
                }
            }
        }
    }
    match seen.into_iter().collect::<Vec<_>>().as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

fn amounts(known: f64) -> impl Strategy<Value = Amount> {
    let known = (0..60_i64)
        .prop_map(Amount::of)
        .prop_map(move |it| (it, known));
    (known, 0.0..1.0_f64, any::<bool>()).prop_map(|((amount, known), pick, wide)| match wide {
        _ if pick < known => amount,
        true => Amount::UNKNOWN,
        false => Amount { least: 0, ..amount },
    })
}

fn estates(known: f64) -> impl Strategy<Value = (Balance, Downtime)> {
    let hosts = prop::collection::vec(amounts(known), 1..5);
    let window = prop::collection::btree_set(0..5_u32, 0..5);
    let unclear = prop::bool::weighted(1.0 - known);
    (
        amounts(known),
        hosts,
        window,
        1..4_i64,
        unclear,
        unclear,
        unclear,
    )
        .prop_map(|(needed, hosts, window, at_once, open, more, unsaid)| {
            let hosts: Vec<_> = (0..).zip(hosts).collect();
            let of_cluster = window
                .into_iter()
                .filter(|host| (*host as usize) < hosts.len());
            let downtime = Downtime {
                window: 0,
                hosts: of_cluster.collect(),
                more: more.into(),
                at_once: if unsaid {
                    (1, i64::MAX)
                } else {
                    (at_once, at_once)
                },
            };
            (
                Balance {
                    needed,
                    hosts,
                    open,
                },
                downtime,
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn known_estates_are_judged_by_the_words_of_the_catalogue((balance, downtime) in estates(1.0)) {
        let judged = balance.during(0, &downtime).lacking;
        prop_assert!(judged.is_some() || downtime.hosts.is_empty());
        prop_assert_eq!(judged.or(naive(&balance, &downtime)), naive(&balance, &downtime));
    }

    #[test]
    fn what_is_said_of_unknown_estates_holds_however_they_turn_out((balance, downtime) in estates(0.8)) {
        let judged = balance.during(0, &downtime).lacking;
        if judged.is_some() && !downtime.hosts.is_empty() {
            prop_assert_eq!(judged, naive(&balance, &downtime));
        }
    }
}
