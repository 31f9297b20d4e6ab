//! Proves that pieces put together are the input, and that they end at line ends.

use std::io::Write;

use super::*;

/// A reader that gives a few bytes at a time, as a pipe may.
struct Dribble(Vec<u8>, usize);

impl Read for Dribble {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.1.min(into.len()).min(self.0.len());
        into[..size].copy_from_slice(&self.0[..size]);
        self.0.drain(..size);
        Ok(size)
    }
}

fn pieces(bytes: &[u8], step: usize) -> Vec<Vec<u8>> {
    let mut pieces = Pieces::new(Dribble(bytes.to_vec(), step), "test".to_owned()).expect("readable");
    let mut found = Vec::new();
    while let Some(piece) = pieces.next().expect("readable") {
        found.push(piece.to_vec());
    }
    found
}

#[test]
fn pieces_end_at_line_ends_and_lose_nothing() {
    let text = b"one\ntwo two\n\nthree caf\xc3\xa9\nlast";
    for step in 1..=text.len() {
        let found = pieces(text, step);
        assert_eq!(found.concat(), text, "{step} bytes at a time");
        let (last, whole) = found.split_last().expect("pieces");
        assert_eq!(last, b"last");
        assert!(whole.iter().all(|piece| piece.ends_with(b"\n")));
    }
    assert_eq!(pieces(b"", 1), Vec::<Vec<u8>>::new());
}

#[test]
fn a_line_longer_than_the_buffer_is_one_piece() {
    let mut text = vec![b'x'; 3 * PIECE_BYTES];
    text.extend_from_slice(b"\nnext\n");
    let found = pieces(&text, PIECE_BYTES);
    assert_eq!(found.concat(), text);
    assert!(found[0].len() > 3 * PIECE_BYTES);
}

#[test]
fn a_line_without_end_is_cut_between_characters() {
    let text = "\u{20ac}".repeat(MAX_LINE_BYTES / 3 + 1000).into_bytes();
    let found = pieces(&text, PIECE_BYTES);
    assert_eq!(found.concat(), text);
    assert!(found.len() > 1);
    assert!(found.iter().all(|piece| std::str::from_utf8(piece).is_ok()));
}

#[test]
fn gzip_is_inflated_and_broken_gzip_is_an_error() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"INFO a\nINFO b\n").expect("written");
    let zipped = encoder.finish().expect("finished");
    assert_eq!(pieces(&zipped, 7).concat(), b"INFO a\nINFO b\n");
    let mut broken = Pieces::new(Dribble(zipped[..12].to_vec(), 100), "a.gz".to_owned()).expect("readable");
    let error = broken.next().expect_err("broken");
    assert_eq!(error.to_string(), "a.gz cannot be read");
}
