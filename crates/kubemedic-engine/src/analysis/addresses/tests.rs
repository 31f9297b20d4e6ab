//! Which addresses values of variables name.

use super::*;

#[test]
fn a_pair_of_host_and_port_is_an_address_whatever_the_variable_is_called() {
    assert_eq!(hosts("BACKEND", "ledger:8080"), vec![("ledger", Some(8080))]);
}

#[test]
fn a_url_gives_its_host_without_user_path_and_scheme() {
    let value = "jdbc:mysql://app:secret@ledger-db.bank.svc:3306/ledger?ssl=true";
    assert_eq!(hosts("DATABASE", value), vec![("ledger-db.bank.svc", Some(3306))]);
}

#[test]
fn a_list_gives_each_of_its_addresses() {
    let found = hosts("KAFKA", "broker-0:9092, broker-1:9093");
    assert_eq!(found, vec![("broker-0", Some(9092)), ("broker-1", Some(9093))]);
}

#[test]
fn a_bare_word_is_an_address_only_where_the_name_says_so() {
    assert_eq!(hosts("CACHE_HOST", "kv-main"), vec![("kv-main", None)]);
    assert_eq!(hosts("LOG_LEVEL", "debug"), vec![]);
    assert_eq!(hosts("GHOST", "boo"), vec![]);
}

#[test]
fn images_numbers_and_loopback_are_none() {
    assert_eq!(hosts("MODE", "a:b"), vec![]);
    assert_eq!(hosts("LISTEN_ADDR", "0.0.0.0:8080"), vec![]);
    assert_eq!(hosts("PROXY_URL", "http://localhost:8080/x"), vec![]);
}
