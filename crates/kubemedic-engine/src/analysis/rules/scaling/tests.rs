//! Tests of schedules that the controller can and cannot read.

use super::is_readable;

#[test]
fn schedules_of_the_usual_forms_are_readable() {
    for schedule in [
        "*/5 * * * *",
        "0 2 * * 1-5",
        "15,45 0-23/2 1 JAN,JUL SUN",
        "*/90 * * * *",
        "@hourly",
        "CRON_TZ=Europe/Berlin 0 6 * * *",
    ] {
        assert!(is_readable(schedule), "{schedule}");
    }
}

#[test]
fn a_field_too_few_too_many_or_out_of_range_is_not() {
    for schedule in [
        "0 2 * *",
        "0 0 2 * * *",
        "0 26 * * *",
        "61 * * * *",
        "",
        "nightly",
    ] {
        assert!(!is_readable(schedule), "{schedule}");
    }
}
