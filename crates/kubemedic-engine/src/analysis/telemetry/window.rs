//! When the incident was: as alerts tell it, else the stretch in which most latencies stand above their past.

use kubemedic_model::snapshot::metrics::{Alert, Metric, Series};

/// The most points of time that are tried as bounds.
const MAX_POINTS: usize = 160;
/// The most series that are searched.
const MAX_SEARCHED: usize = 400;
/// The share of the window after which values have settled: rates are averages over the last minutes.
const SETTLING: f64 = 0.4;
/// What a latency must grow by to speak for a window.
const DOUBLED: f64 = std::f64::consts::LN_2;
/// The growth, as a logarithm, that one latency counts at most; a larger one is scaled down as a whole, so that where it
/// begins and ends stays as clear.
const LOUDEST: f64 = 3.0;

/// A stretch of time, in seconds; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Its first moment.
    pub(crate) start: i64,
    /// From when on values have settled.
    pub(crate) settled: i64,
    /// Its last moment.
    pub(crate) end: i64,
}

impl Window {
    /// The window of an incident, if there are series to have one.
    pub(crate) fn find(series: &[Series], alerts: &[&Alert]) -> Option<Self> {
        let times = series
            .iter()
            .flat_map(|it| it.samples.first().into_iter().chain(it.samples.last()));
        let (first, last) = times.fold((i64::MAX, i64::MIN), |(first, last), sample| {
            (first.min(sample.at), last.max(sample.at))
        });
        let told = || {
            let start = alerts.iter().filter_map(|alert| alert.starts).min()?;
            let end = alerts.iter().filter_map(|alert| alert.ends).max().unwrap_or(last);
            (start > first && start < last && end > start).then(|| Self::new(start, end.min(last)))
        };
        told().or_else(|| Self::search(series))
    }

    fn new(start: i64, end: i64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "seconds of an incident"
        )]
        let settling = ((end.saturating_sub(start)) as f64 * SETTLING) as i64;
        Self {
            start,
            settled: start.saturating_add(settling),
            end,
        }
    }

    /// The stretch in which most latencies are at least twice their past, weighed by its length.
    fn search(series: &[Series]) -> Option<Self> {
        let latencies = || series.iter().filter(|it| matches!(it.metric, Metric::Latency(_)));
        let longest = latencies().max_by_key(|it| it.samples.len())?;
        let count = longest.samples.len();
        let stride = count.div_ceil(MAX_POINTS).max(1);
        let times: Vec<i64> = longest.samples.iter().step_by(stride).map(|it| it.at).collect();
        let voices: Vec<Voice> = latencies()
            .filter(|it| it.samples.len() == count)
            .take(MAX_SEARCHED)
            .map(|it| Voice::new(it, stride))
            .collect();
        let points = times.len();
        let mut best: Option<(f64, usize, usize)> = None;
        for start in (points / 6).max(3)..points.saturating_sub(3) {
            for end in start + (points / 8).max(4)..=points {
                let total: f64 = voices.iter().filter_map(|it| it.growth(start, end)).sum();
                #[expect(clippy::cast_precision_loss, reason = "at most MAX_POINTS")]
                let score = total * ((end - start) as f64).sqrt();
                if score > 0.0 && best.is_none_or(|(highest, _, _)| score > highest) {
                    best = Some((score, start, end));
                }
            }
        }
        let (_, start, end) = best?;
        Some(Self::new(*times.get(start)?, *times.get(end - 1)?))
    }
}

/// One latency's running sums.
struct Voice {
    /// The sum of the logarithms and the number of values up to each point. A latency of zero means that there was no
    /// request.
    sums: Vec<(f64, f64)>,
    /// What its growth is scaled by.
    scale: f64,
}

impl Voice {
    fn new(series: &Series, stride: usize) -> Self {
        let mut sums = vec![(0.0, 0.0)];
        let mut total = (0.0, 0.0);
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for sample in series.samples.iter().step_by(stride) {
            if sample.value > 0.0 {
                let level = sample.value.max(1.0).ln();
                (lowest, highest) = (lowest.min(level), highest.max(level));
                total = (total.0 + level, total.1 + 1.0);
            }
            sums.push(total);
        }
        let range = (highest - lowest).max(LOUDEST);
        Self {
            sums,
            scale: LOUDEST / range,
        }
    }

    /// The growth over the past in a stretch, where it doubled.
    fn growth(&self, start: usize, end: usize) -> Option<f64> {
        let (past, until_end) = (self.sums.get(start)?, self.sums.get(end)?);
        if past.1 < 3.0 || until_end.1 - past.1 < 3.0 {
            return None;
        }
        let growth = (until_end.0 - past.0) / (until_end.1 - past.1) - past.0 / past.1;
        (growth > DOUBLED).then_some(growth * self.scale)
    }
}
