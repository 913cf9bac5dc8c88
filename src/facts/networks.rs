//! Which hosts of a cluster share a network for live migrations.

use std::collections::HashMap;
use std::net::IpAddr;

use super::truths::decide;
use super::{Facts, fact_record};
use crate::model::{Host, Resource, State};

/// The networks that the hosts of a cluster declare for live migrations.
pub(super) struct MigrationNetworks {
    pub(super) cluster: u32,
    /// The hosts that declare some.
    pub(super) hosts: Vec<u32>,
    /// Whether two of them share none.
    pub(super) apart: Option<bool>,
    /// The first two that share none.
    pub(super) pair: Option<(u32, u32)>,
    /// The network that most hosts share, of those that not all do, as written.
    pub(super) common: Option<String>,
    /// The hosts that do not share it.
    pub(super) without: Vec<u32>,
}

fact_record!(MigrationNetworks, &super::vocabulary::MIGRATION_NETWORKS);

/// A subnet: the leading bits of its addresses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Prefix {
    /// Whether it is one of IPv6.
    six: bool,
    /// From the top.
    bits: u128,
    length: u32,
}

impl Prefix {
    /// Reads `10.0.8.0/24`, `fd00:8::/64`, or a single address.
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let (six, bits, longest) = match address.parse().ok()? {
            IpAddr::V4(address) => (false, u128::from(address.to_bits()) << 96, 32),
            IpAddr::V6(address) => (true, address.to_bits(), 128),
        };
        let length = match length {
            None => longest,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok().filter(|length| *length <= longest)?
            }
            Some(_) => return None,
        };
        Some(Prefix { six, bits, length })
    }

    /// Whether an address lies in both.
    fn overlaps(&self, other: &Prefix) -> bool {
        let common = self.length.min(other.length);
        let different = (self.bits ^ other.bits).leading_zeros();
        self.six == other.six && different >= common
    }
}

/// What one host declares; an element that cannot be read is unknown.
type Declared = Vec<Option<Prefix>>;

/// Whether two hosts share a network.
fn share(one: &[Option<Prefix>], other: &[Option<Prefix>]) -> Option<bool> {
    let known = |list: &[Option<Prefix>]| list.iter().all(Option::is_some);
    let overlap = one.iter().flatten().any(|prefix| {
        let mut others = other.iter().flatten();
        others.any(|other| prefix.overlaps(other))
    });
    decide(overlap, known(one) && known(other))
}

/// What a host declares, as written; an empty list declares nothing.
fn written(host: &Resource<Host>) -> State<Vec<Option<&str>>> {
    let migration = host.meta.said(&host.spec.migration);
    let networks = migration.and_then(|migration| host.meta.said(&migration.networks));
    networks.and_then(|networks| {
        let texts = networks.iter().map(|network| network.known());
        match networks.is_empty() {
            true => State::Absent,
            false => State::Known(texts.map(|text| text.map(|text| &**text)).collect()),
        }
    })
}

/// Whether two hosts share a network for live migrations; absent where one of them declares none.
pub(super) fn shared(one: &Resource<Host>, other: &Resource<Host>) -> State<bool> {
    let read = |texts: Vec<Option<&str>>| -> Declared {
        let prefixes = texts.iter().map(|text| text.and_then(Prefix::parse));
        prefixes.collect()
    };
    match (written(one), written(other)) {
        (State::Absent, _) | (_, State::Absent) => State::Absent,
        (State::Known(one), State::Known(other)) => {
            share(&read(one), &read(other)).map_or(State::Unknown, State::Known)
        }
        _ => State::Unknown,
    }
}

/// The networks of every cluster.
pub(super) fn of_clusters(facts: &Facts) -> Vec<MigrationNetworks> {
    let members = (0..).zip(&facts.placements.clusters);
    members
        .map(|(cluster, members)| {
            let mut open = members.open;
            let mut declared = Vec::new();
            for host in &members.hosts {
                match written(&facts.inventory.hosts[*host as usize]) {
                    State::Known(networks) => declared.push((*host, networks)),
                    State::Unknown => open = true,
                    State::Absent => {}
                }
            }
            of_hosts(cluster, &declared, open)
        })
        .collect()
}

