//! Maps with keys of every kind return as they were.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Maps {
    #[serde(with = "crate::learning::pairs")]
    sorted: BTreeMap<(String, u32), f64>,
    #[serde(with = "crate::learning::pairs")]
    hashed: HashMap<u128, Option<u8>>,
}

#[test]
fn a_map_is_written_in_the_order_of_its_keys_and_returns_as_it_was() {
    let maps = Maps {
        sorted: BTreeMap::from([(("b".to_owned(), 1), 0.1 + 0.2), (("a".to_owned(), 2), -0.0)]),
        hashed: (0..4).rev().map(|key| (key, (key == 2).then_some(7))).collect(),
    };
    let text = serde_json::to_string(&maps).unwrap();
    assert_eq!(
        text,
        r#"{"sorted":[[["a",2],-0.0],[["b",1],0.30000000000000004]],"hashed":[[0,null],[1,null],[2,7],[3,null]]}"#
    );
    assert_eq!(serde_json::from_str::<Maps>(&text).unwrap(), maps);
}
