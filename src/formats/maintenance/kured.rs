//! Kured: the values of its Helm chart, and the arguments of its container.

use super::add;
use super::hours::{self, Written, is_said};
use crate::formats::Lowered;
use crate::formats::lowering::{below, boolean, is_unknown, is_unknown_text, known, whole};
use crate::formats::manifest::Manifest;
use crate::model::{Attr, Kind, MaintenanceWindow, Meta, Origin, State, WindowProduct};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// The keys of `configuration` in the values of kured's chart.
const KEYS: [&str; 42] = [
    "lockTtl",
    "lockReleaseDelay",
    "alertFilterRegexp",
    "alertFiringOnly",
    "alertFilterMatchOnly",
    "blockingPodSelector",
    "endTime",
    "lockAnnotation",
    "period",
    "forceReboot",
    "drainDelay",
    "drainGracePeriod",
    "drainPodSelector",
    "drainTimeout",
    "skipWaitForDeleteTimeout",
    "prometheusUrl",
    "rebootDays",
    "rebootSentinel",
    "rebootSentinelCommand",
    "rebootCommand",
    "rebootDelay",
    "rebootMethod",
    "rebootSignal",
    "slackChannel",
    "slackHookUrl",
    "slackUsername",
    "messageTemplateDrain",
    "messageTemplateReboot",
    "messageTemplateUncordon",
    "notifyUrl",
    "startTime",
    "timeZone",
    "annotateNodes",
    "logFormat",
    "preferNoScheduleTaint",
    "preRebootNodeLabels",
    "postRebootNodeLabels",
    "useRebootSentinelHostPath",
    "metricsHost",
    "metricsPort",
    "concurrency",
    "dsName",
];

