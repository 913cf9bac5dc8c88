//! What a week has to show, whatever it is shown on.

use std::collections::{BTreeSet, HashMap};

use super::week::Week;
use crate::facts::{Activity, Agenda, By, Clash, Entry, HostCurve, LoadStep, When, Window};
use crate::source::{Location, Sources};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// What has a row.
    pub by: By,
    /// Whether rows without a collision are left out.
    pub only_collisions: bool,
    /// Whether every row and every line is drawn, also where many are alike.
    pub all: bool,
}

/// A week of an agenda.
pub struct Board<'a> {
    pub(super) agenda: &'a Agenda<'a>,
    pub(super) sources: &'a Sources,
    pub(super) week: Week,
    /// For each entry when it happens in the week.
    pub(super) windows: Vec<Vec<Window>>,
    /// The collisions of the week, by their first times.
    pub(super) collisions: Vec<Clash>,
    /// Those that are not in the week but after it, by their first times.
    pub(super) later: Vec<Clash>,
    /// How many backup policies may collide, as an end or a schedule is not known.
    pub(super) possible: usize,
    /// The load of each host that a plan touches in the week.
    pub(super) curves: Vec<HostCurve>,
}

/// A row of the week.
pub(super) struct Line {
    /// What it is called.
    pub(super) name: String,
    /// Where its name is written.
    pub(super) place: Option<Location>,
    /// The host of a machine.
    pub(super) host: Option<String>,
    /// The cluster of a machine or host.
    pub(super) cluster: Option<String>,
    /// Numbers of the entries that happen in the week.
    pub(super) entries: Vec<u32>,
    /// Positions of its collisions.
    pub(super) collisions: Vec<usize>,
    /// The curve of a host.
    pub(super) curve: Option<usize>,
}

/// An entry that no row shows.
pub(super) struct Absence<'a> {
    pub(super) entry: &'a Entry,
    pub(super) why: String,
}

impl<'a> Board<'a> {
    /// The week of an agenda that was derived for it; see [`Board::search_from`].
    #[must_use]
    pub fn new(agenda: &'a Agenda<'a>, sources: &'a Sources, week: Week) -> Self {
        let (from, until) = (week.start(), week.end());
        let entries = agenda.entries.iter();
        let windows = entries.map(|entry| agenda.windows(entry, from, until));
        let windows = windows.collect();
        let clashes = agenda.clashes(from, until);
        let (mut here, mut later): (Vec<Clash>, Vec<Clash>) = clashes
            .certain
            .into_iter()
            .partition(|clash| !clash.times().is_empty());
        here.sort_by_key(|clash| clash.times()[0].start);
        later.sort_by_key(|clash| clash.next().map(|next| next.start));
        Board {
            agenda,
            sources,
            windows,
            collisions: here,
            later,
            possible: clashes.possible.len(),
            curves: agenda.curves(from, until),
            week,
        }
    }

    /// The first day of a search that finds what reaches into the week of `day`.
    #[must_use]
    pub fn search_from(day: jiff::civil::Date) -> jiff::civil::Date {
        // The zone of the week may be a day away from UTC, and windows last for days.
        const LEAD: i64 = 14;
        Week::of(day, crate::schedule::Zone::utc()).days()[0]
            .saturating_sub(jiff::ToSpan::days(LEAD))
    }

    pub(super) fn entry(&self, number: u32) -> &Entry {
        &self.agenda.entries[number as usize]
    }

    /// `path:line`.
    pub(super) fn place(&self, location: Location) -> String {
        let file = self.sources.get(location.file);
        format!("{}:{}", file.path(), file.line_of(location.span.start) + 1)
    }

    /// Where an entry says when it happens, else where it is declared.
    pub(super) fn place_of(&self, entry: &Entry) -> String {
        self.place(entry.schedule_place.unwrap_or(entry.place))
    }

