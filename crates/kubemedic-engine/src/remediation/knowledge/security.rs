//! What to do about certificates, permissions and credentials: the least that helps, and no value in a plan.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{network, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::TlsCertExpired => &TLS_CERT_EXPIRED,
        FailureClass::TlsTrustFailure => &TLS_TRUST_FAILURE,
        FailureClass::RbacForbidden => &RBAC_FORBIDDEN,
        FailureClass::ExternalAuthFailure => &EXTERNAL_AUTH_FAILURE,
        _ => return None,
    })
}

/// The certificate has to be renewed; verification stays on.
const TLS_CERT_EXPIRED: Playbook = Playbook {
    looks: &[object::certificates, object::secrets, network::ingress, pod::logs],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixSecret,
            "Renew the certificate",
            &[
                "Find which certificate has expired: that of {host}, in {secret}, or a CA in a bundle",
                "Renew it through cert-manager or its owner, update the Secret, and restart what reads it only when it starts; verification is not switched off",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart what still serves the old certificate, after the renewal",
            repair::rollout::restart,
            &["Restart {workload} after the renewal"],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Mount the renewed CA bundle",
            &["If a CA has expired, mount the renewed bundle in {workload}"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the certificate's owner",
            &["Ask the owner of the certificate of {host}"],
        ),
    ],
    verify: &[object::certificates, pod::logs],
    success: "The served certificate is valid, and the errors have ended",
    prevention: &["Renew automatically, and alert 21 days before expiry"],
};

/// The client does not trust the server: the bundle or the name is wrong; verification stays on.
const TLS_TRUST_FAILURE: Playbook = Playbook {
    looks: &[
        pod::logs,
        object::config_maps,
        object::certificates,
        network::services,
    ],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Trust the right CA, or call the name that the certificate has",
            &[
                "See which CA signed the certificate of {host}, and for which names",
                "Mount that CA's bundle in {workload}, or call the server by a name that the certificate holds; verification is not switched off",
            ],
        ),
        Treatment::by_hand(
            Strategy::FixSecret,
            "Serve a certificate with the right name and chain",
            &["Have the owner of {host} serve the full chain, with the right name"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owner of the server",
            &["Ask the owner of {host} which CA to trust"],
        ),
    ],
    verify: &[pod::logs, pod::list],
    success: "The handshake succeeds, and the errors have ended",
    prevention: &["Distribute CA bundles from one place (trust-manager), and rotate with an overlap"],
};

/// An account lacks a permission: it gets exactly that one.
const RBAC_FORBIDDEN: Playbook = Playbook {
    looks: &[object::role_bindings, object::account, pod::logs],
    treatments: &[
        Treatment::when_known(
            Strategy::FixRbac,
            "Create the service account that the pods refer to",
            repair::config::create_account,
        ),
        Treatment::by_hand(
            Strategy::FixRbac,
            "Grant the one permission",
            &[
                "See whether {account} should have {verb} on {refused}, and which Role it has now",
                "Have its owner add exactly that verb and resource to a Role in {namespace} and bind it to {account}; no cluster-admin, no wildcards",
            ],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Use the account that has the permission",
            &["If another account is meant, correct serviceAccountName of {workload}"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the namespace",
            &["Ask the owners of {namespace} whether the access is meant"],
        ),
    ],
    verify: &[object::role_bindings, pod::logs],
    success: "The request is allowed, and the errors have ended",
    prevention: &["Ship Roles with the workload that needs them, and test them with auth can-i"],
};

/// An external API refuses the credential: its owner renews it.
const EXTERNAL_AUTH_FAILURE: Playbook = Playbook {
    looks: &[pod::logs, object::secrets, pod::workload, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixSecret,
            "Renew the credential",
            &[
                "Find which credential {workload} uses for {host} ({secret}), and whether it has expired, was revoked or lacks a scope",
                "Have its owner renew it at the provider and update the Secret; the value is never printed",
                "Then restart {workload}, if it reads the Secret only when it starts",
            ],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the client, after the credential is renewed",
            repair::rollout::restart,
            &["Restart {workload} after the renewal"],
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Correct account, region or address",
            &["If the credential is right, correct account, region or address"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the external API",
            &["Ask the owners of {host} why the credential is refused"],
        ),
    ],
    verify: &[pod::logs, pod::list],
    success: "{host} accepts the credential, and the errors have ended",
    prevention: &["Use short-lived workload identity, and alert before credentials expire"],
};
