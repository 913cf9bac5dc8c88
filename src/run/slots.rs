//! `vmlint slots`: when a policy, plan, window or set of machines is free.

mod words;

use std::fmt::Write as _;

use jiff::civil::{Date, Weekday};
use serde_json::{Value as Json, json};

use words::{DATES, clock, dates, name, table};

use super::{Exit, Outside, Stop, Trouble, console, estate};
use crate::cli::SlotsArgs;
use crate::diagnostic::nearest;
use crate::facts::{Crowd, Exception, Facts, Party, Slots, Start, Subject, Taker};
use crate::inventory::Inventory;
use crate::model::{Kind, Meta};
use crate::schedule::{Stretch, format_duration};
use crate::source::Sources;

/// What can be asked about.
const KINDS: [Kind; 4] = [
    Kind::BackupPolicy,
    Kind::MigrationPlan,
    Kind::MaintenanceWindow,
    Kind::VirtualMachine,
];
/// How many takers are listed.
const LISTED: usize = 40;
const DAY: i64 = 86_400;
const DAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

pub(super) fn run(args: &SlotsArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let as_of = args.estate.as_of.unwrap_or(outside.today);
    let estate = estate::read(&args.estate, outside)?;
    let inventory = estate.facts.inventory();
    let mut subjects: Vec<Subject> = Vec::new();
    for written in &args.subjects {
        let subject = find(written, inventory)?;
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let zone = args.time_zone.as_ref();
    let slots = estate.facts.slots(&subjects, args.duration, zone);
    let slots = slots.ok_or_else(|| {
        let names: Vec<String> = args.subjects.iter().map(|it| format!("`{it}`")).collect();
        let message = format!("nobody says how long {} takes", names.join(" or "));
        Trouble::new(message).help("say it with `--duration`: `--duration 2h`")
    })?;
    let sheet = Sheet {
        facts: &estate.facts,
        sources: &estate.sources,
        subjects: &subjects,
        slots: &slots,
        as_of,
    };
    let text = match args.format.as_str() {
        "json" => format!("{:#}\n", sheet.json()),
        _ => sheet.text(),
    };
    outside.stdout.write_all(text.as_bytes())?;
    Ok(match slots.free.is_empty() {
        true => Exit::Findings,
        false => Exit::Clean,
    })
}

/// The resource that `KIND/NAME` or `KIND/NAMESPACE/NAME` means.
fn find(written: &str, inventory: &Inventory) -> Result<Subject, Trouble> {
    let form = "write KIND/NAME, such as BackupPolicy/nightly, or KIND/NAMESPACE/NAME";
    let (kind, name) = written
        .split_once('/')
        .ok_or_else(|| Trouble::new(format!("`{written}` names no resource")).help(form))?;
    let known = KINDS.into_iter().find(|it| it.as_str() == kind);
    let kind = known.ok_or_else(|| unknown_kind(kind))?;
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, name),
    };
    let all = metas(kind, inventory);
    let fits = |meta: &&&Meta| {
        *meta.name == *name && namespace.is_none_or(|namespace| *meta.namespace == *namespace)
    };
    let found: Vec<&&Meta> = all.iter().filter(fits).collect();
    let bare = found.iter().find(|meta| meta.namespace.is_empty());
    match (found.as_slice(), bare) {
        ([one], _) | (_, Some(one)) => Ok((kind, one.index)),
        ([], _) => {
            let names: Vec<String> = all.iter().map(|meta| full_name(meta)).collect();
            let bare = all.iter().map(|meta| &*meta.name);
            let trouble = Trouble::new(format!("there is no {} `{name}`", kind.as_str()));
            let wanted = namespace.map_or(name.to_owned(), |it| format!("{it}/{name}"));
            let near = nearest(&wanted, names.iter().map(String::as_str).chain(bare));
            Err(match near {
                Some(near) => trouble.help(format!("did you mean `{}/{near}`?", kind.as_str())),
                None if names.is_empty() => {
                    trouble.help(format!("none of these files declares a {}", kind.as_str()))
                }
                None => trouble.help(format!("there is {}", listed(&names, 5))),
            })
        }
        (several, _) => {
            let names: Vec<String> = several.iter().map(|meta| full_name(meta)).collect();
            let message = format!("there are {} with the name `{name}`", several.len());
            Err(Trouble::new(message).help(format!("name one: {}", listed(&names, 5))))
        }
    }
}

