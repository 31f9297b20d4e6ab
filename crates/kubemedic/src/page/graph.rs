//! The causal graph of an explanation as SVG, from left to right: causes, what follows from them, the objects.
//! It draws the edges that the engine found; where it leaves one out, a chain of others says the same.

mod layers;

use std::collections::BTreeMap;

use kubemedic_model::{
    diagnosis::explanation::{Claim, ClaimId, Explanation, Outcome},
    resource::ResourceRef,
};

use super::markup::{Markup, shortened};
use layers::{Layout, Link, Spot};

/// The most claims that are drawn.
const MAX_NODES: usize = 20;
/// The most objects that are drawn.
const MAX_OBJECTS: usize = 12;
/// A claim's box, in pixels.
const BOX_WIDTH: f64 = 250.0;
/// Its height.
const BOX_HEIGHT: f64 = 58.0;
/// An object's box.
const OBJECT_WIDTH: f64 = 215.0;
/// Between two columns.
const GAP: f64 = 78.0;
/// Between two boxes of a column.
const ROW_GAP: f64 = 16.0;
/// Around everything.
const MARGIN: f64 = 10.0;

/// What is right, where that is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The cause, else the class.
    pub cause: Option<&'a str>,
    /// The object in the contract's form.
    pub object: Option<&'a str>,
}

impl Wanted<'_> {
    /// Whether a claim is of the right class or cause.
    pub fn is_claim(self, claim: &Claim) -> bool {
        self.cause
            .is_some_and(|wanted| claim.cause.as_deref() == Some(wanted) || claim.class.id() == wanted)
    }

    fn is_object(self, object: &ResourceRef) -> bool {
        self.object
            .and_then(|wanted| wanted.split_once('/'))
            .is_some_and(|(_, name)| name == object.name)
    }
}

/// What is drawn, before it has a place.
struct Graph<'a> {
    claims: Vec<&'a Claim>,
    objects: Vec<ResourceRef>,
    /// Between claims, and from claims to objects; objects follow the claims in the numbering.
    links: Vec<Link>,
}

/// Draws an explanation; nothing where nothing was claimed.
pub fn draw(explanation: &Explanation, wanted: Wanted<'_>) -> Markup {
    let graph = Graph::of(explanation);
    let mut svg = Markup::new();
    if graph.claims.is_empty() {
        return svg;
    }
    let layout = layers::lay_out(graph.claims.len(), graph.objects.len(), &graph.links);
    let canvas = Canvas::of(&layout);
    svg.raw("<svg class=\"graph\" role=\"img\"")
        .attribute("width", canvas.width)
        .attribute("height", canvas.height)
        .raw("><title>Causal graph</title>");
    for link in &graph.links {
        edge(&mut svg, &canvas, &layout, *link);
    }
    for (at, claim) in graph.claims.iter().enumerate() {
        if let Some(spot) = layout.spots.get(at) {
            let won = explanation.winner == Some(claim.id);
            claim_box(
                &mut svg,
                canvas.corner(*spot),
                claim,
                (won, wanted.is_claim(claim)),
            );
        }
    }
    for (at, object) in graph.objects.iter().enumerate() {
        if let Some(spot) = layout.spots.get(graph.claims.len() + at) {
            object_box(&mut svg, canvas.corner(*spot), object, wanted.is_object(object));
        }
    }
    svg.raw("</svg>");
    svg
}

impl<'a> Graph<'a> {
    fn of(explanation: &'a Explanation) -> Self {
        let claims: Vec<&Claim> = drawn(explanation);
        let place: BTreeMap<ClaimId, usize> = claims
            .iter()
            .enumerate()
            .map(|(at, claim)| (claim.id, at))
            .collect();
        let edges = explanation.edges.iter().filter_map(|edge| {
            let (from, to) = (*place.get(&edge.cause)?, *place.get(&edge.effect)?);
            Some(Link {
                from,
                to,
                proven: edge.connection.is_proven(),
            })
        });
        let mut links = layers::reduced(edges.collect());
        let mut objects: Vec<ResourceRef> = Vec::new();
        for (at, claim) in claims.iter().enumerate() {
            let Some(object) = claim.workload.as_ref().or(claim.object.as_ref()) else {
                continue;
            };
            let known = objects.iter().position(|it| it == object);
            let to = known.unwrap_or(objects.len());
            if known.is_none() {
                if objects.len() >= MAX_OBJECTS {
                    continue;
                }
                objects.push(object.clone());
            }
            links.push(Link {
                from: at,
                to: claims.len() + to,
                proven: true,
            });
        }
        Self {
            claims,
            objects,
            links,
        }
    }
}

/// The claims to draw: what won and what was weighed against it, with what follows; weak ones only beside an edge, what is
/// over not at all.
fn drawn(explanation: &Explanation) -> Vec<&Claim> {
    let joined = |claim: &Claim| {
        let mut edges = explanation.edges.iter();
        edges.any(|edge| edge.cause == claim.id || edge.effect == claim.id)
    };
    let claims = explanation.claims.iter();
    claims
        .filter(|claim| claim.outcome != Outcome::Healed)
        .filter(|claim| claim.outcome != Outcome::Weak || joined(claim))
        .take(MAX_NODES)
        .collect()
}

