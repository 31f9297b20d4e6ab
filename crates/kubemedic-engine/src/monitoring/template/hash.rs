//! A fast hash of short texts with fixed keys: the same on every run and machine. It does not withstand collisions made on
//! purpose; whoever uses it is bounded, so that such a collision costs a wrong group and no more.

use std::hash::{BuildHasherDefault, Hasher};

/// Hashes keys that are hashes already.
pub(crate) type Hashed = BuildHasherDefault<AsIs>;

/// A hasher that hands a `u64` through.
#[derive(Debug, Clone, Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = mix(self.0, of(bytes));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Digits of pi, as wyhash and foldhash take them: numbers with nothing up the sleeve.
const KEYS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];

/// Two values as one: the folded product, as in wyhash.
#[inline]
pub(crate) fn mix(left: u64, right: u64) -> u64 {
    let [first, second] = KEYS;
    let product = u128::from(left ^ first) * u128::from(right ^ second);
    low(product) ^ low(product >> 64)
}

#[inline]
fn low(value: u128) -> u64 {
    let mask = u128::from(u64::MAX);
    u64::try_from(value & mask).unwrap_or(0)
}

/// The hash of a text: up to eight bytes as one number, longer ones eight bytes at a time, the last ones overlapping.
#[inline]
pub(super) fn of(bytes: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) else {
        return of_packed(packed(bytes), bytes.len());
    };
    let mut hash = 0;
    if bytes.len() > 16 {
        let (chunks, _) = bytes.as_chunks::<8>();
        for chunk in chunks {
            hash = mix(hash, u64::from_le_bytes(*chunk));
        }
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    mix(
        hash ^ length ^ u64::from_le_bytes(*first),
        u64::from_le_bytes(*last),
    )
}

/// Less than eight bytes as one number, the first one lowest: two reads of four that overlap, or three of one.
#[inline]
fn packed(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
        return u64::from(u32::from_le_bytes(*first)) | last;
    }
    let byte = |at: usize| u64::from(bytes.get(at).copied().unwrap_or(0)) << (8 * at);
    byte(0) | byte(1) | byte(2)
}

/// The hash of a text of less than eight bytes, the first one lowest.
#[inline]
pub(super) fn of_packed(packed: u64, length: usize) -> u64 {
    mix(u64::try_from(length).unwrap_or(0), packed)
}
