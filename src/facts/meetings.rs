//! Backups that meet plans or maintenance windows for the sake of the same machines, pair by pair.
//! As there can be as many pairs as policies times plans, so many are told as of backups that meet
//! each other, and the others are counted.
//!
//! Plans and windows that concern the same machines are looked at together, and so are machines
//! that the same policies back up.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Facts;
use super::calendar::Timing;
use super::collisions::{Meeting, current_policies};
use super::grouped::Grouped;
use super::overlapping::{MOST_OTHERS, most_told};
use crate::schedule::Overlap;

/// For each machine the policies that back it up, are not over and not suspended; machines with the
/// same ones have one list.
pub(super) struct Crews {
    of_machine: Vec<u32>,
    /// Ascending.
    policies: Grouped,
}

impl Crews {
    pub(super) fn derive(facts: &Facts) -> Self {
        let mut crews = Crews {
            of_machine: Vec::with_capacity(facts.policies_of.len()),
            policies: Grouped::default(),
        };
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut before: Option<(&[u32], u32)> = None;
        for machine in (0..).take(facts.policies_of.len()) {
            let all = &facts.policies_of[machine as usize];
            let crew = match before.filter(|(policies, _)| *policies == all) {
                Some((_, crew)) => crew,
                None => {
                    let next = u32::try_from(crews.policies.len()).unwrap_or(u32::MAX);
                    let mut policies: Vec<u32> = current_policies(facts, machine).collect();
                    policies.sort_unstable();
                    *known.entry(policies).or_insert_with_key(|policies| {
                        crews.policies.push(policies);
                        next
                    })
                }
            };
            before = Some((all, crew));
            crews.of_machine.push(crew);
        }
        crews
    }

    /// The number that machines with the same policies have in common.
    pub(super) fn of(&self, machine: u32) -> u32 {
        self.of_machine[machine as usize]
    }

    /// The policies of all machines with a number.
    pub(super) fn policies(&self, crew: u32) -> &[u32] {
        &self.policies[crew as usize]
    }
}

/// Plans or windows that concern the same machines.
pub(super) struct Side {
    /// Ascending.
    others: Vec<u32>,
    /// Behind the number of those who back them up; ascending.
    machines: Box<[(u32, u32)]>,
}

impl Side {
    /// Nobody yet, who concerns some machines.
    pub(super) fn of(facts: &Facts, machines: impl IntoIterator<Item = u32>) -> Self {
        let crews = facts.crews();
        let machines = machines.into_iter();
        let mut machines: Box<[(u32, u32)]> = machines
            .map(|machine| (crews.of(machine), machine))
            .collect();
        machines.sort_unstable();
        Side {
            others: Vec::new(),
            machines,
        }
    }

    /// Takes in a plan or window; they come in ascending order.
    pub(super) fn add(&mut self, other: u32) {
        self.others.push(other);
    }

    /// Its machines by those who back them up.
    fn by_crew(&self) -> impl Iterator<Item = (u32, &[(u32, u32)])> {
        let crews = self.machines.chunk_by(|(one, _), (other, _)| one == other);
        crews.filter_map(|machines| Some((machines.first()?.0, machines)))
    }

    /// The policies that back up some of its machines, with the first of these.
    fn policies(&self, facts: &Facts) -> BTreeMap<u32, u32> {
        let mut policies = BTreeMap::new();
        for (crew, machines) in self.by_crew() {
            let Some((_, first)) = machines.first() else {
                continue;
            };
            for policy in facts.crews().policies(crew) {
                let known = policies.entry(*policy).or_insert(*first);
                *known = (*known).min(*first);
            }
        }
        policies
    }

    /// Its plans or windows by their schedules.
    fn by_timing(&self, timings: &[Option<Timing>]) -> BTreeMap<Option<Timing>, Vec<u32>> {
        let mut by_timing: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for other in &self.others {
            let timing = timings[*other as usize];
            by_timing.entry(timing).or_default().push(*other);
        }
        by_timing
    }
}

/// Which of those that may collide with a policy, or do not, comes first.
#[derive(Clone, Copy)]
pub(super) enum First {
    /// The one that concerns the first machine.
    ByMachine,
    /// The one that comes first by path and position.
    ByItself,
}

/// One of those that a policy meets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    /// By what the first one is told.
    rank: u32,
    other: u32,
    side: u32,
}

