//! What adapters of machines find on the hosts they may come to: a virtual switch of their name,
//! and what it offers.

use std::collections::HashMap;

use arcstr::ArcStr;

use super::Facts;
use super::placement::HostSet;
use crate::model::{Host, Item, MachineAdapter, Resource, State, SwitchType, VirtualSwitch};

/// Hosts, and whether there may be more.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Hosts {
    pub(super) known: Vec<u32>,
    pub(super) open: bool,
}

impl Hosts {
    fn add(&mut self, host: u32, truth: Option<bool>) {
        match truth {
            Some(true) => self.known.push(host),
            Some(false) => {}
            None => self.open = true,
        }
    }

    fn join(&mut self, other: &Hosts) {
        self.known.extend(&other.known);
        self.open |= other.open;
    }
}

/// What an adapter finds on several hosts.
#[derive(Clone, Default)]
pub(super) struct Connections {
    /// Where its switch is declared.
    pub(super) present: Hosts,
    /// Where switches are declared, but not its own.
    pub(super) missing: Hosts,
    /// Where its switch is internal or private.
    pub(super) confined: Hosts,
    /// Where its switch offers no virtual functions.
    pub(super) without_iov: Hosts,
}

/// What switches of a name are on the hosts of a set; both by what machines ask for.
pub(super) type Switchboard = HashMap<(u32, ArcStr), Box<Connections>>;

impl Facts {
    pub(super) fn derive_switchboard(&self) -> Switchboard {
        let mut board = Switchboard::new();
        for machine in &self.inventory.machines {
            let Some((id, set)) = self.placements.possible_set(machine.meta.index) else {
                continue;
            };
            for item in machine.spec.network_adapters.known().into_iter().flatten() {
                let adapter = item.known();
                if let Some(name) = adapter.and_then(|adapter| adapter.switch.known()) {
                    board
                        .entry((id, name.clone()))
                        .or_insert_with(|| Box::new(self.connections_in(set, name)));
                }
            }
        }
        board
    }

    fn connections_in(&self, set: &HostSet, name: &str) -> Connections {
        let mut connections = Connections::default();
        self.connect(&mut connections, &set.hosts, name);
        connections.join(set.open);
        for hosts in connections.all() {
            hosts.known.shrink_to_fit();
        }
        connections
    }

    fn connect(&self, connections: &mut Connections, hosts: &[u32], name: &str) {
        for host in hosts {
            connections.add(*host, &self.inventory.hosts[*host as usize], name);
        }
    }

    /// What an adapter finds on the possible hosts of its machine.
    pub(super) fn possible_connections(
        &self,
        machine: u32,
        adapter: &MachineAdapter,
    ) -> Option<&Connections> {
        let (set, _) = self.placements.possible_set(machine)?;
        let name = adapter.switch.known()?;
        self.switchboard()
            .get(&(set, name.clone()))
            .map(Box::as_ref)
    }

    /// What an adapter finds on the possible hosts of its machine and on the targets of its moves.
    pub(super) fn connections(&self, machine: u32, adapter: &MachineAdapter) -> Connections {
        let Some(name) = adapter.switch.known() else {
            let mut unknown = Connections::default();
            unknown.join(true);
            return unknown;
        };
        let known = self.possible_connections(machine, adapter).cloned();
        let possible = self.placements.possible(machine);
        let mut connections = known.unwrap_or_default();
        let hosts = possible.map_or(&[][..], |set| &set.hosts);
        let (targets, open) = self.targets_beyond(machine, hosts);
        self.connect(&mut connections, &targets, name);
        connections.join(open || possible.is_none());
        connections
    }
}

impl Connections {
    /// Takes note that there may be more hosts.
    fn join(&mut self, open: bool) {
        let more = Hosts {
            known: Vec::new(),
            open,
        };
        for hosts in self.all() {
            hosts.join(&more);
        }
    }

    fn all(&mut self) -> [&mut Hosts; 4] {
        [
            &mut self.present,
            &mut self.missing,
            &mut self.confined,
            &mut self.without_iov,
        ]
    }

    fn add(&mut self, index: u32, host: &Resource<Host>, name: &str) {
        let declared = match host.spec.virtual_switches.state() {
            State::Known(switches) => find(switches, name),
            State::Absent if !host.meta.partial => {
                self.missing.add(index, Some(false));
                self.present.add(index, None);
                self.confined.add(index, None);
                self.without_iov.add(index, None);
                return;
            }
            _ => Found::Perhaps,
        };
        let (present, confined, without_iov) = match declared {
            Found::Switch(switch) => (Some(true), confined(switch), without_iov(switch)),
            Found::Nothing => (Some(false), Some(false), Some(false)),
            Found::Perhaps => (None, None, None),
        };
        self.present.add(index, present);
        self.missing.add(index, present.map(|present| !present));
        self.confined.add(index, confined);
        self.without_iov.add(index, without_iov);
    }
}

/// The virtual switch of that name on a host.
pub(super) fn switch_of<'a>(host: &'a Resource<Host>, name: &str) -> Option<&'a VirtualSwitch> {
    match find(host.spec.virtual_switches.known()?, name) {
        Found::Switch(switch) => Some(switch),
        Found::Nothing | Found::Perhaps => None,
    }
}

enum Found<'a> {
    Switch(&'a VirtualSwitch),
    Nothing,
    Perhaps,
}

/// The switch of that name; perhaps, where one has no name that is known.
fn find<'a>(switches: &'a [Item<VirtualSwitch>], name: &str) -> Found<'a> {
    let mut all_named = true;
    for item in switches {
        let switch = item.known();
        match switch.and_then(|switch| Some((switch, switch.name.known()?))) {
            Some((switch, own)) if **own == *name => return Found::Switch(switch),
            Some(_) => {}
            None => all_named = false,
        }
    }
    if all_named {
        Found::Nothing
    } else {
        Found::Perhaps
    }
}

fn confined(switch: &VirtualSwitch) -> Option<bool> {
    let kind = switch.switch_type.known()?;
    Some(*kind != SwitchType::External)
}

fn without_iov(switch: &VirtualSwitch) -> Option<bool> {
    match switch.iov.state() {
        State::Known(iov) => Some(!iov),
        State::Absent => Some(true),
        State::Unknown => None,
    }
}
