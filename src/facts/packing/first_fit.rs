//! Machines are put on hosts, the largest first, each on the first host that has room for it.
//!
//! First-fit decreasing is no search: where it finds room for all, there is room, and where it
//! does not, there may be all the same. That there is none is proven by a machine that fits
//! nowhere even alone, or by the sum.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use arcstr::ArcStr;

/// A machine that needs a host.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) machine: u32,
    /// What it starts with, in bytes.
    pub(super) memory: i64,
    /// For each room, whether it may go there.
    pub(super) may_go: Vec<bool>,
    /// The classes of which no host may have two machines.
    pub(super) classes: BTreeSet<ArcStr>,
}

/// A host that takes machines.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) host: u32,
    /// What is left of its memory, in bytes; less than nothing where more runs there than fits.
    pub(super) free: i64,
    /// The classes of the machines on it.
    pub(super) classes: BTreeSet<ArcStr>,
}

/// A machine for which no room was left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::facts) struct Unplaced {
    pub(in crate::facts) machine: u32,
    pub(in crate::facts) memory: i64,
    /// Of the hosts that it may go to, the first that had most left when its turn came, and how
    /// much; never less than nothing.
    pub(in crate::facts) best: Option<(u32, i64)>,
    /// Whether it fits nowhere, even if no other machine moves.
    pub(in crate::facts) alone: bool,
}

impl Room {
    fn takes(&self, piece: &Piece) -> bool {
        piece.memory <= self.free && self.is_apart(piece)
    }

    /// Whether it has no machine that the other must be kept apart from.
    fn is_apart(&self, piece: &Piece) -> bool {
        self.classes.is_disjoint(&piece.classes)
    }
}

impl Piece {
    /// The rooms that it may go to, by their number.
    fn allowed<'a>(&'a self, rooms: &'a [Room]) -> impl Iterator<Item = (usize, &'a Room)> {
        let allowed = |(index, room): &(usize, &Room)| self.may_go[*index] && room.is_apart(self);
        rooms.iter().enumerate().filter(allowed)
    }
}

/// Puts the machines into the rooms; returns those that are left over, the largest first.
pub(super) fn first_fit(mut pieces: Vec<Piece>, rooms: &[Room]) -> Vec<Unplaced> {
    pieces.sort_by_key(|piece| (Reverse(piece.memory), piece.machine));
    let mut left = rooms.to_vec();
    let mut unplaced = Vec::new();
    for piece in pieces {
        let room = piece.allowed(&left).find(|(_, room)| room.takes(&piece));
        if let Some((index, _)) = room {
            left[index].free -= piece.memory;
            left[index].classes.extend(piece.classes);
            continue;
        }
        let best = piece.allowed(&left).map(|(_, room)| room);
        let best = best.max_by_key(|room| (room.free, Reverse(room.host)));
        unplaced.push(Unplaced {
            machine: piece.machine,
            memory: piece.memory,
            best: best.map(|room| (room.host, room.free.max(0))),
            alone: !piece.allowed(rooms).any(|(_, room)| room.takes(&piece)),
        });
    }
    unplaced
}

