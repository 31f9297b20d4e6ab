//! How failed calls are read from log entries.

use super::*;

fn of(message: &str) -> Vec<(&str, Option<u16>)> {
    addresses(message)
}

fn ending_of(message: &str) -> Option<Ending> {
    ending(FINDER.as_ref().expect("the words make an automaton"), message)
}

#[test]
fn a_name_that_does_not_exist_is_told_with_its_host_and_not_its_resolver() {
    let text = "dial tcp: lookup ledger-db on 10.96.0.10:53: no such host";
    assert_eq!(ending_of(text), Some(Ending::NoSuchName));
    assert_eq!(of(text), vec![("ledger-db", None)]);
}

#[test]
fn a_refused_address_is_told_with_its_port() {
    let text = "rpc error: dial tcp 10.0.9.4:5672: connect: connection refused";
    assert_eq!(ending_of(text), Some(Ending::Refused));
    assert_eq!(of(text), vec![("10.0.9.4", Some(5672))]);
}

#[test]
fn a_client_library_names_the_address_in_its_own_way() {
    let text =
        "RedisConnectionException: UnableToConnect on kv-main:6380/Interactive, origin: BeginConnectAsync";
    assert_eq!(ending_of(text), Some(Ending::Refused));
    assert_eq!(of(text), vec![("kv-main", Some(6380))]);
}

#[test]
fn an_entry_of_a_call_that_went_well_tells_of_none() {
    assert_eq!(ending_of("connected to kv-main:6379"), None);
}

#[test]
fn times_are_no_addresses() {
    assert_eq!(of("2026-01-02T15:41:43 timed out after 10:30"), vec![]);
}
