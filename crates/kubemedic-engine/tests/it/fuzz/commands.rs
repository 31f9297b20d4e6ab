//! Command lines against the parser and the policy: a spelling never makes a command milder.

use kubemedic_engine::policy::{assess, check, parse};
use kubemedic_model::command::{Command, Risk};
use proptest::prelude::*;

use super::{cases, invariants::timed, seeds::COMMANDS};

/// Characters that look like ASCII ones, or like nothing.
const LOOK_ALIKES: &[(char, char)] = &[
    ('e', 'е'),
    ('o', 'о'),
    ('a', 'а'),
    ('c', 'с'),
    ('p', 'р'),
    ('x', 'х'),
    ('s', 'ѕ'),
    ('i', 'і'),
    ('-', '‐'),
    ('-', '–'),
    ('-', '−'),
    (' ', '\u{a0}'),
    (' ', '\u{2003}'),
    (' ', '\t'),
    ('=', '＝'),
    ('/', '∕'),
    ('k', 'ｋ'),
    ('d', 'ⅾ'),
    ('l', 'ⅼ'),
    (',', '‚'),
    ('.', '․'),
];
/// What no kubectl command needs anywhere.
const ODD: &[&str] = &[
    "\u{200b}", "\u{feff}", "\u{202e}", "\0", "\t", "\n", "\r", "\u{ad}", "\u{2060}", "\u{7f}", ";", "&&",
    "|", "$(x)", "`x`", " \\\n",
];

/// How a line is spelt anew. None of these changes what kubectl would do, except to refuse it.
#[derive(Debug, Clone)]
enum Spelling {
    /// A word in single quotes, double quotes, or cut in the middle by an empty pair.
    Quote(usize, u8),
    /// More spaces between two words.
    Space(usize, usize),
    /// A `--flag=value` word moved to another place.
    Move(usize, usize),
    /// A character replaced by one that looks like it.
    LookAlike(usize, usize),
    /// A character that no command needs.
    Odd(usize, usize),
    /// A flag without harm at the end or the start.
    Add(u8),
}

fn spelling() -> impl Strategy<Value = Spelling> {
    prop_oneof![
        3 => (0_usize..12, 0_u8..3).prop_map(|(word, how)| Spelling::Quote(word, how)),
        1 => (0_usize..12, 1_usize..5).prop_map(|(word, count)| Spelling::Space(word, count)),
        2 => (0_usize..12, 1_usize..12).prop_map(|(from, to)| Spelling::Move(from, to)),
        1 => (0..LOOK_ALIKES.len(), 0_usize..200).prop_map(|(which, at)| Spelling::LookAlike(which, at)),
        1 => (0..ODD.len(), 0_usize..200).prop_map(|(which, at)| Spelling::Odd(which, at)),
        1 => (0_u8..4).prop_map(Spelling::Add),
    ]
}

/// Spells a line anew. Lines with quotes of their own are only spaced, marked and lengthened.
fn spelt(line: &str, spelling: &Spelling) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    // Quotes take the meaning from what a shell would act on; a line that holds such is not quoted anew.
    let plain = !line.contains(|c| "'\"\\!;&|<>$`()#~^*?[]{}".contains(c));
    match *spelling {
        Spelling::Quote(at, how) if plain => {
            let at = at % words.len();
            let word = words[at].clone();
            let middle = word
                .char_indices()
                .map(|(index, _)| index)
                .nth(word.chars().count() / 2)
                .unwrap_or(0);
            words[at] = match how {
                0 => format!("'{word}'"),
                1 if !word.contains(['$', '`']) => format!("\"{word}\""),
                _ => format!("{}''{}", &word[..middle], &word[middle..]),
            };
            words.join(" ")
        }
        Spelling::Space(at, count) if plain => {
            let at = at % words.len();
            words[at].push_str(&" ".repeat(count));
            words.join(" ")
        }
        Spelling::Move(from, to) if plain && !words.iter().any(|word| word == "--") => {
            let from = from % words.len();
            if words[from].starts_with("--") && words[from].contains('=') {
                let word = words.remove(from);
                words.insert(to.clamp(1, words.len()), word);
            }
            words.join(" ")
        }
        Spelling::LookAlike(which, at) => {
            let (from, to) = LOOK_ALIKES[which];
            let places: Vec<usize> = line.match_indices(from).map(|(index, _)| index).collect();
            match places.get(at % places.len().max(1)) {
                Some(place) => format!("{}{to}{}", &line[..*place], &line[place + from.len_utf8()..]),
                None => line.to_owned(),
            }
        }
        // Inside quotes a printable character is content.
        Spelling::Odd(which, at) if plain || !ODD[which].contains(|c: char| c.is_ascii_graphic()) => {
            let places: Vec<usize> = line
                .char_indices()
                .map(|(index, _)| index)
                .chain([line.len()])
                .collect();
            let place = places[at % places.len()];
            format!("{}{}{}", &line[..place], ODD[which], &line[place..])
        }
        Spelling::Add(how) => match how {
            0 => format!("{line} "),
            1 => format!(" {line}"),
            2 => line.replacen("kubectl ", "kubectl --request-timeout=5s ", 1),
            _ => line.replacen("kubectl ", "kubectl -v=1 ", 1),
        },
        _ => line.to_owned(),
    }
}