/// Where columns and rows stand.
struct Canvas {
    width: f64,
    height: f64,
    /// The last column holds objects.
    columns: usize,
    rows: Vec<usize>,
}

impl Canvas {
    fn of(layout: &Layout) -> Self {
        let tallest = layout.rows.iter().copied().max().unwrap_or(0);
        let columns = layout.rows.len();
        let claims = columns.saturating_sub(1);
        Self {
            width: 2.0 * MARGIN + times(claims) * (BOX_WIDTH + GAP) + OBJECT_WIDTH,
            height: 2.0 * MARGIN + times(tallest) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP,
            columns,
            rows: layout.rows.clone(),
        }
    }

    /// The upper left corner of a spot's box; short columns are centred.
    fn corner(&self, spot: Spot) -> (f64, f64) {
        let rows = self.rows.get(spot.column).copied().unwrap_or(1);
        let used = times(rows) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP;
        let top = (self.height - used) / 2.0;
        let left = MARGIN + times(spot.column) * (BOX_WIDTH + GAP);
        (left, top + times(spot.row) * (BOX_HEIGHT + ROW_GAP))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a graph has at most a few dozen rows")]
fn times(count: usize) -> f64 {
    count as f64
}

/// A curve from the right side of a box to the left side of another.
fn edge(svg: &mut Markup, canvas: &Canvas, layout: &Layout, link: Link) {
    let (Some(from), Some(to)) = (layout.spots.get(link.from), layout.spots.get(link.to)) else {
        return;
    };
    let about = to.column + 1 == canvas.columns;
    let (x, y) = canvas.corner(*from);
    let (right, y) = (x + BOX_WIDTH, y + BOX_HEIGHT / 2.0);
    let (left, end) = canvas.corner(*to);
    let end = end + BOX_HEIGHT / 2.0;
    let bend = ((left - right).abs() / 2.0).max(40.0);
    svg.raw(match (about, link.proven) {
        (true, _) => "<path class=\"edge about\" d=\"M",
        (false, true) => "<path class=\"edge\" d=\"M",
        (false, false) => "<path class=\"edge possible\" d=\"M",
    });
    let tip = if about { left } else { left - 7.0 };
    for (number, after) in [
        (right, " "),
        (y, " C"),
        (right + bend, " "),
        (y, " "),
        (tip - bend, " "),
        (end, " "),
        (tip, " "),
        (end, "\"/>"),
    ] {
        svg.number(number, 1).raw(after);
    }
    if !about {
        svg.raw("<path class=\"head\" d=\"M").number(left, 1).raw(" ");
        svg.number(end, 1).raw("l-8 -4.5v9z\"/>");
    }
}

/// A claim: its id and finer cause or class, whose it is, its score.
fn claim_box(svg: &mut Markup, (x, y): (f64, f64), claim: &Claim, (won, wanted): (bool, bool)) {
    svg.raw("<g>").within("<title>", &claim.sentence, "</title>");
    rectangle(svg, (x, y), BOX_WIDTH, claim.outcome.as_str());
    if won {
        svg.raw(" won");
    }
    if wanted {
        svg.raw(" wanted");
    }
    svg.raw("\"/>");
    let name = claim.cause.as_deref().unwrap_or(claim.class.id());
    line(
        svg,
        (x + 10.0, y + 17.0),
        "strong",
        &shortened(&format!("{} {name}", claim.id), 30),
    );
    let sentence = shortened(&claim.sentence, 35);
    line(svg, (x + 10.0, y + 33.0), "small", &sentence);
    let score = claim.score.total;
    let place = format!(
        "{} · {} · {score:.2}",
        claim.outcome.as_str(),
        claim.ground.as_str()
    );
    line(svg, (x + 10.0, y + 49.0), "small", &place);
    svg.raw("</g>");
}

fn object_box(svg: &mut Markup, (x, y): (f64, f64), object: &ResourceRef, wanted: bool) {
    svg.raw("<g>").within("<title>", &object.to_string(), "</title>");
    rectangle(svg, (x, y), OBJECT_WIDTH, "object");
    svg.raw(if wanted { " wanted\"/>" } else { "\"/>" });
    line(svg, (x + 10.0, y + 24.0), "strong", &shortened(&object.name, 26));
    let namespace = object.namespace.as_deref().unwrap_or("");
    let kind = shortened(&format!("{} {namespace}", object.kind), 31);
    line(svg, (x + 10.0, y + 42.0), "small", &kind);
    svg.raw("</g>");
}

/// The beginning of a box, its class attribute still open.
fn rectangle(svg: &mut Markup, (x, y): (f64, f64), width: f64, class: &'static str) {
    svg.raw("<rect rx=\"8\"").attribute("x", x).attribute("y", y);
    svg.attribute("width", width).attribute("height", BOX_HEIGHT);
    svg.raw(" class=\"box ").raw(class);
}

fn line(svg: &mut Markup, (x, y): (f64, f64), class: &'static str, text: &str) {
    svg.raw("<text").attribute("x", x).attribute("y", y);
    svg.raw(" class=\"")
        .raw(class)
        .raw("\">")
        .text(text)
        .raw("</text>");
}

#[cfg(test)]
mod tests;
