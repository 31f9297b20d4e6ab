//! Sessions are good under their token until their time.

use super::*;

#[test]
fn a_session_is_good_under_its_token_until_its_time() {
    let value = issue("token", 100);
    assert!(is_valid("token", &value, 99));
    assert!(!is_valid("token", &value, 100));
    assert!(!is_valid("other", &value, 99));
}

#[test]
fn a_session_that_was_changed_is_not_good() {
    let value = issue("token", 100);
    let later = value.replace("v1.100.", "v1.200.");
    for forged in [
        later.as_str(),
        "",
        "v1.100.",
        "v1.100.!!",
        "v2.100.AAAA",
        "v1.x.AAAA",
    ] {
        assert!(!is_valid("token", forged, 99), "{forged}");
    }
}
