//! The file after crashes, full disks and editors: whatever stands in it, what the journal knows is in it afterwards, once.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::RngSeed};

use super::{super::*, record};

/// What somebody or something left in the file.
#[derive(Debug, Clone)]
enum Piece {
    /// A whole line of a record, by its second and number.
    Whole(i64, u64),
    /// The beginning of such a line, without a line break.
    Torn(i64, u64, usize),
    /// Other text, with or without a line break.
    Other(Vec<u8>),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => (0_i64..4, 1_u64..6).prop_map(|(second, sequence)| Piece::Whole(second, sequence)),
        2 => (0_i64..4, 1_u64..6, 0_usize..600).prop_map(|(second, sequence, at)| Piece::Torn(second, sequence, at)),
        1 => prop::collection::vec(any::<u8>(), 0..40).prop_map(Piece::Other),
        1 => prop::sample::select(&[
            "\n", "{}\n", "null\n", "[1]\n", "{\"feedback_id\":7}\n", "{\"feedback_id\":\"x\",\"sequence\":-1}\n", "\u{feff}\n", "\r\n", "\0\0\0\0"
        ][..]).prop_map(|text| Piece::Other(text.as_bytes().to_vec())),
    ]
}

fn bytes(piece: &Piece) -> Vec<u8> {
    match piece {
        Piece::Whole(second, sequence) => line(&record(*second, *sequence)).unwrap(),
        Piece::Torn(second, sequence, at) => {
            let mut bytes = line(&record(*second, *sequence)).unwrap();
            bytes.truncate((*at).min(bytes.len() - 1));
            bytes
        }
        Piece::Other(bytes) => bytes.clone(),
    }
}

/// The newest state of each record, as a reader of the contract takes it: the last line of a `feedback_id`.
fn read(path: &Path) -> BTreeMap<String, FeedbackRecord> {
    let text = fs::read(path).unwrap();
    text.split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<FeedbackRecord>(line).ok())
        .map(|record| (record.feedback_id.to_string(), record))
        .collect()
}

/// A bounded run from a fixed seed; `PROPTEST_CASES` makes it longer, from another one (CONTRIBUTING.md, "Fuzzing").
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let bounded = asked.cases == 256 && asked.rng_seed == RngSeed::Random;
    ProptestConfig {
        rng_seed: if bounded {
            RngSeed::Fixed(1)
        } else {
            asked.rng_seed
        },
        failure_persistence: None,
        ..asked
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_stands_in_the_file_it_holds_the_journals_state_afterwards(
        pieces in prop::collection::vec(piece(), 0..12),
        journal in prop::collection::btree_map(0_i64..4, 1_u64..8, 0..4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = JsonLinesFeedbackFile::below(folder.path());
        fs::create_dir_all(file.path().parent().unwrap()).unwrap();
        fs::write(file.path(), pieces.iter().flat_map(bytes).collect::<Vec<u8>>()).unwrap();
        let records: Vec<FeedbackRecord> = journal.iter().map(|(second, sequence)| record(*second, *sequence)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(file.reconcile(&records)).unwrap();
        let once = fs::read(file.path()).unwrap();
        prop_assert!(once.is_empty() || once.ends_with(b"\n"), "the last line is not ended");
        let newest = read(file.path());
        for record in &records {
            prop_assert_eq!(newest.get(record.feedback_id.as_str()), Some(record));
        }
        runtime.block_on(file.reconcile(&records)).unwrap();
        prop_assert_eq!(fs::read(file.path()).unwrap(), once, "a second start writes again");
    }
}
