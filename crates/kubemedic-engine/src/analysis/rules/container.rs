//! Containers that do not start or do not stay: killed for memory, wrong command, wrong architecture, plain crashes.

mod memory;

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    snapshot::pod::{ContainerPhase, ContainerState, Pod},
};

use super::{
    super::{
        hypothesis::{Exhibit, Hypothesis, Standing},
        patterns::{self, first},
        view::{View, containers, is_healthy, is_past, pod_ref},
    },
    Claims, Subject, pod_exhibit,
};

/// The exit code of a process that was killed by SIGKILL.
const KILLED: i32 = 137;
/// The shell's exit code for a command that is not executable.
const NOT_EXECUTABLE: i32 = 126;
/// The shell's exit code for a command that is not found.
const NOT_FOUND: i32 = 127;
/// Restarts from which a container that runs at this moment still counts as failing.
const FLAPPING_RESTARTS: u32 = 3;

/// Claims what containers' states and start events show.
pub(super) fn claim(view: &View<'_>, claims: &mut Claims) {
    for pod in &view.snapshot.pods {
        let healthy = is_healthy(pod);
        let flapping = is_flapping(view, pod);
        for (init, container) in containers(&pod.spec) {
            let subject = Subject { pod, container };
            if healthy && !flapping {
                claims.healed.extend(past_crash(subject));
            } else if init && !is_past(container) {
                claims.live.extend(init_failure(view, subject));
            } else if !init {
                claims.live.extend(crash(view, subject, flapping));
            }
        }
        if !healthy && containers(&pod.spec).next().is_none() {
            claims.live.extend(table_row(pod));
        }
    }
    start_events(view, claims);
    memory::claim(view, claims);
}

/// Whether a pod that may be ready at this moment keeps restarting.
fn is_flapping(view: &View<'_>, pod: &Pod) -> bool {
    pod.restarts.unwrap_or(0) >= FLAPPING_RESTARTS && view.restarted_recently(pod) == Some(true)
}

/// The states of a container that tell why it ended, the newest first.
fn ended(subject: Subject<'_>) -> impl Iterator<Item = (&'static str, &ContainerState)> {
    let states = [
        ("state", &subject.container.state),
        ("lastState", &subject.container.last_state),
    ];
    states
        .into_iter()
        .filter_map(|(field, state)| state.as_ref().map(|state| (field, state)))
        .filter(|(_, state)| state.phase == ContainerPhase::Terminated && state.exit_code != Some(0))
}

/// Whether a container waits with a reason that means a failed start.
fn failed_start(subject: Subject<'_>) -> Option<&ContainerState> {
    let state = subject.container.state.as_ref()?;
    let reason = state.reason.as_deref()?;
    let failed = [
        "CrashLoopBackOff",
        "RunContainerError",
        "CreateContainerError",
        "StartError",
        "ContainerCannotRun",
    ];
    failed.contains(&reason).then_some(state)
}

/// What a failing container shows.
fn crash(view: &View<'_>, subject: Subject<'_>, flapping: bool) -> Option<Hypothesis> {
    let waits = failed_start(subject);
    let end = ended(subject).next();
    let now = subject.container.state.as_ref();
    let runs = now.is_some_and(|state| state.phase == ContainerPhase::Running);
    if runs && !flapping && view.restarted_recently(subject.pod) != Some(true) {
        return None;
    }
    let exhibits: Vec<Exhibit> = ended(subject)
        .map(|(field, state)| subject.exhibit(field, state))
        .chain(waits.map(|state| subject.exhibit("state", state)))
        .collect();
    let messages = ended(subject).map(|(_, state)| state).chain(waits);
    let mut texts = messages.filter_map(|state| state.message.as_deref());
    if let Some(claim) = texts.find_map(|text| bad_start(subject, text)) {
        return Some(claim.shown_by(exhibits));
    }
    let mut texts = ended(subject).map(|(_, state)| state).chain(waits);
    if texts.any(|state| state.message.as_deref().is_some_and(memory::is_too_small)) {
        return Some(memory::too_small(subject).shown_by(exhibits));
    }
    let claim = match end {
        Some((_, state)) if is_oom(state) => out_of_memory(subject),
        Some((_, state)) => exited(subject, state.exit_code?),
        None => looping(subject, waits?),
    };
    Some(claim.shown_by(exhibits))
}

/// Whether the kernel killed the container for its memory.
fn is_oom(state: &ContainerState) -> bool {
    state.reason.as_deref() == Some("OOMKilled")
}

