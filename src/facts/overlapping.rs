//! Backups of the same machines, pair by pair. As there can be as many pairs as the square of the
//! policies, so many are told as somebody can read, and the others are counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Facts;
use super::collisions::{BackupOverlap, Meeting, current_policies};
use crate::schedule::Overlap;

/// How many others a policy is told to collide with.
pub(super) const MOST_OTHERS: usize = 100;

/// How many pairs of policies that collide are told in a run, as long as each policy that collides
/// with some is told with one of them.
pub(super) const MOST_PAIRS: usize = 10_000;

/// How many pairs for each policy, and machines of pairs for each machine, are told in every run:
/// a large estate may have more of them than a small one.
pub(super) const ALWAYS: usize = 10;

/// How many machines all pairs of a kind have in common that are told in a run, each counted by its
/// pair, as long as each policy that collides with some is told with one of them.
pub(super) const MOST_MACHINES: usize = 1_000_000;

/// Machines that the same policies back up.
struct Group {
    /// Ascending.
    policies: Vec<u32>,
    /// Ascending.
    machines: Vec<u32>,
}

/// The others of a policy, all of which come before it.
#[derive(Default)]
struct Others {
    /// The first of those that it collides with, ascending.
    colliding: Vec<u32>,
    /// How many there are.
    count: usize,
    /// The first that it may collide with.
    possible: Option<u32>,
    /// The first that it does not collide with.
    apart: Option<u32>,
}

/// Groups, and for each policy those that it is in.
struct Groups {
    groups: Vec<Group>,
    of_policy: BTreeMap<u32, Vec<u32>>,
}

/// Machines by the groups that they are in.
type Machines = HashMap<Vec<u32>, Arc<[u32]>>;

pub(super) fn among_backups(facts: &Facts) -> Vec<BackupOverlap> {
    let groups = Groups::of(facts, (0..).take(facts.policies_of.len()));
    let mut seen = vec![u32::MAX; facts.calendar.policies.len()];
    let policies = groups.of_policy.keys();
    let all: Vec<(u32, Others)> = policies
        .map(|policy| (*policy, groups.others(facts, *policy, &mut seen)))
        .collect();
    let counts = all.iter().map(|(policy, others)| (*policy, others.count));
    let most = most_told(facts, counts);
    let mut machines = Machines::new();
    let mut found = Vec::new();
    for (policy, others) in all {
        let told = others.count.min(most);
        let mut pairs = others.colliding[..told].to_vec();
        pairs.extend(others.possible);
        pairs.extend(others.apart);
        pairs.sort_unstable();
        let last = told.checked_sub(1).map(|last| others.colliding[last]);
        for other in pairs {
            let mut meeting = groups.meeting(facts, policy, other, &mut machines);
            if Some(other) == last {
                meeting.untold = others.count - told;
            }
            found.push(BackupOverlap(meeting));
        }
    }
    found
}

/// Those of some policies that collide with one that comes before them; `machines` are theirs that
/// several back up, ascending.
pub(super) fn later_ones(facts: &Facts, machines: impl Iterator<Item = u32>) -> Vec<u32> {
    let groups = Groups::of(facts, machines);
    let mut seen = HashMap::new();
    let policies = groups.of_policy.keys().copied();
    policies
        .filter(|policy| groups.is_later(facts, *policy, &mut seen))
        .collect()
}

/// How many others of each policy can be told, given how many there are.
pub(super) fn most_told(facts: &Facts, counts: impl Iterator<Item = (u32, usize)>) -> usize {
    let machines = |policy: u32| facts.targets[policy as usize].machines.len();
    let counts: Vec<(usize, usize)> = counts
        .map(|(policy, count)| (count, machines(policy)))
        .collect();
    most_of_each(&counts, facts.inventory.machines.len())
}

/// The same, given for each how many others and how many machines there are, and of how many
/// machines in all.
fn most_of_each(counts: &[(usize, usize)], machines: usize) -> usize {
    let most_pairs = MOST_PAIRS.max(ALWAYS * counts.len());
    let most_machines = MOST_MACHINES.max(ALWAYS * machines);
    let fits = |most: &usize| {
        let told = counts.iter().map(|(count, _)| *count.min(most));
        let machines = counts.iter().map(|(count, each)| count.min(most) * each);
        told.sum::<usize>() <= most_pairs && machines.sum::<usize>() <= most_machines
    };
    (1..=MOST_OTHERS).rev().find(fits).unwrap_or(1)
}

