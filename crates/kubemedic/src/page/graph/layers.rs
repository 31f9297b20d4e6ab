//! Columns and rows for a directed graph: causes left of their effects, objects in the last column.
//! It knows numbers only; rings are cut where they close.

use std::collections::BTreeSet;

/// An edge by the numbers of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) proven: bool,
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub(super) column: usize,
    pub(super) row: usize,
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// By node, objects after claims.
    pub(super) spots: Vec<Spot>,
    /// The rows of each column.
    pub(super) rows: Vec<usize>,
}

/// The most columns of claims: a longer chain goes on in the last.
const MAX_COLUMNS: usize = 5;

/// Leaves out an edge where a chain of two others says the same.
pub(super) fn reduced(links: Vec<Link>) -> Vec<Link> {
    let pairs: BTreeSet<(usize, usize)> = links.iter().map(|it| (it.from, it.to)).collect();
    let nodes: BTreeSet<usize> = links.iter().flat_map(|it| [it.from, it.to]).collect();
    let told = |link: &Link| {
        nodes.iter().any(|over| {
            *over != link.from
                && *over != link.to
                && pairs.contains(&(link.from, *over))
                && pairs.contains(&(*over, link.to))
                && !pairs.contains(&(*over, link.from))
                && !pairs.contains(&(link.to, *over))
        })
    };
    links.into_iter().filter(|link| !told(link)).collect()
}

/// Gives each of `claims` and `objects` a column and a row.
pub(super) fn lay_out(claims: usize, objects: usize, links: &[Link]) -> Layout {
    let mut columns = vec![0_usize; claims];
    // As many rounds as columns: a ring cannot push its members further.
    for _ in 1..MAX_COLUMNS {
        for link in links.iter().filter(|link| link.to < claims) {
            let wanted = columns.get(link.from).map_or(0, |column| column + 1);
            let back = link.from > link.to && returns(links, link.to, link.from, claims);
            if let Some(column) = columns.get_mut(link.to)
                && !back
            {
                *column = (*column).max(wanted).min(MAX_COLUMNS - 1);
            }
        }
    }
    let last = columns.iter().copied().max().map_or(0, |column| column + 1);
    columns.extend(std::iter::repeat_n(last, objects));
    place(&columns, links)
}

/// Whether a way leads from one claim to another.
fn returns(links: &[Link], from: usize, to: usize, claims: usize) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for link in links.iter().filter(|link| link.from == at && link.to < claims) {
            if link.to == to {
                return true;
            }
            if seen.insert(link.to) {
                open.push(link.to);
            }
        }
    }
    false
}

/// Rows within columns: by the mean row of what leads to a node, in one pass from the left.
fn place(columns: &[usize], links: &[Link]) -> Layout {
    let count = columns.iter().copied().max().map_or(0, |column| column + 1);
    let mut spots: Vec<Spot> = columns
        .iter()
        .map(|column| Spot {
            column: *column,
            row: 0,
        })
        .collect();
    let mut rows = Vec::new();
    for column in 0..count {
        let mut members: Vec<(usize, usize)> = (0..columns.len())
            .filter(|at| columns.get(*at) == Some(&column))
            .map(|at| (pull(&spots, links, at), at))
            .collect();
        members.sort_unstable();
        for (row, (_, at)) in members.iter().enumerate() {
            if let Some(spot) = spots.get_mut(*at) {
                spot.row = row;
            }
        }
        rows.push(members.len());
    }
    Layout { spots, rows }
}

/// The mean row, in hundredths, of what leads to a node from the left.
fn pull(spots: &[Spot], links: &[Link], at: usize) -> usize {
    let own = spots.get(at).map_or(0, |spot| spot.column);
    let leading: Vec<usize> = links
        .iter()
        .filter(|link| link.to == at)
        .filter_map(|link| spots.get(link.from))
        .filter(|spot| spot.column < own)
        .map(|spot| spot.row * 100)
        .collect();
    leading.iter().sum::<usize>() / leading.len().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(from: usize, to: usize) -> Link {
        Link {
            from,
            to,
            proven: true,
        }
    }

    #[test]
    fn causes_stand_left_of_effects_and_objects_last() {
        let layout = lay_out(3, 1, &[link(0, 1), link(1, 2), link(0, 3)]);
        let columns: Vec<usize> = layout.spots.iter().map(|spot| spot.column).collect();
        assert_eq!((columns, layout.rows), (vec![0, 1, 2, 3], vec![1, 1, 1, 1]));
    }

    #[test]
    fn a_ring_is_cut_and_laid_out() {
        let layout = lay_out(3, 0, &[link(0, 1), link(1, 2), link(2, 0)]);
        let columns: Vec<usize> = layout.spots.iter().map(|spot| spot.column).collect();
        assert_eq!(columns, [0, 1, 2]);
    }

    #[test]
    fn an_edge_that_a_chain_tells_is_left_out() {
        let kept = reduced(vec![link(0, 1), link(1, 2), link(0, 2)]);
        assert_eq!(kept, [link(0, 1), link(1, 2)]);
    }
}
