//! Under a budget the decisive lines stay.

use super::*;
use crate::{analysis, intake, monitoring};

fn brief(text: &str, budget: usize) -> Briefing {
    let intake = intake::read_text(text);
    let monitoring = monitoring::monitor(&intake);
    let diagnosis = analysis::diagnose(&intake, &monitoring);
    Briefing::of(&intake, &monitoring, &diagnosis, budget)
}

#[test]
fn evidence_and_rare_findings_stay_before_frequent_noise_wherever_they_stand() {
    let mut text = String::from(
        "2026-01-01T10:00:00Z ERROR pod cart-6d9c8b7f54-k2lzq ns=shop java.lang.OutOfMemoryError: Java heap space\n\
         2026-01-01T10:00:01Z ERROR gremlin in the flux capacitor of billing\n",
    );
    for second in 2..50 {
        let line = format!(
            "2026-01-01T10:00:{second:02}Z ERROR worker-{second} could not send heartbeat {second}\n"
        );
        text.push_str(&line);
    }
    let briefing = brief(&text, 2_000);
    assert!(
        briefing
            .evidence
            .iter()
            .any(|it| it.quote.contains("OutOfMemoryError"))
    );
    let first = briefing.findings.first().expect("a finding");
    assert!(first.message.contains("flux capacitor"), "{first:?}");
    assert_eq!(first.id, "F1".replace('1', &first.id[1..]));
}

#[test]
fn a_briefing_keeps_to_its_budget() {
    let line = |at: usize| {
        format!(
            "2026-01-01T10:00:00Z ERROR kind{at}x {} failed\n",
            "word ".repeat(at % 90)
        )
    };
    let text: String = (0..400).map(line).collect();
    for budget in [0, 500, 3_000, 12_000] {
        let briefing = brief(&text, budget);
        let told = serde_json::to_string(&briefing)
            .expect("a briefing is JSON")
            .len();
        assert!(told < budget * 2 + 3_000, "{told} for {budget}");
        let shown = briefing.findings.len() + briefing.left_out.findings;
        assert!(shown >= 300, "{shown}");
    }
}

#[test]
fn a_long_text_keeps_its_head_and_its_tail() {
    let text = format!("head{}tail", "x".repeat(1000));
    let short = shorten(&text, 50);
    assert_eq!(short.chars().count(), 50);
    assert!(short.starts_with("headx") && short.ends_with("xtail"), "{short}");
    assert_eq!(shorten("äöü", 3), "äöü");
    assert_eq!(shorten("äöüäöü", 0), " […] ");
}
