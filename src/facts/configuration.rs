//! Which versions of a machine's configuration a release of Windows Server accepts.
//!
//! From Microsoft, "Upgrade virtual machine version in Hyper-V on Windows or Windows Server", as of
//! 2025-01. It does not list Windows Server 2008 R2 and 2012, which had no such versions yet.

use super::Facts;
use crate::model::{Platform, PlatformVersion, State, Version};

/// Major and minor.
type Number = (u64, u64);

/// All versions, ascending.
const VERSIONS: [Number; 15] = [
    (5, 0),
    (6, 2),
    (7, 0),
    (7, 1),
    (8, 0),
    (8, 1),
    (8, 2),
    (8, 3),
    (9, 0),
    (9, 1),
    (9, 2),
    (9, 3),
    (10, 0),
    (11, 0),
    (12, 0),
];

/// The first and the last version that each release accepts, with all between. A machine that is
/// upgraded on a release gets the last of them, and there is no way back.
const ACCEPTED: [(PlatformVersion, Number, Number); 5] = [
    (PlatformVersion::V2012R2, (5, 0), (5, 0)),
    (PlatformVersion::V2016, (5, 0), (8, 0)),
    (PlatformVersion::V2019, (5, 0), (9, 0)),
    (PlatformVersion::V2022, (8, 0), (10, 0)),
    (PlatformVersion::V2025, (8, 0), (12, 0)),
];

fn accepted(release: PlatformVersion) -> Option<&'static [Number]> {
    let (_, first, last) = ACCEPTED.iter().find(|(listed, ..)| *listed == release)?;
    let start = VERSIONS.partition_point(|version| version < first);
    let end = VERSIONS.partition_point(|version| version <= last);
    VERSIONS.get(start..end)
}

/// A version as a number: 9 is 9.0. One of more than two parts is none that a release lists.
fn number(version: &Version) -> Option<Number> {
    match version.parts().as_slice() {
        [major] => Some((*major, 0)),
        [major, minor] => Some((*major, *minor)),
        [major, minor, rest @ ..] if rest.iter().all(|part| *part == 0) => Some((*major, *minor)),
        _ => None,
    }
}

/// A version as Hyper-V spells it: `9.0`, also where 9 is written.
pub(super) fn spelled(version: &Version) -> String {
    match number(version) {
        Some((major, minor)) => format!("{major}.{minor}"),
        None => version.0.to_string(),
    }
}

/// The releases that accept a version, as their maker spells them.
pub(super) fn releases_taking(version: &Version) -> Vec<String> {
    let version = number(version);
    let accepts = |release| {
        accepted(release)
            .zip(version)
            .is_some_and(|(all, it)| all.contains(&it))
    };
    let releases = ACCEPTED.iter().map(|(release, ..)| *release);
    releases
        .filter(|release| accepts(*release))
        .map(super::capacity::spelled)
        .collect()
}

