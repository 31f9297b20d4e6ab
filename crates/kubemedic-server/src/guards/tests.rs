//! Hosts and origins as text.

use super::*;

#[test]
fn a_host_is_compared_without_port_brackets_case_and_final_dot() {
    let allowed = |authority: &str, entries: &[&str]| {
        let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
        host_is_allowed(authority, &entries)
    };
    assert!(allowed("Example.COM.:8000", &["example.com"]));
    assert!(allowed("[::1]:8000", &["::1"]));
    assert!(allowed("[::1]", &["[::1]"]));
    assert!(allowed("a.b.example.com", &["*.example.com"]));
    assert!(allowed("anything", &["*"]));
    assert!(!allowed("example.com", &["*.example.com"]));
    assert!(!allowed("example.com.evil.test", &["example.com"]));
    assert!(!allowed("[::1]x:80", &["::1"]));
    assert!(!allowed("example.com:80x", &["example.com"]));
    assert!(!allowed("", &["*"]));
}

#[test]
fn an_origin_is_scheme_host_and_port() {
    assert!(same_origin("https://a.test", "https://A.test:443"));
    assert!(same_origin("http://[::1]:8000/", "http://[::1]:8000"));
    assert!(same_origin("http://[::1]", "http://[::1]:80"));
    assert!(!same_origin("http://a.test", "https://a.test"));
    assert!(!same_origin("http://a.test:8000", "http://a.test"));
    assert!(!same_origin("null", "null"));
    assert!(!same_origin("file://", "file://"));
}