/// Those that a policy meets.
#[derive(Default)]
struct Others {
    /// The first of those that it collides with, of which there are so many.
    colliding: Vec<(u32, u32)>,
    count: usize,
    /// The first that it may collide with.
    possible: Option<Met>,
    /// The first that it does not collide with.
    apart: Option<Met>,
}

impl Others {
    fn collide(&mut self, others: &[u32], side: u32) {
        self.count += others.len();
        let first = others.iter().take(MOST_OTHERS);
        self.colliding.extend(first.map(|other| (*other, side)));
        if self.colliding.len() > 2 * MOST_OTHERS {
            self.shorten();
        }
    }

    /// How many are told where so many that collide can be.
    fn told(&self, most: usize) -> usize {
        let firsts = [self.possible, self.apart].into_iter().flatten();
        self.colliding.len().min(most) + firsts.count()
    }

    fn shorten(&mut self) {
        self.colliding.sort_unstable();
        self.colliding.truncate(MOST_OTHERS);
        self.colliding.shrink_to_fit();
    }
}

/// The machines of sides that the same crews back up.
type Machines = HashMap<(u32, Box<[u32]>), Arc<[u32]>>;

/// Policies and plans or windows that concern the same machines: the first pairs that collide, and
/// of the others of a policy the first that may collide and the first that does not, so that it is
/// known that somebody looked.
pub(super) fn meetings(
    facts: &Facts,
    timings: &[Option<Timing>],
    sides: &[Side],
    first: First,
) -> Vec<Meeting> {
    let mut all: BTreeMap<u32, Others> = BTreeMap::new();
    for (number, side) in (0..).zip(sides) {
        let by_timing = side.by_timing(timings);
        for (policy, machine) in side.policies(facts) {
            let found = all.entry(policy).or_default();
            let own = facts.calendar.policies[policy as usize];
            for (timing, others) in &by_timing {
                let kept = match facts.calendar.overlap(own, *timing) {
                    Overlap::Collides(_) => {
                        found.collide(others, number);
                        continue;
                    }
                    Overlap::Unknown => &mut found.possible,
                    Overlap::Never => &mut found.apart,
                };
                let rank = match first {
                    First::ByMachine => machine,
                    First::ByItself => 0,
                };
                let met = others.first().map(|other| Met {
                    rank,
                    other: *other,
                    side: number,
                });
                *kept = (*kept).into_iter().chain(met).min();
            }
        }
    }
    for others in all.values_mut() {
        others.shorten();
    }
    let most = most_told(facts, all.iter().map(|(policy, it)| (*policy, it.count)));
    let mut machines = Machines::new();
    let count = all.values().map(|others| others.told(most)).sum();
    let mut told = Vec::with_capacity(count);
    for (policy, others) in all {
        let count = others.colliding.len().min(most);
        let mut pairs = others.colliding[..count].to_vec();
        let last = pairs.last().map(|(other, _)| *other);
        let firsts = others.possible.into_iter().chain(others.apart);
        pairs.extend(firsts.map(|met| (met.other, met.side)));
        pairs.sort_unstable();
        for (other, side) in pairs {
            let untold = match Some(other) == last {
                true => others.count - count,
                false => 0,
            };
            let policy_timing = facts.calendar.policies[policy as usize];
            let other_timing = timings[other as usize];
            told.push(Meeting {
                policy,
                other,
                machines: common(facts, policy, (side, &sides[side as usize]), &mut machines),
                untold,
                policy_timing,
                other_timing,
            });
        }
    }
    told
}

/// The machines of a side that a policy backs up, ascending.
fn common(
    facts: &Facts,
    policy: u32,
    (number, side): (u32, &Side),
    known: &mut Machines,
) -> Arc<[u32]> {
    let all = facts.crews();
    let backs_up = |crew: u32| all.policies(crew).binary_search(&policy).is_ok();
    let crews = || side.by_crew().filter(|(crew, _)| backs_up(*crew));
    let machines = known
        .entry((number, crews().map(|(crew, _)| crew).collect()))
        .or_insert_with(|| {
            let of_crews = crews().flat_map(|(_, machines)| machines);
            let mut machines: Vec<u32> = of_crews.map(|(_, machine)| *machine).collect();
            machines.sort_unstable();
            machines.into()
        });
    machines.clone()
}
