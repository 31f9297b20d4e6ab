//! Quantities as plans compute with them.

use super::{format_bytes, format_millicores, more_cpu, more_memory, parse_bytes, parse_millicores};

#[test]
fn memory_is_read_in_every_notation() {
    let cases = [
        ("256Mi", Some(256 << 20)),
        ("1.5Gi", Some(3 << 29)),
        ("500M", Some(500_000_000)),
        ("64k", Some(64_000)),
        ("268435456", Some(256 << 20)),
        ("0", None),
        ("", None),
        ("Mi", None),
        ("-1Mi", None),
        ("1.2345Gi", None),
        ("99999999999999999999Ti", None),
        ("12 parsecs", None),
    ];
    for (text, bytes) in cases {
        assert_eq!(parse_bytes(text), bytes, "{text}");
    }
}

#[test]
fn cpu_is_read_as_millicores() {
    let cases = [
        ("250m", Some(250)),
        ("2", Some(2000)),
        ("0.5", Some(500)),
        ("0", None),
        ("m", None),
        ("x", None),
    ];
    for (text, millicores) in cases {
        assert_eq!(parse_millicores(text), millicores, "{text}");
    }
}

#[test]
fn more_is_always_more_and_round() {
    let memory = |text| more_memory(parse_bytes(text).unwrap()).map(format_bytes);
    assert_eq!(memory("256Mi").as_deref(), Some("384Mi"));
    assert_eq!(memory("100Mi").as_deref(), Some("192Mi"));
    assert_eq!(memory("2Gi").as_deref(), Some("3Gi"));
    assert_eq!(memory("900Gi"), None);
    let cpu = |text| more_cpu(parse_millicores(text).unwrap()).map(format_millicores);
    assert_eq!(cpu("200m").as_deref(), Some("400m"));
    assert_eq!(cpu("10m").as_deref(), Some("50m"));
    assert_eq!(cpu("500m").as_deref(), Some("1"));
    assert_eq!(cpu("900000"), None);
}
