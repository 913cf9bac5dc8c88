use proptest::prelude::*;

use super::*;
use crate::facts::mobility_tests::{facts, resource};

const HOSTS: usize = 3;
/// In GiB, more than all machines need.
const HUGE: i64 = 1000;

/// What is written, or a template.
type Perhaps<T> = Option<T>;

#[derive(Clone, Debug)]
struct Written {
    /// Capacity in GiB, and the vendor where one is stated.
    hosts: Vec<(Perhaps<i64>, Option<Perhaps<&'static str>>)>,
    disabled: Option<usize>,
    enforced: Perhaps<bool>,
    window: usize,
    machines: Vec<Machine>,
}

#[derive(Clone, Debug)]
struct Machine {
    host: Perhaps<usize>,
    startup: Perhaps<i64>,
    runs: Perhaps<bool>,
    /// Whether it may run on the last host, where that is stated.
    owners: Option<Perhaps<bool>>,
    class: bool,
}

impl Written {
    fn text(&self) -> String {
        fn or<T: ToString>(written: &Perhaps<T>) -> String {
            written
                .as_ref()
                .map_or("'{{ x }}'".to_owned(), T::to_string)
        }
        let mut text = String::new();
        let spec = format!(
            "hosts: [h0, h1, h2], enforcedAntiAffinity: {}",
            or(&self.enforced)
        );
        resource(&mut text, "Cluster", "c", &spec);
        for (index, (capacity, vendor)) in self.hosts.iter().enumerate() {
            let capacity = or(&capacity.map(|it| format!("{it}GiB")));
            let mut spec = format!("memory: {{ capacity: {capacity}, reserve: 0 }}");
            if let Some(vendor) = vendor {
                spec += &format!(", processor: {{ vendor: {} }}", or(vendor));
            }
            if self.disabled == Some(index) {
                spec += ", migration: { enabled: false }";
            }
            resource(&mut text, "Host", &format!("h{index}"), &spec);
        }
        for (index, machine) in self.machines.iter().enumerate() {
            let mut spec = format!(
                "cluster: c, host: {}, memory: {{ startup: {} }}, state: {}",
                or(&machine.host.map(|it| format!("h{it}"))),
                or(&machine.startup.map(|it| format!("{it}GiB"))),
                or(&machine.runs.map(|it| if it { "running" } else { "'off'" })),
            );
            if let Some(owners) = machine.owners {
                let last = or(&owners.map(|last| if last { "h2" } else { "h0" }));
                spec += &format!(", possibleOwners: [h0, h1, {last}]");
            }
            if machine.class {
                spec += ", antiAffinity: [sql]";
            }
            resource(&mut text, "VirtualMachine", &format!("m{index}"), &spec);
        }
        let hosts = ["[h0]", "[h0, h1]"][self.window];
        resource(
            &mut text,
            "MaintenanceWindow",
            "w",
            &format!("hosts: {hosts}"),
        );
        text
    }

    /// Everything that it can turn out to be.
    fn worlds(&self) -> Vec<Written> {
        fn each<T: Clone>(
            worlds: Vec<Written>,
            options: &[T],
            place: impl Fn(&mut Written) -> Option<&mut Perhaps<T>>,
        ) -> Vec<Written> {
            let fill = |mut world: Written| match place(&mut world) {
                Some(None) => options
                    .iter()
                    .map(|option| {
                        let mut filled = world.clone();
                        if let Some(place) = place(&mut filled) {
                            *place = Some(option.clone());
                        }
                        filled
                    })
                    .collect(),
                _ => vec![world],
            };
            worlds.into_iter().flat_map(fill).collect()
        }
        let mut worlds = each(vec![self.clone()], &[true, false], |it| {
            Some(&mut it.enforced)
        });
        for host in 0..HOSTS {
            worlds = each(worlds, &[1, HUGE], |it| Some(&mut it.hosts[host].0));
            worlds = each(worlds, &["intel", "amd"], |it| it.hosts[host].1.as_mut());
        }
        for machine in 0..self.machines.len() {
            worlds = each(worlds, &[0, 1, 2], |it| {
                Some(&mut it.machines[machine].host)
            });
            worlds = each(worlds, &[1, HUGE / 2], |it| {
                Some(&mut it.machines[machine].startup)
            });
            worlds = each(worlds, &[true, false], |it| {
                Some(&mut it.machines[machine].runs)
            });
            worlds = each(worlds, &[true, false], |it| {
                it.machines[machine].owners.as_mut()
            });
        }
        worlds
    }

    /// Whether all machines of the host that goes down fit on the others, by trying all of them.
    fn fits(&self) -> bool {
        let capacity = |host: &usize| self.hosts[*host].0.unwrap();
        let down = (0..=self.window).rev().max_by_key(capacity).unwrap();
        let running = self.machines.iter().filter(|it| it.runs == Some(true));
        let (leave, stay): (Vec<&Machine>, Vec<&Machine>) =
            running.partition(|it| it.host == Some(down));
        let on = |host: usize| -> Vec<&Machine> {
            let there = stay.iter().filter(|it| it.host == Some(host));
            there.copied().collect()
        };
        self.fit(down, &leave, &(0..HOSTS).map(on).collect::<Vec<_>>())
    }

