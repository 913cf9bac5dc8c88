//! Instancetypes and preferences, and the machines that ask for them.

use std::borrow::Cow;
use std::collections::HashMap;

use arcstr::ArcStr;

use super::claims::fill;
use super::{Content, Piece};
use crate::formats::kubevirt::common;
use crate::model::{
    AnyResource, Attr, Entity, Identity, Kind, Meta, Modelled, State, VirtualMachine,
};
use crate::source::Span;

/// An instancetype or preference, as a machine that has nothing else.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Size {
    pub(in crate::formats) meta: Box<Meta>,
    pub(in crate::formats) is_preference: bool,
    pub(in crate::formats) said: Box<VirtualMachine>,
}

/// What a machine asks for.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Sized {
    /// The document of the machine.
    pub(in crate::formats) extent: Span,
    pub(in crate::formats) instancetype: Option<Asked>,
    pub(in crate::formats) preference: Option<Asked>,
}

/// The name of an instancetype or preference.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Asked {
    /// Whether it is one of those in no namespace.
    pub(in crate::formats) of_cluster: bool,
    /// None where nobody knows.
    pub(in crate::formats) name: Option<ArcStr>,
}

/// Who it is, and whether it is a preference.
type Who = (Identity, bool);

/// Fills in what machines have by their instancetypes and preferences; unknown where those are not
/// known.
pub(super) fn fill_in(resources: &mut [AnyResource], pieces: &[Piece]) {
    let asking: HashMap<_, &Sized> = pieces
        .iter()
        .filter_map(|piece| match &piece.content {
            Content::Sized(sized) => Some(((piece.file, sized.extent), sized)),
            _ => None,
        })
        .collect();
    if asking.is_empty() {
        return;
    }
    let sizes = sizes(pieces);
    for resource in resources {
        let AnyResource::VirtualMachine(machine) = resource else {
            continue;
        };
        let Some(asked) = asking.get(&(machine.meta.file, machine.meta.extent)) else {
            continue;
        };
        if machine.meta.partial {
            continue;
        }
        if let Some(instancetype) = &asked.instancetype {
            let said = find(&sizes, &machine.meta, instancetype, false);
            apply_instancetype(&mut machine.spec, said.as_deref());
        }
        if let Some(preference) = &asked.preference
            && let Some(said) = find(&sizes, &machine.meta, preference, true)
        {
            let place = machine.meta.spec_span().unwrap_or(machine.meta.name_span());
            fill(&mut machine.spec.architecture, &said.architecture, place);
        }
    }
}

fn sizes(pieces: &[Piece]) -> HashMap<Who, VirtualMachine> {
    let mut sizes: HashMap<Who, VirtualMachine> = HashMap::new();
    for piece in pieces {
        let Content::Size(size) = &piece.content else {
            continue;
        };
        let who = (size.meta.identity(), size.is_preference);
        let said = (*size.said).clone();
        sizes
            .entry(who)
            .and_modify(|common| common.keep_common(&said))
            .or_insert(said);
    }
    sizes
}

fn find<'s>(
    sizes: &'s HashMap<Who, VirtualMachine>,
    meta: &Meta,
    asked: &Asked,
    is_preference: bool,
) -> Option<Cow<'s, VirtualMachine>> {
    let name = asked.name.as_ref()?;
    let mut identity = meta.beside(name.clone());
    if asked.of_cluster {
        identity = Identity {
            kind: Kind::Cluster,
            namespace: ArcStr::default(),
            folder: None,
            ..identity
        };
    }
    let declared = sizes.get(&(identity, is_preference)).map(Cow::Borrowed);
    declared.or_else(|| {
        let common = common(name, is_preference).filter(|_| asked.of_cluster);
        common.map(Cow::Owned)
    })
}

/// What the machine does not say itself is as the instancetype has it.
fn apply_instancetype(machine: &mut VirtualMachine, said: Option<&VirtualMachine>) {
    if let Some(memory) = machine.memory.known_mut() {
        let said = said.and_then(|it| Some(&it.memory.known()?.startup));
        take(&mut memory.startup, said, memory.place.span());
    }
    if let Some(processor) = machine.processor.known_mut() {
        let said = said.and_then(|it| it.processor.known());
        let place = processor.place.span();
        take(&mut processor.count, said.map(|it| &it.count), place);
        take(&mut processor.model, said.map(|it| &it.model), place);
    }
    if let Some(placement) = machine.placement.known_mut() {
        let said = said.map(|it| match it.placement.known() {
            Some(placement) => placement.node_selector.clone(),
            None => Attr::default(),
        });
        take(
            &mut placement.node_selector,
            said.as_ref(),
            placement.place.span(),
        );
    }
}

fn take<T: Modelled>(attribute: &mut Attr<T>, said: Option<&Attr<T>>, place: Span) {
    match said {
        _ if !attribute.is_absent() => {}
        Some(said) => fill(attribute, said, place),
        None => {
            *attribute = Attr::new(State::Unknown, place);
        }
    }
}
