//! Claims on storage, and the disks that are on them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::{Content, Piece};
use crate::model::{AnyResource, Attr, Disk, DiskDetails, Identity, Meta, Modelled};
use crate::source::Span;

/// What a document says of a claim: of a disk on it.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Claim {
    pub(in crate::formats) meta: Box<Meta>,
    /// Whether it is the claim itself, not what one is made for.
    pub(in crate::formats) is_claim: bool,
    pub(in crate::formats) said: Box<Disk>,
}

/// Tells disks how the claims that they are on can be used. Of a patch or variant nobody knows
/// what it is put together with.
pub(super) fn attach(resources: &mut [AnyResource], pieces: &[Piece]) {
    let claims = claims(pieces);
    for resource in resources {
        let AnyResource::VirtualMachine(machine) = resource else {
            continue;
        };
        let meta = &machine.meta;
        if !meta.is_of_kubernetes() || !meta.is_related() {
            continue;
        }
        let Some(disks) = machine.spec.disks.known_mut() else {
            continue;
        };
        for disk in disks {
            if let Some(disk) = disk.known_mut()
                && let Some(name) = disk.claim.known()
                && let Some(said) = claims.get(&meta.beside(name.clone()))
            {
                put_in(disk, said);
            }
        }
    }
}

/// Says of a disk what it does not say itself.
fn put_in(disk: &mut Disk, said: &Disk) {
    let place = disk.claim.span();
    fill(&mut disk.access_modes, &said.access_modes, place);
    fill(&mut disk.volume_mode, &said.volume_mode, place);
    fill(&mut disk.storage_class, &said.storage_class, place);
    fill(&mut disk.size, &said.size, place);
    fill(&mut disk.claim_labels, &said.claim_labels, place);
    if let Some(modes) = disk.access_modes.known_mut() {
        modes.iter_mut().for_each(|mode| mode.put_at(place));
    }
}

/// An attribute that is not known here, and said in another document. Its place is here.
pub(super) fn fill<T: Modelled>(attribute: &mut Attr<T>, said: &Attr<T>, place: Span) {
    if attribute.known().is_none() && !said.is_absent() {
        *attribute = Attr::new(said.state().cloned(), place);
    }
}

/// What is known of each claim. What several documents of it say differently is unknown.
fn claims(pieces: &[Piece]) -> HashMap<Identity, Disk> {
    let said = pieces.iter().filter_map(|piece| match &piece.content {
        Content::Claim(claim) => Some(claim),
        _ => None,
    });
    let mut by_kind: BTreeMap<(Identity, bool), Vec<&Claim>> = BTreeMap::new();
    for claim in said {
        by_kind
            .entry((claim.meta.identity(), claim.is_claim))
            .or_default()
            .push(claim);
    }
    let mut claims: HashMap<Identity, Disk> = HashMap::new();
    for ((identity, _), variants) in by_kind {
        let Some(said) = common(&variants) else {
            continue;
        };
        match claims.entry(identity) {
            Entry::Vacant(entry) => {
                entry.insert(said);
            }
            Entry::Occupied(mut entry) => {
                let merged = overlaid(entry.get(), &said);
                let mut other = overlaid(&said, entry.get());
                other.keep_common(&merged);
                entry.insert(other);
            }
        }
    }
    claims
}

/// What the documents of one claim have in common; none where all of them are patches.
fn common(variants: &[&Claim]) -> Option<Disk> {
    let (patches, whole): (Vec<&Claim>, Vec<&Claim>) =
        variants.iter().partition(|claim| claim.meta.partial);
    let (first, others) = whole.split_first()?;
    let mut common = (*first.said).clone();
    for other in others {
        common.keep_common(&other.said);
    }
    for patch in patches {
        let patched = overlaid(&common, &patch.said);
        common.keep_common(&patched);
    }
    Some(common)
}

/// A claim of which another document says some things, maybe differently.
fn overlaid(claim: &Disk, over: &Disk) -> Disk {
    fn either<T: Modelled>(one: &Attr<T>, over: &Attr<T>) -> Attr<T> {
        match over.is_absent() {
            true => one.clone(),
            false => over.clone(),
        }
    }
    Disk {
        size: either(&claim.size, &over.size),
        details: Some(Box::new(DiskDetails {
            access_modes: either(&claim.access_modes, &over.access_modes),
            volume_mode: either(&claim.volume_mode, &over.volume_mode),
            storage_class: either(&claim.storage_class, &over.storage_class),
            claim_labels: either(&claim.claim_labels, &over.claim_labels),
            ..(**claim).clone()
        })),
        ..claim.clone()
    }
}