fn unknown_kind(kind: &str) -> Trouble {
    let names = KINDS.map(Kind::as_str);
    let trouble = match Kind::parse(kind) {
        Some(kind) => Trouble::new(format!("a {} has no time of its own", kind.as_str())),
        None => Trouble::new(format!("there is no kind `{kind}`")),
    };
    trouble.help(match nearest(kind, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the kinds are {}", names.join(", ")),
    })
}

fn metas(kind: Kind, inventory: &Inventory) -> Vec<&Meta> {
    match kind {
        Kind::BackupPolicy => inventory.policies.iter().map(|it| &it.meta).collect(),
        Kind::MigrationPlan => inventory.plans.iter().map(|it| &it.meta).collect(),
        Kind::MaintenanceWindow => inventory.windows.iter().map(|it| &it.meta).collect(),
        _ => inventory.machines.iter().map(|it| &it.meta).collect(),
    }
}

/// With its namespace, where it has one.
fn full_name(meta: &Meta) -> String {
    match &*meta.namespace {
        "" => meta.name.to_string(),
        namespace => format!("{namespace}/{}", meta.name),
    }
}

/// The first few in backticks, and how many more there are.
fn listed(names: &[String], most: usize) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(most)
        .map(|it| format!("`{it}`"))
        .collect();
    if names.len() > most {
        shown.push(format!("{} more", names.len() - most));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

/// All that is printed.
struct Sheet<'a> {
    facts: &'a Facts,
    sources: &'a Sources,
    subjects: &'a [Subject],
    slots: &'a Slots,
    as_of: Date,
}

