//! What does not fit together in an estate, whatever the rules say.

use std::collections::{BTreeMap, BTreeSet};

use super::{Inventory, Names, World, processors};
use crate::diagnostic::{Finding, ResourceName, Severity, nearest, shortened};
use crate::model::{AnyResource, Host, Kind, Meta, Origin, Reference, Resource, Standing};
use crate::source::{FileId, Location, Span};
use crate::yaml::is_template_text;

fn finding(rule: &str, severity: Severity, meta: &Meta, span: Span, message: String) -> Finding {
    let location = meta.locate(span);
    let mut finding = Finding::new(rule, severity, location, message);
    finding.resource = Some(meta.resource_name());
    finding
}

pub(super) fn duplicate(meta: &Meta, (file, span): (FileId, Span)) -> Finding {
    let name = meta.resource_name();
    finding(
        "duplicate-resource",
        Severity::Error,
        meta,
        meta.name_span(),
        format!("`{name}` is declared twice; only the first one counts"),
    )
    .with_label(Location { file, span }, "first declared here")
    .with_help("rename one of them, or remove it")
}

/// Hosts that a cluster names and nothing declares: they count, with every attribute unknown.
pub(super) fn undeclared_hosts(
    resources: &[AnyResource],
    names: &mut Names,
) -> Vec<Resource<Host>> {
    let declared = resources
        .iter()
        .filter(|any| any.meta().kind == Kind::Host)
        .count();
    let mut hosts = BTreeMap::new();
    for resource in resources {
        let AnyResource::Cluster(cluster) = resource else {
            continue;
        };
        for item in cluster.spec.hosts.known().into_iter().flatten() {
            let named = item.known().map(|host| &host.reference);
            let missing =
                named.filter(|host| names.find(&cluster.meta, Kind::Host, host).is_none());
            if let Some(host) = missing {
                let meta = undeclared_host(&cluster.meta, host, item.span());
                let identity = (meta.scope, meta.namespace.clone(), meta.name.clone());
                hosts.entry(identity).or_insert(meta);
            }
        }
    }
    let mut undeclared = Vec::with_capacity(hosts.len());
    for (index, mut meta) in (declared..).zip(hosts.into_values()) {
        meta.index = u32::try_from(index).unwrap_or(u32::MAX);
        names.undeclared.insert(meta.identity(), meta.index);
        undeclared.push(Resource {
            meta,
            spec: Host::default(),
        });
    }
    undeclared
}

/// A host of which only its name is known, from where a cluster says it.
fn undeclared_host(cluster: &Meta, reference: &Reference, span: Span) -> Meta {
    let (namespace, name) = match reference.written.split_once('/') {
        Some((namespace, name)) => (namespace.into(), name.into()),
        None => (cluster.namespace.clone(), reference.written.clone()),
    };
    let place = cluster.locate(span);
    let meta = Meta {
        name,
        named: true,
        namespace,
        partial: true,
        origin: cluster.origin,
        standing: Standing::Named,
        labels_open: true,
        scope: cluster.scope,
        ..Meta::at(Kind::Host, place.file, place.span)
    };
    meta.of_folder(cluster.folder.clone())
}

/// What there is to say about references that lead nowhere.
pub(super) struct Astray<'n> {
    names: &'n Names,
    world: World,
    pub(super) findings: Vec<Finding>,
    pub(super) not_evaluated: Vec<(ResourceName, Location)>,
}

/// How many references to nothing get a suggestion: looking for one takes a look at every name.
const SUGGESTIONS: usize = 200;

impl<'n> Astray<'n> {
    pub(super) fn new(names: &'n Names, world: World) -> Self {
        Astray {
            names,
            world,
            findings: Vec::new(),
            not_evaluated: Vec::new(),
        }
    }

    /// Tells of all references of resources that lead nowhere.
    pub(super) fn report(&mut self, resource: &mut AnyResource) {
        resource.references(|meta, kind, reference| {
            if meta.origin == Origin::Native && self.names.find(meta, kind, reference).is_none() {
                self.missing(meta, kind, reference);
            }
        });
    }

