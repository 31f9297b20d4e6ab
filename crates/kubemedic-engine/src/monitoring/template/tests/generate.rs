//! Labelled messages from `fixtures/templates`: one file for each family of programs, one statement a line, with typed
//! variables in braces. Statements are drawn by Zipf's law, so that a few dominate and many occur once.

/// A generator of numbers with a fixed seed (Knuth's MMIX constants).
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }

    pub(super) fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let count = u64::try_from(choices.len()).unwrap();
        choices[usize::try_from(self.below(count)).unwrap()]
    }
}

/// A message and the number of the statement that wrote it.
pub(super) type Labelled = (usize, String);

/// Messages of one family.
pub(super) fn messages(fixture: &str, count: usize, seed: u64) -> Vec<Labelled> {
    let statements: Vec<&str> = fixture
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let weights: Vec<u64> = (1..=statements.len())
        .map(|rank| 1_000_000 / u64::try_from(rank * rank).unwrap())
        .collect();
    let total: u64 = weights.iter().sum();
    let mut numbers = Numbers::new(seed);
    (0..count)
        .map(|_| {
            let mut left = numbers.below(total);
            let label = weights
                .iter()
                .position(|weight| {
                    let found = left < *weight;
                    left = left.saturating_sub(*weight);
                    found
                })
                .unwrap();
            (label, expand(statements[label], &mut numbers))
        })
        .collect()
}

/// A statement with its variables filled in. Braces that hold no variable stay.
fn expand(statement: &str, numbers: &mut Numbers) -> String {
    let mut text = String::new();
    let mut rest = statement;
    while let Some(open) = rest.find('{') {
        text.push_str(&rest[..open]);
        let inner = group(&rest[open..]);
        if let Some(value) = inner.and_then(|inner| variable(inner, numbers)) {
            text.push_str(&value);
            rest = &rest[open + inner.unwrap().len() + 2..];
        } else {
            text.push('{');
            rest = &rest[open + 1..];
        }
    }
    text.push_str(rest);
    text
}

/// What stands in the braces that a text begins with.
fn group(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        if depth == 0 {
            return Some(&text[1..at]);
        }
    }
    None
}