impl Sheet<'_> {
    fn text(&self) -> String {
        let slots = self.slots;
        let names: Vec<String> = self
            .metas()
            .map(|meta| console::plain(&full_name(meta)).into_owned())
            .collect();
        let whom = listed(&names, 5);
        let length = format_duration(slots.length);
        let mut text = match slots.free.as_slice() {
            [] => "Nothing is free for ".to_owned(),
            _ => "Free for ".to_owned(),
        };
        let from = self.as_of;
        let _ = writeln!(
            text,
            "{whom}, {length} in every week from {from} on ({}):",
            slots.zone
        );
        if !slots.free.is_empty() {
            text.push('\n');
        }
        if slots.is_always_free() {
            text += "  at any time\n";
        } else if !slots.free.is_empty() {
            text += &table(&self.by_day());
        }
        if let Some(present) = &slots.present {
            let judged = match (&present.nearest, present.is_free) {
                (_, true) => "is free".to_owned(),
                (Some(nearest), false) => {
                    let nearest = nearest.shown(&present.zone);
                    format!("is not free; the nearest start that is: {nearest}")
                }
                (None, false) => "is not free, nor is any other on all its days".to_owned(),
            };
            let now = present.start.shown(&present.zone);
            let clock = match present.start {
                Start::Daily(_) if present.zone != slots.zone => format!(" ({})", present.zone),
                _ => String::new(),
            };
            let _ = writeln!(text, "\nIt starts {now} now, which {judged}{clock}.");
        }
        if !slots.mostly.is_empty() {
            text += "\nFree but for some days:\n\n";
            let rows: Vec<Vec<String>> =
                slots.mostly.iter().map(|it| self.exceptions(it)).collect();
            text += &table(&rows);
        }
        if !slots.takers.is_empty() {
            text += "\nTaken by:\n\n";
            let takers = slots.takers.iter().take(LISTED);
            let rows: Vec<Vec<String>> = takers.map(|taker| self.taker(*taker)).collect();
            text += &table(&rows);
            if slots.takers.len() > LISTED {
                let _ = writeln!(text, "  and {} more", slots.takers.len() - LISTED);
            }
        }
        for (party, crowd) in &slots.hopeless {
            let _ = writeln!(text, "\n{}", self.hopeless(*party, *crowd));
        }
        let unknown = self.unknown();
        if !unknown.is_empty() {
            text += "\nNot known:\n\n";
            text += &table(&unknown);
        }
        text
    }

    fn metas(&self) -> impl Iterator<Item = &Meta> {
        let inventory = self.facts.inventory();
        let subjects = self.subjects.iter();
        subjects.filter_map(|(kind, index)| inventory.object(*kind, *index)?.owner)
    }

    /// A row for each day of the week, successive ones that are alike in one.
    fn by_day(&self) -> Vec<Vec<String>> {
        let mut rows: Vec<(Weekday, Weekday, String)> = Vec::new();
        for day in DAYS {
            let shown = self.of_day(day);
            match rows.last_mut() {
                Some((_, last, same)) if *same == shown => *last = day,
                _ => rows.push((day, day, shown)),
            }
        }
        let row = |(first, last, shown): (Weekday, Weekday, String)| {
            let days = match first == last {
                true => name(first),
                false => format!("{}–{}", name(first), name(last)),
            };
            vec![days, shown]
        };
        rows.into_iter().map(row).collect()
    }

    /// What of a day is free: stretches that start on it, and the part that lies on it of those that
    /// are longer than a day.
    fn of_day(&self, day: Weekday) -> String {
        let midnight = i64::from(day.to_monday_zero_offset()) * DAY;
        let mut shown: Vec<(i64, String)> = Vec::new();
        for stretch in &self.slots.free {
            let start = start(stretch);
            let length = stretch.length;
            if length <= DAY {
                if stretch.day == day {
                    shown.push((start, self.range(stretch)));
                }
                continue;
            }
            for week in [-7 * DAY, 0] {
                let from = (start + week).max(midnight);
                let until = (start + week + length).min(midnight + DAY);
                match (from - midnight, until - midnight) {
                    (0, DAY) => shown.push((from, "all day".to_owned())),
                    (since, to) if since < to => {
                        shown.push((from, format!("{}–{}", clock(since), clock(to))));
                    }
                    _ => {}
                }
            }
        }
        shown.sort();
        shown.dedup();
        let shown: Vec<String> = shown.into_iter().map(|(_, text)| text).collect();
        match shown.is_empty() {
            true => "–".to_owned(),
            false => shown.join(", "),
        }
    }

    /// From the first start to the end of what starts last: `22:00–04:00`, with the day where it is
    /// not clear.
    fn range(&self, stretch: &Stretch) -> String {
        let (day, end) = self.end(stretch);
        match stretch.length > DAY {
            true => format!("{}–{} {end}", stretch.from, name(day)),
            false => format!("{}–{end}", stretch.from),
        }
    }

    /// The day and time at which what starts last ends, on a day without a clock change.
    fn end(&self, stretch: &Stretch) -> (Weekday, String) {
        let end = start(stretch) + stretch.length;
        let last_day = (end - 1).div_euclid(DAY);
        let day = DAYS
            .into_iter()
            .zip(0..)
            .find(|(_, number)| *number == last_day.rem_euclid(7));
        let day = day.map_or(stretch.day, |(day, _)| day);
        (day, clock(end - last_day * DAY))
    }

    fn exceptions(&self, (stretch, exceptions): &(Stretch, Vec<Exception>)) -> Vec<String> {
        let groups = exceptions.chunk_by(|a, b| a.dates == b.dates);
        let mut shown: Vec<String> = groups
            .clone()
            .take(DATES)
            .filter_map(|group| {
                let of_group = group.iter();
                let names = of_group.map(|one| &self.facts.meta_of_taker(one.taker).name);
                let names: Vec<String> = names.map(|name| console::plain(name).into()).collect();
                Some(format!(
                    "{} ({})",
                    dates(&group.first()?.dates),
                    listed(&names, 5)
                ))
            })
            .collect();
        if groups.clone().count() > DATES {
            shown.push(format!("and on others for {} more", groups.count() - DATES));
        }
        vec![
            name(stretch.day),
            self.range(stretch),
            format!("not on {}", shown.join(", ")),
        ]
    }

    fn taker(&self, taker: Taker) -> Vec<String> {
        let meta = self.facts.meta_of_taker(taker);
        vec![
            meta.kind.as_str().to_owned(),
            format!("`{}`", console::plain(&full_name(meta))),
            self.facts.when_taken(taker, &self.slots.zone),
            self.place(meta),
        ]
    }

    /// What takes less than one of them asks for.
    fn hopeless(&self, party: Party, crowd: Crowd) -> String {
        let crowd_name = console::plain(&self.facts.meta_of_taker(Taker::Crowd(crowd)).name);
        let name = console::plain(&self.facts.meta_of(party).name);
        match crowd {
            Crowd::Votes(_) => {
                format!("`{crowd_name}` loses its quorum with `{name}`, whenever that is.")
            }
            _ => format!("`{crowd_name}` takes less than `{name}` asks for, whenever that is."),
        }
    }

    /// What could be in the way as well.
    fn unknown(&self) -> Vec<Vec<String>> {
        let slots = self.slots;
        let row = |party: Party, what: &str| {
            let meta = self.facts.meta_of(party);
            let name = format!("`{}`", console::plain(&full_name(meta)));
            vec![
                meta.kind.as_str().to_owned(),
                name,
                what.to_owned(),
                self.place(meta),
            ]
        };
        let unscheduled = slots.unscheduled.iter();
        let unscheduled = unscheduled.map(|party| row(*party, "when it starts"));
        let endless = slots.endless.iter();
        let endless = endless.map(|party| row(*party, "how long it takes"));
        unscheduled.chain(endless).take(LISTED).collect()
    }

    fn place(&self, meta: &Meta) -> String {
        let file = self.sources.get(meta.file);
        let line = file.line_of(meta.name_span().start) + 1;
        format!("{}:{line}", console::plain(file.path()))
    }

    fn json(&self) -> Json {
        let slots = self.slots;
        let resource = |meta: &Meta| {
            json!({
                "kind": meta.kind.as_str(),
                "namespace": &*meta.namespace,
                "name": &*meta.name,
                "path": self.sources.get(meta.file).path(),
                "line": self.sources.get(meta.file).line_of(meta.name_span().start) + 1,
            })
        };
        let stretch = |stretch: &Stretch| {
            let (day, end) = self.end(stretch);
            json!({
                "day": name(stretch.day),
                "from": stretch.from.to_string(),
                "untilDay": name(day),
                "until": end,
                "seconds": stretch.length,
            })
        };
        let free = slots.free.iter().map(|one| {
            let first = slots.first(one);
            let mut one = stretch(one);
            one["first"] = json!(first.map(|(start, end)| json!({
                "start": slots.zone.iso(start),
                "end": slots.zone.iso(end),
            })));
            one
        });
        let mostly = slots.mostly.iter().map(|(one, exceptions)| {
            let mut one = stretch(one);
            let except = exceptions.iter().map(|exception| {
                json!({
                    "dates": exception.dates.iter().map(Date::to_string).collect::<Vec<_>>(),
                    "by": resource(self.facts.meta_of_taker(exception.taker)),
                })
            });
            one["except"] = except.collect();
            one
        });
        let parties = |all: &[Party]| -> Json {
            all.iter()
                .map(|party| resource(self.facts.meta_of(*party)))
                .collect()
        };
        json!({
            "version": 1,
            "asOf": self.as_of.to_string(),
            "for": self.metas().map(resource).collect::<Json>(),
            "seconds": slots.length,
            "timeZone": slots.zone.name(),
            "anyTime": slots.is_always_free(),
            "free": free.collect::<Json>(),
            "mostlyFree": mostly.collect::<Json>(),
            "present": slots.present.as_ref().map(|present| json!({
                "start": present.start.value(&present.zone),
                "timeZone": present.zone.name(),
                "free": present.is_free,
                "nearest": present.nearest.map(|nearest| nearest.value(&present.zone)),
            })),
            "takenBy": slots.takers.iter().map(|it| resource(self.facts.meta_of_taker(*it))).collect::<Json>(),
            "withoutSchedule": parties(&slots.unscheduled),
            "withoutEnd": parties(&slots.endless),
            "neverEnough": slots.hopeless.iter().map(|(_, crowd)| {
                resource(self.facts.meta_of_taker(Taker::Crowd(*crowd)))
            }).collect::<Json>(),
        })
    }
}

/// The second of the week at which a stretch begins.
fn start(stretch: &Stretch) -> i64 {
    let day = i64::from(stretch.day.to_monday_zero_offset());
    day * DAY + stretch.from.seconds()
}