    fn missing(&mut self, meta: &Meta, kind: Kind, reference: &Reference) {
        let span = reference.span();
        let uncertain =
            self.names.nameless.contains(&(meta.scope, kind)) || is_template_text(&meta.namespace);
        if self.world == World::Open || uncertain {
            self.not_evaluated
                .push((meta.resource_name(), meta.locate(span)));
            return;
        }
        let written = &reference.written;
        let mut finding = finding(
            "unknown-reference",
            Severity::Error,
            meta,
            span,
            format!("there is no {kind} `{}`", shortened(written)),
        );
        finding.help = Some(match self.findings.len() {
            0..SUGGESTIONS => self.help(meta, kind, reference),
            _ => format!("declare it (`kind: {kind}`), or correct the name"),
        });
        self.findings.push(finding);
    }

    fn help(&self, meta: &Meta, kind: Kind, reference: &Reference) -> String {
        let written = &*reference.written;
        let name = written.rsplit('/').next().unwrap_or(written);
        let of_kind: BTreeSet<(&str, &str)> = self
            .names
            .indices
            .keys()
            .filter(|identity| identity.kind == kind && identity.scope == meta.scope)
            .map(|identity| (&*identity.name, &*identity.namespace))
            .collect();
        let elsewhere: Vec<&str> = of_kind
            .iter()
            .filter(|(other, namespace)| *other == name && !namespace.is_empty())
            .map(|(_, namespace)| *namespace)
            .collect();
        if let [namespace] = elsewhere.as_slice() {
            return format!("there is one in another namespace: write `{namespace}/{name}`");
        }
        let typed_so = |other: &&str| !numbered_alike(name, other);
        let others = of_kind.iter().map(|(other, _)| *other).filter(typed_so);
        match nearest(name, others) {
            Some(other) => format!("did you mean `{other}`?"),
            None => format!("declare it (`kind: {kind}`), or correct the name"),
        }
    }
}

/// Whether two names differ in their numbers only: `hv01` is no slip of the pen for `hv02`.
fn numbered_alike(a: &str, b: &str) -> bool {
    let masked = |c: char| if c.is_ascii_digit() { '0' } else { c };
    a.chars().map(masked).eq(b.chars().map(masked))
}

pub(super) fn hosts_in_two_clusters(inventory: &Inventory) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (host, claims) in inventory.hosts.iter().zip(&inventory.claims) {
        let [(first, _), rest @ ..] = claims.as_slice() else {
            continue;
        };
        let Some((other, _)) = rest.iter().find(|(other, _)| other != first) else {
            continue;
        };
        if !host.meta.is_declared() || host.meta.origin != Origin::Native {
            continue;
        }
        let name = |index: u32| &*inventory.clusters[index as usize].meta.name;
        let mut finding = finding(
            "host-in-two-clusters",
            Severity::Error,
            &host.meta,
            host.meta.name_span(),
            format!(
                "`{}` belongs to two clusters, `{}` and `{}`; for everything else it counts for none",
                host.meta.name,
                name(*first),
                name(*other)
            ),
        )
        .with_help("keep it in one: its own `cluster` and the clusters' `hosts` must agree");
        for (cluster, location) in claims {
            finding = finding.with_label(*location, format!("a host of `{}`", name(*cluster)));
            finding
                .related
                .push(inventory.clusters[*cluster as usize].meta.resource_name());
        }
        findings.push(finding);
    }
    findings
}

pub(super) fn unknown_processors(inventory: &Inventory) -> Vec<Finding> {
    let mut lookup = processors::Lookup::default();
    let hosts = inventory.hosts.iter();
    hosts
        .filter_map(|host| unknown_processor(host, &mut lookup))
        .collect()
}

fn unknown_processor<'h>(
    host: &'h Resource<Host>,
    lookup: &mut processors::Lookup<'h>,
) -> Option<Finding> {
    let native = host.meta.origin == Origin::Native;
    let processor = host.spec.processor.known().filter(|_| native)?;
    let model = processor.model.known()?;
    let said = !processor.vendor.is_absent() && !processor.generation.is_absent();
    if said || lookup.identify(model).is_some() {
        return None;
    }
    let missing: Vec<&str> = [
        ("vendor", processor.vendor.is_absent()),
        ("generation", processor.generation.is_absent()),
    ]
    .into_iter()
    .filter_map(|(name, absent)| absent.then_some(name))
    .collect();
    Some(
        finding(
            "unknown-processor",
            Severity::Warning,
            &host.meta,
            processor.model.span(),
            format!(
                "the processor model `{}` is not in the table of models",
                shortened(model)
            ),
        )
        .with_help(format!(
            "write {} beside it, so that `{}` can be compared with other hosts",
            missing
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(" and "),
            host.meta.name
        )),
    )
}