/// Whether the machines have no room for certain: one of them fits nowhere, or all of them need
/// more than there is.
pub(super) fn cannot_fit(pieces: &[Piece], rooms: &[Room]) -> bool {
    let nowhere = |piece: &Piece| !piece.allowed(rooms).any(|(_, room)| room.takes(piece));
    let sum = |amounts: &mut dyn Iterator<Item = i64>| amounts.fold(0, i64::saturating_add);
    let needed = sum(&mut pieces.iter().map(|piece| piece.memory));
    let free = sum(&mut rooms.iter().map(|room| room.free.max(0)));
    needed > free || pieces.iter().any(nowhere)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CLASSES: [&str; 2] = ["sql", "dc"];

    fn piece(machine: u32, memory: i64, may_go: &[bool]) -> Piece {
        Piece {
            machine,
            memory,
            may_go: may_go.to_vec(),
            classes: BTreeSet::new(),
        }
    }

    fn rooms(free: &[i64]) -> Vec<Room> {
        let room = |(host, free): (u32, &i64)| Room {
            host,
            free: *free,
            classes: BTreeSet::new(),
        };
        (0..).zip(free).map(room).collect()
    }

    #[test]
    fn a_machine_that_is_too_large_is_told_with_the_host_that_is_nearest() {
        let pieces = vec![piece(0, 16, &[true; 2]), piece(1, 64, &[true; 2])];
        let unplaced = first_fit(pieces, &rooms(&[40, 48]));
        let expected = Unplaced {
            machine: 1,
            memory: 64,
            best: Some((1, 48)),
            alone: true,
        };
        assert_eq!(unplaced, [expected]);
    }

    #[test]
    fn what_the_larger_ones_leave_may_be_too_little() {
        let pieces = vec![
            piece(0, 10, &[true; 2]),
            piece(1, 30, &[true; 2]),
            piece(2, 20, &[true, false]),
        ];
        let unplaced = first_fit(pieces, &rooms(&[32, 5]));
        let found: Vec<_> = unplaced
            .iter()
            .map(|it| (it.machine, it.best, it.alone))
            .collect();
        assert_eq!(found, [(2, Some((0, 2)), false), (0, Some((1, 5)), false)]);
    }

    #[test]
    fn hosts_that_it_may_not_go_to_are_not_told() {
        let owned = first_fit(vec![piece(0, 10, &[false, false])], &rooms(&[32, 64]));
        assert_eq!((owned[0].best, owned[0].alone), (None, true));
        let overfull = first_fit(vec![piece(0, 10, &[true, false])], &rooms(&[-8, 64]));
        assert_eq!((overfull[0].best, overfull[0].alone), (Some((0, 0)), true));
        let mut twins = [piece(0, 4, &[true]), piece(1, 4, &[true])];
        for twin in &mut twins {
            twin.classes.insert("sql".into());
        }
        let apart = first_fit(twins.to_vec(), &rooms(&[64]));
        assert_eq!(apart.len(), 1);
        assert_eq!((apart[0].best, apart[0].alone), (None, false));
    }

    /// The known weakness of the heuristic: one of 4 and two of 3 fill each host.
    #[test]
    fn that_it_does_not_find_room_proves_nothing() {
        let sizes = [4, 4, 3, 3, 3, 3];
        let pieces: Vec<Piece> = (0..)
            .zip(sizes)
            .map(|(machine, memory)| piece(machine, memory, &[true; 2]))
            .collect();
        assert!(!first_fit(pieces.clone(), &rooms(&[10, 10])).is_empty());
        assert!(fit(&pieces, &rooms(&[10, 10])));
        assert!(!cannot_fit(&pieces, &rooms(&[10, 10])));
    }

    /// By trying every host for every machine.
    fn fit(pieces: &[Piece], rooms: &[Room]) -> bool {
        let Some((piece, rest)) = pieces.split_first() else {
            return true;
        };
        (0..rooms.len()).any(|index| {
            let room = &rooms[index];
            let apart = piece.classes.iter().all(|it| !room.classes.contains(it));
            if !piece.may_go[index] || !apart || room.free < piece.memory {
                return false;
            }
            let mut left = rooms.to_vec();
            left[index].free -= piece.memory;
            left[index].classes.extend(piece.classes.iter().cloned());
            fit(rest, &left)
        })
    }

    fn classes() -> impl Strategy<Value = BTreeSet<ArcStr>> {
        let named = |index: usize| ArcStr::from(CLASSES[index]);
        prop::collection::btree_set((0..CLASSES.len()).prop_map(named), 0..2)
    }

    fn problems() -> impl Strategy<Value = (Vec<Piece>, Vec<Room>)> {
        let one = (
            1..12_i64,
            prop::array::uniform3(prop::bool::weighted(0.8)),
            classes(),
        );
        let pieces = prop::collection::vec(one, 0..7);
        let rooms = prop::collection::vec((-2..24_i64, classes()), 0..4);
        (pieces, rooms).prop_map(|(pieces, rooms)| {
            let piece = |(machine, (memory, may_go, classes)): (u32, (_, [bool; 3], _))| Piece {
                machine,
                memory,
                may_go: may_go.to_vec(),
                classes,
            };
            let room = |(host, (free, classes)): (u32, _)| Room {
                host,
                free,
                classes,
            };
            (
                (0..).zip(pieces).map(piece).collect(),
                (0..).zip(rooms).map(room).collect(),
            )
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_said_agrees_with_trying_everything((pieces, rooms) in problems()) {
            let fits = fit(&pieces, &rooms);
            let unplaced = first_fit(pieces.clone(), &rooms);
            if unplaced.is_empty() {
                prop_assert!(fits);
            }
            if cannot_fit(&pieces, &rooms) {
                prop_assert!(!fits);
                prop_assert!(!unplaced.is_empty());
            }
            for it in &unplaced {
                let piece = &pieces[it.machine as usize];
                prop_assert_eq!(it.alone, !fit(std::slice::from_ref(piece), &rooms));
                prop_assert!(it.best.is_none_or(|(_, room)| room < it.memory));
            }
            let sizes: Vec<i64> = unplaced.iter().map(|it| it.memory).collect();
            prop_assert!(sizes.is_sorted_by(|one, next| one >= next));
        }
    }
}
