//! Network adapters, passed-through devices, and what else binds a machine to its node.

use std::collections::HashMap;

use arcstr::ArcStr;

use super::machine::Source;
use super::{known_text, written};
use crate::formats::lowering::{self, known, unknown};
use crate::model::{
    AdapterDetails, Attr, CountOrNone, Device, DeviceType, Item, List, MachineAdapter, State,
};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// What a machine says of its connections.
pub(super) struct Adapters {
    pub(super) adapters: Attr<List<MachineAdapter>>,
    pub(super) autoattach: Attr<bool>,
}

/// Adapters with what they are connected to. A machine that lists neither has none of its own,
/// which is said where they would stand.
pub(super) fn adapters(source: &Source<'_>) -> Adapters {
    const INTERFACES: [&str; 3] = ["domain", "devices", "interfaces"];
    let interfaces = source.spec(&INTERFACES);
    let networks = source.spec(&["networks"]);
    let mut autoattach =
        lowering::boolean(source.spec(&["domain", "devices", "autoattachPodInterface"]));
    let is_empty = |list: &Entry<'_>| {
        matches!(list.value.value(), Value::Sequence(_)) && list.value.items().next().is_none()
    };
    let listed = interfaces.filter(|it| !is_empty(it));
    let adapters = match listed {
        Some(interfaces) => {
            let networks = Networks::of(networks);
            lowering::list(Some(interfaces), |node| adapter(node, &networks))
        }
        None if source.has_spec() => known(List::default(), source.nearest(&INTERFACES)),
        None => Attr::default(),
    };
    if listed.is_none()
        && let Some(networks) = networks.filter(|it| !is_empty(it))
    {
        // Networks alone connect nothing, and nothing is attached beside them.
        let span = networks.key.place().span;
        autoattach = match lowering::is_unknown(networks.value) {
            true => unknown(span),
            false => known(false, span),
        };
    }
    Adapters {
        adapters,
        autoattach,
    }
}

/// The networks of a machine, by name: whether each is that of the pods.
struct Networks {
    by_name: HashMap<ArcStr, State<bool>>,
    /// Whether there may be more.
    open: bool,
}

impl Networks {
    fn of(networks: Option<Entry<'_>>) -> Self {
        let mut by_name = HashMap::new();
        let mut open = networks.is_some_and(|it| !matches!(it.value.value(), Value::Sequence(_)));
        for network in networks.into_iter().flat_map(|it| it.value.items()) {
            match known_text(Some(network), "name") {
                Some(name) => {
                    let of_pods = network.get("pod").is_some();
                    by_name.insert(name, State::Known(of_pods));
                }
                None => open = true,
            }
        }
        Networks { by_name, open }
    }

    fn is_of_pods(&self, name: Option<&ArcStr>) -> State<bool> {
        let found = name.and_then(|name| self.by_name.get(name));
        match found {
            Some(of_pods) => *of_pods,
            None if self.open || name.is_none() => State::Unknown,
            None => State::Known(false),
        }
    }
}

/// The ways in which an adapter is connected, by the keys that say so.
const BINDINGS: [&str; 7] = [
    "masquerade",
    "bridge",
    "sriov",
    "slirp",
    "macvtap",
    "passt",
    "passtBinding",
];

fn adapter(node: Node<'_>, networks: &Networks) -> Option<MachineAdapter> {
    if !matches!(node.value(), Value::Mapping(_)) {
        return None;
    }
    let place = node.place().span;
    let binding = BINDINGS.iter().find_map(|key| {
        let entry = written(node, key)?;
        Some(known(ArcStr::from(*key), entry.key.place().span))
    });
    let plugin = || match node.get("binding") {
        Some(plugin) => match plugin.value.get("name") {
            Some(name) => lowering::text(Some(name)),
            None => unknown(plugin.key.place().span),
        },
        None => unknown(place),
    };
    let is_sriov = node.get("sriov").is_some();
    let name = known_text(Some(node), "name");
    Some(MachineAdapter {
        place: place.into(),
        sriov: known(is_sriov, place),
        details: Some(Box::new(AdapterDetails {
            binding: binding.unwrap_or_else(plugin),
            pod_network: Attr::new(networks.is_of_pods(name.as_ref()), place),
            ports: ports(node),
            ..AdapterDetails::default()
        })),
        ..MachineAdapter::default()
    })
}

/// The ports it lists, each where its number is written.
fn ports(node: Node<'_>) -> Attr<List<CountOrNone>> {
    let entry = written(node, "ports");
    let mut ports = lowering::list(entry, |port| {
        lowering::whole(port.get("port")).known().copied()
    });
    if let Some(items) = ports.known_mut() {
        let nodes = entry.into_iter().flat_map(|entry| entry.value.items());
        for (item, node) in items.iter_mut().zip(nodes) {
            if let Some(port) = node.get("port") {
                item.put_at(port.value.place().span);
            }
        }
    }
    ports
}

/// Passed-through devices, host devices first.
pub(super) fn devices(source: &Source<'_>) -> Attr<List<Device>> {
    let lists = [("hostDevices", DeviceType::Pci), ("gpus", DeviceType::Gpu)];
    let mut place: Option<Span> = None;
    let mut devices = Vec::new();
    for (key, device_type) in lists {
        let Some(entry) = source.spec(&["domain", "devices", key]) else {
            continue;
        };
        place = place.or(Some(entry.key.place().span));
        match entry.value.value() {
            Value::Sequence(_) => {
                devices.extend(entry.value.items().map(|node| device(node, device_type)));
            }
            _ => devices.push(Item::new(State::Unknown, entry.value.place().span)),
        }
    }
    match place {
        Some(span) => known(devices.into(), span),
        None => Attr::default(),
    }
}

fn device(node: Node<'_>, device_type: DeviceType) -> Item<Device> {
    let span = node.place().span;
    Item::new(
        State::Known(Device {
            place: span.into(),
            device_type: known(device_type, span),
            ..Device::default()
        }),
        span,
    )
}

/// Whether the processor encrypts its memory: said by being there.
pub(super) fn launch_security(source: &Source<'_>) -> Attr<bool> {
    let Some(entry) = source.spec(&["domain", "launchSecurity"]) else {
        return Attr::default();
    };
    Attr::new(
        match entry.value.value() {
            Value::Mapping(_) if !lowering::is_unknown(entry.value) => State::Known(true),
            _ => State::Unknown,
        },
        entry.key.place().span,
    )
}
