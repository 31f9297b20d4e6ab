//! Tests of who calls whom.

use super::hosts;

fn all(value: &str, is_address: bool) -> Vec<&str> {
    hosts(value, is_address).collect()
}

#[test]
fn addresses_are_found_in_the_forms_that_programs_take() {
    assert_eq!(all("stock:7070", false), ["stock"]);
    assert_eq!(all("http://stock.shop.svc/v1?x=1", false), ["stock.shop.svc"]);
    assert_eq!(all("postgres://user:pass@db:5432/main", false), ["db"]);
    assert_eq!(all("--upstream=stock:80", false), ["stock"]);
    assert_eq!(all("queue-0:9092,queue-1:9092", false), ["queue-0", "queue-1"]);
    assert_eq!(all("stock", true), ["stock"]);
}

#[test]
fn words_that_are_no_addresses_name_nobody() {
    assert_eq!(all("stock", false), Vec::<&str>::new());
    assert_eq!(all("12:30", true), Vec::<&str>::new());
    assert_eq!(all("0.0.0.0:8080", false), Vec::<&str>::new());
    assert_eq!(all(&"a:1 ".repeat(2000), true), Vec::<&str>::new());
}
