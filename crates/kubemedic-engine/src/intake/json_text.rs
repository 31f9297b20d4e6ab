//! Strings of JSON, written and measured eight bytes at a time. What a string means is the caller's.

/// A byte in every lane.
const LANES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of every lane.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes at the start stand for themselves inside a JSON string: up to the first quote, backslash or control
/// character (RFC 8259, section 7).
pub fn unescaped_run(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let special = special_lanes(u64::from_le_bytes(*word));
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let rest = tail.iter().position(|byte| is_special(*byte));
    words.len() * 8 + rest.unwrap_or(tail.len())
}

/// The high bit of every lane that holds a quote, a backslash or a control character; lanes above the first one may be wrong.
fn special_lanes(word: u64) -> u64 {
    let zero = |lanes: u64| lanes.wrapping_sub(LANES) & !lanes & HIGH;
    let control = word.wrapping_sub(LANES * 0x20) & !word & HIGH;
    control | zero(word ^ (LANES * u64::from(b'"'))) | zero(word ^ (LANES * u64::from(b'\\')))
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

/// Appends a text as a JSON string with its quotes.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at_checked(unescaped_run(rest)).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        let Some((byte, after)) = special.split_first() else {
            break;
        };
        write_escaped(out, *byte);
        rest = after;
    }
    out.push(b'"');
}

/// The short escapes where JSON has them, else `\u00xx`, as `serde_json` writes them.
fn write_escaped(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digit = |value: u8| {
                if value < 10 {
                    b'0' + value
                } else {
                    b'a' + value - 10
                }
            };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests;
