//! Windows does not tell names apart by their case, and a host by its full name in the domain is the
//! one by its short name: what documents for Windows call machines, hosts and clusters is spelled as
//! where they are declared.

use std::collections::BTreeMap;

use arcstr::ArcStr;

use super::machines::Said;
use super::{Content, Piece};
use crate::model::{AnyResource, Kind, Origin, Standing};

/// How something is called, by scope, kind and name in lower case; none where two are.
type Spellings = BTreeMap<(u32, Kind, String), Option<ArcStr>>;

pub(super) fn settle(resources: &mut [AnyResource], pieces: &mut [Piece]) {
    let is_ours = |it: &AnyResource| it.meta().origin == Origin::Windows;
    if !resources.iter().any(is_ours) {
        return;
    }
    let spellings = spellings(resources);
    for resource in resources.iter_mut().filter(|it| is_ours(it)) {
        let meta = resource.meta_mut();
        let scope = meta.scope;
        if let Some(name) = spelled(&spellings, scope, meta.kind, &meta.name) {
            meta.name = name;
        }
        resource.references(|_, kind, reference| {
            if let Some(name) = spelled(&spellings, scope, kind, &reference.written) {
                reference.written = name;
            }
        });
    }
    for piece in pieces {
        let Content::Windows(said) = &mut piece.content else {
            continue;
        };
        let (Said::Moved(machine, _)
        | Said::RemovedDisk(machine, _)
        | Said::RemovedDevice(machine, _)) = said;
        if let Some(name) = spelled(&spellings, piece.scope, Kind::VirtualMachine, machine) {
            *machine = name;
        }
    }
}

/// The names of what is declared: natively, else where documents for Windows say it first.
fn spellings(resources: &[AnyResource]) -> Spellings {
    let mut spellings = Spellings::new();
    for origin in [Origin::Native, Origin::Windows] {
        let mut found = Spellings::new();
        let declared = resources.iter().filter(|it| it.meta().origin == origin);
        for resource in declared {
            let meta = resource.meta();
            if meta.named && meta.standing == Standing::Whole {
                note(&mut found, origin, meta.scope, meta.kind, &meta.name);
            }
            if let AnyResource::Cluster(cluster) = resource {
                for host in cluster.spec.hosts.known().into_iter().flatten() {
                    if let Some(host) = host.known() {
                        let written = &host.reference.written;
                        note(&mut found, origin, meta.scope, Kind::Host, written);
                    }
                }
            }
        }
        for (key, name) in found {
            spellings.entry(key).or_insert(name);
        }
    }
    spellings
}

fn note(found: &mut Spellings, origin: Origin, scope: u32, kind: Kind, name: &ArcStr) {
    let mut add = |key: String| {
        let known = found
            .entry((scope, kind, key))
            .or_insert_with(|| Some(name.clone()));
        let another = known.as_ref().is_some_and(|known| known != name);
        // Which of several is meant cannot be told; of documents for Windows the first counts.
        if another && origin == Origin::Native {
            *known = None;
        }
    };
    add(name.to_lowercase());
    if kind == Kind::Host
        && let Some(short) = short(name)
    {
        add(short.to_lowercase());
    }
}

/// How a name is spelled where it is declared.
fn spelled(spellings: &Spellings, scope: u32, kind: Kind, name: &str) -> Option<ArcStr> {
    let of = |name: &str| {
        let known = spellings.get(&(scope, kind, name.to_lowercase()));
        known.cloned().flatten()
    };
    let full = of(name);
    match kind {
        Kind::Host => full.or_else(|| of(short(name)?)),
        _ => full,
    }
}

/// The first part of a full name in a domain; none of an address.
fn short(name: &str) -> Option<&str> {
    let (first, _) = name.split_once('.')?;
    let is_name = first.contains(|it: char| it.is_ascii_alphabetic());
    is_name.then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_declared() {
        let mut found = Spellings::new();
        let mut add = |name: &str| note(&mut found, Origin::Native, 0, Kind::Host, &name.into());
        add("HV-02");
        add("hv-03.corp.example");
        add("a");
        add("A");
        let spelled = |name| spelled(&found, 0, Kind::Host, name);
        assert_eq!(spelled("hv-02").as_deref(), Some("HV-02"));
        assert_eq!(spelled("hv-02.corp.example").as_deref(), Some("HV-02"));
        assert_eq!(spelled("HV-03").as_deref(), Some("hv-03.corp.example"));
        assert_eq!(spelled("a"), None);
        assert_eq!(spelled("10.0.0.1"), None);
    }
}
