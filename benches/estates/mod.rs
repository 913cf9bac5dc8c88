//! Estates of any size for measurements, in which machines, plans and backups have schedules of one
//! kind or another. The same arguments give the same bytes.

use std::fmt::Write;

/// What the schedules of an estate are like.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Forty of them, shared by all.
    Shared,
    /// Daily ones, no two alike.
    Distinct,
    /// Daily ones, no two alike, in no order: on each host as many meet, however many hosts there are.
    Various,
    /// As shared, but one in a hundred starts every minute and lasts a day.
    Minute,
    /// One-offs.
    Once,
    /// Forty policies for each machine, which follow each other through the day.
    Crowd,
    /// Every plan moves a machine between the same two hosts.
    Hub,
}

impl Shape {
    pub(crate) const ALL: [Shape; 7] = [
        Shape::Shared,
        Shape::Distinct,
        Shape::Various,
        Shape::Minute,
        Shape::Once,
        Shape::Crowd,
        Shape::Hub,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Shape::Shared => "shared",
            Shape::Distinct => "distinct",
            Shape::Various => "various",
            Shape::Minute => "minute",
            Shape::Once => "once",
            Shape::Crowd => "crowd",
            Shape::Hub => "hub",
        }
    }

    /// One of so many schedules.
    fn schedule(self, index: usize, all: usize) -> String {
        let zone = ZONES[index % ZONES.len()];
        match self {
            Shape::Minute if index % 100 == 7 => {
                "{ cron: \"* * * * *\", timeZone: Europe/Berlin, duration: 1d }".to_owned()
            }
            Shape::Shared | Shape::Minute | Shape::Hub => shared(mixed(index) % 40),
            Shape::Distinct => daily(index, 60),
            Shape::Various => daily(shuffled(index, all), 120),
            Shape::Once => {
                let (month, day) = (1 + index % 12, 1 + index / 12 % 28);
                let (hour, minute) = (index / 336 % 24, index / 8064 % 60);
                format!(
                    "{{ at: \"2026-{month:02}-{day:02}T{hour:02}:{minute:02}\", timeZone: {zone}, duration: 1m }}"
                )
            }
            Shape::Crowd => {
                let start = index % 40 * 36;
                format!(
                    "{{ cron: \"{} {} * * *\", duration: 36m }}",
                    start % 60,
                    start / 60
                )
            }
        }
    }
}

const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "UTC"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The same number for the same index, and otherwise without a pattern.
fn mixed(index: usize) -> usize {
    let mixed = (index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from((mixed ^ mixed >> 32) >> 8 & 0xFFFF_FFFF).unwrap_or_default()
}

/// One of so many numbers, each of which comes once and far from those before and after it.
fn shuffled(index: usize, all: usize) -> usize {
    let has_no_common_divisor = |stride: &usize| {
        let (mut one, mut other) = (*stride, all);
        while other > 0 {
            (one, other) = (other, one % other);
        }
        one == 1
    };
    let stride = (7_919..).find(has_no_common_divisor).unwrap_or(1);
    index * stride % all
}

/// A daily schedule that takes so many seconds or a few more, and that no other number has.
fn daily(index: usize, seconds: usize) -> String {
    let (minute, hour) = (index % 60, index / 60 % 24);
    format!(
        "{{ cron: \"{minute} {hour} * * *\", timeZone: {}, duration: {}s }}",
        ZONES[index / 1440 % ZONES.len()],
        seconds + index / 4320
    )
}

/// One of forty schedules, half of them crons and half of them weekly windows.
fn shared(index: usize) -> String {
    let (zone, day) = (ZONES[index % 3], DAYS[index % 7]);
    let (hour, minute) = (index % 24, index * 11 % 60);
    match index % 2 {
        0 => format!(
            "{{ days: [{day}], start: \"{hour:02}:{minute:02}\", end: \"{:02}:{minute:02}\", timeZone: {zone} }}",
            (hour + 1) % 24
        ),
        _ => format!("{{ cron: \"{minute} {hour} * * {day}\", timeZone: {zone}, duration: 30m }}"),
    }
}

/// The files of an estate of so many policies, as many plans, and twice as many machines.
pub(crate) fn files(shape: Shape, count: usize) -> Vec<(String, String)> {
    let machines = 2 * count;
    let hosts = match shape {
        Shape::Hub => 2,
        _ => (count / 25).next_multiple_of(20),
    };
    let mut files = Vec::new();
    let mut add = |name: &str, count: usize, each: &dyn Fn(usize) -> String| {
        for (part, from) in (0..count).step_by(500).enumerate() {
            let documents = (from..count.min(from + 500)).map(each);
            files.push((format!("{name}-{part:04}.yaml"), documents.collect()));
        }
    };
    let clusters = hosts.div_ceil(16);
    add("clusters", clusters, &|index| {
        let spec = "  witness: cloud\n  platformVersion: \"2019\"\n";
        document("Cluster", &format!("c{index}"), spec)
    });
    add("hosts", hosts, &|index| {
        let spec = format!(
            "  cluster: c{}\n  processor: {{ vendor: intel, generation: cascade-lake }}\n  memory: {{ capacity: 4096GiB }}\n",
            index / 16
        );
        document("Host", &format!("h{index}"), &spec)
    });
    add("machines", machines, &|index| {
        let host = index % hosts;
        let spec = format!("  host: h{host}\n  memory: {{ startup: 4GiB }}\n");
        document("VirtualMachine", &format!("v{index}"), &spec)
    });
    add("policies", count, &|index| {
        let targets = match shape {
            Shape::Crowd => {
                let first = index / 40 * 80;
                let names: Vec<_> = (first..first + 8).map(|vm| format!("v{vm}")).collect();
                names.join(", ")
            }
            _ => format!(
                "v{}, v{}, v{}",
                2 * index,
                2 * index + 1,
                mixed(index) % machines
            ),
        };
        let spec = format!(
            "  targets: {{ virtualMachines: [{targets}] }}\n  retries: 1\n  schedule: {}\n",
            shape.schedule(index, 2 * count)
        );
        document("BackupPolicy", &format!("b{index}"), &spec)
    });
    add("plans", count, &|index| {
        let (vm, host) = (2 * index, 2 * index % hosts);
        let target = if host ^ 1 < hosts { host ^ 1 } else { host - 1 };
        let spec = format!(
            "  schedule: {}\n  moves:\n    - {{ vm: v{vm}, to: h{target} }}\n",
            shape.schedule(index + count, 2 * count)
        );
        document("MigrationPlan", &format!("m{index}"), &spec)
    });
    files
}

fn document(kind: &str, name: &str, spec: &str) -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        "---\napiVersion: vmlint.dev/v1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n{spec}"
    );
    text
}
