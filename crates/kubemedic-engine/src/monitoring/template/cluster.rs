//! A cluster: the pieces that its messages share, how alike a message is, and what becomes variable when it joins.

use super::{
    hash::mix,
    lexical::MASK,
    scan::{self, Kind, MASK_HASH, Piece, mark_hash},
    snapshot::ClusterSnapshot,
};

/// The most pieces by which two messages of different length may differ in one place.
const MAX_STRETCH: usize = 16;
/// So many pieces must be equal before a stretch of another length is a list.
const MIN_SHARED_FOR_STRETCH: usize = 3;
/// So many pieces must be equal before a word in capitals may be a state that varies.
const MIN_SHARED_FOR_STATE: usize = 8;
/// So many pieces must be equal before an identifier at the beginning may vary: by rule it names the code that speaks.
const MIN_SHARED_FOR_CODE: usize = 4;

/// Messages of one template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cluster {
    text: String,
    pieces: Box<[Part]>,
    /// The first message's place in the tree.
    leaves: [u64; 3],
}

/// A piece of a template, which stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) hash: u64,
    pub(super) start: u16,
    pub(super) end: u16,
    pub(super) kind: Kind,
    pub(super) spaced: bool,
}

/// The leaves of the tree that a message belongs to: by its first two words and its length, by its first and last word and its
/// length, and by its first two words whatever the length. A message without words has its first piece in their place.
pub(super) fn leaves(pieces: &[Piece]) -> [u64; 3] {
    let words = || {
        pieces
            .iter()
            .filter(|piece| piece.kind == Kind::Word)
            .map(|piece| piece.hash)
    };
    let other = || {
        pieces
            .iter()
            .find(|piece| piece.kind != Kind::Mark)
            .map(|piece| piece.hash)
    };
    let first = words().next().or_else(other).unwrap_or(0);
    let length = u64::try_from(pieces.len()).unwrap_or(u64::MAX);
    let beginning = mix(first, words().nth(1).unwrap_or(0));
    let ends = mix(first, words().next_back().unwrap_or(0));
    [mix(beginning, length), mix(!ends, length), beginning]
}

impl Cluster {
    pub(super) fn new(line: &str, pieces: &[Piece]) -> Self {
        let mut cluster = Self {
            text: String::new(),
            pieces: Box::default(),
            leaves: leaves(pieces),
        };
        cluster.write(pieces.iter().map(|piece| {
            let text = line.get(piece.start..piece.end).unwrap_or_default();
            (piece.hash, piece.kind, piece.spaced, text)
        }));
        cluster
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn leaves(&self) -> [u64; 3] {
        self.leaves
    }

    pub(super) fn snapshot(&self) -> ClusterSnapshot {
        let pieces = self.pieces.iter();
        ClusterSnapshot {
            text: self.text.clone(),
            pieces: pieces
                .map(|part| (part.hash, part.start, part.end, code(part.kind), part.spaced))
                .collect(),
            leaves: self.leaves,
        }
    }

    /// The cluster of a snapshot, if its pieces stand in its text one behind the other.
    pub(super) fn restore(snapshot: ClusterSnapshot) -> Option<Self> {
        let mut at = 0;
        let mut pieces = Vec::new();
        for (hash, start, end, kind, spaced) in snapshot.pieces {
            let kind = KINDS.into_iter().find(|known| code(*known) == kind)?;
            let stands = at <= start && snapshot.text.get(usize::from(start)..usize::from(end)).is_some();
            if !stands || pieces.len() > 2 * scan::MAX_PIECES {
                return None;
            }
            pieces.push(Part {
                hash,
                start,
                end,
                kind,
                spaced,
            });
            at = end;
        }
        Some(Self {
            text: snapshot.text,
            pieces: pieces.into(),
            leaves: snapshot.leaves,
        })
    }

    /// How alike a message is, if it belongs here at all.
    pub(super) fn likeness(&self, pieces: &[Piece]) -> Option<usize> {
        if self.pieces.len() == pieces.len() {
            likeness_in_step(&self.pieces, pieces)
        } else {
            let (before, after) = self.shared(pieces);
            likeness_but_stretch(&self.pieces, pieces, before, after)
        }
    }

    /// Makes variable what differs in a message that is alike.
    pub(super) fn absorb(&mut self, pieces: &[Piece]) {
        if self.pieces.len() == pieces.len() {
            let mut changed = false;
            let mut parts = self.pieces.to_vec();
            for (part, piece) in parts.iter_mut().zip(pieces) {
                if part.kind != Kind::Open && part.hash != piece.hash {
                    *part = part.opened();
                    changed = true;
                }
            }
            if changed {
                self.rewrite(&parts);
            }
            return;
        }
        let (before, after) = self.shared(pieces);
        let end = self.pieces.len() - after;
        let stretch = self.pieces.get(before..end).unwrap_or_default();
        if let [only] = stretch
            && only.kind == Kind::Open
        {
            return;
        }
        let spaced = stretch.first().is_none_or(|part| part.spaced);
        let open = Part {
            hash: MASK_HASH,
            start: 0,
            end: 0,
            kind: Kind::Open,
            spaced,
        };
        let mut parts = self.pieces.get(..before).unwrap_or_default().to_vec();
        parts.push(open);
        parts.extend(self.pieces.get(end..).unwrap_or_default());
        self.rewrite(&parts);
    }

    /// How many pieces at the beginning and at the end are the same.
    fn shared(&self, pieces: &[Piece]) -> (usize, usize) {
        let same = |(part, piece): &(&Part, &Piece)| part.hash == piece.hash;
        let shorter = self.pieces.len().min(pieces.len());
        let before = self.pieces.iter().zip(pieces).take_while(same).count();
        let after = self
            .pieces
            .iter()
            .rev()
            .zip(pieces.iter().rev())
            .take_while(same)
            .count();
        (before, after.min(shorter - before))
    }

    fn rewrite(&mut self, parts: &[Part]) {
        let text = std::mem::take(&mut self.text);
        self.write(parts.iter().map(|part| {
            let text = text.get(usize::from(part.start)..usize::from(part.end));
            (part.hash, part.kind, part.spaced, text.unwrap_or_default())
        }));
    }

    fn write<'a>(&mut self, parts: impl Iterator<Item = (u64, Kind, bool, &'a str)>) {
        let mut text = String::new();
        let place = |text: &str| u16::try_from(text.len()).unwrap_or(u16::MAX);
        self.pieces = parts
            .map(|(hash, kind, spaced, own)| {
                if spaced && !text.is_empty() {
                    text.push(' ');
                }
                let start = place(&text);
                let variable = matches!(kind, Kind::Mask | Kind::Open);
                text.push_str(if variable { MASK } else { own });
                Part {
                    hash,
                    start,
                    end: place(&text),
                    kind,
                    spaced,
                }
            })
            .collect();
        text.shrink_to_fit();
        self.text = text;
    }
}

