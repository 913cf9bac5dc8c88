//! Settings that all hosts of a cluster should share.

use super::{Facts, fact_record};
use crate::model::{Host, Migration, Resource, State};

/// A setting of live migrations, on the hosts of a cluster.
pub(super) struct ClusterSetting {
    pub(super) cluster: u32,
    pub(super) setting: &'static Setting,
}

fact_record!(ClusterSetting, &super::vocabulary::CLUSTER_SETTING);

/// What has to be the same on both sides of a live migration.
pub(super) struct Setting {
    /// The attribute of a host's `migration`.
    pub(super) name: &'static str,
    read: fn(&Migration) -> State<&'static str>,
    choice: Choice,
    /// Its values, the best one last.
    from_worst: &'static [&'static str],
}

/// Which of their values all hosts should have.
enum Choice {
    /// The best one.
    Best,
    /// What most of them have; the best one where as many have another.
    Usual,
}

/// The names of all settings.
pub(super) const NAMES: &[&str] = &["performanceOption", "authenticationType"];

static SETTINGS: [Setting; 2] = [
    Setting {
        name: NAMES[0],
        read: |migration| {
            word(migration.performance_option.state(), |option| {
                option.as_str()
            })
        },
        choice: Choice::Usual,
        // Compression harms nobody where SMB finds no RDMA.
        from_worst: &["tcpip", "smb", "compression"],
    },
    Setting {
        name: NAMES[1],
        read: |migration| word(migration.authentication_type.state(), |auth| auth.as_str()),
        choice: Choice::Best,
        from_worst: &["credssp", "kerberos"],
    },
];

fn word<T>(state: State<&T>, text: fn(&T) -> &'static str) -> State<&'static str> {
    state.map(text)
}

/// The settings that two hosts state and that differ, with what each of them says.
pub(super) fn differing(
    one: &Migration,
    other: &Migration,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    SETTINGS.iter().filter_map(|setting| {
        let (one, other) = ((setting.read)(one), (setting.read)(other));
        let values = (*one.known()?, *other.known()?);
        (values.0 != values.1).then_some((setting.name, values.0, values.1))
    })
}

/// Every setting of every cluster.
pub(super) fn of_clusters(facts: &Facts) -> Vec<ClusterSetting> {
    let clusters = facts.inventory.clusters.iter();
    clusters
        .flat_map(|cluster| {
            SETTINGS.iter().map(|setting| ClusterSetting {
                cluster: cluster.meta.index,
                setting,
            })
        })
        .collect()
}

impl ClusterSetting {
    /// What each host of the cluster says.
    pub(super) fn values(&self, facts: &Facts) -> Vec<(u32, State<&'static str>)> {
        let value = |host: &Resource<Host>| {
            let migration = host.meta.said(&host.spec.migration);
            migration.and_then(self.setting.read)
        };
        let hosts = facts.placements.clusters[self.cluster as usize]
            .hosts
            .iter();
        hosts
            .map(|host| (*host, value(&facts.inventory.hosts[*host as usize])))
            .collect()
    }

    /// What the hosts should all say, and those that say something else.
    pub(super) fn proposal(&self, facts: &Facts) -> Option<(&'static str, Vec<u32>)> {
        let values = self.values(facts);
        let mut voices: Vec<(&'static str, usize)> = Vec::new();
        for value in values.iter().filter_map(|(_, value)| value.known()) {
            match voices.iter_mut().find(|(known, _)| known == value) {
                Some((_, count)) => *count += 1,
                None => voices.push((value, 1)),
            }
        }
        let better = |value: &str| self.setting.from_worst.iter().position(|it| *it == value);
        let (usual, _) =
            voices
                .into_iter()
                .max_by_key(|(value, count)| match self.setting.choice {
                    Choice::Best => (0, better(value)),
                    Choice::Usual => (*count, better(value)),
                })?;
        let others = values
            .iter()
            .filter(|(_, value)| value.known().is_some_and(|value| *value != usual));
        Some((usual, others.map(|(host, _)| *host).collect()))
    }
}