/// Where kured is configured in a document.
enum Configured<'t> {
    /// By values of its chart.
    Values(Entry<'t>),
    /// By arguments, of which the entry is the list.
    Arguments(Vec<Entry<'t>>),
}

fn configured(root: Node<'_>) -> Option<Configured<'_>> {
    let Some(manifest) = Manifest::of(root) else {
        return values(root).map(Configured::Values);
    };
    match (manifest.group, manifest.kind) {
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            let of = manifest.spec(&["values"])?.value;
            values(of).map(Configured::Values)
        }
        ("argoproj.io", "Application") => {
            let source = manifest.spec(&["source", "helm", "valuesObject"]);
            let sources = manifest.spec(&["sources"]).map(|it| it.value);
            let mut sources = sources.into_iter().flat_map(Node::items);
            let of = source.and_then(|it| values(it.value)).or_else(|| {
                sources.find_map(|source| values(below(source, &["helm", "valuesObject"])?.value))
            });
            of.map(Configured::Values)
        }
        ("apps", "DaemonSet") => {
            let containers = manifest.spec(&["template", "spec", "containers"])?.value;
            let kured = containers.items().find(|it| runs_kured(*it))?;
            let lists = ["command", "args"]
                .into_iter()
                .filter_map(|key| kured.get(key));
            Some(Configured::Arguments(lists.collect()))
        }
        _ => None,
    }
}

/// The mapping `configuration`, at the top or under `kured`, where it is kured's by its keys.
fn values(node: Node<'_>) -> Option<Entry<'_>> {
    let direct = node.get("configuration");
    let under = || below(node, &["kured", "configuration"]);
    direct
        .filter(is_kureds)
        .or_else(|| under().filter(is_kureds))
}

fn is_kureds(entry: &Entry<'_>) -> bool {
    let keys = entry.value.entries().filter_map(|it| it.key.text());
    let (mut known, mut telling) = (0, false);
    for key in keys {
        known += usize::from(KEYS.contains(&key));
        telling |= KEYS.contains(&key) && key.starts_with("reboot")
            || ["forceReboot", "drainTimeout", "lockTtl"].contains(&key);
    }
    known >= 2 && telling
}

fn runs_kured(container: Node<'_>) -> bool {
    let image = container.get("image").and_then(|it| it.value.text());
    let repository = image.map(|image| image.split(['@']).next().unwrap_or_default());
    let name = repository.and_then(|it| it.rsplit('/').next());
    let name = name.map(|it| it.split(':').next().unwrap_or_default());
    name == Some("kured")
}

pub(super) fn recognise(root: Node<'_>) -> bool {
    configured(root).is_some()
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    match configured(root) {
        Some(Configured::Values(configuration)) => of_values(root, configuration, lowered),
        Some(Configured::Arguments(lists)) => of_arguments(root, &lists, lowered),
        None => {}
    }
}

fn meta(root: Node<'_>, place: Span, lowered: &Lowered) -> Meta {
    if let Some(manifest) = Manifest::of(root) {
        return manifest.meta(Kind::MaintenanceWindow, lowered.file, None);
    }
    Meta {
        name: "kured".into(),
        named: true,
        origin: Origin::Kubernetes,
        name_place: place.into(),
        ..Meta::at(Kind::MaintenanceWindow, lowered.file, root.place().span)
    }
}

fn of_values(root: Node<'_>, configuration: Entry<'_>, lowered: &mut Lowered) {
    let place = configuration.key.place().span;
    let field = |key: &str| configuration.value.get(key);
    let mut spec = MaintenanceWindow {
        concurrent_hosts: whole(field("concurrency")),
        ..MaintenanceWindow::default()
    };
    spec.force_reboot = boolean(field("forceReboot"));
    // An empty text stands for what is not said.
    let said = |key: &str| field(key).filter(|it| is_said(Some(*it)));
    let written = Written {
        days: said("rebootDays"),
        start: said("startTime"),
        end: said("endTime"),
        zone: said("timeZone"),
    };
    if [written.days, written.start, written.end]
        .iter()
        .any(Option::is_some)
    {
        spec.schedule = known(hours::schedule(written, place), place);
    }
    add(
        meta(root, place, lowered),
        WindowProduct::Kured,
        spec,
        lowered,
    );
}

fn of_arguments(root: Node<'_>, lists: &[Entry<'_>], lowered: &mut Lowered) {
    let nodes = lists.iter().flat_map(|list| list.value.items());
    let arguments: Vec<(&str, Span)> = nodes
        .filter_map(|node| Some((node.text()?, node.place().span)))
        .collect();
    // `--start-time=1am`, or the value as an argument of its own.
    let argument = |name: &str| {
        arguments
            .iter()
            .enumerate()
            .find_map(|(index, (text, span))| {
                let rest = text.strip_prefix("--")?.strip_prefix(name)?;
                match rest.strip_prefix('=') {
                    Some(value) => Some((value.trim_matches('"'), *span)),
                    None if rest.is_empty() => arguments.get(index + 1).copied(),
                    None => None,
                }
            })
    };
    let place = lists
        .last()
        .map_or(root.place().span, |list| list.key.place().span);
    let mut spec = MaintenanceWindow::default();
    let bare = |name: &str| {
        let flag = format!("--{name}");
        arguments
            .iter()
            .find(|(text, _)| *text == flag || text.starts_with(&format!("{flag}=")))
    };
    if let Some((text, span)) = bare("force-reboot") {
        spec.force_reboot = Attr::new(
            match text.split_once('=') {
                None => State::Known(true),
                Some((_, value)) if is_unknown_text(value) => State::Unknown,
                Some((_, value)) => {
                    State::Known(["true", "1", "t", "T", "TRUE", "True"].contains(&value))
                }
            },
            *span,
        );
    }
    let (days, start, end) = (
        argument("reboot-days"),
        argument("start-time"),
        argument("end-time"),
    );
    if [days, start, end].iter().any(Option::is_some) {
        let schedule = hours::of_texts(days, start, end, argument("time-zone"), place);
        spec.schedule = known(schedule, place);
    }
    let templates = lists.iter().any(|list| is_unknown(list.value))
        || !lists
            .iter()
            .all(|list| matches!(list.value.value(), Value::Sequence(_)));
    if templates {
        spec.schedule.set(State::Unknown);
    }
    add(
        meta(root, place, lowered),
        WindowProduct::Kured,
        spec,
        lowered,
    );
}
