use proptest::prelude::*;

use super::*;
use crate::model::{Bandwidth, Memory};

fn copying(memory: &str, link: &str, dirty_rate: &str, sharing: i64) -> Copying {
    let bits = |text| Bandwidth::parse(text).expect(text).0;
    Copying {
        machine: None,
        certain: true,
        memory: Some(Memory::parse(memory).expect(memory).0),
        dirty_rate: Some(bits(dirty_rate)),
        link: Some(Narrowest {
            bandwidth: bits(link),
            host: 0,
        }),
        sharing: Bounds::exactly(sharing),
    }
}

fn seconds(one: &Copying) -> Option<f64> {
    let time = one.time().expect("all is known");
    let whole = time.seconds()?;
    let tenths = (0..10).find(|tenth| !ten_times(time).exceeds(10 * (whole - 1) + tenth));
    Some((whole - 1) as f64 + tenths.unwrap_or(10) as f64 / 10.0)
}

fn ten_times(time: Time) -> Time {
    (0..10).fold(Time::ZERO, |sum, _| sum.and_then(time))
}

/// The machine, link and dirty rate of each published vector, the time of its first pass, and the
/// time after at most ten passes, which an endless number of them is not below.
#[test]
fn the_vectors_of_a_single_migration() {
    for (memory, link, dirty_rate, first, after_passes) in [
        ("16GiB", "1Gbps", "20MiB/s", 137.4, 165.0),
        ("16GiB", "10Gbps", "20MiB/s", 13.7, 14.0),
        ("16GiB", "10Gbps", "200MiB/s", 13.7, 16.5),
        ("64GiB", "10Gbps", "800MiB/s", 55.0, 164.0),
        ("64GiB", "7.25Gbps", "200MiB/s", 75.8, 98.6),
        ("64GiB", "25Gbps", "800MiB/s", 22.0, 30.0),
        ("64GiB", "1Gbps", "100MiB/s", 549.8, 2823.0),
    ] {
        let lower = seconds(&copying(memory, link, "0bps", 1)).unwrap();
        assert!((lower - first).abs() < 0.11, "{lower} is not {first}");
        let endless = seconds(&copying(memory, link, dirty_rate, 1)).unwrap();
        assert!(endless > after_passes - 0.2, "{endless}: {after_passes}");
        assert!(endless < after_passes * 1.25, "{endless}: {after_passes}");
    }
    let diverging = copying("64GiB", "1Gbps", "150MiB/s", 1);
    assert_eq!(diverging.time(), Some(Time::ENDLESS));
    assert_eq!(diverging.converges(), Some(false));
}

/// Twenty machines of 16 GiB with 100 MiB/s over 10 Gbps. (With whole rounds of eight the source
/// has 1003 s for eight at once; added up they are 836 s.)
#[test]
fn more_at_once_are_slower() {
    for (at_once, expected) in [(1, 301), (2, 331), (4, 414), (8, 836)] {
        let lane = Lane::new(
            vec![copying("16GiB", "10Gbps", "100MiB/s", at_once); 20],
            false,
        );
        assert_eq!(lane.least.seconds(), Some(expected), "{at_once} at once");
        assert_eq!(lane.most, Some(lane.least));
    }
    let lane = Lane::new(vec![copying("16GiB", "10Gbps", "100MiB/s", 12); 20], false);
    assert_eq!(lane.least, Time::ENDLESS);
}

#[test]
fn it_does_not_converge_from_the_bandwidth_on() {
    let rate = |dirty_rate| copying("1GiB", "1Gbps", dirty_rate, 1).converges();
    assert_eq!(rate("999999999bps"), Some(true));
    assert_eq!(rate("1Gbps"), Some(false));
    let shared = |sharing| copying("1GiB", "1Gbps", "250Mbps", sharing).converges();
    assert_eq!(shared(3), Some(true));
    assert_eq!(shared(4), Some(false));
}

#[test]
fn what_is_unknown_leaves_bounds() {
    let known = copying("8GiB", "1Gbps", "100Mbps", 2);
    let without_link = Copying {
        link: None,
        ..known.clone()
    };
    assert_eq!(
        (without_link.least(), without_link.time()),
        (Time::ZERO, None)
    );
    let unsure = Copying {
        certain: false,
        ..known.clone()
    };
    assert_eq!((unsure.least(), unsure.most()), (Time::ZERO, known.time()));
    let wild = Copying {
        dirty_rate: None,
        ..known.clone()
    };
    let quiet = copying("8GiB", "1Gbps", "0bps", 2);
    assert_eq!((Some(wild.least()), wild.most()), (quiet.time(), None));
    let crowded = Copying {
        sharing: Bounds { least: 1, most: 10 },
        ..known.clone()
    };
    assert_eq!(crowded.most(), Some(Time::ENDLESS));
    assert_eq!(
        Some(crowded.least()),
        copying("8GiB", "1Gbps", "100Mbps", 1).time()
    );
    assert_eq!(crowded.converges(), None);
    let large = Copying {
        memory: None,
        ..known.clone()
    };
    assert_eq!((large.least(), large.most()), (Time::ZERO, None));
    let large_and_wild = Copying {
        memory: None,
        ..copying("8GiB", "1Gbps", "1Gbps", 1)
    };
    assert_eq!(large_and_wild.time(), Some(Time::ENDLESS));
    let open = Lane::new(vec![known.clone()], true);
    assert_eq!((Some(open.least), open.most), (known.time(), None));
}