/// Killed at the memory limit.
fn out_of_memory(subject: Subject<'_>) -> Hypothesis {
    let container = subject.container;
    let limit = container.limits.get("memory").map(String::as_str);
    let at = limit.map_or_else(String::new, |limit| format!(" of {limit}"));
    let restarts = container.restarts.or(subject.pod.restarts).unwrap_or(0);
    subject
        .claim(FailureClass::OomKilled, Standing::Verified, 0.96)
        .refined(Some("oom_killed"))
        .fact(Fact::MemoryLimit, limit)
        .fact(Fact::MemoryRequest, container.requests.get("memory").map(String::as_str))
        .fact(Fact::Code, Some("137"))
        .because(
            format!(
                "Container {} of pod {} is OOM-killed (exit code 137) at its memory limit{at}",
                container.name, subject.pod.meta.name
            ),
            format!(
                "The kernel kills the container whenever it needs more memory than its limit{at}; it restarted {restarts} \
                 times. Either the limit is too low for the work or the program leaks."
            ),
        )
}

/// Ended with an exit code.
fn exited(subject: Subject<'_>, code: i32) -> Hypothesis {
    let (pod, container) = (&subject.pod.meta.name, &subject.container.name);
    let command = subject.container.command.first().map(String::as_str);
    let (class, standing, likelihood, meaning) = match code {
        NOT_FOUND => (
            FailureClass::BadCommand,
            Standing::Verified,
            0.8,
            "its command is not found in the image",
        ),
        NOT_EXECUTABLE => (
            FailureClass::BadCommand,
            Standing::Verified,
            0.75,
            "its command cannot be executed",
        ),
        KILLED => (
            FailureClass::OomKilled,
            Standing::Symptom,
            0.4,
            "it is killed from outside",
        ),
        139 => (
            FailureClass::CrashloopAppException,
            Standing::Reported,
            0.7,
            "the program makes a segmentation fault",
        ),
        _ => (
            FailureClass::CrashloopAppException,
            Standing::Reported,
            0.55,
            "the program ends with an error",
        ),
    };
    subject
        .claim(class, standing, likelihood)
        .fact(Fact::Code, Some(&code.to_string()))
        .fact(
            Fact::Command,
            command.filter(|_| class == FailureClass::BadCommand),
        )
        .because(
            format!("Container {container} of pod {pod} crashes with exit code {code}: {meaning}"),
            "The container ends soon after each start and the kubelet restarts it with growing delays."
                .to_owned(),
        )
}

/// Waits to be restarted, nobody knows why.
fn looping(subject: Subject<'_>, state: &ContainerState) -> Hypothesis {
    let reason = state.reason.as_deref().unwrap_or("CrashLoopBackOff");
    subject
        .claim(FailureClass::CrashloopAppException, Standing::Symptom, 0.4)
        .because(
            format!("Container {} of pod {} keeps failing ({reason})", subject.container.name, subject.pod.meta.name),
            "The container ends soon after each start; the evidence tells neither its exit code nor its last log.".to_owned(),
        )
}

/// A start that the runtime refuses.
fn bad_start(subject: Subject<'_>, text: &str) -> Option<Hypothesis> {
    let (class, likelihood) = refused_start(text)?;
    Some(described_start(
        subject.claim(class, Standing::Verified, likelihood),
        class,
        &subject.pod.meta.name,
        text,
    ))
}

/// The class of a refused start.
fn refused_start(text: &str) -> Option<(FailureClass, f64)> {
    let lower = text.to_ascii_lowercase();
    let starts = lower.contains("exec") || lower.contains("start container") || lower.contains("runc");
    if lower.contains("exec format error") {
        Some((FailureClass::ExecFormatError, 0.97))
    } else if lower.contains("executable file not found")
        || (starts && lower.contains("no such file or directory"))
    {
        Some((FailureClass::BadCommand, 0.95))
    } else if starts && lower.contains("permission denied") {
        Some((FailureClass::BadCommand, 0.75))
    } else if starts && (lower.contains("is a directory") || lower.contains("not a directory")) {
        Some((FailureClass::BadCommand, 0.7))
    } else {
        None
    }
}

/// The words for a refused start.
fn described_start(claim: Hypothesis, class: FailureClass, pod: &str, text: &str) -> Hypothesis {
    let command = first(&patterns::EXECUTABLE, text);
    let shown = command.unwrap_or("its command");
    let claim = claim.fact(Fact::Command, command);
    if class == FailureClass::ExecFormatError {
        return claim.because(
            format!("Pod {pod} cannot start {shown}: exec format error, the image is built for another CPU architecture or the script has no interpreter line"),
            "The kernel does not recognise the file's format. An image for another architecture than the node's is the usual reason.".to_owned(),
        );
    }
    let why = if text.to_ascii_lowercase().contains("permission denied") {
        "is not executable"
    } else {
        "does not exist (no such file, not found)"
    };
    claim.because(
        format!("Pod {pod} cannot start: the command {shown} {why} in the image"),
        "The container runtime cannot execute the entrypoint, so the container never runs. The command, the arguments or the image are wrong.".to_owned(),
    )
}

