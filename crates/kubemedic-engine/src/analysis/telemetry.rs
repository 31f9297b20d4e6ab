//! What series and alerts show to have shifted: per workload and node, each metric before and during the incident.
//! Statistics are robust (medians and median deviations of the series' own past); what a shift means is for the rules.

mod window;

use std::collections::BTreeMap;

use kubemedic_model::{
    evidence::{EvidenceKind, Origin},
    resource::{Kind, ResourceRef},
    snapshot::metrics::{Alert, Metric, Series, Subject},
};

use super::{
    hypothesis::Exhibit,
    view::{View, reference},
};
pub(crate) use window::Window;

/// The most subjects that are profiled.
const MAX_PROFILES: usize = 2000;
/// The fewest samples of a side of a shift.
const MIN_SAMPLES: usize = 3;
/// What makes a median absolute deviation a standard deviation of normal noise.
const MAD_TO_SIGMA: f64 = 1.4826;

/// One metric of one subject, before and now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shift {
    /// The median before; `None`: an alert does not tell.
    pub(crate) before: Option<f64>,
    /// The median during the incident.
    pub(crate) now: f64,
    /// The usual deviation from the median before.
    pub(crate) noise: f64,
    /// The share of the incident in which a value that was there before is zero.
    pub(crate) silent: f64,
    /// The words or numbers that show it.
    pub(crate) quote: String,
    /// Where they stand.
    pub(crate) origin: Origin,
}

impl Shift {
    /// How many times the value before the value now is; `floor` keeps tiny values from making large ratios.
    pub(crate) fn ratio(&self, floor: f64) -> Option<f64> {
        self.before.map(|before| (self.now + floor) / (before + floor))
    }

    /// What is added to the value before.
    pub(crate) fn excess(&self) -> f64 {
        self.now - self.before.unwrap_or(0.0)
    }

    /// Whether the value rose by more than twice its usual deviation.
    pub(crate) fn is_rise(&self) -> bool {
        self.before
            .is_some_and(|before| self.now - before > 2.0 * self.noise)
    }
}

/// One subject with its shifts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    /// The workload, Service or node.
    pub(crate) object: ResourceRef,
    /// Its shifts; of several pods the largest.
    pub(crate) shifts: BTreeMap<Metric, Shift>,
    /// Whether an alert fires about it.
    pub(crate) alerted: bool,
}

impl Profile {
    /// The shift of a metric.
    pub(crate) fn shift(&self, metric: Metric) -> Option<&Shift> {
        self.shifts.get(&metric)
    }

    /// The latency of the typical request: the quantile nearest to the median, up to the 60th.
    pub(crate) fn typical(&self) -> Option<&Shift> {
        self.quantiles(0, 60).next_back()
    }

    /// The latency of slow requests: the highest quantile from the 75th.
    pub(crate) fn tail(&self) -> Option<&Shift> {
        self.quantiles(75, 99).next_back()
    }

    /// The exhibits of some metrics, in their order.
    pub(crate) fn exhibits<'a>(
        &'a self,
        metrics: impl Iterator<Item = Metric> + 'a,
    ) -> impl Iterator<Item = Exhibit> {
        metrics
            .filter_map(|metric| self.shifts.get(&metric))
            .map(|shift| Exhibit {
                kind: EvidenceKind::Signal,
                quote: shift.quote.clone(),
                origin: shift.origin.clone(),
                object: Some(self.object.clone()),
                field: None,
                timestamp: None,
                count: 1,
            })
    }

    /// The metrics of latency that are known.
    pub(crate) fn latencies(&self) -> impl DoubleEndedIterator<Item = Metric> {
        let all = self.shifts.range(Metric::Latency(0)..=Metric::Latency(100));
        all.map(|(metric, _)| *metric)
    }

    fn quantiles(&self, lowest: u8, highest: u8) -> impl DoubleEndedIterator<Item = &Shift> {
        let all = self
            .shifts
            .range(Metric::Latency(lowest)..=Metric::Latency(highest));
        all.map(|(_, shift)| shift)
    }
}

/// Every subject that was measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Telemetry {
    /// Workloads, Services and nodes, each once.
    pub(crate) profiles: BTreeMap<ResourceRef, Profile>,
    /// Whether series are there, so that a subject without a shift is known to be steady.
    pub(crate) has_series: bool,
    /// Whether an alert tells when the incident was, or that it is.
    pub(crate) has_alerts: bool,
}

impl Telemetry {
    /// Profiles every subject.
    pub(crate) fn new(view: &View<'_>) -> Self {
        let snapshot = view.snapshot;
        let alerts = snapshot.alerts.iter().filter(|alert| !alert.changes.is_empty());
        let alerts: Vec<&Alert> = alerts.collect();
        let mut found = Self {
            has_series: !snapshot.series.is_empty(),
            has_alerts: !alerts.is_empty(),
            ..Self::default()
        };
        let mut resolver = Resolver {
            view,
            known: BTreeMap::new(),
        };
        if let Some(window) = Window::find(&snapshot.series, &alerts) {
            for series in &snapshot.series {
                if let (Some(shift), Some(object)) =
                    (shift(series, window), resolver.resolve(&series.subject))
                {
                    found.keep(&object, series.metric, shift);
                }
            }
        }
        for alert in alerts {
            if let Some(object) = alert.subject.as_ref().and_then(|it| resolver.resolve(it)) {
                found.read_alert(&object, alert);
            }
        }
        found
    }

