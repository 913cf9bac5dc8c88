//! `velero.io/v1` Schedule: `spec.schedule`, and of `spec.template` what says which namespaces and
//! objects are in it. Hooks, storage locations and how long backups are kept are not read.

use arcstr::ArcStr;

use super::{at, is, policy, selector, timing};
use crate::formats::Lowered;
use crate::formats::lowering::{attribute, below, boolean, is_unknown, list, texts};
use crate::formats::manifest::Manifest;
use crate::model::{
    Attr, BackupProduct, Item, Kind, List, Ref, Selector, State, TargetMatch, Targets,
    VirtualMachine,
};
use crate::source::Span;
use crate::yaml::{Entry, Node};

type Names = List<ArcStr>;

pub(super) fn recognise(root: Node<'_>) -> bool {
    is(root, "velero.io", "Schedule")
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some(manifest) = Manifest::of(root) else {
        return;
    };
    let meta = manifest.meta(Kind::BackupPolicy, lowered.file, None);
    let name = meta.name_span();
    let template = manifest
        .spec(&["template"])
        .filter(|it| !it.value.is_null());
    let mut spec = policy(BackupProduct::Velero, name);
    spec.schedule = timing::schedule(manifest.spec(&["schedule"]));
    spec.suspended = boolean(manifest.spec(&["paused"]));
    spec.targets = at(template, name, |place| targets(template, place));
    if template.is_some_and(|it| is_unknown(it.value)) {
        spec.targets.set(State::Unknown);
    }
    lowered.add(meta, spec);
}

/// What meets everything that the template asks for.
fn targets(template: Option<Entry<'_>>, place: Span) -> Targets {
    let field = |key: &str| template.and_then(|it| below(it.value, &[key]));
    let mut targets = Targets {
        place: place.into(),
        ..Targets::default()
    };
    targets.matching = super::known(TargetMatch::All, place);
    targets.namespaces = namespaces(field("includedNamespaces"));
    targets.excluded_namespaces = patterns_unknown(texts(field("excludedNamespaces")));
    if let Some(entry) = field("labelSelector").filter(|it| !it.value.is_null()) {
        targets.selector = attribute(entry, State::Known(selector(entry.value)));
    }
    targets.selectors = selectors(field("orLabelSelectors"));
    if let Some(machines) = kinds(
        [
            field("includedResources"),
            field("includedNamespaceScopedResources"),
        ],
        [
            field("excludedResources"),
            field("excludedNamespaceScopedResources"),
        ],
    ) {
        targets.virtual_machines = machines;
    }
    targets
}

/// Names of namespaces; absent where all are meant. A pattern is a namespace that nobody knows.
fn namespaces(entry: Option<Entry<'_>>) -> Attr<Names> {
    let names = texts(entry);
    let all = names.known().is_some_and(|items| {
        let star = |item: &Item<ArcStr>| item.known().is_some_and(|it| &**it == "*");
        items.is_empty() || items.iter().any(star)
    });
    match all {
        true => Attr::default(),
        false => patterns_unknown(names),
    }
}

fn patterns_unknown(mut names: Attr<Names>) -> Attr<Names> {
    if let Some(items) = names.known_mut() {
        for item in items {
            let name = item.known();
            if name.is_some_and(|it| it.contains(['*', '?', '[', '{'])) {
                item.set(State::Unknown);
            }
        }
    }
    names
}

fn selectors(entry: Option<Entry<'_>>) -> Attr<List<Selector>> {
    let selectors = list(entry, |node| Some(selector(node)));
    match selectors.known().is_some_and(|it| it.is_empty()) {
        true => Attr::default(),
        false => selectors,
    }
}

/// What has to be in a backup for a machine to be in it.
const KINDS: [&[&str]; 4] = [
    &["virtualmachines", "virtualmachine", "vm", "vms"],
    &[
        "virtualmachineinstances",
        "virtualmachineinstance",
        "vmi",
        "vmis",
    ],
    &["pods", "pod", "po"],
    &[
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        "pvc",
        "pvcs",
    ],
];

/// The machines that the kinds leave: none, or those that nobody knows; absent where some of what
/// makes up a machine is in.
fn kinds<'t>(
    included: [Option<Entry<'t>>; 2],
    excluded: [Option<Entry<'t>>; 2],
) -> Option<Attr<List<Ref<VirtualMachine>>>> {
    let written = included
        .into_iter()
        .flatten()
        .find(|it| !it.value.is_null());
    let left_out = excluded.into_iter().flatten().next();
    let excluded: Vec<String> = excluded
        .into_iter()
        .flatten()
        .flat_map(|it| words(it).0)
        .collect();
    let (included, open) = match written {
        None => (vec!["*".to_owned()], false),
        Some(entry) => match words(entry) {
            (words, false) if words.is_empty() => (vec!["*".to_owned()], false),
            words => words,
        },
    };
    let named = |list: &[String], kind: &[&str]| {
        list.iter()
            .any(|word| word == "*" || kind.contains(&word.as_str()))
    };
    let in_it = |kind: &&[&str]| named(&included, kind) && !named(&excluded, kind);
    if KINDS.iter().any(in_it) {
        return None;
    }
    let entry = written.or(left_out)?;
    Some(attribute(
        entry,
        match open {
            true => State::Unknown,
            false => State::Known(List::default()),
        },
    ))
}

/// Names of kinds without their groups, and whether there may be others.
fn words(entry: Entry<'_>) -> (Vec<String>, bool) {
    let names = texts(Some(entry));
    let Some(items) = names.known() else {
        return (Vec::new(), true);
    };
    let mut open = false;
    let mut words = Vec::new();
    for item in items {
        match item.known() {
            Some(name) => {
                let lower = name.to_ascii_lowercase();
                words.push(lower.split('.').next().unwrap_or_default().to_owned());
            }
            None => open = true,
        }
    }
    (words, open)
}
