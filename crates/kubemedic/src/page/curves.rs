//! Curves over a common axis as SVG, each with a band around it and its name at its end.
//! Figures are computed elsewhere.

use super::markup::Markup;

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Where.
    pub x: f64,
    /// The curve's height.
    pub y: f64,
    /// How far the band reaches up and down.
    pub spread: f64,
}

/// One curve; its place among the others gives its colour.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve<'a> {
    /// What is written at its end.
    pub name: &'a str,
    /// By rising `x`.
    pub points: Vec<Point>,
}

/// What the axes say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axes<'a> {
    /// The title, for those who do not see the drawing.
    pub title: &'static str,
    /// Below the horizontal axis.
    pub across: &'a str,
    /// Where the vertical axis begins.
    pub from: f64,
    /// Where it ends; `None`: above the highest point.
    pub to: Option<f64>,
    /// How many decimals its numbers have.
    pub decimals: usize,
    /// A place on the horizontal axis where something happens, and what.
    pub mark: Option<(f64, &'a str)>,
}

const WIDE: f64 = 430.0;
const TALL: f64 = 280.0;
/// Room for the numbers on the left, for the names on the right, above and below.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 44.0;
/// The height of a name.
const LINE: f64 = 14.0;
/// Colours of curves, as classes of the style sheet.
const COLOURS: [&str; 7] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6"];
/// About how many numbers an axis has.
const TICKS: f64 = 5.0;

/// Draws the curves; the last one lies on top.
pub fn draw(axes: &Axes<'_>, curves: &[Curve<'_>]) -> Markup {
    let scale = Scale::of(axes, curves);
    let mut svg = Markup::new();
    let (width, height) = (LEFT + WIDE + RIGHT, TOP + TALL + BOTTOM);
    svg.raw("<svg role=\"img\"")
        .attribute("width", width)
        .attribute("height", height);
    svg.raw(" viewBox=\"0 0 ")
        .number(width, 0)
        .raw(" ")
        .number(height, 0)
        .raw("\"");
    svg.within("><title>", axes.title, "</title>");
    grid(&mut svg, axes, &scale);
    for (curve, colour) in curves.iter().zip(COLOURS) {
        band(&mut svg, &scale, curve, colour);
    }
    for (curve, colour) in curves.iter().zip(COLOURS) {
        line(&mut svg, &scale, curve, colour);
    }
    names(&mut svg, &scale, curves);
    svg.raw("</svg>");
    svg
}

/// What the axes reach.
struct Scale {
    from: f64,
    right: f64,
    top: f64,
}

impl Scale {
    fn of(axes: &Axes<'_>, curves: &[Curve<'_>]) -> Self {
        let points = || curves.iter().flat_map(|curve| &curve.points);
        let highest = |of: fn(&Point) -> f64| points().map(of).fold(f64::MIN, f64::max);
        let top = highest(|point| point.y + point.spread).max(axes.from);
        let step = step(top - axes.from);
        Self {
            from: axes.from,
            right: highest(|point| point.x).max(1.0),
            top: axes
                .to
                .unwrap_or_else(|| axes.from + ((top - axes.from) / step).ceil().max(1.0) * step),
        }
    }

    fn x(&self, x: f64) -> f64 {
        LEFT + WIDE * x / self.right
    }

    fn y(&self, y: f64) -> f64 {
        let share = (y - self.from) / (self.top - self.from);
        TOP + TALL * (1.0 - share.clamp(0.0, 1.0))
    }
}

/// 1, 2 or 5 times a power of ten, so that a range has about [`TICKS`] of them.
fn step(range: f64) -> f64 {
    let rough = (range / TICKS).max(1e-9);
    let power = 10_f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough);
    times.unwrap_or(10.0) * power
}

/// The numbers of an axis.
fn ticks(from: f64, to: f64) -> Vec<f64> {
    let step = step(to - from);
    (0_u8..20)
        .map(|place| from + f64::from(place) * step)
        .take_while(|tick| *tick <= to + step * 1e-6)
        .collect()
}