fn example() -> impl Strategy<Value = (String, String)> {
    let all: Vec<(String, String)> = COMMANDS
        .iter()
        .flat_map(|category| {
            category
                .commands
                .iter()
                .map(|line| (category.at_least.clone(), line.clone()))
        })
        .collect();
    prop::sample::select(all)
}

/// What must hold for any line at all.
pub(super) fn hold_for(line: &str) {
    let assessment = timed("judging a command", || check(line));
    assert_eq!(assessment, check(line), "judged twice");
    assert!(
        assessment.reason.len() <= 4096,
        "a reason of {} bytes",
        assessment.reason.len()
    );
    match parse(line) {
        Ok(command) => {
            let printed = command.to_string();
            assert_eq!(
                parse(&printed).as_ref(),
                Ok(&command),
                "{line:?} prints as {printed:?}"
            );
            assert_eq!(assess(&command), assessment, "{line:?}");
            assert_eq!(check(&printed), assessment, "{printed:?}");
        }
        Err(_) => assert_eq!(assessment.risk, Risk::Forbidden, "{line:?}"),
    }
}

/// The verdicts from mild to strict.
fn strictness(verdict: &str) -> usize {
    let all = [
        "read_only",
        "reversible_change",
        "destructive_high_risk",
        "forbidden",
    ];
    all.iter().position(|it| *it == verdict).expect("a verdict")
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn no_spelling_makes_a_command_milder((at_least, line) in example(), spellings in prop::collection::vec(spelling(), 1..4)) {
        let spelt = spellings.iter().fold(line.clone(), |line, spelling| spelt(&line, spelling));
        hold_for(&spelt);
        let verdict = check(&spelt).risk.verdict();
        prop_assert!(strictness(verdict) >= strictness(&at_least), "{spelt:?} is {verdict}, {line:?} is at least {at_least}");
        prop_assert!(check(&spelt).risk >= check(&line).risk, "{spelt:?} is milder than {line:?}");
    }

    #[test]
    fn two_examples_mixed_never_surprise(one in example(), other in example(), cut in 0_usize..80, from in 0_usize..80) {
        let head: String = one.1.chars().take(cut).collect();
        let tail: String = other.1.chars().skip(from).collect();
        hold_for(&format!("{head}{tail}"));
        hold_for(&format!("{} {}", one.1, tail));
    }

    #[test]
    fn any_line_and_any_argv_are_judged(line in "\\PC{0,80}", words in prop::collection::vec("(kubectl|get|delete|secrets?|-[a-z]|--[a-z-]{1,12}=?|[ -~]{0,8}|\\PC{0,4})", 0..10)) {
        hold_for(&line);
        hold_for(&format!("kubectl {line}"));
        hold_for(&words.join(" "));
        let command = Command::from_argv(words);
        let assessment = assess(&command);
        prop_assert_eq!(&assess(&command), &assessment);
        if assessment.risk != Risk::Forbidden {
            prop_assert_eq!(parse(&command.to_string()), Ok(command));
        }
    }
}
