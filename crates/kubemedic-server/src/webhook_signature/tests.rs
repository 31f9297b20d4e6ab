//! The specification's own example, and secrets of every form.

use super::*;

#[test]
fn the_signature_is_that_of_the_specification() {
    // From the Standard Webhooks specification's reference libraries.
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = br#"{"test": 2432232314}"#;
    let signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_secret_is_base64_after_its_prefix_or_plain_bytes() {
    assert_eq!(signing_key("whsec_AAEC"), [0, 1, 2]);
    assert_eq!(signing_key("AAEC"), b"AAEC");
    assert_eq!(signing_key("not base64!"), b"not base64!");
}
