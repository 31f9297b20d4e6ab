//! The page of an evaluation: figures, reliability, times, confusion, and a card for each wrong case.
//! Figures are counted in `figures`, why an answer came out so is the engine's.

use std::{collections::BTreeSet, path::Path};

use super::{
    Scored,
    compared::Compared,
    figures::{Bin, Figures, Tally, ratio},
};
use crate::page::{
    self, case,
    chart::{self, Point},
    graph::Wanted,
    markup::Markup,
};

/// The most cards of wrong cases.
const MAX_CARDS: usize = 150;
/// The most rows and columns of the matrix.
const MAX_MATRIX: usize = 40;

/// The whole page.
pub(super) fn document(
    corpus: &Path,
    results: &[Scored],
    (figures, compared): (&Figures, Option<&Compared<'_>>),
) -> String {
    let mut body = Markup::new();
    body.raw("<h1>Diagnosis, evaluated</h1>");
    body.within("<p class=\"soft mono\">", &corpus.display().to_string(), "</p>");
    body.append(&tiles(figures));
    if let Some(compared) = compared {
        body.append(&compared.section());
    }
    body.raw("<div class=\"pair\"><section><h2>Groups</h2><div class=\"card wide\">");
    body.append(&groups(figures));
    body.raw("</div></section><section><h2>Time of a case</h2><div class=\"card\">");
    let times: Vec<f64> = results.iter().map(|it| it.outcome.milliseconds).collect();
    body.append(&chart::times(&times));
    body.raw("</div></section></div><h2>Calibration</h2><div class=\"pair\"><div class=\"card\">");
    body.append(&curve(figures))
        .raw("</div><div class=\"card wide\">");
    body.append(&bins(figures)).raw("</div></div>");
    body.append(&confusion(figures));
    body.append(&wrong(results));
    body.raw("<h2>Classes and causes</h2><div class=\"card wide\">");
    body.append(&classes(figures)).raw("</div>");
    page::document("kubemedic: diagnosis, evaluated", &body)
}

fn tiles(figures: &Figures) -> Markup {
    let mut tiles = Markup::new();
    tiles.raw("<div class=\"tiles\"><div class=\"tile\"><b>");
    tiles.number(figures.all.share() * 100.0, 1).raw(" %</b><span>");
    tiles
        .count(figures.all.correct)
        .raw(" of ")
        .count(figures.all.cases);
    tiles.raw(" right</span></div><div class=\"tile\"><b>");
    tiles
        .number(figures.brier, 3)
        .raw("</b><span>Brier score</span></div><div class=\"tile\"><b>");
    tiles.number(figures.calibration_error, 3);
    tiles.raw("</b><span>mean distance of confidence</span></div><div class=\"tile\"><b>");
    tiles.number(figures.median, 1).raw(" ms</b><span>median; p95 ");
    tiles
        .number(figures.p95, 1)
        .raw(", max ")
        .number(figures.slowest, 1);
    tiles.raw("</span></div><div class=\"tile\"><b");
    tiles.raw(if figures.false_alarms == 0 {
        " class=\"good\">"
    } else {
        " class=\"bad\">"
    });
    tiles
        .count(figures.false_alarms)
        .raw("</b><span>false alarms in ");
    tiles
        .count(figures.innocent)
        .raw(" with nothing wrong</span></div><div class=\"tile\"><b");
    tiles.raw(if figures.changes_on_innocent == 0 {
        " class=\"good\">"
    } else {
        " class=\"bad\">"
    });
    tiles.count(figures.changes_on_innocent);
    tiles.raw("</b><span>changes proposed there</span></div></div>");
    tiles
}

fn groups(figures: &Figures) -> Markup {
    let mut table = Markup::new();
    table.raw("<table><tr><th>group</th><th class=\"n\">right</th><th class=\"n\">of</th><th></th></tr>");
    for (name, tally) in &figures.groups {
        table.within("<tr><td>", name, "</td>");
        share(&mut table, *tally);
        table.raw("</tr>");
    }
    table.raw("</table>");
    table
}

/// The cells of right answers.
fn share(table: &mut Markup, tally: Tally) {
    table
        .raw("<td class=\"n\">")
        .count(tally.correct)
        .raw("</td><td class=\"n\">")
        .count(tally.cases);
    table
        .raw("</td><td><meter min=\"0\" max=\"1\"")
        .attribute("low", 0.7)
        .attribute("high", 0.9);
    table
        .raw(" optimum=\"1\" value=\"")
        .number(tally.share(), 3)
        .raw("\"></meter> ");
    table.number(tally.share() * 100.0, 0).raw(" %</td>");
}

fn classes(figures: &Figures) -> Markup {
    let mut table = Markup::new();
    table.raw("<table><tr><th>class or cause</th><th class=\"n\">right</th><th class=\"n\">of</th><th></th>");
    table.raw("<th class=\"n\">answered</th><th class=\"n\">right when answered</th></tr>");
    for (name, it) in &figures.classes {
        table.within("<tr><td>", name, "</td>");
        share(&mut table, it.expected);
        table
            .raw("<td class=\"n\">")
            .count(it.answered)
            .raw("</td><td class=\"n\">");
        table
            .number(ratio(it.expected.correct, it.answered) * 100.0, 0)
            .raw(" %</td></tr>");
    }
    table.raw("</table>");
    table
}

fn filled(figures: &Figures) -> impl Iterator<Item = &Bin> {
    figures.bins.iter().filter(|bin| bin.cases > 0)
}

fn curve(figures: &Figures) -> Markup {
    let points: Vec<Point> = filled(figures)
        .map(|bin| Point {
            confidence: bin.mean_confidence,
            right: bin.share_right,
            cases: bin.cases,
        })
        .collect();
    chart::reliability(&points)
}

fn bins(figures: &Figures) -> Markup {
    let mut table = Markup::new();
    table.raw("<table><tr><th>confidence</th><th class=\"n\">cases</th><th class=\"n\">mean confidence</th><th class=\"n\">share right</th></tr>");
    for bin in &figures.bins {
        table
            .raw("<tr><td>")
            .number(bin.from, 1)
            .raw(" to ")
            .number(bin.to, 1);
        table.raw("</td><td class=\"n\">").count(bin.cases).raw("</td>");
        if bin.cases == 0 {
            table.raw("<td></td><td></td></tr>");
            continue;
        }
        table
            .raw("<td class=\"n\">")
            .number(bin.mean_confidence, 3)
            .raw("</td><td class=\"n\">");
        table.number(bin.share_right, 3).raw("</td></tr>");
    }
    table.raw("</table>");
    table
}

/// What was said instead of what: a row for each class with errors.
fn confusion(figures: &Figures) -> Markup {
    let mut part = Markup::new();
    if figures.confusion.is_empty() {
        return part;
    }
    let pairs = || figures.confusion.iter().take(MAX_MATRIX);
    let rows: BTreeSet<&str> = pairs().map(|(expected, ..)| expected.as_str()).collect();
    let columns: BTreeSet<&str> = pairs().map(|(_, got, _)| got.as_str()).collect();
    part.raw("<h2>Confusion</h2><p class=\"soft\">Rows: what was expected, of classes with errors. Columns: what was said.</p>");
    part.raw("<div class=\"card wide\"><table class=\"matrix\"><tr><th></th><th class=\"turn\"><div>right</div></th>");
    for name in &columns {
        part.within("<th class=\"turn\"><div>", name, "</div></th>");
    }
    part.raw("</tr>");
    for row in rows {
        part.within("<tr><th class=\"row\">", row, "</th><td class=\"right\">");
        let right = figures.classes.get(row).map_or(0, |it| it.expected.correct);
        part.count(right).raw("</td>");
        for column in &columns {
            let mut same = pairs().filter(|(expected, got, _)| expected == row && got == column);
            cell(&mut part, same.next().map_or(0, |(.., count)| *count));
        }
        part.raw("</tr>");
    }
    part.raw("</table></div>");
    part
}

fn cell(part: &mut Markup, count: usize) {
    part.raw(match count {
        0 => "<td></td>",
        1 => "<td class=\"w1\">",
        2 | 3 => "<td class=\"w2\">",
        _ => "<td class=\"w3\">",
    });
    if count > 0 {
        part.count(count).raw("</td>");
    }
}

/// A card for each wrong case; the first is open.
fn wrong(results: &[Scored]) -> Markup {
    let mut part = Markup::new();
    let wrong: Vec<&Scored> = results.iter().filter(|it| !it.outcome.correct).collect();
    part.raw("<h2>Wrong cases</h2>");
    if wrong.is_empty() {
        part.raw("<p class=\"good\">None.</p>");
    }
    for (at, it) in wrong.iter().take(MAX_CARDS).enumerate() {
        part.raw(if at == 0 { "<details open>" } else { "<details>" });
        part.within("<summary>", &it.id, "<small>");
        part.text(&it.outcome.expected)
            .raw(" → ")
            .text(&it.outcome.got)
            .raw("</small></summary>");
        part.append(&card(it)).raw("</details>");
    }
    if wrong.len() > MAX_CARDS {
        part.raw("<p class=\"soft\">")
            .count(wrong.len() - MAX_CARDS)
            .raw(" more are in the JSON.</p>");
    }
    part
}

fn card(it: &Scored) -> Markup {
    let mut card = Markup::new();
    card.within(
        "<dl class=\"versus\"><dt>expected</dt><dd><b class=\"good\">",
        &it.outcome.expected,
        "</b> ",
    );
    card.text(it.wanted_object.as_deref().unwrap_or(""));
    card.within("</dd><dt>got</dt><dd><b class=\"bad\">", &it.outcome.got, "</b> ");
    card.text(it.said("object"))
        .raw(", confidence ")
        .number(it.outcome.confidence, 2);
    card.within("</dd><dt>in words</dt><dd>", it.said("root_cause"), "</dd></dl>");
    let wanted = Wanted {
        cause: Some(&it.outcome.expected),
        object: it.wanted_object.as_deref(),
    };
    card.append(&case::inside(&it.examination, wanted));
    card
}
