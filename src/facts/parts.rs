//! Parts of resources that rules are about: adapters, disks, devices.
//!
//! An element that is a template is a part, too, of which nothing is known, and so is a whole list
//! that is: rules have to say that they could not look at it.

use std::any::Any;

use super::Facts;
use crate::inventory::Inventory;
use crate::model::reflect::{Object, Record, RecordType};
use crate::model::{
    Attr, Device, Disk, Entity, Host, HostAdapter, List, MachineAdapter, Modelled, Resource, State,
    VirtualMachine,
};
use crate::source::Span;

/// A part of which nothing is known but where it stands.
struct Unsaid {
    of: &'static RecordType,
    place: Span,
    /// The resource it is a part of, by its position among those of its kind.
    owner: usize,
}

impl Record for Unsaid {
    fn record_type(&self) -> &'static RecordType {
        self.of
    }

    fn place(&self) -> Option<Span> {
        Some(self.place)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The parts of which nothing is known, by what they are.
pub(super) struct UnsaidParts {
    virtual_adapters: Vec<Unsaid>,
    virtual_disks: Vec<Unsaid>,
    devices: Vec<Unsaid>,
    host_adapters: Vec<Unsaid>,
}

/// Reads the list of parts of a resource.
type Parts<S, T> = fn(&S) -> &Attr<List<T>>;

const VIRTUAL_ADAPTERS: Parts<VirtualMachine, MachineAdapter> = |vm| &vm.network_adapters;
const VIRTUAL_DISKS: Parts<VirtualMachine, Disk> = |vm| &vm.disks;
const DEVICES: Parts<VirtualMachine, Device> = |vm| &vm.devices;
const HOST_ADAPTERS: Parts<Host, HostAdapter> = |host| &host.network_adapters;

impl UnsaidParts {
    pub(super) fn of(inventory: &Inventory) -> Self {
        let machines = &inventory.machines;
        UnsaidParts {
            virtual_adapters: unsaid(machines, VIRTUAL_ADAPTERS, MachineAdapter::TYPE),
            virtual_disks: unsaid(machines, VIRTUAL_DISKS, Disk::TYPE),
            devices: unsaid(machines, DEVICES, Device::TYPE),
            host_adapters: unsaid(&inventory.hosts, HOST_ADAPTERS, HostAdapter::TYPE),
        }
    }
}

impl Facts {
    pub(super) fn virtual_adapters(&self) -> impl Iterator<Item = Object<'_>> {
        let unsaid = &self.unsaid_parts().virtual_adapters;
        objects(&self.inventory.machines, VIRTUAL_ADAPTERS, unsaid)
    }

    pub(super) fn virtual_disks(&self) -> impl Iterator<Item = Object<'_>> {
        let unsaid = &self.unsaid_parts().virtual_disks;
        objects(&self.inventory.machines, VIRTUAL_DISKS, unsaid)
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = Object<'_>> {
        let unsaid = &self.unsaid_parts().devices;
        objects(&self.inventory.machines, DEVICES, unsaid)
    }

    pub(super) fn host_adapters(&self) -> impl Iterator<Item = Object<'_>> {
        let unsaid = &self.unsaid_parts().host_adapters;
        objects(&self.inventory.hosts, HOST_ADAPTERS, unsaid)
    }
}

fn unsaid<S, T: Modelled>(
    resources: &[Box<Resource<S>>],
    parts: Parts<S, T>,
    of: &'static RecordType,
) -> Vec<Unsaid> {
    let mut unsaid = Vec::new();
    for (owner, resource) in resources.iter().enumerate() {
        let list = parts(&resource.spec);
        let mut add = |place| unsaid.push(Unsaid { of, place, owner });
        match list.state() {
            State::Absent => {}
            State::Unknown => add(list.span()),
            State::Known(items) => {
                let unknown = items.iter().filter(|item| item.known().is_none());
                unknown.for_each(|item| add(item.span()));
            }
        }
    }
    unsaid
}

/// The parts that are known, then those that are not.
fn objects<'a, S: Entity, T: Modelled + Record>(
    resources: &'a [Box<Resource<S>>],
    parts: Parts<S, T>,
    unsaid: &'a [Unsaid],
) -> impl Iterator<Item = Object<'a>> {
    let known = resources.iter().flat_map(move |resource| {
        let items = parts(&resource.spec).known().into_iter().flatten();
        items.filter_map(|item| Some(Object::part(item.known()?, Some(&resource.meta))))
    });
    let unknown = unsaid.iter().filter_map(move |part| {
        let owner = &resources.get(part.owner)?.meta;
        Some(Object::part(part, Some(owner)))
    });
    known.chain(unknown)
}
