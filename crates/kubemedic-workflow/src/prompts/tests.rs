//! Prompts: the built-in ones, replaced ones, and those that are refused.

use super::*;

fn replaced(name: &str, words: &str) -> Result<Prompts, PromptError> {
    Prompts::with_replaced(BTreeMap::from([(name.to_owned(), words.to_owned())]))
}

#[test]
fn every_built_in_prompt_renders_with_its_boundary_and_its_lists() {
    let prompts = Prompts::with_replaced(BTreeMap::new()).unwrap();
    let given = Given {
        boundary: "b0unda7y".to_owned(),
        evidence: "<<b0unda7y evidence\nE1\nb0unda7y>>".to_owned(),
        tools: true,
        rounds: 3,
        ..Given::default()
    };
    let system = prompts.render("analysis.system.md", &given).unwrap();
    assert!(system.contains("begins with `<<b0unda7y`"));
    assert!(system.contains("oom-killed: OOMKilled"));
    assert!(system.contains("you have 3 rounds"));
    let user = prompts.render("analysis.user.md", &given).unwrap();
    assert!(user.contains("E1"));
    let plans = prompts.render("remediation.system.md", &given).unwrap();
    assert!(plans.contains("restart, rollback, scale_out"));
}

#[test]
fn a_replaced_prompt_is_used_and_counted() {
    let prompts = replaced("analysis.user.md", "Only this: {{ evidence }}").unwrap();
    let given = Given {
        evidence: "E1".to_owned(),
        ..Given::default()
    };
    assert_eq!(
        prompts.render("analysis.user.md", &given).unwrap(),
        "Only this: E1"
    );
    assert_eq!(prompts.replaced(), 1);
}

#[test]
fn a_prompt_that_cannot_be_rendered_is_refused_with_its_name_and_the_reason() {
    let told = |name: &str, words: &str| replaced(name, words).unwrap_err().to_string();
    assert!(
        told("analysis.user.md", "{{ evidense }}")
            .starts_with("prompt 'analysis.user.md' cannot be rendered: undefined value")
    );
    assert!(told("rules.md", "{% if %}").starts_with("prompt 'rules.md' cannot be rendered: syntax error"));
    assert!(
        told(
            "repair.md",
            "{% for a in range(90000) %}{% for b in range(90000) %}x{% endfor %}{% endfor %}"
        )
        .contains("cannot be rendered")
    );
    assert!(told("analyse.md", "x").starts_with("'analyse.md' is no prompt: the names are rules.md, "));
    assert!(told("repair.md", &"x".repeat(70_000)).contains("longer than 65536 bytes"));
}
