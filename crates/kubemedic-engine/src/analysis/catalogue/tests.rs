//! The catalogue proves itself: every entry's examples, the corpus where it is there, and harmless texts.

mod corpus;
mod text;
mod variants;

use std::{collections::BTreeMap, sync::LazyLock};

use kubemedic_model::class::FailureClass;

use super::{BUILT_IN, claims, load::Catalogue, matches, template::Template};
use crate::analysis::{hypothesis::Hypothesis, mentions::Mentions};
use text::intake_of;

static LOADED: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::load(BUILT_IN).unwrap_or_else(|error| panic!("{error}")));

fn catalogue() -> &'static Catalogue {
    &LOADED
}

#[test]
fn every_built_in_entry_is_valid() {
    if let Err(error) = catalogue().check() {
        panic!("{error}");
    }
}

fn claims_of(catalogue: &Catalogue, text: &str) -> Vec<(String, Hypothesis)> {
    let intake = intake_of(text);
    let mentions = Mentions::read(&intake);
    claims(catalogue, matches(catalogue, &intake), &mentions)
}

#[test]
fn every_entry_finds_its_examples_and_wins_there() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    for entry in catalogue.entries() {
        let raw = &entry.raw;
        for text in &raw.matches {
            let found = claims_of(catalogue, text);
            if !found.iter().any(|(id, _)| *id == raw.id) {
                wrong.push(format!("{}: misses {text:?}", raw.id));
            }
            let first = found.first();
            if first.is_none_or(|(_, claim)| claim.class != raw.class) && raw.likelihood > 0.7 {
                let ids: Vec<_> = found.iter().map(|(id, _)| id.as_str()).collect();
                wrong.push(format!("{}: does not win on {text:?}: {ids:?}", raw.id));
            }
        }
        for text in &raw.not_match {
            if claims_of(catalogue, text).iter().any(|(id, _)| *id == raw.id) {
                wrong.push(format!("{}: must not find {text:?}", raw.id));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_failure_class_has_an_entry() {
    let catalogue = catalogue();
    let mut count: BTreeMap<FailureClass, usize> = BTreeMap::new();
    for entry in catalogue.entries() {
        *count.entry(entry.raw.class).or_default() += 1;
    }
    let missing: Vec<_> = FailureClass::ALL
        .iter()
        .filter(|class| **class != FailureClass::Healthy && !count.contains_key(class))
        .collect();
    assert_eq!(missing, Vec::<&FailureClass>::new());
}

#[test]
fn a_later_file_replaces_an_entry_by_its_id() {
    let mine = r#"
[[entry]]
id = "disk-full"
class = "disk-full"
likelihood = 0.5
words = ["my disk"]
sentence = "{object}: my disk"
explanation = "mine"
match = ["my disk a", "my disk b"]
not_match = ["x", "y"]
"#;
    let mut files = BUILT_IN.to_vec();
    files.push(("mine", mine));
    let both = Catalogue::load(&files).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(both.entries().len(), catalogue().entries().len());
    let entry = both.entries().iter().find(|it| it.raw.id == "disk-full");
    assert_eq!(entry.map(|it| it.raw.explanation.as_str()), Some("mine"));
}

#[test]
fn a_bad_entry_is_refused_by_name() {
    let file = |any: &str, sentence: &str| {
        format!(
            "[[entry]]\nid = \"bad\"\nclass = \"disk-full\"\nlikelihood = 0.5\nwords = [\"disk\"]\nany = ['{any}']\n\
             sentence = \"{sentence}\"\nexplanation = \"e\"\nmatch = [\"a\", \"b\"]\nnot_match = [\"a\", \"b\"]\n"
        )
    };
    for (any, sentence, want) in [
        (
            "(",
            "x",
            "catalogue entry 'bad': the pattern '(' does not compile",
        ),
        (
            "a",
            "{path}",
            "catalogue entry 'bad': the slot 'path' needs a fallback",
        ),
        (
            "a",
            "{nonsense|x}",
            "catalogue entry 'bad': the slot 'nonsense' is captured by none",
        ),
        (
            "a",
            "[x",
            "catalogue entry 'bad': the template has an unbalanced '['",
        ),
    ] {
        let text = file(any, sentence);
        let error = Catalogue::load(&[("user", &text)])
            .and_then(|it| it.check())
            .map_err(|error| error.to_string());
        assert!(error.as_ref().is_err_and(|it| it.starts_with(want)), "{error:?}");
    }
}

#[test]
fn an_optional_part_of_a_template_needs_all_its_facts() {
    let template = Template::parse("{object} is full[ at {path}][, used {used}] {why|now}").unwrap();
    let value = |slot: &str| match slot {
        "object" => Some("db-0".to_owned()),
        "used" => Some("99%".to_owned()),
        _ => None,
    };
    assert_eq!(template.render(&value), "db-0 is full, used 99% now");
}

#[test]
fn harmless_text_gives_no_claim() {
    let catalogue = catalogue();
    for text in [
        "INFO sync done errors=0 failures=0",
        "{\"level\":\"info\",\"error\":null,\"status\":200}",
        "10.0.0.9 - - [01/Jan/2025:00:00:00 +0000] \"GET /api/errors/500 HTTP/1.1\" 200 503",
        "PASS test_image_pull_backoff (0.1s)\nPASS test_permission_denied (0.2s)\n9 passed, 0 failed",
        "INFO received SIGTERM, shutting down gracefully\nINFO bye\nReason: Completed Exit Code: 0",
        "WARN mq: connect failed: connection refused (attempt 1), retrying\nINFO mq: connected on attempt 2",
        "INFO lint: no errors found",
        "shop-7c9d8b6f54-qx2wz 1/1 Running 0 9d\nmigrate-1 0/1 Completed 0 9d",
        "5m Normal Scheduled pod/shop-0 Successfully assigned web/shop-0 to n1",
    ] {
        let found: Vec<_> = claims_of(catalogue, text).into_iter().map(|(id, _)| id).collect();
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_long_log_of_one_failure_gives_one_claim_with_a_few_quotes() {
    let mut text = String::from("pod cart-7c9d8b6f54-qx2wz ns shop\n");
    for n in 0..20_000 {
        text.push_str("ERROR cart: dial tcp 10.0.0.");
        text.push_str(&(n % 250).to_string());
        text.push_str(":6379: connect: connection refused\n");
    }
    let found = claims_of(catalogue(), &text);
    let refused: Vec<_> = found
        .iter()
        .filter(|(id, _)| id == "connection-refused")
        .map(|(_, claim)| claim.evidence.len())
        .collect();
    assert_eq!(refused, vec![4]);
}

#[test]
fn what_the_build_prepared_is_what_the_files_say() {
    let prepared = Catalogue::prepared(super::PREPARED).unwrap_or_else(|error| panic!("{error}"));
    let told = |catalogue: &Catalogue| -> Vec<String> {
        let raw = catalogue.entries().iter().map(|entry| {
            let mut raw = entry.raw.clone();
            (raw.matches, raw.not_match) = (Vec::new(), Vec::new());
            format!("{raw:?}")
        });
        raw.collect()
    };
    assert_eq!(told(&prepared), told(&LOADED));
    assert_eq!(
        format!("{:?}", prepared.context()),
        format!("{:?}", Catalogue::load(BUILT_IN).unwrap().context())
    );
}
