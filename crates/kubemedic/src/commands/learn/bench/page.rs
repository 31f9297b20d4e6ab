//! The page of the benchmark of learning: targets, curves with bands over seeds, and every row.

use super::report::{bound, learned_beside};
use crate::{
    learn_bench::{
        figures::{Figures, Row, Spread},
        play::REGRET_STEP,
        roster::shift_at,
    },
    page::{
        self,
        curves::{Axes, Curve, Point, draw},
        markup::Markup,
    },
};

/// The curves of the plain worlds, ours last. `approval_only` is in the table: its regret would flatten all others.
const SHOWN: [(&str, &str); 7] = [
    ("untaught", "untaught"),
    ("original_same_class", "original, same class"),
    ("original_global", "original, global"),
    ("epsilon_greedy", "epsilon-greedy"),
    ("linucb", "LinUCB"),
    ("greedy", "ours, greedy"),
    ("learned", "ours"),
];
/// The curves of other settings. Names without a row draw nothing, and keep the colours of the others.
const SETTINGS: [(&str, &str); 7] = [
    ("untaught", "untaught"),
    ("", ""),
    ("learned_malicious", "1 of 10 malicious"),
    ("", ""),
    ("", ""),
    ("learned_corrections", "with preferences"),
    ("learned", "ours"),
];
const SHIFTED: [(&str, &str); 7] = [
    ("untaught_shift", "untaught"),
    ("", ""),
    ("", ""),
    ("", ""),
    ("linucb_shift", "LinUCB"),
    ("", ""),
    ("learned_shift", "ours"),
];
/// Where the axes of values begin.
const VALUES_FROM: f64 = 0.4;

/// The whole page.
pub(super) fn document(figures: &Figures) -> String {
    let mut body = Markup::new();
    body.raw("<h1>Learning, measured</h1><p class=\"soft\">Simulated operators and clusters: ");
    body.count(figures.seeds.len())
        .raw(" seeds, ")
        .number(f64::from(figures.rounds), 0);
    body.raw(" incidents each. Regret is the value of the best repair less that of the proposed one, summed; value is the chance that the \
         first pick is approved and helps, over that of the best pick, on incidents that were never met. Bands: one standard deviation over seeds.</p>");
    body.append(&tiles(figures));
    body.raw("<div class=\"pair\">");
    section(&mut body, "Regret", &regret(figures));
    section(
        &mut body,
        "Value of the first pick",
        &value(figures, &SHOWN, None),
    );
    section(&mut body, "Other people", &value(figures, &SETTINGS, None));
    let shift = (f64::from(shift_at(figures.rounds)), "people and software change");
    section(
        &mut body,
        "After a change",
        &value(figures, &SHIFTED, Some(shift)),
    );
    body.raw("</div>").append(&targets(figures));
    body.raw("<h2>Every row</h2><div class=\"card wide\">");
    body.append(&rows(figures)).raw("</div>");
    page::document("kubemedic: learning, measured", &body)
}

fn section(body: &mut Markup, title: &'static str, chart: &Markup) {
    body.within("<section><h2>", title, "</h2><div class=\"card wide\">");
    body.append(chart).raw("</div></section>");
}

fn tiles(figures: &Figures) -> Markup {
    let mut tiles = Markup::new();
    tiles.raw("<div class=\"tiles\">");
    let mut tile = |number: Option<f64>, decimals, what: &'static str| {
        if let Some(number) = number {
            tiles.raw("<div class=\"tile\"><b>").number(number, decimals);
            tiles.within("</b><span>", what, "</span></div>");
        }
    };
    let learned = figures.row("learned");
    tile(figures.ratio("learned", "untaught"), 2, "regret over untaught");
    tile(
        figures.ratio("learned", "original_same_class"),
        2,
        "regret over the original",
    );
    tile(figures.ratio("learned", "linucb"), 2, "regret over LinUCB");
    tile(learned.map(|row| row.end().value), 3, "value at the end");
    tile(learned.map(|row| row.end().fix_rate), 2, "first picks that help");
    tile(figures.estimate_error(), 3, "error of the off-policy estimate");
    tiles.raw("</div>");
    tiles
}

