//! Running machines and the machines that they run for: one object, of which the running one says
//! where it is.

use std::collections::{HashMap, HashSet};

use crate::model::{AnyResource, Attr, Host, Meta, Ref};

/// What a running machine is declared as.
pub(in crate::formats) const INSTANCE: &str = "VirtualMachineInstance";

/// What a machine that has a running one of its name is declared as.
pub(in crate::formats) const MACHINE: &str = "VirtualMachine";

/// Tells machines where they run, and drops the running ones, which say nothing else.
pub(super) fn place(resources: &mut Vec<AnyResource>) {
    let mut instances: HashMap<_, Attr<Ref<Host>>> = HashMap::new();
    for resource in resources.iter() {
        if let AnyResource::VirtualMachine(machine) = resource
            && is_instance(&machine.meta)
            && machine.meta.is_related()
        {
            instances.insert(machine.meta.identity(), machine.spec.host.clone());
        }
    }
    if instances.is_empty() {
        return;
    }
    let mut machines = HashSet::new();
    for resource in resources.iter_mut() {
        let AnyResource::VirtualMachine(machine) = resource else {
            continue;
        };
        if machine.meta.declared_as != MACHINE || machine.meta.partial || !machine.meta.named {
            continue;
        }
        let identity = machine.meta.identity();
        if let Some(host) = instances.get(&identity)
            && !host.is_absent()
            && machine.meta.is_related()
        {
            let span = machine.spec.host.place();
            machine.spec.host = Attr::new(
                host.state().cloned(),
                span.or(machine.meta.spec_span()).unwrap_or_default(),
            );
        }
        machines.insert(identity);
    }
    resources.retain(|resource| {
        let meta = resource.meta();
        !is_instance(meta) || !machines.contains(&meta.identity())
    });
}

fn is_instance(meta: &Meta) -> bool {
    meta.declared_as == INSTANCE
}