fn grid(svg: &mut Markup, axes: &Axes<'_>, scale: &Scale) {
    for tick in ticks(scale.from, scale.top) {
        let y = scale.y(tick);
        path(svg, "<path class=\"axis\" d=\"M", &[(LEFT, y), (LEFT + WIDE, y)]);
        svg.raw("<text class=\"soft\" text-anchor=\"end\"")
            .attribute("x", LEFT - 7.0)
            .attribute("y", y + 4.0);
        svg.raw(">").number(tick, axes.decimals).raw("</text>");
    }
    for tick in ticks(0.0, scale.right) {
        svg.raw("<text class=\"soft\" text-anchor=\"middle\"")
            .attribute("x", scale.x(tick))
            .attribute("y", TOP + TALL + 18.0);
        svg.raw(">").number(tick, 0).raw("</text>");
    }
    svg.raw("<text text-anchor=\"middle\"")
        .attribute("x", LEFT + WIDE / 2.0)
        .attribute("y", TOP + TALL + 38.0);
    svg.within(">", axes.across, "</text>");
    if let Some((at, what)) = axes.mark {
        let x = scale.x(at);
        path(svg, "<path class=\"ideal\" d=\"M", &[(x, TOP), (x, TOP + TALL)]);
        svg.raw("<text class=\"soft\"")
            .attribute("x", x + 5.0)
            .attribute("y", TOP + TALL - 6.0);
        svg.within(">", what, "</text>");
    }
}

fn band(svg: &mut Markup, scale: &Scale, curve: &Curve<'_>, colour: &'static str) {
    let edge = |side: f64| {
        let at = move |point: &Point| (scale.x(point.x), scale.y(point.y + side * point.spread));
        curve.points.iter().map(at)
    };
    let outline: Vec<(f64, f64)> = edge(1.0).chain(edge(-1.0).rev()).collect();
    svg.raw("<g class=\"").raw(colour).raw("\">");
    path(svg, "<path class=\"band\" d=\"M", &outline);
    svg.raw("</g>");
}

fn line(svg: &mut Markup, scale: &Scale, curve: &Curve<'_>, colour: &'static str) {
    let at = |point: &Point| (scale.x(point.x), scale.y(point.y));
    let points: Vec<(f64, f64)> = curve.points.iter().map(at).collect();
    svg.raw("<g class=\"").raw(colour).raw("\">");
    path(svg, "<path class=\"line\" d=\"M", &points);
    svg.raw("</g>");
}

/// The names at the ends of the curves, moved apart where they would overlap.
fn names(svg: &mut Markup, scale: &Scale, curves: &[Curve<'_>]) {
    let mut ends: Vec<(f64, &str, &'static str)> = curves
        .iter()
        .zip(COLOURS)
        .filter_map(|(curve, colour)| {
            let last = curve.points.last()?;
            Some((scale.y(last.y), curve.name, colour))
        })
        .collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lowest = f64::NEG_INFINITY;
    for (y, name, colour) in ends {
        let place = y.max(lowest + LINE);
        lowest = place;
        svg.raw("<g class=\"").raw(colour).raw("\"><text");
        svg.attribute("x", LEFT + WIDE + 8.0).attribute("y", place + 4.0);
        svg.within(">", name, "</text></g>");
    }
}

/// A path through points, in an element whose `d` was opened.
fn path(svg: &mut Markup, open: &'static str, points: &[(f64, f64)]) {
    svg.raw(open);
    for (place, (x, y)) in points.iter().enumerate() {
        svg.raw(if place == 0 { "" } else { " L" });
        svg.number(*x, 1).raw(" ").number(*y, 1);
    }
    svg.raw("\"/>");
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXES: Axes<'static> = Axes {
        title: "t",
        across: "rounds",
        from: 0.0,
        to: None,
        decimals: 0,
        mark: None,
    };

    fn flat(name: &str, y: f64) -> Curve<'_> {
        let point = |x| Point { x, y, spread: 1.0 };
        Curve {
            name,
            points: vec![point(0.0), point(100.0)],
        }
    }

    #[test]
    fn an_axis_has_round_numbers() {
        assert_eq!(ticks(0.0, 250.0), [0.0, 50.0, 100.0, 150.0, 200.0, 250.0]);
        assert_eq!(ticks(0.0, 1000.0).len(), 6);
    }

    #[test]
    fn curves_with_the_same_end_have_names_that_can_be_read() {
        let svg = draw(&AXES, &[flat("one", 50.0), flat("<two>", 50.0)]).into_string();
        let names: Vec<&str> = svg
            .split("<g class=\"s")
            // The axes stand before the first curve.
            .skip(1)
            .filter(|it| it.contains("<text"))
            .collect();
        assert_eq!(names.len(), 2);
        let height = |text: &str| -> f64 {
            let (_, after) = text.split_once(" y=\"").unwrap();
            after.split_once('"').unwrap().0.parse().unwrap()
        };
        assert!(
            (height(names[1]) - height(names[0]) - LINE).abs() < 0.11,
            "{names:?}"
        );
        assert!(svg.contains("&lt;two&gt;"));
    }

    #[test]
    fn nothing_to_draw_is_no_harm() {
        let empty = Curve {
            name: "none",
            points: Vec::new(),
        };
        assert!(draw(&AXES, &[empty]).into_string().ends_with("</svg>"));
        assert!(!draw(&AXES, &[]).into_string().contains("NaN"));
    }
}
