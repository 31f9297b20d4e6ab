//! A workload that its CPU limit holds back: it is throttled and uses far more CPU than before, while the load is the same.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::Fact,
    resource::ResourceRef,
    snapshot::{metrics::Metric, pod::Container},
};

use super::{latency::Slowness, title};
use crate::analysis::{
    hypothesis::{Hypothesis, Standing},
    quantity,
    telemetry::{Profile, Shift, Telemetry, figure},
    view::View,
};

/// The share of time in the quota's queue from which throttling is felt: a tenth of every second.
const FELT: f64 = 0.1;
/// How many times its own past throttling must be to be news.
const THROTTLING_GREW: f64 = 3.0;
/// How many times its own past the use of CPU must be.
const USE_GREW: f64 = 1.8;
/// How much more load explains more use by itself.
const LOAD_GREW: f64 = 1.5;

/// The workload that is throttled most beyond its past.
pub(super) fn claim(view: &View<'_>, telemetry: &Telemetry, slowness: &Slowness<'_>) -> Option<Hypothesis> {
    let overloaded = telemetry.services().filter(|it| is_overloaded(it));
    let guilty = overloaded.max_by(|left, right| throttled(left).total_cmp(&throttled(right)))?;
    let throttling = guilty.shift(Metric::CpuThrottling)?;
    let usage = guilty.shift(Metric::CpuUsage)?;
    let slow = slowness.of(&guilty.object).is_some();
    let container = container_with_limit(view, &guilty.object);
    let limit = container.and_then(|it| it.limits.get("cpu"));
    let at_limit = limit.map_or(String::new(), |limit| format!(" at a limit of {limit}"));
    let grown = usage
        .before
        .map_or(String::new(), |before| format!(" (before {})", figure(before)));
    let sentence = format!(
        "{} is overloaded on CPU: throttled {} s in each second, using {} cores{grown}{at_limit}, while requests did not grow",
        title(&guilty.object),
        figure(throttling.now),
        figure(usage.now),
    );
    let explanation = "The CFS quota stops the container in each period in which it has used up its CPU limit. Use and \
        throttling rose together without more requests, so that the extra work is in the container itself.";
    let shown = [Metric::CpuThrottling, Metric::CpuUsage, Metric::RequestRate].into_iter();
    let mut claim = Hypothesis::new(
        FailureClass::CpuThrottling,
        Standing::Reported,
        if slow { 0.85 } else { 0.75 },
    )
    .refined(Some("pod_cpu_overload"))
    .about(guilty.object.clone())
    .because(sentence, explanation)
    .fact(Fact::CpuLimit, limit.map(String::as_str))
    .fact(Fact::Container, container.map(|it| it.name.as_str()))
    .fact(
        Fact::CpuRequest,
        container
            .and_then(|it| it.requests.get("cpu"))
            .map(String::as_str),
    )
    .shown_by(guilty.exhibits(shown.chain(guilty.latencies())));
    for caller in slowness.others(&guilty.object).take(3) {
        claim = claim.with(caller.clone());
    }
    Some(claim)
}

/// Whether a workload is throttled and uses more CPU than its load explains.
fn is_overloaded(profile: &Profile) -> bool {
    let grew = |metric: Metric, times: f64, floor: f64| {
        let shift = profile.shift(metric)?;
        Some(shift.ratio(floor).map(|ratio| ratio >= times && shift.is_rise()))
    };
    let throttled = profile
        .shift(Metric::CpuThrottling)
        .is_some_and(|it| it.now >= FELT)
        && grew(Metric::CpuThrottling, THROTTLING_GREW, FELT / 10.0)
            .is_some_and(|known| known.unwrap_or(true));
    let uses = grew(Metric::CpuUsage, USE_GREW, 0.001) == Some(Some(true));
    let loaded = grew(Metric::RequestRate, LOAD_GREW, 0.1) == Some(Some(true));
    throttled && uses && !loaded
}

/// How much longer than before a workload waits in the quota's queue.
fn throttled(profile: &Profile) -> f64 {
    profile.shift(Metric::CpuThrottling).map_or(0.0, Shift::excess)
}

/// The container with the least CPU limit, whose quota is the first to be used up.
fn container_with_limit<'a>(view: &View<'a>, object: &ResourceRef) -> Option<&'a Container> {
    let workload = view.workload(&object.kind, object.namespace.as_deref(), &object.name)?;
    let limited = workload.template.containers.iter().filter_map(|it| {
        let limit = it.limits.get("cpu").and_then(|limit| quantity::parse(limit))?;
        Some((limit, it))
    });
    limited
        .min_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, container)| container)
}