fn variable(inner: &str, numbers: &mut Numbers) -> Option<String> {
    if let Some(kind) = inner.strip_prefix("list ") {
        let count = 1 + numbers.below(4);
        return Some(
            (0..count)
                .filter_map(|_| value(kind, numbers))
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    if let Some(optional) = inner.strip_prefix("opt ") {
        let (before, kind) = optional.split_once('|').unwrap();
        return Some(if numbers.below(2) == 0 {
            String::new()
        } else {
            format!("{before}{}", value(kind, numbers).unwrap_or_default())
        });
    }
    let choices = alternatives(inner);
    if choices.len() > 1 {
        let choice = numbers.pick(&choices).to_owned();
        return Some(expand(&choice, numbers));
    }
    value(inner, numbers)
}

/// The alternatives of `a|b`, braces within kept together.
fn alternatives(inner: &str) -> Vec<&str> {
    let (mut depth, mut start, mut choices) = (0, 0, Vec::new());
    for (at, byte) in inner.bytes().enumerate() {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        if byte == b'|' && depth == 0 {
            choices.push(&inner[start..at]);
            start = at + 1;
        }
    }
    choices.push(&inner[start..]);
    choices
}

const USERS: &[&str] = &[
    "root",
    "admin",
    "test",
    "guest",
    "oracle",
    "fztu",
    "webmaster",
    "pgadmin",
    "0101",
    "alice",
    "support",
    "ftp",
    "nagios",
    "x",
];
const NAMES: &[&str] = &[
    "checkout",
    "orders-db",
    "cart",
    "payments-api",
    "frontend",
    "search",
    "redis-cart",
    "auth-service",
    "mailer",
    "kube-proxy",
];
const WORDS: &[&str] = &[
    "com", "example", "corp", "shop", "mail", "web", "ns", "static", "cdn", "data",
];
const DAEMONS: &[&str] = &[
    "sshd", "crond", "syslogd", "httpd", "named", "portmap", "nfslock", "cups", "sendmail", "random",
];
const PACKAGES: &[&str] = &[
    "com.android.systemui",
    "com.tencent.mm",
    "com.example.player",
    "android",
    "com.google.android.gms",
    "com.huawei.hwid",
];
const CLASSES: &[&str] = &[
    "MainActivity",
    "PlayerActivity",
    "SyncService",
    "PushReceiver",
    "Settings",
    "LauncherUI",
];
const JAVA: &[&str] = &[
    "job.event.TaskEventType",
    "job.event.JobEventType",
    "speculate.Speculator$EventType",
    "MRAppMaster$TaskEventDispatcher",
    "rm.ContainerAllocator$EventType",
    "launcher.ContainerLauncher$EventType",
];
const FILES: &[&str] = &[
    "hadoop-metrics2.properties",
    "idotransportmgr.cpp",
    "server.xml",
    "job.jar",
    "part-00012",
    "app.log",
];

/// A value of a kind of variable.
fn value(kind: &str, numbers: &mut Numbers) -> Option<String> {
    number(kind, numbers)
        .or_else(|| name(kind, numbers))
        .or_else(|| stamp(kind, numbers))
}

fn hexadecimal(numbers: &mut Numbers, count: u64) -> String {
    (0..count)
        .map(|_| char::from_digit(u32::try_from(numbers.below(16)).unwrap(), 16).unwrap())
        .collect()
}

fn ip(numbers: &mut Numbers) -> String {
    let mut part = || numbers.below(220) + 1;
    format!("{}.{}.{}.{}", part(), part(), part(), part())
}

fn host(numbers: &mut Numbers) -> String {
    let first = numbers.pick(WORDS);
    match numbers.below(4) {
        0 => format!("{first}.{}.com", numbers.pick(WORDS)),
        1 => format!("{first}{}.{}.edu.hk", numbers.below(90), numbers.pick(WORDS)),
        2 => format!("{}-{}-7.dyn.{first}.net", numbers.below(256), numbers.below(256)),
        _ => format!("{first}.{}.co.jp", numbers.pick(WORDS)),
    }
}

fn path(numbers: &mut Numbers) -> String {
    let depth = 1 + numbers.below(4);
    (0..depth).fold(String::from("/var"), |path, _| {
        format!("{path}/{}", numbers.pick(NAMES))
    })
}

/// Numbers and addresses.
fn number(kind: &str, numbers: &mut Numbers) -> Option<String> {
    Some(match kind {
        "user" => numbers.pick(USERS).to_owned(),
        "port" => (1_024 + numbers.below(60_000)).to_string(),
        "ipport" => format!("{}:{}", ip(numbers), 1_024 + numbers.below(60_000)),
        "host" => host(numbers),
        "rhost" if numbers.below(2) == 0 => host(numbers),
        "ip" | "rhost" => ip(numbers),
        "small" => numbers.below(12).to_string(),
        "day" => (1 + numbers.below(28)).to_string(),
        "int" => (10 + numbers.below(90_000)).to_string(),
        "big" => format!("1{}", 1_000_000_000 + numbers.below(900_000_000)),
        "float" => format!("{}.{:02}", numbers.below(300), numbers.below(100)),
        "bool" => numbers.pick(&["true", "false"]).to_owned(),
        "hex" => hexadecimal(numbers, 12),
        "hexb" => hexadecimal(numbers, 8),
        "hex64" => hexadecimal(numbers, 64),
        "addr" => format!("0000{}", hexadecimal(numbers, 8)),
        "base64" => format!("{}Qx/{}+Zk", hexadecimal(numbers, 9), hexadecimal(numbers, 9)),
        _ => return None,
    })
}

/// Names, paths and what stands for a thing.
fn name(kind: &str, numbers: &mut Numbers) -> Option<String> {
    Some(match kind {
        "junk" => numbers
            .pick(&["GET / HTTP/1.0", "\\026\\003\\001", "QUIT", "help"])
            .to_owned(),
        "kex" => numbers
            .pick(&[
                "diffie-hellman-group1-sha1",
                "diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
            ])
            .to_owned(),
        "block" => format!(
            "blk_{}{}",
            numbers.pick(&["", "-"]),
            1_000_000 + numbers.below(1 << 31)
        ),
        "path" => path(numbers),
        "file" => numbers.pick(FILES).to_owned(),
        "winpath" => format!(
            "C:\\Windows\\{}\\{}.dll",
            numbers.pick(WORDS),
            numbers.pick(NAMES)
        ),
        "weekday" => numbers
            .pick(&["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
            .to_owned(),
        "month" => numbers.pick(&["Jan", "May", "Jul", "Dec"]).to_owned(),
        "clock" => format!(
            "{:02}:{:02}:{:02}",
            numbers.below(24),
            numbers.below(60),
            numbers.below(60)
        ),
        "daemon" => numbers.pick(DAEMONS).to_owned(),
        "package" => numbers.pick(PACKAGES).to_owned(),
        "class" => numbers.pick(CLASSES).to_owned(),
        "jclass" => numbers.pick(JAVA).to_owned(),
        "lifetime" if numbers.below(3) == 0 => "<1 sec".to_owned(),
        "lifetime" => format!("{:02}:{:02}", numbers.below(60), numbers.below(60)),
        "loc" => format!(
            "R{}-M{}-N{}-I:J{}-U01",
            numbers.below(80),
            numbers.below(2),
            numbers.below(16),
            numbers.below(20)
        ),
        "mac" => (0..6)
            .map(|_| hexadecimal(numbers, 2))
            .collect::<Vec<_>>()
            .join(":"),
        "kb" => format!(
            "Package_for_KB{}~31bf3856ad364e35~amd64~~6.1.1.{}",
            numbers.below(3_000_000),
            numbers.below(9)
        ),
        "version" => format!("6.1.{}.{}", numbers.below(8_000), numbers.below(30_000)),
        _ => return None,
    })
}

/// Ids of objects and times.
fn stamp(kind: &str, numbers: &mut Numbers) -> Option<String> {
    Some(match kind {
        "winstamp" => format!(
            "2016/9/{}:{:02}:{:02}:{:02}.{:03}",
            1 + numbers.below(28),
            numbers.below(24),
            numbers.below(60),
            numbers.below(60),
            numbers.below(1_000)
        ),
        "uuid" => [8, 4, 4, 4, 12]
            .map(|count| hexadecimal(numbers, count))
            .join("-"),
        "ns" => numbers
            .pick(&["shop", "kube-system", "default", "monitoring"])
            .to_owned(),
        "name" => numbers.pick(NAMES).to_owned(),
        "pod" => format!(
            "{}-{}f{}-x{}zkq",
            numbers.pick(NAMES),
            hexadecimal(numbers, 7),
            numbers.below(9),
            numbers.below(9)
        ),
        "node" => format!(
            "{}-{}",
            numbers.pick(&["node", "worker", "ip-10-0-3"]),
            numbers.below(90)
        ),
        "iso" => format!(
            "2026-03-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            1 + numbers.below(28),
            numbers.below(24),
            numbers.below(60),
            numbers.below(60),
            numbers.below(1_000)
        ),
        "clf" => format!(
            "{:02}/Mar/2026:{:02}:{:02}:{:02} +0000",
            1 + numbers.below(28),
            numbers.below(24),
            numbers.below(60),
            numbers.below(60)
        ),
        "dur" => format!(
            "{}.{}{}",
            numbers.below(90),
            numbers.below(1_000),
            numbers.pick(&["ms", "s", "µs"])
        ),
        "agent" => numbers
            .pick(&[
                "curl/8.5.0",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
                "kube-probe/1.29",
                "-",
            ])
            .to_owned(),
        _ => return None,
    })
}