    fn fit(&self, down: usize, leave: &[&Machine], on: &[Vec<&Machine>]) -> bool {
        let Some((machine, rest)) = leave.split_first() else {
            return true;
        };
        (0..HOSTS).any(|host| {
            let vendors = self.hosts[down]
                .1
                .flatten()
                .zip(self.hosts[host].1.flatten());
            let owner = host < 2 || machine.owners.is_none_or(|last| last == Some(true));
            let apart = self.enforced == Some(false)
                || !machine.class
                || on[host].iter().all(|other| !other.class);
            let taken: i64 = on[host].iter().map(|other| other.startup.unwrap()).sum();
            let allowed = host != down
                && self.disabled != Some(host)
                && vendors.is_none_or(|(one, other)| one == other)
                && owner
                && apart
                && taken + machine.startup.unwrap() <= self.hosts[host].0.unwrap();
            let mut with = on.to_vec();
            with[host].push(machine);
            allowed && self.fit(down, rest, &with)
        })
    }
}

fn perhaps<T: Clone + std::fmt::Debug + 'static>(
    known: f64,
    of: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Perhaps<T>> {
    (of, 0.0..1.0_f64).prop_map(move |(value, pick)| (pick < known).then_some(value))
}

fn estates(known: f64) -> impl Strategy<Value = Written> {
    let vendor = prop::option::weighted(
        0.4,
        perhaps(known, prop_oneof![3 => Just("intel"), 1 => Just("amd")]),
    );
    let host = (perhaps(known, 1..24_i64), vendor);
    let machine = (
        perhaps(known, 0..HOSTS),
        perhaps(known, 1..12_i64),
        perhaps(known, prop::bool::weighted(0.9)),
        prop::option::weighted(0.3, perhaps(known, any::<bool>())),
        prop::bool::weighted(0.4),
    );
    let machine = machine.prop_map(|(host, startup, runs, owners, class)| Machine {
        host,
        startup,
        runs,
        owners,
        class,
    });
    (
        prop::collection::vec(host, HOSTS),
        prop::option::weighted(0.2, 0..HOSTS),
        perhaps(known, prop::bool::weighted(0.4)),
        0..2_usize,
        prop::collection::vec(machine, 0..6),
    )
        .prop_map(|(hosts, disabled, enforced, window, machines)| Written {
            hosts,
            disabled,
            enforced,
            window,
            machines,
        })
}

fn verdict(written: &Written) -> Verdict {
    let facts = facts(&written.text());
    facts.packing(&facts.evacuation_capacities()[0]).verdict
}

#[test]
fn sums_that_suffice_may_not_fit() {
    let machine = |host, startup| Machine {
        host: Some(host),
        startup: Some(startup),
        runs: Some(true),
        owners: None,
        class: false,
    };
    let written = Written {
        hosts: vec![(Some(64), None), (Some(32), None), (Some(32), None)],
        disabled: None,
        enforced: Some(false),
        window: 0,
        machines: vec![machine(0, 40), machine(1, 10)],
    };
    let facts = facts(&written.text());
    let capacity = &facts.evacuation_capacities()[0];
    assert_eq!(capacity.lacking, Some(false));
    let packing = facts.packing(capacity);
    assert_eq!(packing.verdict, Verdict::DoesNotFit);
    let [unplaced] = packing.unplaced.as_slice() else {
        panic!("{packing:?}");
    };
    assert_eq!((unplaced.machine, unplaced.best), (0, Some((2, 32 << 30))));
    let mut half = written;
    half.machines[0].startup = Some(20);
    assert_eq!(verdict(&half), Verdict::Fits);
    half.machines[1].host = None;
    assert_eq!(verdict(&half), Verdict::Unproven);
}

#[test]
fn a_machine_goes_to_another_generation_for_certain_only_with_compatibility_mode() {
    for (mode, expected) in [
        ("true", Verdict::Fits),
        ("false", Verdict::Unproven),
        ("'{{ x }}'", Verdict::Unproven),
    ] {
        let mut text = String::new();
        resource(&mut text, "Cluster", "c", "hosts: [h0, h1]");
        for (host, generation) in [("h0", "skylake"), ("h1", "ice-lake")] {
            let spec = format!(
                "memory: {{ capacity: 64GiB }}, processor: {{ vendor: intel, generation: {generation} }}"
            );
            resource(&mut text, "Host", host, &spec);
        }
        let spec = format!(
            "host: h0, memory: {{ startup: 8GiB }}, processor: {{ compatibilityForMigrationEnabled: {mode} }}"
        );
        resource(&mut text, "VirtualMachine", "m", &spec);
        resource(&mut text, "MaintenanceWindow", "w", "hosts: [h0]");
        let facts = facts(&text);
        let packing = facts.packing(&facts.evacuation_capacities()[0]);
        assert_eq!(packing.verdict, expected, "{mode}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_of_known_estates_agrees_with_trying_everything(written in estates(1.0)) {
        match verdict(&written) {
            Verdict::Fits => prop_assert!(written.fits()),
            Verdict::DoesNotFit => prop_assert!(!written.fits()),
            Verdict::Unproven => {}
        }
    }

    #[test]
    fn what_is_said_of_unknown_estates_holds_however_they_turn_out(written in estates(0.9)) {
        let worlds = written.worlds();
        prop_assume!(worlds.len() <= 512);
        match verdict(&written) {
            Verdict::Fits => prop_assert!(worlds.iter().all(Written::fits)),
            Verdict::DoesNotFit => prop_assert!(!worlds.iter().any(Written::fits)),
            Verdict::Unproven => {}
        }
    }
}