impl Facts {
    /// The versions that a host accepts; none where its release is not known or not listed.
    fn accepted_on(&self, host: u32) -> Option<&'static [Number]> {
        let host = &self.placements.hosts[host as usize];
        if host.platform != State::Known(Platform::HyperV) {
            return None;
        }
        accepted(*host.version.known()?)
    }

    /// The least and the greatest version that both of two hosts accept, and whether one of them
    /// accepts others beside those; absent where there is none that both accept.
    pub(super) fn versions_of_both(&self, one: u32, other: u32) -> State<([String; 2], bool)> {
        let (Some(one), Some(other)) = (self.accepted_on(one), self.accepted_on(other)) else {
            return State::Unknown;
        };
        let both: Vec<_> = one.iter().filter(|it| other.contains(it)).collect();
        let spelled = |(major, minor): &Number| format!("{major}.{minor}");
        match (both.first(), both.last()) {
            (Some(first), Some(last)) => {
                let others = both.len() < one.len();
                State::Known(([spelled(first), spelled(last)], others))
            }
            _ => State::Absent,
        }
    }

    /// The least and the greatest version that a host accepts.
    pub(super) fn configuration_versions(&self, host: u32) -> Option<[String; 2]> {
        let accepted = self.accepted_on(host)?;
        let spelled = |(major, minor): &Number| format!("{major}.{minor}");
        Some([
            accepted.first().map(spelled)?,
            accepted.last().map(spelled)?,
        ])
    }

    /// The hosts among those a machine may come to that accept its configuration version, or that
    /// refuse it, and whether there may be more.
    pub(super) fn taking_configuration(&self, machine: u32, takes: bool) -> (Vec<u32>, bool) {
        let version = &self.inventory.machines[machine as usize]
            .spec
            .configuration_version;
        let (hosts, mut open) = self.destinations(machine);
        let Some(version) = version.known() else {
            return (Vec::new(), true);
        };
        let version = number(version);
        let mut found = Vec::new();
        for host in hosts {
            match self.accepted_on(host) {
                Some(accepted) if takes == version.is_some_and(|it| accepted.contains(&it)) => {
                    found.push(host);
                }
                Some(_) => {}
                None => open = true,
            }
        }
        (found, open)
    }

    /// Whether a host that a machine may come to accepts newer versions than its own only.
    pub(super) fn configuration_too_old(&self, machine: u32) -> Option<bool> {
        let version = &self.inventory.machines[machine as usize]
            .spec
            .configuration_version;
        let version = number(version.known()?)?;
        let (hosts, open) = self.destinations(machine);
        let oldest = |host: &u32| Some(*self.accepted_on(*host)?.first()?);
        let oldest: Vec<_> = hosts.iter().map(oldest).collect();
        let too_old = oldest.iter().flatten().any(|oldest| version < *oldest);
        super::truths::decide(too_old, !open && !oldest.contains(&None))
    }

    /// The first host that accepts a machine's configuration version and on which it can be
    /// upgraded to one that all hosts it may come to accept.
    pub(super) fn upgrading_host(&self, machine: u32) -> Option<u32> {
        let (hosts, open) = self.destinations(machine);
        if open {
            return None;
        }
        let accepted: Option<Vec<_>> = hosts.iter().map(|host| self.accepted_on(*host)).collect();
        let accepted = accepted?;
        let version = &self.inventory.machines[machine as usize]
            .spec
            .configuration_version;
        let version = number(version.known()?)?;
        let suits = |own: &[Number]| {
            own.contains(&version)
                && own
                    .last()
                    .is_some_and(|upgraded| accepted.iter().all(|other| other.contains(upgraded)))
        };
        let found = accepted.iter().position(|own| suits(own))?;
        hosts.get(found).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{ACCEPTED, accepted, number, spelled};
    use crate::model::{PlatformVersion, Version};

    fn version(text: &str) -> Version {
        Version(text.into())
    }

    #[test]
    fn versions_ascend_and_releases_drop_only_old_ones() {
        let rows = ACCEPTED.map(|(release, ..)| (release, accepted(release).unwrap()));
        for (release, versions) in rows {
            assert!(versions.is_sorted(), "{release}");
        }
        for pair in rows.windows(2) {
            let [(_, older), (newer, versions)] = pair else {
                continue;
            };
            let least = versions.first();
            let kept = older.iter().filter(|it| Some(*it) >= least);
            assert!(kept.clone().all(|it| versions.contains(it)), "{newer}");
        }
    }

    #[test]
    fn releases_accept_what_the_documentation_lists() {
        let listed = |release| {
            let spelled = |(major, minor): &(u64, u64)| format!("{major}.{minor}");
            let all: Vec<_> = accepted(release).unwrap().iter().map(spelled).collect();
            all.join(" ")
        };
        assert_eq!(listed(PlatformVersion::V2012R2), "5.0");
        assert_eq!(listed(PlatformVersion::V2016), "5.0 6.2 7.0 7.1 8.0");
        assert_eq!(
            listed(PlatformVersion::V2019),
            "5.0 6.2 7.0 7.1 8.0 8.1 8.2 8.3 9.0"
        );
        assert_eq!(
            listed(PlatformVersion::V2022),
            "8.0 8.1 8.2 8.3 9.0 9.1 9.2 9.3 10.0"
        );
        assert_eq!(
            listed(PlatformVersion::V2025),
            "8.0 8.1 8.2 8.3 9.0 9.1 9.2 9.3 10.0 11.0 12.0"
        );
    }

    #[test]
    fn what_has_no_versions_yet_is_not_listed() {
        assert_eq!(accepted(PlatformVersion::V2008R2), None);
        assert_eq!(accepted(PlatformVersion::V2012), None);
    }

    #[test]
    fn nine_is_nine_point_zero_and_comes_before_ten() {
        assert_eq!(number(&version("9")), number(&version("9.0")));
        assert!(number(&version("9.3")) < number(&version("10.0")));
        assert_eq!(spelled(&version("9")), "9.0");
        assert_eq!(spelled(&version("8.0.0")), "8.0");
        assert_eq!(spelled(&version("8.0.1")), "8.0.1");
        assert_eq!(number(&version("8.0.1")), None);
    }
}
