//! Variants: one object that several documents describe, as a base and its overlays do. Each is
//! judged alone; in relations they are one object, of which is unknown what they differ in.

use std::collections::{HashMap, HashSet};

use super::is_foreign;
use crate::model::{AnyResource, Meta, Standing};

pub(super) fn unite(resources: &mut Vec<AnyResource>) {
    let mut groups: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, resource) in resources.iter().enumerate() {
        let meta = resource.meta();
        if is_foreign(resource) && meta.named && meta.standing == Standing::Whole {
            groups
                .entry((meta.identity(), variety(resource)))
                .or_default()
                .push(index);
        }
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|it| it.len() > 1).collect();
    groups.sort();
    for mut group in groups {
        group.sort_by_key(|index| {
            let meta = resources[*index].meta();
            (meta.file, meta.extent)
        });
        if !resources[group[0]].meta().is_of_kubernetes() {
            continue;
        }
        let mut common = resources[group[0]].clone();
        for index in &group[1..] {
            common.keep_common(&resources[*index]);
            keep_common_labels(common.meta_mut(), resources[*index].meta());
        }
        common.meta_mut().standing = Standing::Common;
        for index in group {
            resources[index].meta_mut().standing = Standing::Apart;
        }
        resources.push(common);
    }
}

fn keep_common_labels(common: &mut Meta, other: &Meta) {
    if common.labels != other.labels {
        let others: HashSet<_> = other.labels.iter().collect();
        let (before, all) = (common.labels.len(), others.len());
        let kept = common.labels.iter().filter(|label| others.contains(label));
        common.labels = kept.collect();
        common.labels_open |= before != common.labels.len() || before != all;
    }
    common.labels_open |= other.labels_open;
}

/// What tells apart objects that are documents of different kinds, and one kind of the model.
fn variety(resource: &AnyResource) -> Option<&'static str> {
    match resource {
        AnyResource::VirtualMachine(it) => Some(it.meta.declared_as),
        AnyResource::Cluster(it) => it.spec.product.known().map(|it| it.as_str()),
        AnyResource::MaintenanceWindow(it) => it.spec.product.known().map(|it| it.as_str()),
        AnyResource::BackupPolicy(it) => it.spec.product.known().map(|it| it.as_str()),
        AnyResource::Snapshot(it) => it.spec.product.known().map(|it| it.as_str()),
        _ => None,
    }
}
