//! The user's own rules: what else is a secret here, and what is none. They come as TOML text and are checked whole before
//! one is used; reading the file is the caller's matter.

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::token::OPENING;

/// The longest name of a rule.
const NAME_BYTES: usize = 40;

/// The most rules and allowances of a file.
const MOST_RULES: usize = 500;

/// How large a compiled pattern may become, in bytes.
const PATTERN_BYTES: usize = 1024 * 1024;

/// How far behind the beginning of a token its end may stand.
const TOKEN_BYTES: usize = 64;

/// Why rules are not usable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// The text is not TOML, or has a key that is not known.
    #[error(
        "{0}; the tables are [[rule]] with name, pattern, group, keywords, match, not_match, and [[allow]] with pattern, match, not_match"
    )]
    Form(String),
    /// Too many rules.
    #[error("it holds {0} rules, and {MOST_RULES} are possible: join patterns with |")]
    TooMany(usize),
    /// One rule is not usable.
    #[error("{rule}: {problem}")]
    Rule {
        /// Which: `rule 'acme-key'`, or `allow 2`.
        rule: String,
        /// What is wrong and the way out.
        problem: String,
    },
}

/// Rules that were checked.
///
/// ```
/// use std::sync::Arc;
/// use kubemedic_engine::redaction::{Redactor, rules::Rules};
///
/// let rules = Rules::parse("[[rule]]\nname = 'ticket'\npattern = 'TCK-[0-9]{6}'\n")?;
/// let mut redactor = Redactor::with_rules(Arc::new(rules));
/// assert_eq!(redactor.redact("see TCK-123456"), "see <redacted:ticket:1>");
/// # Ok::<(), kubemedic_engine::redaction::rules::RulesError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The text they were read from, which stands for them in comparisons.
    source: String,
    finders: Vec<Rule>,
    allowances: Vec<Regex>,
}

impl PartialEq for Rules {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Rules {}

#[derive(Debug, Clone)]
struct Rule {
    name: String,
    pattern: Regex,
    group: usize,
    keywords: Option<AhoCorasick>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default, rename = "rule")]
    rules: Vec<RawRule>,
    #[serde(default, rename = "allow")]
    allowances: Vec<RawAllowance>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    name: String,
    pattern: String,
    #[serde(default)]
    group: usize,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default, rename = "match")]
    matches: Vec<String>,
    #[serde(default)]
    not_match: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAllowance {
    pattern: String,
    #[serde(default, rename = "match")]
    matches: Vec<String>,
    #[serde(default)]
    not_match: Vec<String>,
}

impl Rules {
    /// Reads rules and checks each with its own examples.
    ///
    /// # Errors
    /// [`RulesError`] naming the rule and the way out.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        let file: RulesFile = toml::from_str(text).map_err(|error| RulesError::Form(one_line(&error)))?;
        let count = file.rules.len() + file.allowances.len();
        if count > MOST_RULES {
            return Err(RulesError::TooMany(count));
        }
        let finders: Result<Vec<Rule>, RulesError> = file.rules.iter().map(Rule::checked).collect();
        let allowances: Result<Vec<Regex>, RulesError> =
            file.allowances.into_iter().enumerate().map(allowance).collect();
        Ok(Self {
            source: text.to_owned(),
            finders: finders?,
            allowances: allowances?,
        })
    }

    /// Whether there is nothing to apply.
    pub fn is_empty(&self) -> bool {
        self.finders.is_empty() && self.allowances.is_empty()
    }

    /// Whether a value that looks like a secret is none here.
    pub(super) fn allow(&self, secret: &str) -> bool {
        self.allowances.iter().any(|pattern| pattern.is_match(secret))
    }

    /// The secrets that the rules find, in order, not overlapping: the leftmost wins, then the rule that stands first.
    pub(super) fn find<'a>(&'a self, text: &str) -> Vec<(usize, usize, &'a str)> {
        let places = self.finders.iter().enumerate().flat_map(|(order, rule)| {
            let found = rule.find(text).into_iter();
            found.map(move |(start, end)| (start, order, end, rule.name.as_str()))
        });
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        let mut free_from = 0;
        places.retain(|(start, _, end, _)| {
            let allowed = || text.get(*start..*end).is_some_and(|secret| self.allow(secret));
            let kept = *start >= free_from && !allowed();
            if kept {
                free_from = *end;
            }
            kept
        });
        let found = places.into_iter();
        found.map(|(start, _, end, name)| (start, end, name)).collect()
    }
}