/// An init container that holds its pod back.
fn init_failure(view: &View<'_>, subject: Subject<'_>) -> Option<Hypothesis> {
    let waits = failed_start(subject);
    let end = ended(subject).next();
    let runs = subject
        .container
        .state
        .as_ref()
        .is_some_and(|state| state.phase == ContainerPhase::Running);
    if waits.is_none() && end.is_none() && !(runs && waits_long(view, subject)) {
        return None;
    }
    let code = end.and_then(|(_, state)| state.exit_code);
    let likelihood = if end.is_some() || waits.is_some() {
        0.85
    } else {
        0.6
    };
    let (init, pod) = (&subject.container.name, &subject.pod.meta.name);
    let how = match code {
        Some(code) => format!("fails with exit code {code}"),
        None if waits.is_some() => "keeps failing".to_owned(),
        None => "has been waiting and does not finish".to_owned(),
    };
    let exhibits = ended(subject).map(|(field, state)| subject.exhibit(field, state));
    let exhibits: Vec<Exhibit> = exhibits
        .chain(waits.map(|state| subject.exhibit("state", state)))
        .collect();
    Some(
        subject
            .claim(FailureClass::InitContainerFailing, Standing::Verified, likelihood)
            .fact(Fact::Code, code.map(|code| code.to_string()).as_deref())
            .because(
                format!("Init container {init} of pod {pod} {how}, so the pod never starts"),
                "The containers of a pod start only when every init container has ended well.".to_owned(),
            )
            .shown_by(exhibits)
            .shown_by([pod_exhibit(subject.pod)]),
    )
}

/// Seconds after which a running init container counts as waiting for something that does not come.
const INIT_WAIT_SECONDS: i64 = 300;

/// Whether a running init container has been running for long.
fn waits_long(view: &View<'_>, subject: Subject<'_>) -> bool {
    let started = subject.container.state.as_ref().and_then(|state| state.started);
    match (
        started.and_then(|started| view.seconds_since(started)),
        subject.pod.meta.age_seconds,
    ) {
        (Some(seconds), _) => seconds >= INIT_WAIT_SECONDS,
        (None, Some(age)) => i64::try_from(age).is_ok_and(|age| age >= INIT_WAIT_SECONDS),
        (None, None) => false,
    }
}

/// A crash that is over: the container runs and is ready.
fn past_crash(subject: Subject<'_>) -> Option<Hypothesis> {
    let state = subject.container.last_state.as_ref()?;
    if state.phase != ContainerPhase::Terminated || state.exit_code == Some(0) {
        return None;
    }
    let claim = if is_oom(state) {
        out_of_memory(subject)
    } else {
        exited(subject, state.exit_code?)
    };
    Some(claim.shown_by([subject.exhibit("lastState", state)]))
}

/// A pod of which only a table row is known.
fn table_row(pod: &Pod) -> Option<Hypothesis> {
    let status = pod.status.as_deref()?;
    let (init, word) = match status.strip_prefix("Init:") {
        Some(word) => (true, word),
        None => (false, status),
    };
    let failing = [
        "CrashLoopBackOff",
        "Error",
        "RunContainerError",
        "CreateContainerError",
        "StartError",
        "ContainerCannotRun",
    ];
    let name = &pod.meta.name;
    let claim = if word == "OOMKilled" {
        Hypothesis::new(FailureClass::OomKilled, Standing::Verified, 0.9)
            .refined(Some("oom_killed"))
            .because(
                format!("Pod {name} is OOM-killed: a container needs more memory than its limit"),
                "The status word tells that the kernel killed the container for its memory.".to_owned(),
            )
    } else if init
        && (failing.contains(&word)
            || pod
                .meta
                .age_seconds
                .is_some_and(|age| i64::try_from(age).is_ok_and(|age| age >= INIT_WAIT_SECONDS)))
    {
        Hypothesis::new(FailureClass::InitContainerFailing, Standing::Verified, 0.75).because(
            format!("An init container of pod {name} does not finish ({status}), so the pod never starts"),
            "The containers of a pod start only when every init container has ended well.".to_owned(),
        )
    } else if failing.contains(&word) {
        Hypothesis::new(FailureClass::CrashloopAppException, Standing::Symptom, 0.4).because(
            format!("Pod {name} keeps failing ({status})"),
            "The status word tells that a container ends soon after each start, not why.".to_owned(),
        )
    } else {
        return None;
    };
    Some(claim.about(pod_ref(pod)).shown_by([pod_exhibit(pod)]))
}

/// Whether a message tells that the memory limit leaves no room even for the start of a container.
pub(super) fn is_limit_too_small(message: &str) -> bool {
    memory::is_too_small(message)
}

/// Starts that events tell of.
fn start_events(view: &View<'_>, claims: &mut Claims) {
    for event in &view.snapshot.events {
        if !matches!(event.reason.as_str(), "Failed" | "FailedStart" | "BackOff" | "") {
            continue;
        }
        let Some((class, likelihood)) = refused_start(&event.message) else {
            continue;
        };
        let mut claim =
            Hypothesis::new(class, Standing::Reported, likelihood).shown_by([Exhibit::event(event)]);
        claim.object = super::event_object(event);
        let claim = described_start(claim, class, super::event_name(event), &event.message);
        claims.judge(view, event, claim);
    }
}