const KINDS: [Kind; 7] = [
    Kind::Mask,
    Kind::Open,
    Kind::Mark,
    Kind::Word,
    Kind::Capitals,
    Kind::Name,
    Kind::Code,
];

/// What stands for a kind in a snapshot.
fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Mask => 0,
        Kind::Open => 1,
        Kind::Mark => 2,
        Kind::Word => 3,
        Kind::Capitals => 4,
        Kind::Name => 5,
        Kind::Code => 6,
    }
}

impl Part {
    fn opened(self) -> Self {
        Self {
            hash: MASK_HASH,
            kind: Kind::Open,
            ..self
        }
    }
}

/// Piece against piece. What may differ: names, a name and a mask, and in long messages states in capitals.
fn likeness_in_step(parts: &[Part], pieces: &[Piece]) -> Option<usize> {
    let (mut shared, mut cost, mut states) = (0, 0, 0);
    let mut least = 0;
    for (at, (part, piece)) in parts.iter().zip(pieces).enumerate() {
        if part.hash == piece.hash {
            shared += usize::from(is_text(part.kind));
            continue;
        }
        let follows = |byte: u8| {
            let next = (
                parts.get(at + 1).map(|next| next.hash),
                pieces.get(at + 1).map(|next| next.hash),
            );
            next.0 == Some(mark_hash(byte)) || next.1 == Some(mark_hash(byte))
        };
        if follows(b'=') || (at == 0 && (follows(b':') || follows(b'('))) {
            return None;
        }
        if cost * 2 > parts.len() {
            return None;
        }
        if at == 0 && (part.kind == Kind::Code || piece.kind == Kind::Code) {
            least = MIN_SHARED_FOR_CODE;
        }
        match (part.kind, piece.kind) {
            (Kind::Mark, _) | (_, Kind::Mark) | (Kind::Word, Kind::Word) => return None,
            (Kind::Open, Kind::Name | Kind::Code | Kind::Capitals) => {}
            (Kind::Capitals, Kind::Capitals) => states += 1,
            (Kind::Word, _) | (_, Kind::Word) => cost += 2,
            _ => cost += 1,
        }
    }
    let states_vary = states == 0 || (shared >= MIN_SHARED_FOR_STATE && states * 3 <= shared);
    (shared >= least && cost * 2 <= shared && states_vary).then(|| 1 + shared * 2 - cost - states)
}

/// All equal but one stretch, which holds no word and no mark but commas: lists, names of several words, a missing name.
fn likeness_but_stretch(parts: &[Part], pieces: &[Piece], before: usize, after: usize) -> Option<usize> {
    let ours = parts.get(before..parts.len() - after)?;
    let theirs = pieces.get(before..pieces.len() - after)?;
    let free = |kind: Kind, hash: u64| match kind {
        Kind::Word => false,
        Kind::Mark => hash == mark_hash(b','),
        _ => true,
    };
    let fits = ours.len() <= MAX_STRETCH
        && theirs.len() <= MAX_STRETCH
        && ours.iter().all(|part| free(part.kind, part.hash))
        && theirs.iter().all(|piece| free(piece.kind, piece.hash));
    if !fits {
        return None;
    }
    let texts = |parts: &[Part]| parts.iter().filter(|part| is_text(part.kind)).count();
    let head = texts(parts.get(..before)?);
    let tail = texts(parts.get(parts.len() - after..)?);
    let inside = head > 0 && tail > 0;
    let told = !ours.is_empty() && !theirs.is_empty();
    (head + tail >= MIN_SHARED_FOR_STRETCH && (inside || told)).then_some(head + tail)
}

fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Capitals | Kind::Name | Kind::Code)
}
