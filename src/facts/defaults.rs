//! What the products that bring KubeVirt allow where nobody sets anything.

use crate::model::{Cluster, KubeVirtProduct, Platform, State};

/// Live migrations at once, where a product is left as it comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Product {
    /// As messages call it.
    pub(super) name: &'static str,
    /// In the whole cluster.
    pub(super) per_cluster: i64,
    /// From one node.
    pub(super) outbound: i64,
}

/// `pkg/virt-config/virt-config.go` of kubevirt/kubevirt.
static KUBEVIRT: Product = Product {
    name: "KubeVirt",
    per_cluster: 5,
    outbound: 2,
};

/// `api/v1beta1/hyperconverged_types.go` and `api/v1` of kubevirt/hyperconverged-cluster-operator.
static HYPER_CONVERGED: Product = Product {
    name: "HyperConverged",
    per_cluster: 5,
    outbound: 1,
};

/// The product of a cluster; absent where it runs no KubeVirt.
pub(super) fn of(cluster: &Cluster) -> State<&'static Product> {
    match (cluster.platform.state(), cluster.product.state()) {
        (State::Unknown, _) | (_, State::Unknown) => State::Unknown,
        (State::Known(Platform::KubeVirt), State::Known(KubeVirtProduct::HyperConverged)) => {
            State::Known(&HYPER_CONVERGED)
        }
        (State::Known(Platform::KubeVirt), _) => State::Known(&KUBEVIRT),
        _ => State::Absent,
    }
}