/// A curve for each name, empty where there is no such row.
fn curves<'a>(
    figures: &Figures,
    names: &[(&'static str, &'a str)],
    points: impl Fn(&Row) -> Vec<Point>,
) -> Vec<Curve<'a>> {
    let curve = |(row, name): &(&'static str, &'a str)| Curve {
        name,
        points: figures.row(row).map(&points).unwrap_or_default(),
    };
    names.iter().map(curve).collect()
}

fn point(x: f64, spread: &Spread) -> Point {
    Point {
        x,
        y: spread.mean,
        spread: spread.deviation,
    }
}

fn regret(figures: &Figures) -> Markup {
    let points = |row: &Row| {
        let mut x = 0.0;
        let mut points = vec![point(0.0, &Spread::default())];
        for spread in &row.regret_curve {
            x += f64::from(REGRET_STEP);
            points.push(point(x, spread));
        }
        points
    };
    let axes = Axes {
        title: "Regret by round",
        across: "incidents",
        from: 0.0,
        to: None,
        decimals: 0,
        mark: None,
    };
    draw(&axes, &curves(figures, &SHOWN, points))
}

fn value(figures: &Figures, names: &[(&'static str, &str)], mark: Option<(f64, &str)>) -> Markup {
    let points = |row: &Row| {
        let spreads = row.value.iter();
        spreads
            .map(|(round, spread)| point(f64::from(*round), spread))
            .collect()
    };
    let axes = Axes {
        title: "Value fraction by round",
        across: "incidents",
        from: VALUES_FROM,
        to: Some(1.0),
        decimals: 1,
        mark,
    };
    draw(&axes, &curves(figures, names, points))
}

fn targets(figures: &Figures) -> Markup {
    let mut part = Markup::new();
    let targets = figures.targets();
    if targets.is_empty() {
        return part;
    }
    part.raw("<h2>Targets</h2><div class=\"card wide\"><table><tr><th>target</th><th class=\"n\">measured</th><th></th><th class=\"n\">limit</th><th></th></tr>");
    for target in &targets {
        let (bound, limit) = bound(target);
        part.within("<tr><td>", target.name, "</td><td class=\"n\">");
        part.number(target.measured, 3);
        part.within("</td><td>", &bound.replace('_', " "), "</td><td class=\"n\">");
        part.number(limit, 2).raw(if target.is_met() {
            "</td><td class=\"good\">met</td></tr>"
        } else {
            "</td><td class=\"bad\">missed</td></tr>"
        });
    }
    part.raw("</table></div>");
    part
}

fn rows(figures: &Figures) -> Markup {
    let mut table = Markup::new();
    table.raw("<table><tr><th>policy</th><th class=\"n\">regret</th><th class=\"n\">±</th><th class=\"n\">over ours</th>");
    for heading in ["value at 50", "500", "end", "approved", "helps", "best in 3"] {
        table.within("<th class=\"n\">", heading, "</th>");
    }
    table.raw("</tr>");
    for row in &figures.rows {
        table.within("<tr><td>", row.name, "</td>");
        let ratio = figures.ratio(row.name, learned_beside(row));
        let end = row.end();
        let cells = [
            (Some(row.regret.mean), 1),
            (Some(row.regret.error), 1),
            (ratio, 2),
            (row.value_at(50), 3),
            (row.value_at(500), 3),
            (Some(end.value), 3),
            (Some(end.approve_rate), 2),
            (Some(end.fix_rate), 2),
            (Some(end.best_in_three), 2),
        ];
        for (number, decimals) in cells {
            table.raw("<td class=\"n\">");
            if let Some(number) = number {
                table.number(number, decimals);
            }
            table.raw("</td>");
        }
        table.raw("</tr>");
    }
    table.raw("</table>");
    table
}
