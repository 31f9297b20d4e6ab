//! Tests of profiles and of finding the window of an incident.

use kubemedic_model::{
    evidence::Origin,
    snapshot::metrics::{Alert, Metric, Sample, Series, Subject},
};

use super::{Window, figure, median, shift};

fn series(metric: Metric, values: impl IntoIterator<Item = f64>) -> Series {
    Series {
        subject: Subject::default(),
        metric,
        name: "x".to_owned(),
        samples: (0..)
            .zip(values)
            .map(|(at, value)| Sample { at: at * 10, value })
            .collect(),
        origin: Origin::default(),
    }
}

fn stepped() -> Series {
    let values = (0..60).map(|at| if (20..45).contains(&at) { 500.0 } else { 5.0 });
    series(Metric::Latency(50), values)
}

#[test]
fn the_window_is_where_latencies_stand_above_their_past() {
    let window = Window::find(&[stepped()], &[]).unwrap();
    assert_eq!((window.start, window.end), (200, 440));
    assert_eq!(window.settled, 296);
}

#[test]
fn the_window_that_alerts_tell_is_taken_where_the_series_cover_it() {
    let alert = |starts, ends| Alert {
        starts: Some(starts),
        ends: Some(ends),
        ..Alert::default()
    };
    let told = alert(100, 300);
    let window = Window::find(&[stepped()], &[&told]).unwrap();
    assert_eq!((window.start, window.end), (100, 300));
    let elsewhere = alert(1_700_000_000, 1_700_000_300);
    let window = Window::find(&[stepped()], &[&elsewhere]).unwrap();
    assert_eq!((window.start, window.end), (200, 440));
}

#[test]
fn steady_or_no_latencies_have_no_window() {
    assert_eq!(Window::find(&[], &[]), None);
    assert_eq!(Window::find(&[series(Metric::Latency(50), [5.0; 40])], &[]), None);
    assert_eq!(Window::find(&[series(Metric::CpuUsage, [5.0; 40])], &[]), None);
    assert_eq!(Window::find(&[series(Metric::Latency(50), [0.0; 40])], &[]), None);
}

#[test]
fn a_shift_is_told_by_medians_so_that_one_outlier_is_none() {
    let window = Window::find(&[stepped()], &[]).unwrap();
    let mut spiky: Vec<f64> = vec![5.0; 60];
    spiky[33] = 9000.0;
    let spiky = shift(&series(Metric::Latency(50), spiky), window).unwrap();
    assert_eq!((spiky.before, spiky.now), (Some(5.0), 5.0));
    assert!(!spiky.is_rise());
    let risen = shift(&stepped(), window).unwrap();
    assert_eq!((risen.before, risen.now, risen.silent), (Some(5.0), 500.0, 0.0));
    assert!(risen.is_rise());
}

#[test]
fn a_rate_that_falls_silent_is_told() {
    let window = Window::find(&[stepped()], &[]).unwrap();
    let values = (0..60).map(|at| if (20..45).contains(&at) { 0.0 } else { 5.0 });
    let found = shift(&series(Metric::RequestRate, values), window).unwrap();
    assert_eq!((found.now, found.silent), (0.0, 1.0));
    assert_eq!(shift(&series(Metric::Latency(50), [0.0; 60]), window), None);
}

#[test]
fn figures_have_the_digits_that_a_reader_needs() {
    assert_eq!(
        [1234.56, 12.345, 0.1234, 0.01234, 0.0].map(figure),
        ["1235", "12.3", "0.12", "0.012", "0.00"]
    );
    assert_eq!(
        [
            median(&mut []),
            median(&mut [3.0, 1.0]),
            median(&mut [9.0, 1.0, 2.0])
        ],
        [None, Some(2.0), Some(2.0)]
    );
}
