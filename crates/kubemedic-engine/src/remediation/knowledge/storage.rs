//! What to do when storage is missing, full or not writable; data is never deleted by a plan.

use kubemedic_model::{class::FailureClass, plan::Strategy};

use crate::remediation::{
    look::{cluster, object, pod},
    playbook::{Playbook, Treatment},
    repair,
};

/// The playbook of a class of this group.
pub(super) fn playbook(class: FailureClass) -> Option<&'static Playbook> {
    Some(match class {
        FailureClass::PvcPending => &PVC_PENDING,
        FailureClass::VolumeMountFailed => &VOLUME_MOUNT_FAILED,
        FailureClass::DiskFull => &DISK_FULL,
        FailureClass::ReadOnlyFs => &READ_ONLY_FS,
        FailureClass::PermissionDeniedFs => &PERMISSION_DENIED_FS,
        _ => return None,
    })
}

/// No volume fits the claim, and most of a claim cannot be changed.
const PVC_PENDING: Playbook = Playbook {
    looks: &[
        object::claim,
        cluster::storage_classes,
        cluster::volumes,
        pod::events,
    ],
    treatments: &[
        Treatment::by_hand(
            Strategy::FixConfig,
            "Give the claim what it can bind to",
            &[
                "Compare class, size, modes and selector of {claim} with the storage classes and free volumes",
                "Provide what is missing: the class, a volume that fits, capacity, or a working provisioner",
                "If the claim itself is wrong: it is immutable; while it is Pending it holds no data and can be made anew from a corrected manifest",
            ],
        ),
        Treatment::by_hand(
            Strategy::DeleteRecreate,
            "Make the claim anew from a corrected manifest, after a check that it holds no data",
            &[
                "Only a claim that never was Bound: delete it and apply it with the right class, size, mode or selector",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the storage",
            &["Ask the owners of the storage why {storage_class} provides nothing"],
        ),
    ],
    verify: &[object::claim, pod::list],
    success: "{claim} is Bound and {pod} is ready",
    prevention: &["Name the storage class in every claim, and alert on claims that stay Pending"],
};

/// The volume is held by another node, or the node cannot mount it.
const VOLUME_MOUNT_FAILED: Playbook = Playbook {
    looks: &[pod::describe, cluster::attachments, object::claim, pod::list],
    treatments: &[
        Treatment::by_hand(
            Strategy::DeleteRecreate,
            "Let the pod that still holds the volume go",
            &[
                "Find which pod or node still holds the volume of {claim}",
                "If an old pod holds it: let that pod end first (strategy Recreate, or one replica, for a ReadWriteOnce volume); if its node is gone, wait until the attachment is released or have the node confirmed down",
                "If the node cannot mount it: test the storage server, the file system and the driver from {node}",
            ],
        ),
        Treatment::by_hand(
            Strategy::ScaleOut,
            "Run one replica only, where the volume can be held by one",
            &["Run one replica of {workload}, if its volume is ReadWriteOnce"],
        ),
        Treatment::or_by_hand(
            Strategy::CordonDrain,
            "Keep pods away from a node that cannot mount",
            repair::node::cordon,
            &["If only {node} fails to mount, cordon it"],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of the storage",
            &["Ask the owners of the storage about {volume}"],
        ),
    ],
    verify: &[pod::list, pod::events],
    success: "{pod} is ready, with its volume mounted",
    prevention: &["Use strategy Recreate or a StatefulSet for ReadWriteOnce volumes"],
};

/// The volume or the container's disk is full: it grows, or a person cleans up.
const DISK_FULL: Playbook = Playbook {
    looks: &[object::claim, pod::describe, pod::logs, cluster::storage_classes],
    treatments: &[
        Treatment::or_by_hand(
            Strategy::ExpandPvc,
            "Grow the claim by half; a volume never shrinks again",
            repair::storage::expand,
            &[
                "Find which file system is full: a volume, the container's own disk or the node's",
                "Grow {claim}, if its class allows growth, with a patch of its storage request; or have its owner clean up data, retention and logs",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Write less: rotate logs, shorten retention",
            &["Have the owners of {workload} shorten retention or rotate logs"],
        ),
        Treatment::or_by_hand(
            Strategy::Restart,
            "Restart the pods, which empties their own disk and emptyDir volumes",
            repair::rollout::restart,
            &["Restart {workload}, if only its own temporary files are full"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Have the data's owner clean up",
            &["Have the owner of the data decide what may be deleted; no plan deletes data"],
        ),
    ],
    verify: &[object::claim, pod::list, pod::logs],
    success: "No more errors about space, and the file system is clearly below full",
    prevention: &["Alert at 80 percent of every volume, and set retention where data grows"],
};

/// The application writes where it may not.
const READ_ONLY_FS: Playbook = Playbook {
    looks: &[pod::describe, pod::logs, pod::workload, cluster::describe_node],
    treatments: &[
        Treatment::when_known(
            Strategy::FixConfig,
            "Mount a writable empty directory at the path; the root stays read-only",
            repair::storage::writable_path,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Give the application a writable place",
            &[
                "Find why {path} is read-only: readOnlyRootFilesystem, a read-only mount, or a disk that the kernel remounted after errors",
                "Mount an emptyDir at that path in {workload}, or let the application write elsewhere; a remounted disk is the node's fault",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::CordonDrain,
            "Keep pods away from a node whose disk went read-only",
            repair::node::cordon,
            &["If the kernel of {node} remounted the disk, cordon it and repair the disk"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} where it has to write",
            &["Ask the owners of {workload} where it has to write"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::logs],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &["Declare every path that is written as a volume, and test with a read-only root"],
};

/// The container's user may not do what it tries; it does not become root.
const PERMISSION_DENIED_FS: Playbook = Playbook {
    looks: &[pod::describe, pod::logs, pod::workload, pod::history],
    treatments: &[
        Treatment::when_known(
            Strategy::FixConfig,
            "Let the volumes belong to the container's group",
            repair::storage::volume_group,
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo_known_change,
        ),
        Treatment::by_hand(
            Strategy::FixConfig,
            "Correct owner or user",
            &[
                "Compare the user of {container} with the owner of {path} (image, volume, ConfigMap mode, privileged port)",
                "Set fsGroup or runAsUser in the securityContext of {workload} to the id that owns the path, or correct the owner in the image; not root, not privileged, no chmod 777",
            ],
        ),
        Treatment::when_known(
            Strategy::Rollback,
            "Return {workload} to the revision before; it loses what that revision brought",
            repair::rollout::undo,
        ),
        Treatment::or_by_hand(
            Strategy::FixImage,
            "Run an image whose files belong to its user",
            repair::image::known_good,
            &["Build the image so that its user owns {path}"],
        ),
        Treatment::by_hand(
            Strategy::Escalate,
            "Ask the owners of {workload} which user it expects",
            &["Ask the owners of {workload} which user its image expects"],
        ),
    ],
    verify: &[pod::rollout_status, pod::list, pod::logs],
    success: "Every pod of {workload} is Running and ready, and restarts no longer rise",
    prevention: &["Test images with the same securityContext as in production"],
};
