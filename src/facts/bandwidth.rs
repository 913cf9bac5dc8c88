//! What live migrations can use of the network: a host's bandwidth, and that between hosts.

use super::Facts;
use crate::model::{Host, HostAdapter, Item, List, Resource, State};
use crate::source::Span;

/// The bandwidth of a host in bits per second: as written, else the speed of its adapters when all
/// have one and it is the same.
pub(super) fn of_host(host: &Resource<Host>) -> State<i64> {
    let migration = host.meta.said(&host.spec.migration);
    match migration.and_then(|migration| host.meta.said(&migration.bandwidth)) {
        State::Known(bandwidth) => State::Known(bandwidth.0),
        State::Unknown => State::Unknown,
        State::Absent => of_adapters(host.spec.network_adapters.state()),
    }
}

fn of_adapters(adapters: State<&List<HostAdapter>>) -> State<i64> {
    let adapters = match adapters {
        State::Known(adapters) => adapters,
        State::Absent => return State::Absent,
        State::Unknown => return State::Unknown,
    };
    let speed = |adapter: &Item<HostAdapter>| adapter.known()?.speed.known().copied();
    let mut speeds = adapters.iter().map(speed);
    match speeds.next() {
        None => State::Absent,
        Some(Some(first)) if speeds.all(|it| it == Some(first)) => State::Known(first.0),
        Some(_) => State::Unknown,
    }
}

/// Where the bandwidth of a host is written, or what it is derived from.
pub(super) fn place(host: &Resource<Host>) -> Option<Span> {
    let migration = host.spec.migration.known();
    migration
        .and_then(|migration| migration.bandwidth.place())
        .or_else(|| host.spec.network_adapters.place())
}

/// The smallest of some bandwidths, and the host that has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Narrowest {
    /// In bits per second.
    pub(super) bandwidth: i64,
    /// The first host that has no more.
    pub(super) host: u32,
}

impl Facts {
    /// The smallest bandwidth of some hosts; unknown where that of one is.
    pub(super) fn narrowest(&self, hosts: impl IntoIterator<Item = u32>) -> Option<Narrowest> {
        let mut narrowest: Option<Narrowest> = None;
        for host in hosts {
            let bandwidth = *of_host(&self.inventory.hosts[host as usize]).known()?;
            if narrowest.is_none_or(|known| bandwidth < known.bandwidth) {
                narrowest = Some(Narrowest { bandwidth, host });
            }
        }
        narrowest
    }

    /// The bandwidth between two hosts: the smaller of both. Unknown where that of one is.
    pub(super) fn between(&self, from: &State<u32>, to: &State<u32>) -> Option<Narrowest> {
        self.narrowest([*from.known()?, *to.known()?])
    }
}
