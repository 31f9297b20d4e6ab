//! Proves the forms in which a namespace is named.

use super::*;

fn read(text: &str) -> Vec<&str> {
    in_text(text).collect()
}

#[test]
fn every_common_form_is_read() {
    assert_eq!(read("pod web-1 in namespace shop: Back-off"), ["shop"]);
    assert_eq!(read("pod=web-1 ns=search readOnly"), ["search"]);
    assert_eq!(read("pod/web-1 namespace/web"), ["web"]);
    assert_eq!(read("namespace: crawl  deployment: crawler"), ["crawl"]);
    assert_eq!(read("kafka-0 (ns logging)"), ["logging"]);
}

#[test]
fn a_sentence_about_namespaces_names_none() {
    assert_eq!(read("the namespace is not there"), Vec::<&str>::new());
    assert_eq!(read("namespaces and their quotas"), Vec::<&str>::new());
}