#[test]
fn hosts_of_a_group_are_emptied_at_the_same_time() {
    let lane = |memory: &str| Lane::new(vec![copying(memory, "8Gbps", "0bps", 1)], false);
    let lanes = [lane("10GB"), lane("30GB"), lane("20GB")];
    let lanes: Vec<&Lane> = lanes.iter().collect();
    let seconds = |at_once| {
        let time = in_groups(&lanes, at_once, |lane| lane.most);
        time.and_then(Time::seconds).unwrap()
    };
    assert_eq!([seconds(1), seconds(2), seconds(3)], [65, 54, 33]);
    assert_eq!(seconds(9), 33);
}

#[test]
fn what_would_do() {
    let lane = Lane::new(vec![copying("100GiB", "1Gbps", "200Mbps", 4); 4], false);
    let needed = sufficient_bandwidth(&[&lane], 1, 3600).unwrap();
    assert_eq!(needed, 1_800_000_000);
    let alone = copying("100GiB", "1Gbps", "200Mbps", 2);
    let fits = 4 * alone.time().and_then(Time::seconds).unwrap();
    assert_eq!(sufficient_sharing(&[&lane], 1, fits), Some(2));
    assert_eq!(sufficient_sharing(&[&lane], 1, fits - 4), Some(1));
    assert_eq!(sufficient_sharing(&[&lane], 1, 60), None);
    assert_eq!(sufficient_bandwidth(&[&lane], 1, 1), None);
    let unknown = Lane::new(lane.migrations.clone(), true);
    assert_eq!(sufficient_bandwidth(&[&unknown], 1, 3600), None);
    assert_eq!(sufficient_sharing(&[&unknown], 1, fits), None);
}

fn migrations() -> impl Strategy<Value = Vec<Copying>> {
    let one = (
        1..1_i64 << 40,
        0..2_000_000_000_i64,
        1..20_000_000_000_i64,
        1..5_i64,
    );
    let one = one.prop_map(|(memory, dirty_rate, bandwidth, sharing)| Copying {
        machine: None,
        certain: true,
        memory: Some(memory),
        dirty_rate: Some(dirty_rate),
        link: Some(Narrowest { bandwidth, host: 0 }),
        sharing: Bounds::exactly(sharing),
    });
    prop::collection::vec(one, 0..6)
}

/// The formula as it is written, in floating point.
fn naive(migrations: &[Copying], bandwidth: i64, sharing: i64) -> f64 {
    let one = |one: &Copying| {
        let bandwidth = one.link.unwrap().bandwidth.max(bandwidth) as f64;
        let sharing = one.sharing.most.min(sharing) as f64;
        let ratio = sharing * one.dirty_rate.unwrap() as f64 / bandwidth;
        if ratio >= 1.0 {
            f64::INFINITY
        } else {
            one.memory.unwrap() as f64 * 8.0 / bandwidth / (1.0 - ratio)
        }
    };
    migrations.iter().map(one).sum()
}

proptest! {
    #[test]
    fn times_agree_with_the_formula(migrations in migrations()) {
        let lane = Lane::new(migrations, false);
        let expected = naive(&lane.migrations, 0, i64::MAX);
        prop_assert_eq!(lane.most, Some(lane.least));
        match lane.least.seconds() {
            None => prop_assert!(expected > 1e18),
            Some(found) => {
                let found = found as f64;
                prop_assert!((found - expected).abs() <= 1.0 + expected * 1e-6, "{} {}", found, expected);
            }
        }
    }

    #[test]
    fn what_would_do_is_enough_and_less_is_not(migrations in migrations(), seconds in 1..100_000_i64) {
        let lane = Lane::new(migrations, false);
        let takes = |bandwidth, sharing| naive(&lane.migrations, bandwidth, sharing);
        let limit = seconds as f64;
        if let Some(enough) = sufficient_bandwidth(&[&lane], 1, seconds) {
            prop_assert!(takes(enough, i64::MAX) <= limit * (1.0 + 1e-6));
            prop_assert!(enough == STEP || takes(enough - STEP, i64::MAX) > limit * (1.0 - 1e-6));
        } else {
            prop_assert!(takes(STEP * STEPS, i64::MAX) > limit * (1.0 - 1e-6));
        }
        if let Some(enough) = sufficient_sharing(&[&lane], 1, seconds) {
            prop_assert!(takes(0, enough) <= limit * (1.0 + 1e-6));
            let most = lane.migrations.iter().map(|one| one.sharing.most).max().unwrap();
            prop_assert!(enough + 1 == most || takes(0, enough + 1) > limit * (1.0 - 1e-6));
        }
    }

    #[test]
    fn groups_agree_with_picking_hosts_one_by_one(memories in prop::collection::vec(0..100_i64, 0..9), at_once in 1..5_usize) {
        let lanes: Vec<Lane> = memories
            .iter()
            .map(|memory| Lane::new(vec![copying(&memory.to_string(), "8bps", "0bps", 1)], false))
            .collect();
        let lanes: Vec<&Lane> = lanes.iter().collect();
        let mut expected = 0;
        let mut left = memories.clone();
        while !left.is_empty() {
            let group: Vec<i64> = left.drain(..at_once.min(left.len())).collect();
            expected += group.into_iter().max().unwrap_or(0);
        }
        let time = in_groups(&lanes, at_once, |lane| lane.most);
        prop_assert_eq!(time.and_then(Time::seconds), Some(expected));
    }
}
