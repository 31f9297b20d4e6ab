//! What is masked by its look and place, and what joins what.

use crate::monitoring::Templates;

/// The ids of messages that are added one after the other.
fn ids(messages: &[&str]) -> Vec<u32> {
    let mut templates = Templates::new();
    messages
        .iter()
        .map(|message| templates.add(message).0.0)
        .collect()
}

/// Messages and their templates.
const CASES: &[(&str, &str)] = &[
    (
        "PacketResponder 1 for block blk_388 terminating",
        "PacketResponder <*> for block <*> terminating",
    ),
    (
        "Receiving block blk_-160 src: /10.250.19.102:54106 dest: /10.250.19.102:50010",
        "Receiving block <*> src: <*> dest: <*>",
    ),
    (
        "ask 10.0.0.1:50010 to delete blk_1 blk_2 blk_3",
        "ask <*> to delete <*>",
    ),
    ("Invalid user bob from 10.0.0.1", "Invalid user <*> from <*>"),
    ("check pass; user unknown", "check pass; user unknown"),
    (
        "failure; logname= uid=0 tty=ssh rhost=218.188.2.4  user=root",
        "failure; logname=<*> uid=<*> tty=<*> rhost=<*> user=<*>",
    ),
    ("onExtend:1514038530000 14 0 4", "onExtend:<*>"),
    ("getTodaySteps = 1514##6993##548365", "getTodaySteps = <*>"),
    (
        "auxiliary processor.........................0",
        "auxiliary processor.........................<*>",
    ),
    (
        "proxy.example.com:5070 close, 403 bytes sent, lifetime <1 sec",
        "<*> close, <*> sent, lifetime <*>",
    ),
    (
        "ready=true,ws=WorkSource{10113 {a}},tag=\"View Lock\",mode=",
        "ready=<*>,ws=<*>,tag=<*>,mode=<*>",
    ),
    (
        "10.11.10.1 \"GET /v2/54fad/detail HTTP/1.1\" status: 200 len: 1893",
        "<*> \"GET <*>\" status: <*> len: <*>",
    ),
    (
        "connection from 218.188.2.4 () at Mon Jun 20 00:00:00 2005",
        "connection from <*> (<*>) at <*>",
    ),
    (
        "Information: onSleep, 'External': No, 'TimeRemaining': 5802,",
        "Information: onSleep, 'External': <*>, 'TimeRemaining': <*>,",
    ),
    (
        "Can't find child 1566 in scoreboard",
        "Can't find child <*> in scoreboard",
    ),
    (
        "\"SyncLoop ADD\" source=\"api\" pods=[\"a/b\",\"c/d\"]",
        "\"SyncLoop ADD\" source=<*> pods=<*>",
    ),
    ("a >= 5 and b != c => d == e", "a >= <*> and b != c => d == e"),
    ("Window{3f4 u0 com.x/y} closed", "Window{<*>} closed"),
    (
        "Loaded Stack v6.1.7601.23505 with Core: C:\\Windows\\x.dll",
        "Loaded Stack <*> with Core: <*>",
    ),
    (
        "Starting nginx.service for admin@example.com on web.example.com",
        "Starting <*> for <*> on <*>",
    ),
    (
        "org.apache.Server got java.io.IOException: Broken pipe",
        "org.apache.Server got java.io.IOException: Broken pipe",
    ),
    (
        "AirPort_Brcm43xx::syncPowerState: WWEN[enabled]",
        "AirPort_Brcm43xx::syncPowerState: WWEN[<*>]",
    ),
    ("(root) CMD (run-parts /etc/cron.hourly)", "(<*>) CMD (<*>)"),
    (
        "Preparing group x (reason: Adding new member a) (state 5)",
        "Preparing group x (reason: <*>) (state <*>)",
    ),
    (
        "trace 531219f139bb7686 of fc24ab8e-59a8-372c-f918-40677cc4203b",
        "trace <*> of <*>",
    ),
    (
        "en0: BSSID changed to 5c:50:15:36:bc:03",
        "<*>: BSSID changed to <*>",
    ),
    (
        "Failed to read/write: Input/output error",
        "Failed to read/write: Input/output error",
    ),
    ("took 1.5 ms, 3 days and 64 MB", "took <*> and <*>"),
    (
        "Relation \"orders\" lost; said \"the disk is full now\" today",
        "Relation <*> lost; said \"the disk is full now\" today",
    ),
    ("<*> of <*> done", "<*> of <*> done"),
    ("server 日本語 überlastet 5", "server 日本語 überlastet <*>"),
    (
        "unclosed \"quote and {brace and (paren",
        "unclosed \"quote and {brace and (paren",
    ),
    ("status=404 exit code 137", "status=<*> exit code <*>"),
    ("first line 1\nsecond line", "first line <*>"),
    ("", ""),
];

#[test]
fn variable_parts_are_masked_by_their_look_and_place() {
    for (message, expected) in CASES {
        assert_eq!(Templates::new().add(message).1, *expected, "{message}");
    }
}

#[test]
fn templates_are_numbered_by_first_appearance() {
    assert_eq!(ids(&["took 1ms", "lost 2 of 3", "took 9ms"]), [1, 2, 1]);
}

#[test]
fn names_vary_within_a_template_and_words_do_not() {
    let cases: &[(&[&str], &[u32])] = &[
        (
            &[
                "Accepted password for bob from 10.0.0.1 port 22 ssh2",
                "Accepted password for eve from 10.0.0.9 port 9 ssh2",
            ],
            &[1, 1],
        ),
        (
            &[
                "[instance: 5] VM Started (Lifecycle Event)",
                "[instance: 5] VM Stopped (Lifecycle Event)",
            ],
            &[1, 2],
        ),
        (
            &["Link eth0 is up", "Link eth0 is down", "Link eth1 is up"],
            &[1, 2, 1],
        ),
        (&["tickTime set to 5", "maxTimeout set to 5"], &[1, 2]),
        (&["sshd startup succeeded", "crond startup succeeded"], &[1, 1]),
        (
            &["Invalid user  from 10.0.0.1", "Invalid user bob from 10.0.0.1"],
            &[1, 1],
        ),
        (
            &["Job moved from NEW to SETUP", "Job moved from SETUP to RUNNING"],
            &[1, 2],
        ),
        (&["failed for a.b.c uid=5", "failed for a.b.c gid=5"], &[1, 2]),
    ];
    for (messages, expected) in cases {
        assert_eq!(ids(messages), *expected, "{messages:?}");
    }
}

#[test]
fn a_name_that_varied_is_shown_as_variable() {
    let mut templates = Templates::new();
    let first = templates
        .add("Accepted password for bob from 10.0.0.1")
        .1
        .to_owned();
    let second = templates
        .add("Accepted password for eve from 10.0.0.1")
        .1
        .to_owned();
    assert_eq!(
        (first.as_str(), second.as_str(), templates.len()),
        (
            "Accepted password for bob from <*>",
            "Accepted password for <*> from <*>",
            1
        )
    );
}
