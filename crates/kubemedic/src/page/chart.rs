//! Charts as SVG: the reliability curve and the histogram of times.
//! Figures are computed elsewhere.

use super::markup::Markup;

/// One point of the reliability curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The mean confidence, 0..=1.
    pub confidence: f64,
    /// The share that was right, 0..=1.
    pub right: f64,
    /// How many cases it stands for.
    pub cases: usize,
}

/// The side of the reliability curve's square.
const SIDE: f64 = 300.0;
/// Room for the labels.
const EDGE: f64 = 44.0;

/// Confidence against the share that was right. The area of a dot grows with its cases.
pub fn reliability(points: &[Point]) -> Markup {
    let mut svg = Markup::new();
    let whole = SIDE + EDGE + 16.0;
    svg.raw("<svg role=\"img\"")
        .attribute("width", whole)
        .attribute("height", whole);
    svg.raw("><title>Reliability curve</title>");
    for tenth in [0.0, 0.2, 0.4, 0.6, 0.8, 1.0] {
        grid(&mut svg, tenth);
    }
    svg.raw("<path class=\"ideal\" d=\"M");
    corner(&mut svg, 0.0, 0.0);
    svg.raw(" L");
    corner(&mut svg, 1.0, 1.0);
    svg.raw("\"/>");
    if let Some((first, rest)) = points.split_first() {
        svg.raw("<path class=\"curve\" d=\"M");
        corner(&mut svg, first.confidence, first.right);
        for point in rest {
            svg.raw(" L");
            corner(&mut svg, point.confidence, point.right);
        }
        svg.raw("\"/>");
    }
    let most = points.iter().map(|point| point.cases).max().unwrap_or(1).max(1);
    for point in points {
        let (x, y) = at(point.confidence, point.right);
        svg.raw("<g><title>")
            .count(point.cases)
            .raw(" cases, confidence ");
        svg.number(point.confidence, 2)
            .raw(", right ")
            .number(point.right, 2);
        svg.raw("</title><circle class=\"faint\"")
            .attribute("cx", x)
            .attribute("cy", y);
        svg.attribute("r", 4.0 + 18.0 * (share(point.cases, most)).sqrt());
        svg.raw("/><circle class=\"dot\" r=\"4\"")
            .attribute("cx", x)
            .attribute("cy", y)
            .raw("/></g>");
    }
    label(&mut svg, (EDGE + SIDE / 2.0 - 32.0, whole - 2.0), "confidence");
    label(&mut svg, (EDGE + 6.0, 26.0), "share right");
    svg.raw("</svg>");
    svg
}

/// The place of a value pair.
fn at(x: f64, y: f64) -> (f64, f64) {
    (EDGE + x * SIDE, 16.0 + (1.0 - y) * SIDE - 4.0)
}

fn corner(svg: &mut Markup, x: f64, y: f64) {
    let (x, y) = at(x, y);
    svg.number(x, 1).raw(" ").number(y, 1);
}

fn grid(svg: &mut Markup, tenth: f64) {
    svg.raw("<path class=\"axis\" d=\"M");
    corner(svg, 0.0, tenth);
    svg.raw(" L");
    corner(svg, 1.0, tenth);
    svg.raw(" M");
    corner(svg, tenth, 0.0);
    svg.raw(" L");
    corner(svg, tenth, 1.0);
    svg.raw("\"/>");
    let (_, y) = at(0.0, tenth);
    let (x, below) = at(tenth, 0.0);
    for (x, y) in [(12.0, y + 4.0), (x - 8.0, below + 18.0)] {
        svg.raw("<text class=\"soft\"")
            .attribute("x", x)
            .attribute("y", y);
        svg.raw(">").number(tenth, 1).raw("</text>");
    }
}

fn label(svg: &mut Markup, (x, y): (f64, f64), text: &str) {
    svg.raw("<text").attribute("x", x).attribute("y", y);
    svg.within(">", text, "</text>");
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a corpus has far fewer than 2^52 cases"
)]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// The upper bounds of the histogram's bars, in milliseconds.
const BOUNDS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 500.0, 1000.0,
];
/// The histogram's height, without labels.
const TALL: f64 = 240.0;
/// A bar with its gap.
const STEP: f64 = 30.0;

/// How many cases took how long.
pub fn times(milliseconds: &[f64]) -> Markup {
    let mut bars = vec![0_usize; BOUNDS.len() + 1];
    for time in milliseconds {
        let bar = BOUNDS
            .iter()
            .position(|bound| time <= bound)
            .unwrap_or(BOUNDS.len());
        if let Some(count) = bars.get_mut(bar) {
            *count += 1;
        }
    }
    let most = bars.iter().copied().max().unwrap_or(1).max(1);
    let mut svg = Markup::new();
    svg.raw("<svg role=\"img\" width=\"470\" height=\"300\"><title>Time of a case</title>");
    let mut x = 8.0;
    for (at, count) in bars.iter().enumerate() {
        let high = TALL * share(*count, most);
        svg.raw("<rect class=\"bar\" rx=\"2\"")
            .attribute("x", x)
            .attribute("width", STEP - 6.0);
        svg.attribute("y", 20.0 + TALL - high)
            .attribute("height", high)
            .raw("/>");
        if *count > 0 {
            label(&mut svg, (x + 2.0, 15.0 + TALL - high), &count.to_string());
        }
        let bound = BOUNDS
            .get(at)
            .map_or_else(|| "more".to_owned(), |bound| bound_label(*bound));
        label(&mut svg, (x, 38.0 + TALL), &bound);
        x += STEP;
    }
    label(&mut svg, (8.0, 58.0 + TALL), "at most so many milliseconds");
    svg.raw("</svg>");
    svg
}

/// The label of a bar's upper bound.
fn bound_label(bound: f64) -> String {
    if bound < 1000.0 {
        format!("{bound}")
    } else {
        format!("{} s", bound / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_is_in_one_bar() {
        let svg = times(&[0.5, 1.0, 18.0, 4000.0]).into_string();
        assert_eq!(
            svg.matches(">2<").count(),
            2,
            "a bar of two beside the label of the second bound"
        );
        assert_eq!(
            svg.matches(">1<").count(),
            3,
            "two bars of one beside the label of the first bound"
        );
    }

    #[test]
    fn each_point_has_a_dot() {
        let point = |confidence| Point {
            confidence,
            right: 0.5,
            cases: 3,
        };
        let svg = reliability(&[point(0.2), point(0.9)]).into_string();
        assert_eq!(svg.matches("class=\"dot\"").count(), 2);
    }
}
