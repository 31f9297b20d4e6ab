//! How findings stand out in time: bursts against their usual rate, and what is new in a stream that had been steady. It
//! judges what is a finding already and makes none.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kubemedic_model::{
    finding::{Burst, Pace},
    log::LogSource,
};

use crate::intake::SourcedRecord;

/// The most minutes that the findings of one input tell apart, all together.
pub(super) const MAX_MINUTES: usize = 100_000;
/// The most minutes of one stream: a week.
const MAX_STREAM_MINUTES: usize = 10_080;
/// A stream tells what is usual when it lasts so many minutes.
const MIN_STREAM_MINUTES: u64 = 10;
/// A burst has so many occurrences in its minute.
const MIN_BURST: u64 = 10;
/// A burst is so many times the usual rate, that of the median minute.
const BURST_FACTOR: u64 = 5;
/// A burst is so many times what the stream's own liveliness in that minute explains.
const TRAFFIC_FACTOR: u64 = 3;
/// What is new was not there for so many minutes in which the stream spoke.
const MIN_STEADY_MINUTES: u64 = 20;
const SECONDS: i64 = 60;

/// A namespace and a service.
type Place = (String, String);

/// Occurrences in each minute since the epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Minutes(BTreeMap<i64, u64>);

impl Minutes {
    /// Counts one occurrence, where its minute is known or may still be added.
    pub(super) fn add(&mut self, at: Option<Timestamp>, left: &mut usize) {
        let Some(at) = at else { return };
        let minute = at.as_second().div_euclid(SECONDS);
        if let Some(count) = self.0.get_mut(&minute) {
            *count += 1;
        } else if *left > 0 {
            *left -= 1;
            self.0.insert(minute, 1);
        }
    }

    /// Whether it is worth to look at the stream: something occurred at a known time.
    pub(super) fn may_stand_out(&self) -> bool {
        !self.0.is_empty()
    }

    /// How these occurrences stand out in the stream that they come from.
    pub(super) fn pace_in(&self, stream: &Self) -> Pace {
        Pace {
            burst: self.burst_in(stream),
            new_after_minutes: self.new_in(stream),
        }
    }

    fn burst_in(&self, stream: &Self) -> Option<Burst> {
        let length = stream.length()?;
        let (minute, count) = self.0.iter().max_by_key(|(minute, count)| (**count, -**minute))?;
        let usual = self.median(length);
        let enough =
            length >= MIN_STREAM_MINUTES && *count >= MIN_BURST && *count >= BURST_FACTOR * usual.max(1);
        // Where the whole stream was livelier in that minute, more of everything is no news.
        let others = self.total() - count;
        let lively = stream.0.get(minute).copied().unwrap_or(0);
        let calm = stream.total().saturating_sub(lively).max(1);
        let explained = others.saturating_mul(lively) / calm;
        (enough && *count >= TRAFFIC_FACTOR * explained.max(1)).then_some(Burst {
            minute: Timestamp::from_second(minute * SECONDS).ok()?,
            count: *count,
            usual,
        })
    }

    /// The minutes before the first occurrence, where they are three quarters of the stream and it spoke steadily in them.
    fn new_in(&self, stream: &Self) -> Option<u64> {
        let first = *self.0.keys().next()?;
        let begin = *stream.0.keys().next()?;
        let before = u64::try_from(first - begin).ok()?;
        let steady = Self(
            stream
                .0
                .range(..first)
                .map(|(minute, count)| (*minute, *count))
                .collect(),
        );
        let spoke = u64::try_from(steady.0.len()).ok()?;
        let usual = steady.median(before);
        let largest = steady.0.values().max().copied().unwrap_or(0);
        let is_steady =
            spoke >= MIN_STEADY_MINUTES && spoke * 5 >= before * 4 && largest <= BURST_FACTOR * usual.max(1);
        (is_steady && before * 4 >= stream.length()? * 3).then_some(before)
    }

    /// From the first to the last minute, both counted.
    fn length(&self) -> Option<u64> {
        let (first, last) = (self.0.keys().next()?, self.0.keys().next_back()?);
        u64::try_from(last - first + 1).ok()
    }

    fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The count of the median minute out of so many, those without an occurrence being 0.
    fn median(&self, minutes: u64) -> u64 {
        let mut counts: Vec<u64> = self.0.values().copied().collect();
        counts.sort_unstable();
        let silent = minutes.saturating_sub(u64::try_from(counts.len()).unwrap_or(minutes));
        let place = (minutes / 2).checked_sub(silent);
        place
            .and_then(|place| counts.get(usize::try_from(place).ok()?))
            .copied()
            .unwrap_or(0)
    }
}

/// How many records the wanted streams had in each minute.
pub(super) fn streams(
    records: &[SourcedRecord],
    wanted: &BTreeSet<Place>,
    place: fn(&LogSource) -> Place,
) -> BTreeMap<Place, Minutes> {
    let mut streams: BTreeMap<Place, Minutes> = BTreeMap::new();
    let mut last: Option<(&LogSource, Place)> = None;
    for record in records.iter().filter(|_| !wanted.is_empty()) {
        let source = &record.record.source;
        // Neighbouring records mostly come from one place, whose name is not made anew for each.
        let known = last.take().filter(|(known, _)| *known == source);
        let (_, place) = last.insert(known.unwrap_or_else(|| (source, place(source))));
        if !wanted.contains(place) {
            continue;
        }
        if !streams.contains_key(place) {
            streams.insert(place.clone(), Minutes::default());
        }
        if let Some(minutes) = streams.get_mut(place) {
            let mut left = MAX_STREAM_MINUTES.saturating_sub(minutes.0.len());
            minutes.add(record.record.timestamp, &mut left);
        }
    }
    streams
}
