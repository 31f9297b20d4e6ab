//! Small realistic logs, each different: ordinary lines of one service with an incident in most of them.

use std::fmt::Write as _;

/// A line is in the order of a hundred bytes: 25 to 100 of them make 2 to 10 KB.
const LINES: std::ops::Range<u64> = 25..100;

/// What goes wrong, as the lines that tell it.
const INCIDENTS: [&[&str]; 5] = [
    &[
        "ERROR [SVC] failed to connect to postgres at SVC-db.shop.svc:5432: connection refused",
        "ERROR [SVC] readiness check failed: database unavailable",
    ],
    &[
        "WARN  [SVC] heap usage 97% (249Mi of 256Mi)",
        "Warning  OOMKilling  kubelet  Memory cgroup out of memory: Killed process 4711 (java), container SVC exit code 137",
        "Warning  BackOff  kubelet  Back-off restarting failed container SVC in pod SVC-6d9c7b8f5d-kz4wq_shop(0b6843f0-ef36-4f41-a23e-6b61241105b0)",
    ],
    &[
        "Warning  Failed  kubelet  Failed to pull image \"registry.example.com/shop/SVC:4.12.1\": manifest unknown",
        "Warning  Failed  kubelet  Error: ImagePullBackOff",
    ],
    &[
        "ERROR [SVC] panic: required environment variable PAYMENT_URL is not set",
        "Warning  BackOff  kubelet  Back-off restarting failed container SVC in pod SVC-7c5b9d8f64-m2xvl_shop(1c6843f0-ef36-4f41-a23e-6b61241105b0)",
    ],
    &["WARN  [SVC] slow request: 1843 ms"],
];
const SERVICES: [&str; 6] = ["checkout", "cart", "payments", "search", "orders", "gateway"];

/// The log of a number: the same number, the same log.
pub fn log(number: u64) -> Vec<u8> {
    let mut random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = |limit: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % limit.max(1)
    };
    let service = pick(&SERVICES, below(6));
    let lines = LINES.start + below(LINES.end - LINES.start);
    let mut text = String::new();
    for line in 0..lines {
        let _ = writeln!(
            text,
            "2026-03-14T09:{:02}:{:02}.{:03}Z INFO  [{service}] order {} placed by customer {} in {} ms, cart {} items",
            line / 60,
            line % 60,
            below(1000),
            below(1_000_000),
            below(100_000),
            below(900),
            below(30),
        );
    }
    for line in pick(&INCIDENTS, below(5)) {
        let _ = writeln!(
            text,
            "2026-03-14T09:31:{:02}Z {}",
            below(60),
            line.replace("SVC", service)
        );
    }
    text.into_bytes()
}

/// A log whose plan waits for a decision.
pub fn outage() -> Vec<u8> {
    let [_, incident, ..] = INCIDENTS;
    let lines = incident
        .iter()
        .map(|line| format!("2026-03-14T09:31:00Z {line}\n").replace("SVC", "checkout"));
    lines.collect::<String>().into_bytes()
}

fn pick<T: Copy>(of: &[T], number: u64) -> T {
    let place = usize::try_from(number).unwrap_or(0) % of.len();
    of.iter()
        .copied()
        .cycle()
        .nth(place)
        .unwrap_or_else(|| unreachable!("no list is empty"))
}
