//! The skeleton of a line: all of it but the words with digits. Lines that differ in nothing else have one template, so that
//! most lines are known by their skeleton, at a fraction of the cost of `scan`.

use super::hash::{self, mix};

/// Each byte of a number.
const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = EACH * 0x80;

/// The hash of a line without its words with digits.
pub(super) fn of(line: &[u8]) -> u64 {
    let mut skeleton = Skeleton {
        line,
        hash: 0,
        from: 0,
        open: false,
    };
    let (blocks, rest) = line.as_chunks::<64>();
    for (block, base) in blocks.iter().zip((0..).step_by(64)) {
        skeleton.block(block, base);
    }
    if !rest.is_empty() {
        let mut last = [0; 64];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        skeleton.block(&last, line.len() - rest.len());
    }
    skeleton.keep(line.len());
    skeleton.hash
}

struct Skeleton<'a> {
    line: &'a [u8],
    hash: u64,
    /// Where the stretch begins that is kept.
    from: usize,
    /// A word with digits goes on in the next block.
    open: bool,
}

impl Skeleton<'_> {
    fn block(&mut self, block: &[u8; 64], base: usize) {
        let (mut digits, word) = classes(block);
        if self.open {
            let length = word.trailing_ones();
            self.from = base + places(length);
            digits &= !below(length);
            self.open = length == 64;
        }
        while digits != 0 {
            let digit = digits.trailing_zeros();
            let start = 64 - (!word & below(digit)).leading_zeros();
            let end = digit + (word >> digit).trailing_ones();
            self.keep((base + places(start)).max(self.from));
            self.from = base + places(end);
            digits &= !below(end);
            self.open = end == 64;
        }
    }

    /// Takes the stretch up to a place into the hash.
    #[inline]
    fn keep(&mut self, to: usize) {
        let stretch = self.line.get(self.from..to).unwrap_or_default();
        self.hash = mix(self.hash, hash::of(stretch));
    }
}

fn places(count: u32) -> usize {
    usize::try_from(count).unwrap_or(0)
}

/// The bits below a place.
#[inline]
fn below(place: u32) -> u64 {
    1_u64.checked_shl(place).map_or(u64::MAX, |bit| bit - 1)
}

/// A bit for each byte that is a digit, and for each that is a letter or a digit.
#[inline]
fn classes(block: &[u8; 64]) -> (u64, u64) {
    let (mut digits, mut words) = (0, 0);
    let (eights, _) = block.as_chunks::<8>();
    for eight in eights.iter().rev() {
        let bytes = u64::from_le_bytes(*eight);
        let lower = (bytes | (EACH * 0x20)) & !HIGH;
        let letter = (lower + EACH * (0x80 - 0x61)) & !(lower + EACH * (0x80 - 0x7b));
        let low = bytes & !HIGH;
        let digit = (low + EACH * (0x80 - 0x30)) & !(low + EACH * (0x80 - 0x3a));
        let ascii = !bytes & HIGH;
        digits = digits << 8 | bits(digit & ascii);
        words = words << 8 | bits((letter | digit) & ascii);
    }
    (digits, words)
}

/// The highest bit of each of eight bytes.
#[inline]
fn bits(high: u64) -> u64 {
    (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
