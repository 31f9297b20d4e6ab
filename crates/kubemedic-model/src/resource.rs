//! Kubernetes objects by kind, namespace and name.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($variant:ident $plural:literal [$($alias:literal),*] $scope:ident),* $(,)?) => {
        /// A Kubernetes kind. Kinds that kubemedic has no rules for keep their name in `Other`.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!("`", stringify!($variant), "`")] $variant,)*
            /// Any other kind, as it was written.
            Other(String),
        }

        impl Kind {
            /// Reads a kind, a plural or a short name in any case (`Pod`, `pods`, `po`, `deployments.apps`).
            pub fn parse(text: &str) -> Self {
                let bare = text.split('.').next().unwrap_or(text);
                let is = |name: &str| bare.eq_ignore_ascii_case(name);
                $(if is($plural) || is(stringify!($variant)) $(|| is($alias))* {
                    return Self::$variant;
                })*
                Self::Other(text.to_owned())
            }

            /// The kind as Kubernetes writes it, such as `Deployment`.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                    Self::Other(name) => name,
                }
            }

            /// Whether objects of the kind live in no namespace. Unknown kinds count as namespaced.
            pub fn is_cluster_scoped(&self) -> bool {
                match self {
                    $(Self::$variant => kinds!(@$scope),)*
                    Self::Other(_) => false,
                }
            }
        }
    };
    (@cluster) => { true };
    (@namespaced) => { false };
}

kinds! {
    Pod "pods" ["po"] namespaced,
    Deployment "deployments" ["deploy"] namespaced,
    ReplicaSet "replicasets" ["rs"] namespaced,
    StatefulSet "statefulsets" ["sts"] namespaced,
    DaemonSet "daemonsets" ["ds"] namespaced,
    ReplicationController "replicationcontrollers" ["rc"] namespaced,
    Job "jobs" [] namespaced,
    CronJob "cronjobs" ["cj"] namespaced,
    Service "services" ["svc"] namespaced,
    Endpoints "endpoints" ["ep"] namespaced,
    EndpointSlice "endpointslices" [] namespaced,
    Ingress "ingresses" ["ing"] namespaced,
    IngressClass "ingressclasses" [] cluster,
    NetworkPolicy "networkpolicies" ["netpol"] namespaced,
    ConfigMap "configmaps" ["cm"] namespaced,
    Secret "secrets" [] namespaced,
    PersistentVolumeClaim "persistentvolumeclaims" ["pvc"] namespaced,
    PersistentVolume "persistentvolumes" ["pv"] cluster,
    StorageClass "storageclasses" ["sc"] cluster,
    Node "nodes" ["no"] cluster,
    Namespace "namespaces" ["ns"] cluster,
    Event "events" ["ev"] namespaced,
    ResourceQuota "resourcequotas" ["quota"] namespaced,
    LimitRange "limitranges" ["limits"] namespaced,
    HorizontalPodAutoscaler "horizontalpodautoscalers" ["hpa"] namespaced,
    PodDisruptionBudget "poddisruptionbudgets" ["pdb"] namespaced,
    ServiceAccount "serviceaccounts" ["sa"] namespaced,
    Role "roles" [] namespaced,
    RoleBinding "rolebindings" [] namespaced,
    ClusterRole "clusterroles" [] cluster,
    ClusterRoleBinding "clusterrolebindings" [] cluster,
    Certificate "certificates" ["cert"] namespaced,
    Gateway "gateways" ["gtw"] namespaced,
    HTTPRoute "httproutes" [] namespaced,
    VirtualService "virtualservices" ["vs"] namespaced,
    DestinationRule "destinationrules" ["dr"] namespaced,
    MutatingWebhookConfiguration "mutatingwebhookconfigurations" [] cluster,
    ValidatingWebhookConfiguration "validatingwebhookconfigurations" [] cluster,
    CustomResourceDefinition "customresourcedefinitions" ["crd"] cluster,
    PriorityClass "priorityclasses" ["pc"] cluster,
    Lease "leases" [] namespaced,
}

impl Kind {
    /// Whether objects of the kind own pods, directly or through another object.
    pub fn is_workload(&self) -> bool {
        matches!(
            self,
            Self::Deployment
                | Self::ReplicaSet
                | Self::StatefulSet
                | Self::DaemonSet
                | Self::ReplicationController
                | Self::Job
                | Self::CronJob
        )
    }

    /// The word for the kind on a kubectl command line: the kind in lower case.
    pub fn kubectl_name(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

/// One Kubernetes object by kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceRef {
    /// The kind.
    pub kind: Kind,
    /// The namespace; `None` when the kind has none or the evidence does not tell.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ResourceRef {
    /// An object in a namespace, if that is known.
    pub fn new(kind: Kind, namespace: Option<&str>, name: impl Into<String>) -> Self {
        let namespace = if kind.is_cluster_scoped() {
            None
        } else {
            namespace.map(str::to_owned)
        };
        Self {
            kind,
            namespace,
            name: name.into(),
        }
    }
}

impl fmt::Display for ResourceRef {
    /// `Kind namespace/name`, or `Kind name` without a namespace.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}
