//! What to do when a ConfigMap or Secret that a pod refers to is missing.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::ConfigmapMissing => &CONFIGMAP_MISSING,
        FailureClass::SecretMissing => &SECRET_MISSING,
        _ => return None,
    })
}

/// The reference or the object is wrong: one of them has to change.
const CONFIGMAP_MISSING: Playbook = Playbook {
    looks: &[pod::describe, object::config_maps, pod::history, pod::workload],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Create the ConfigMap, or correct the reference",
            &[
                "Compare {configmap} with the ConfigMaps of {namespace}: was it renamed, deleted or never applied?",
                "Apply it from version control or from another environment, with {key}; or correct the reference in {workload}",
                "The pod starts by itself as soon as the object is there",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::RevertConfig,
            "Apply the ConfigMap's last version again",
            &["Apply the last version of {configmap} from version control"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} for the ConfigMap",
            &["Ask the owners of {workload} for the content of {configmap}"],
        ),
    ],
    verify: &[object::config_maps, pod::list],
    success: "{pod} is ready, without CreateContainerConfigError or FailedMount",
    prevention: &["Deploy configuration and workload together, and check references in CI"],
};

/// The reference or the object is wrong; a value is never made up.
const SECRET_MISSING: Playbook = Playbook {
    looks: &[pod::describe, object::secrets, pod::history, pod::workload],
    treatments: &[
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixSecret,
            "Create the Secret from its source, or correct the reference",
            &[
                "Compare {secret} with the names of the Secrets of {namespace}: was it renamed, deleted or never synchronised?",
                "Have its owner create it with {key} from the vault or password store; the value is never typed into a plan",
                "The pod starts by itself as soon as the object is there",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Correct the reference in the template",
            &["Correct the name or key that {workload} refers to, if a Secret of a similar name is there"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} for the Secret",
            &["Ask the owners of {workload} who provides {secret}"],
        ),
    ],
    verify: &[object::secrets, pod::list],
    success: "{pod} is ready, without CreateContainerConfigError or FailedMount",
    prevention: &["Synchronise Secrets from a vault, and alert when that fails"],
};