impl Groups {
    /// The groups of some machines, which come in ascending order.
    fn of(facts: &Facts, machines: impl Iterator<Item = u32>) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
        for machine in machines {
            let mut policies: Vec<u32> = current_policies(facts, machine).collect();
            policies.sort_unstable();
            if policies.len() < 2 {
                continue;
            }
            match known.get(&policies) {
                Some(group) => groups[*group].machines.push(machine),
                None => {
                    known.insert(policies.clone(), groups.len());
                    groups.push(Group {
                        policies,
                        machines: vec![machine],
                    });
                }
            }
        }
        let mut of_policy: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (number, group) in (0..).zip(&groups) {
            for policy in &group.policies {
                of_policy.entry(*policy).or_default().push(number);
            }
        }
        Groups { groups, of_policy }
    }

    fn of_policy(&self, policy: u32) -> impl Iterator<Item = (u32, &Group)> {
        let numbers = self.of_policy.get(&policy).into_iter().flatten();
        numbers.map(|number| (*number, &self.groups[*number as usize]))
    }

    /// Whether a policy collides with one before it. In `seen` stands for each policy by which one
    /// it was looked at last.
    fn is_later(&self, facts: &Facts, policy: u32, seen: &mut HashMap<u32, u32>) -> bool {
        self.of_policy(policy).any(|(_, group)| {
            let mut before = group.policies.iter().take_while(|other| **other < policy);
            before.any(|other| {
                seen.insert(*other, policy) != Some(policy)
                    && matches!(overlap(facts, policy, *other), Overlap::Collides(_))
            })
        })
    }

    /// What a policy meets. In `seen` stands for each policy by which one it was looked at last.
    fn others(&self, facts: &Facts, policy: u32, seen: &mut [u32]) -> Others {
        let mut others = Others::default();
        for (_, group) in self.of_policy(policy) {
            for other in group.policies.iter().take_while(|other| **other < policy) {
                if std::mem::replace(&mut seen[*other as usize], policy) == policy {
                    continue;
                }
                match overlap(facts, policy, *other) {
                    Overlap::Collides(_) => others.colliding.push(*other),
                    Overlap::Unknown => others.possible = others.possible.or(Some(*other)),
                    Overlap::Never => others.apart = others.apart.or(Some(*other)),
                }
            }
        }
        others.count = others.colliding.len();
        others.colliding.sort_unstable();
        others.colliding.truncate(MOST_OTHERS);
        others.colliding.shrink_to_fit();
        others
    }

    fn meeting(&self, facts: &Facts, policy: u32, other: u32, known: &mut Machines) -> Meeting {
        let common = self.of_policy(policy);
        let common = common.filter(|(_, group)| group.policies.binary_search(&other).is_ok());
        let common: Vec<u32> = common.map(|(number, _)| number).collect();
        let machines = known.entry(common).or_insert_with_key(|common| {
            let of_groups = common.iter();
            let of_groups = of_groups.flat_map(|it| &self.groups[*it as usize].machines);
            let mut machines: Vec<u32> = of_groups.copied().collect();
            machines.sort_unstable();
            machines.into()
        });
        Meeting {
            policy,
            other,
            machines: machines.clone(),
            untold: 0,
            policy_timing: facts.calendar.policies[policy as usize],
            other_timing: facts.calendar.policies[other as usize],
        }
    }
}

fn overlap(facts: &Facts, policy: u32, other: u32) -> Overlap {
    let timing = |policy: u32| facts.calendar.policies[policy as usize];
    facts.calendar.overlap(timing(policy), timing(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_told_of_each_as_can_be_told_of_all() {
        let most = |counts: &[usize]| {
            let counts: Vec<_> = counts.iter().map(|count| (*count, 4)).collect();
            most_of_each(&counts, 4)
        };
        assert_eq!(most(&[0, 3, 5_000]), MOST_OTHERS);
        assert_eq!(most(&[100; 100]), 100);
        assert_eq!(most(&[100; 101]), 99);
        assert_eq!(most(&[7; 20_000]), MOST_OTHERS);
        assert_eq!(most(&[17; 20_000]), ALWAYS);
        // Pairs of many machines are fewer.
        assert_eq!(most_of_each(&[(100, 5_000); 20], 5_000), 10);
        assert_eq!(most_of_each(&[(100, 5_000); 1_200], 5_000), 1);
        assert_eq!(most_of_each(&[(10, 20); 20_000], 400_000), MOST_OTHERS);
    }
}
