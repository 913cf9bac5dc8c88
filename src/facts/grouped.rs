//! Numbers in groups.

use std::ops::Index;

/// Numbers in groups, all behind each other: there may be very many groups, and most are small.
#[derive(Default)]
pub(super) struct Grouped {
    /// Where each group ends.
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Grouped {
    /// Sorts `(group, item)` pairs into groups, keeping the order of items, of which the same one is
    /// taken once when it comes several times in a row.
    pub(super) fn of(groups: usize, pairs: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut pairs: Vec<(u32, u32)> = pairs.collect();
        let mut last = vec![None; groups];
        pairs.retain(|(group, item)| last[*group as usize].replace(*item) != Some(*item));
        let mut ends = vec![0_u32; groups];
        for (group, _) in &pairs {
            ends[*group as usize] += 1;
        }
        let mut end = 0;
        for count in &mut ends {
            let start = end;
            end += *count;
            *count = start;
        }
        let mut items = vec![0; end as usize];
        for (group, item) in pairs {
            let next = &mut ends[group as usize];
            items[*next as usize] = item;
            *next += 1;
        }
        Grouped { ends, items }
    }

    /// Adds a group behind the others.
    pub(super) fn push(&mut self, group: &[u32]) {
        self.items.extend(group);
        self.ends.push(self.items.len() as u32);
    }

    /// A group, if there is one with that number.
    pub(super) fn get(&self, group: usize) -> Option<&[u32]> {
        let end = *self.ends.get(group)?;
        let start = group.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.items.get(start as usize..end as usize)
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All groups, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).filter_map(|group| self.get(group))
    }
}

impl Index<usize> for Grouped {
    type Output = [u32];

    fn index(&self, group: usize) -> &[u32] {
        self.get(group).unwrap_or_default()
    }
}
