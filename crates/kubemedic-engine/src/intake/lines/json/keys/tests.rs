//! Proves that every path is found under its key.

use super::*;

#[test]
fn every_path_is_a_role_of_its_key() {
    for (rank, path) in (0..).zip(MESSAGE_PATHS) {
        let (key, below) = path.split_once('/').unwrap_or((path, ""));
        let role = Role {
            category: Category::Message,
            rank,
            below,
        };
        assert!(roles(key).contains(&role), "{path}");
    }
    assert_eq!(roles("nothing"), []);
    assert_eq!(roles(""), []);
}