    /// The rows in which something happens, those with collisions first, then by cluster and name;
    /// and how many there are in all.
    pub(super) fn lines(&self, by: By) -> (Vec<Line>, usize) {
        let mut rows = self.agenda.rows(by);
        let mut collisions: HashMap<u32, Vec<usize>> = HashMap::new();
        for (position, collision) in self.collisions.iter().enumerate() {
            for machine in &collision.machines {
                collisions.entry(*machine).or_default().push(position);
            }
        }
        let numbered = |(row, it): (usize, crate::facts::Row)| {
            let happens = |entry: &&u32| !self.windows[**entry as usize].is_empty();
            let of_machines = it.machines.iter().filter_map(|it| collisions.get(it));
            let positions: BTreeSet<usize> = of_machines.flatten().copied().collect();
            let curve = |curve: &HostCurve| by == By::Host && curve.host as usize == row;
            Line {
                entries: it.entries.iter().filter(happens).copied().collect(),
                collisions: positions.into_iter().collect(),
                curve: self.curves.iter().position(curve),
                name: it.name.unwrap_or_else(|| "(no cluster)".to_owned()),
                place: it.place,
                host: it.host,
                cluster: it.cluster,
            }
        };
        if by == By::Cluster {
            rows.retain(|row| row.name.is_some() || !row.entries.is_empty());
        }
        let all = rows.len();
        let mut lines: Vec<Line> = rows.into_iter().enumerate().map(numbered).collect();
        lines.retain(|line| !line.entries.is_empty());
        lines.sort_by(|one, other| {
            let key = |line: &'_ Line| (line.collisions.is_empty(), line.cluster.is_none());
            let names = (&one.cluster, &one.name).cmp(&(&other.cluster, &other.name));
            key(one).cmp(&key(other)).then(names)
        });
        (lines, all)
    }

    /// The times at which hosts take more live migrations at once than their limit.
    pub(super) fn overloads(&self) -> Vec<(&HostCurve, &LoadStep)> {
        let over = |curve: &'_ HostCurve, step: &'_ LoadStep| curve.exceeds(step);
        let mut overloads: Vec<_> = self
            .curves
            .iter()
            .flat_map(|curve| curve.steps.iter().map(move |step| (curve, step)))
            .filter(|(curve, step)| over(curve, step))
            .collect();
        overloads.sort_by_key(|(curve, step)| (step.from, curve.host));
        overloads
    }

    /// Entries that no row shows, and why.
    pub(super) fn absences(&self) -> Vec<Absence<'_>> {
        let entries = self.agenda.entries.iter().zip(&self.windows);
        entries
            .filter_map(|(entry, windows)| {
                let why = self.why_absent(entry, windows)?;
                Some(Absence { entry, why })
            })
            .collect()
    }

    fn why_absent(&self, entry: &Entry, windows: &[Window]) -> Option<String> {
        let concerns_nobody = entry.machines.is_empty() && entry.hosts.is_empty();
        Some(match entry.when {
            When::Unscheduled => "has no schedule".to_owned(),
            When::Unknown => "its schedule cannot be told from what is written".to_owned(),
            When::Over => "is over".to_owned(),
            When::Known if windows.is_empty() => match self.agenda.next(entry, self.week.end()) {
                Some(next) => format!("next {}", self.week.show_start(next.start)),
                None => "not again within a year".to_owned(),
            },
            When::Known if concerns_nobody => match entry.activity {
                Activity::Backup => "backs up no machine that is known".to_owned(),
                Activity::Migration => "moves no machine that is known".to_owned(),
                Activity::Maintenance => "concerns no host that is known".to_owned(),
            },
            When::Known => return None,
        })
    }

    /// The collision in words: ``backup `nightly` meets migration `retire-hv01` ``.
    pub(super) fn words(&self, clash: &Clash) -> String {
        let first = self.titled(self.entry(clash.first));
        match clash.is_overrun() {
            true => format!("{first} runs into its own next start"),
            false => format!("{first} meets {}", self.titled(self.entry(clash.second))),
        }
    }

    /// ``backup `nightly` ``.
    pub(super) fn titled(&self, entry: &Entry) -> String {
        format!("{} `{}`", word(entry.activity), entry.name)
    }

    /// The machines of a collision: `sql01, sql02, sql03 and 4 more`.
    pub(super) fn machines(&self, machines: &[u32], most: usize) -> String {
        let most = if machines.len() == most + 1 {
            most + 1
        } else {
            most
        };
        let names = machines.iter().take(most);
        let names: Vec<_> = names.map(|it| self.agenda.machine_name(*it)).collect();
        match machines.len().saturating_sub(most) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// Where the two sides of a collision are written.
    pub(super) fn places(&self, clash: &Clash) -> Vec<String> {
        let mut places = vec![self.place_of(self.entry(clash.first))];
        if !clash.is_overrun() {
            places.push(self.place_of(self.entry(clash.second)));
        }
        places
    }

    /// What happens in the week with an end that nobody knows.
    pub(super) fn without_end(&self) -> Vec<String> {
        let entries = self.agenda.entries.iter().zip(&self.windows);
        let endless = |windows: &[Window]| windows.iter().any(|window| window.end.is_none());
        entries
            .filter(|(_, windows)| endless(windows))
            .map(|(entry, _)| format!("`{}` ({})", entry.name, self.place_of(entry)))
            .collect()
    }
}

/// What an activity is called.
pub(super) fn word(activity: Activity) -> &'static str {
    match activity {
        Activity::Backup => "backup",
        Activity::Migration => "migration",
        Activity::Maintenance => "maintenance",
    }
}
