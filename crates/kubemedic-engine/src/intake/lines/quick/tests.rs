//! Proves that the quick reader and the general one agree wherever the quick one answers.

use proptest::prelude::*;

use super::*;
use crate::intake::lines::parse_general;

/// Lines of the common forms.
const COMMON: [&str; 16] = [
    "2025-06-05T17:00:00.013Z DEBUG [main] com.acme.Orders: order 841235 placed by user 8271 in 261ms",
    "2025-06-05 17:00:00,013 INFO  start=1 \"GET /a HTTP/1.1\" 502 12",
    "2025-06-05T17:00:00Z\tERROR\tcontroller/a.go:12\tReconciler error\t{\"name\": \"a=b\"}",
    "2025-06-05T17:00:00Z WARNING (main) a.b.C: late",
    "2025-06-05 17:00:00.013 TRACE 93 --- [app] [main] a.b.C : up",
    "2025-06-05T17:00:00Z INFO http: panic serving 1.2.3.4: boom",
    "2025-06-05T17:00:00Z INFO x=\"a\" level=warn msg=b",
    "10.1.5.6 - - [05/Jun/2025:17:43:36 +0000] \"GET /client/665 HTTP/1.1\" 200 70964 \"-\" \"Mozilla/5.0\"",
    "10.1.5.6 - - [05/Jun/2025:17:43:36 -0330] \"POST /a?b=c HTTP/2.0\" 503 0 \"-\" \"curl (x)\"",
    "10.1.5.6 - - [05/Jun/2025:17:43:36 +0000] \"-\" 408 - \"-\" \"-\"",
    "I0605 17:00:00.013000    4601 pod_workers.go:1300] \"Syncing pod\" pod=\"shop/web-025f01ed\" err=\"a \\\"b\\\"\"",
    "E20250605 17:00:00.013000 4601 a.cc:13] plain words",
    "time=\"2025-06-05T17:00:00.004Z\" level=info msg=\"retrieved 712 pods\" namespace=shop took=57ms",
    "ts=2025-06-05T17:00:00.004Z level=error component=store err=\"no \\\"disk\\\"\" msg=flush",
    "time=\"2025-06-05T17:00:00.004Z\" level=10 error=none msg=",
    "2025-06-05T17:00:00.013Z INFO",
];

fn assert_agrees(line: &str) -> Result<(), TestCaseError> {
    if let Some(entry) = parse(line) {
        prop_assert_eq!(
            entry.into_owned(),
            parse_general(line, 0).into_owned(),
            "{}",
            line
        );
    }
    Ok(())
}

#[test]
fn the_common_forms_are_read_as_the_general_reader_reads_them() {
    for line in COMMON {
        assert_agrees(line).expect("the same entry");
    }
    let quick = COMMON.iter().filter(|line| parse(line).is_some()).count();
    assert!(quick >= 11, "{quick} of {} are read quickly", COMMON.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]
    #[test]
    fn mutated_lines_are_read_as_the_general_reader_reads_them(
        from in 0..COMMON.len(), other in 0..COMMON.len(), at in 0_usize..120, drop in 0_usize..12, splice in any::<bool>(),
        with in "[\\[\\]{}()\"=:|, \tA-Za-z0-9<>.\\-/\\\\\u{e9}]{0,6}",
    ) {
        let mut chars: Vec<char> = COMMON[from].chars().collect();
        let at = at.min(chars.len());
        let end = (at + drop).min(chars.len());
        chars.splice(at..end, with.chars());
        if splice {
            chars.truncate(at);
            chars.extend(COMMON[other].chars().skip(at));
        }
        assert_agrees(&chars.into_iter().collect::<String>())?;
    }
}