impl Rule {
    fn checked(raw: &RawRule) -> Result<Self, RulesError> {
        let wrong = |problem: String| RulesError::Rule {
            rule: format!("rule '{}'", raw.name),
            problem,
        };
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if raw.name.is_empty() || raw.name.len() > NAME_BYTES || !raw.name.bytes().all(plain) {
            return Err(wrong(format!(
                "its name must be of small letters, digits and dashes, {NAME_BYTES} at most"
            )));
        }
        let pattern = compiled(&raw.pattern).map_err(wrong)?;
        if raw.group >= pattern.captures_len() {
            return Err(wrong(format!(
                "group is {}, and the pattern has {}: count its parentheses",
                raw.group,
                pattern.captures_len() - 1
            )));
        }
        let keywords = keywords(&raw.keywords).map_err(wrong)?;
        let rule = Self {
            name: raw.name.clone(),
            pattern,
            group: raw.group,
            keywords,
        };
        check(&raw.matches, &raw.not_match, |text| !rule.find(text).is_empty()).map_err(wrong)?;
        Ok(rule)
    }

    fn find(&self, text: &str) -> Vec<(usize, usize)> {
        if self
            .keywords
            .as_ref()
            .is_some_and(|keywords| !keywords.is_match(text))
        {
            return Vec::new();
        }
        let places: Vec<(usize, usize)> = if self.group == 0 {
            let matches = self.pattern.find_iter(text);
            matches.map(|found| (found.start(), found.end())).collect()
        } else {
            let matches = self.pattern.captures_iter(text);
            let groups = matches.filter_map(|found| found.get(self.group));
            groups.map(|found| (found.start(), found.end())).collect()
        };
        places
            .into_iter()
            .filter(|(start, end)| start < end && !touches_token(text, *start, *end))
            .collect()
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    let regex = RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .build()
        .map_err(|error| format!("its pattern is not usable: {}", one_line(&error)))?;
    if regex.is_match("") {
        return Err(
            "its pattern is found in an empty text, so in every place: demand at least one character".into(),
        );
    }
    Ok(regex)
}

fn keywords(words: &[String]) -> Result<Option<AhoCorasick>, String> {
    if words.is_empty() {
        return Ok(None);
    }
    if words.iter().any(String::is_empty) {
        return Err("a keyword is blank: leave it out".into());
    }
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words)
        .map(Some)
        .map_err(|error| format!("its keywords are not usable: {error}"))
}

fn allowance((place, raw): (usize, RawAllowance)) -> Result<Regex, RulesError> {
    let wrong = |problem: String| RulesError::Rule {
        rule: format!("allow {}", place + 1),
        problem,
    };
    let pattern = compiled(&raw.pattern).map_err(wrong)?;
    check(&raw.matches, &raw.not_match, |text| pattern.is_match(text)).map_err(wrong)?;
    Ok(pattern)
}

/// Checks the examples that a rule brings along.
fn check(matches: &[String], not_match: &[String], finds: impl Fn(&str) -> bool) -> Result<(), String> {
    if let Some(example) = matches.iter().find(|example| !finds(example)) {
        return Err(format!(
            "nothing is found in its own example '{example}' of match: mend the pattern, its keywords or the example"
        ));
    }
    if let Some(example) = not_match.iter().find(|example| finds(example)) {
        return Err(format!(
            "something is found in its own example '{example}' of not_match: narrow the pattern or drop the example"
        ));
    }
    Ok(())
}

/// Whether a place holds a token of an earlier redaction, or lies in one.
fn touches_token(text: &str, start: usize, end: usize) -> bool {
    let from = (start.saturating_sub(TOKEN_BYTES)..=start).find(|at| text.is_char_boundary(*at));
    let before = from.and_then(|from| text.get(from..start)).unwrap_or("");
    let inside = before
        .rfind(OPENING)
        .is_some_and(|at| !before.get(at..).unwrap_or("").contains('>'));
    inside
        || text
            .get(start..end)
            .is_some_and(|secret| secret.contains(OPENING))
}

/// An error's text in one line.
fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}