    /// The profiles of workloads and Services.
    pub(crate) fn services(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values().filter(|it| it.object.kind != Kind::Node)
    }

    /// The profiles of nodes.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values().filter(|it| it.object.kind == Kind::Node)
    }

    /// What an alert tells in numbers; what the series themselves tell stands.
    fn read_alert(&mut self, object: &ResourceRef, alert: &Alert) {
        for change in &alert.changes {
            let shift = Shift {
                before: change.normal,
                now: change.current,
                noise: 0.0,
                silent: 0.0,
                quote: change.quote.clone(),
                origin: alert.origin.clone(),
            };
            let known = self.profiles.get(object).and_then(|it| it.shift(change.metric));
            if known.is_none_or(|it| it.before.is_none()) {
                self.keep(object, change.metric, shift);
            }
        }
        if let Some(profile) = self.profiles.get_mut(object) {
            profile.alerted = true;
        }
    }

    /// Keeps the larger of two shifts of one metric.
    fn keep(&mut self, object: &ResourceRef, metric: Metric, shift: Shift) {
        if self.profiles.len() >= MAX_PROFILES && !self.profiles.contains_key(object) {
            return;
        }
        let profile = self.profiles.entry(object.clone()).or_insert_with(|| Profile {
            object: object.clone(),
            shifts: BTreeMap::new(),
            alerted: false,
        });
        let size = |shift: &Shift| shift.ratio(1.0).map_or(0.0, |it| it.ln().abs());
        match profile.shifts.get(&metric) {
            Some(known) if size(known) >= size(&shift) => {}
            _ => {
                profile.shifts.insert(metric, shift);
            }
        }
    }
}

/// Finds the objects that subjects mean.
struct Resolver<'v, 's> {
    view: &'v View<'s>,
    known: BTreeMap<Subject, Option<ResourceRef>>,
}

impl Resolver<'_, '_> {
    fn resolve(&mut self, subject: &Subject) -> Option<ResourceRef> {
        if let Some(object) = self.known.get(subject) {
            return object.clone();
        }
        let object = object(self.view, subject);
        self.known.insert(subject.clone(), object.clone());
        object
    }
}

/// The object that a subject means: a node, the workload of its name, of its pod or behind its Service, else as it is told.
fn object(view: &View<'_>, subject: &Subject) -> Option<ResourceRef> {
    let name = subject.name.as_str();
    let namespace = subject
        .namespace
        .as_deref()
        .or(view.snapshot.namespace.as_deref());
    let is_node = subject.kind == Some(Kind::Node)
        || view.snapshot.nodes.iter().any(|node| node.meta.name == name)
        || view
            .snapshot
            .pods
            .iter()
            .any(|pod| pod.spec.node.as_deref() == Some(name));
    if is_node {
        return Some(ResourceRef::new(Kind::Node, None, name));
    }
    let kinds = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet];
    let workload = kinds
        .into_iter()
        .find_map(|kind| view.workload(&kind, namespace, name));
    if let Some(workload) = workload {
        return Some(reference(workload.kind.clone(), &workload.meta));
    }
    if let Some(pod) = view.pod(namespace, name) {
        let pod = super::view::pod_ref(pod);
        return view.workload_of(&pod).map(|it| it.resource).or(Some(pod));
    }
    let service = ResourceRef::new(Kind::Service, namespace, name);
    let behind = view
        .service(namespace, name)
        .and_then(|_| view.workload_of(&service));
    let told = || match &subject.kind {
        Some(kind) => ResourceRef::new(kind.clone(), namespace, name),
        None => service.clone(),
    };
    Some(behind.map_or_else(told, |it| it.resource))
}

/// The shift of a series between its past and the later part of the window, where both sides were measured.
fn shift(series: &Series, window: Window) -> Option<Shift> {
    // A latency of zero means that there was no request.
    let counts = |value: f64| value > 0.0 || !matches!(series.metric, Metric::Latency(_));
    let (mut past, mut now, mut zero, mut inside) = (Vec::new(), Vec::new(), 0_u32, 0_u32);
    let mut past_all = 0_usize;
    for sample in &series.samples {
        if sample.at < window.start {
            past_all += 1;
            past.extend(Some(sample.value).filter(|it| counts(*it)));
        } else if sample.at <= window.end {
            inside += 1;
            zero += u32::from(sample.value == 0.0);
            now.extend(Some(sample.value).filter(|it| counts(*it) && sample.at >= window.settled));
        }
    }
    if past.len() < MIN_SAMPLES.max(past_all / 3) || now.len() < MIN_SAMPLES {
        return None;
    }
    let before = median(&mut past)?;
    let mut deviations: Vec<f64> = past.iter().map(|value| (value - before).abs()).collect();
    let noise = median(&mut deviations)? * MAD_TO_SIGMA;
    let now = median(&mut now)?;
    let silent = if before > 0.0 {
        f64::from(zero) / f64::from(inside.max(1))
    } else {
        0.0
    };
    Some(Shift {
        before: Some(before),
        now,
        noise,
        silent,
        quote: format!(
            "{}: {} before, {} during the incident",
            series.name,
            figure(before),
            figure(now)
        ),
        origin: series.origin.clone(),
    })
}

/// The median; sorts the values.
fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *values.get((values.len() / 2).checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

/// A number with as many digits as a reader needs.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        it if it >= 100.0 => format!("{value:.0}"),
        it if it >= 10.0 => format!("{value:.1}"),
        it if it >= 0.095 || it == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests;