fn of_hosts(cluster: u32, hosts: &[(u32, Vec<Option<&str>>)], open: bool) -> MigrationNetworks {
    let prefix = |text: &Option<&str>| text.and_then(Prefix::parse);
    // Hosts that declare the same are looked at once.
    let mut kinds: Vec<(Declared, Vec<u32>)> = Vec::new();
    let mut numbers = HashMap::new();
    for (host, networks) in hosts {
        let declared: Declared = networks.iter().map(prefix).collect();
        let number = *numbers.entry(declared.clone()).or_insert_with(|| {
            kinds.push((declared, Vec::new()));
            kinds.len() - 1
        });
        kinds[number].1.push(*host);
    }
    let mut pair: Option<(u32, u32)> = None;
    let mut certain = !open;
    for (number, (one, members)) in kinds.iter().enumerate() {
        certain &= members.len() < 2 || share(one, one) == Some(true);
        for (other, others) in &kinds[..number] {
            match (share(one, other), others.first(), members.first()) {
                (Some(false), Some(first), Some(second)) => {
                    let found = (*first, *second);
                    pair = Some(pair.map_or(found, |known| known.min(found)));
                }
                (None, ..) => certain = false,
                _ => {}
            }
        }
    }
    let lacking = |prefix: Prefix| -> Vec<u32> {
        let lacking = kinds
            .iter()
            .filter(|(networks, _)| share(&[Some(prefix)], networks) == Some(false));
        let mut hosts: Vec<u32> = lacking.flat_map(|(_, hosts)| hosts).copied().collect();
        hosts.sort_unstable();
        hosts
    };
    let mut common: Option<(Prefix, Vec<u32>)> = None;
    let distinct = kinds.iter().flat_map(|(networks, _)| networks).flatten();
    for prefix in distinct.filter(|_| pair.is_some()) {
        let without = lacking(*prefix);
        let better = common
            .as_ref()
            .is_none_or(|(_, fewest)| without.len() < fewest.len());
        if better && !without.is_empty() {
            common = Some((*prefix, without));
        }
    }
    let text = |wanted: Prefix| {
        let mut texts = hosts.iter().flat_map(|(_, networks)| networks);
        texts.find(|text| prefix(text) == Some(wanted))
    };
    let name = common.as_ref().and_then(|(prefix, _)| text(*prefix));
    MigrationNetworks {
        cluster,
        hosts: hosts.iter().map(|(host, _)| *host).collect(),
        apart: decide(pair.is_some(), certain),
        pair,
        common: name.and_then(|text| text.map(str::to_owned)),
        without: common.map(|(_, without)| without).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn overlap(one: &str, other: &str) -> bool {
        let parse = |text| Prefix::parse(text).expect(text);
        parse(one).overlaps(&parse(other))
    }

    #[test]
    fn prefixes_overlap_when_one_holds_the_other() {
        assert!(overlap("10.0.8.0/24", "10.0.8.0/24"));
        assert!(overlap("10.0.0.0/8", "10.0.8.0/24"));
        assert!(overlap("10.0.8.17/24", "10.0.8.200"));
        assert!(!overlap("10.0.8.0/24", "10.0.9.0/24"));
        assert!(overlap("10.0.8.0/23", "10.0.9.0/24"));
        assert!(overlap("0.0.0.0/0", "192.168.1.1"));
        assert!(overlap("fd00:8::/64", "fd00:8:0:0:1::/80"));
        assert!(!overlap("fd00:8::/64", "fd00:8:0:1::/64"));
        assert!(!overlap("::/0", "0.0.0.0/0"));
        assert!(!overlap("::1", "::2"));
    }

    #[test]
    fn what_is_no_subnet_is_not_read() {
        for text in [
            "",
            "/24",
            "10.0.8/24",
            "10.0.8.0/",
            "10.0.8.0/33",
            "10.0.8.0/+24",
            "10.0.8.0/24/1",
            "10.0.8.0/255.255.255.0",
            "10.0.08.0/24",
            "fd00::/129",
            "fe80::1%eth0/64",
            "migration",
        ] {
            assert_eq!(Prefix::parse(text), None, "{text}");
        }
    }

    fn found(hosts: &[&[&str]], open: bool) -> MigrationNetworks {
        let declared: Vec<(u32, Vec<Option<&str>>)> = (0..)
            .zip(hosts)
            .map(|(host, networks)| (host, networks.iter().copied().map(Some).collect()))
            .collect();
        of_hosts(0, &declared, open)
    }

    #[test]
    fn the_host_that_is_alone_is_named() {
        let a: &[&str] = &["10.0.8.0/24"];
        let b: &[&str] = &["10.0.9.0/24", "10.0.8.128/25"];
        let c: &[&str] = &["10.0.10.0/24"];
        let alone = found(&[a, c, b], false);
        assert_eq!((alone.apart, alone.pair), (Some(true), Some((0, 1))));
        assert_eq!(alone.common.as_deref(), Some("10.0.8.0/24"));
        assert_eq!(alone.without, [1]);
        assert_eq!(found(&[a, b, a], false).apart, Some(false));
        assert_eq!(found(&[a, b], true).apart, None);
        assert_eq!(found(&[a, c], true).apart, Some(true));
        let odd: &[&str] = &["everywhere"];
        assert_eq!(found(&[a, odd], false).apart, None);
        assert_eq!(found(&[odd, odd], false).apart, None);
        assert_eq!(found(&[odd], false).apart, Some(false));
        assert_eq!(found(&[], false).apart, Some(false));
    }

    #[test]
    fn a_network_that_all_share_is_not_what_is_missing() {
        let hosts: [&[&str]; 3] = [&["10.0.0.0/8"], &["10.1.0.0/16"], &["10.2.0.0/16"]];
        let apart = found(&hosts, false);
        assert_eq!(apart.pair, Some((1, 2)));
        assert_eq!(apart.common.as_deref(), Some("10.1.0.0/16"));
        assert_eq!(apart.without, [2]);
    }

    proptest! {
        /// The naive reading compares addresses bit by bit, and hosts one by one.
        #[test]
        fn pairs_agree_with_comparing_all_hosts(
            hosts in prop::collection::vec(prop::collection::vec((0..4_u8, 0..4_u8, 22..27_u32), 1..3), 0..6)
        ) {
            let written: Vec<Vec<String>> = hosts
                .iter()
                .map(|networks| networks.iter().map(|(c, d, length)| format!("10.0.{c}.{}/{length}", d * 64)).collect())
                .collect();
            let common = |a: &(u8, u8, u32), b: &(u8, u8, u32)| {
                let bits = |(c, d, _): &(u8, u8, u32)| format!("{:016b}{c:08b}{:08b}", 10 << 8, d * 64);
                let length = a.2.min(b.2) as usize;
                bits(a)[..length] == bits(b)[..length]
            };
            let mut expected = None;
            for (first, one) in (0..).zip(&hosts) {
                for (second, other) in (0..).zip(&hosts) {
                    let shared = one.iter().any(|a| other.iter().any(|b| common(a, b)));
                    if first < second && !shared && expected.is_none() {
                        expected = Some((first, second));
                    }
                }
            }
            let texts: Vec<Vec<&str>> = written.iter().map(|texts| texts.iter().map(String::as_str).collect()).collect();
            let lists: Vec<&[&str]> = texts.iter().map(Vec::as_slice).collect();
            let found = found(&lists, false);
            prop_assert_eq!(found.pair, expected);
            prop_assert_eq!(found.apart, Some(expected.is_some()));
            prop_assert_eq!(found.without.is_empty(), expected.is_none());
        }
    }
}
