//! Properties of the parser and the rules on arbitrary input.

use kubemedic_model::command::{Command, Risk};
use proptest::prelude::*;

use super::super::{assess, check, grammar::GRAMMAR, invocation, parse};

/// Commands without quotes, of every verdict.
const PLAIN: [&str; 12] = [
    "kubectl get pods -n shop -o yaml",
    "kubectl describe node worker-1",
    "kubectl logs -l app=cart --tail=10 -c app",
    "kubectl -n shop top pods --containers",
    "kubectl rollout restart deployment/cart -n shop",
    "kubectl set image deployment/cart cart=cart:1.2",
    "kubectl label node worker-1 tier=gpu --overwrite",
    "kubectl delete pod cart-0 -n shop",
    "kubectl delete ns shop --wait=false",
    "kubectl scale deployment cart --replicas=0",
    "kubectl drain worker-1 --ignore-daemonsets",
    "kubectl apply -f deploy.yaml --dry-run=server",
];

fn plain() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&PLAIN[..])
}

/// A smuggling flag in one of its spellings.
fn smuggled() -> impl Strategy<Value = String> {
    let flags: Vec<_> = GRAMMAR
        .everywhere()
        .iter()
        .filter(|flag| flag.smuggles)
        .flat_map(|flag| match (&flag.value, flag.short) {
            (None, _) => vec![format!("--{}", flag.name), format!("--{}=true", flag.name)],
            (Some(_), None) => vec![format!("--{}=x", flag.name), format!("--{} x", flag.name)],
            (Some(_), Some(short)) => vec![
                format!("--{}=x", flag.name),
                format!("--{} x", flag.name),
                format!("-{short} x"),
                format!("-{short}x"),
                format!("-{short}=x"),
            ],
        })
        .collect();
    prop::sample::select(flags)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_text_makes_it_panic(line in ".{0,200}") {
        let _ = check(&line);
        let _ = check(&format!("kubectl {line}"));
    }

    #[test]
    fn no_words_make_it_panic(words in prop::collection::vec(".{0,20}", 0..8)) {
        let mut argv = vec!["kubectl".to_owned()];
        argv.extend(words);
        let _ = assess(&Command::from_argv(argv));
    }

    #[test]
    fn no_words_of_the_grammar_make_it_panic(
        words in prop::collection::vec("(get|delete|patch|set|env|pods?|secrets?|-[a-zA-Z]{1,3}|--[a-z-]{2,9}=?|-p|\\{.{0,9}|=|/|,|[a-z]=[a-z]|--)", 0..9),
    ) {
        let mut argv = vec!["kubectl".to_owned()];
        argv.extend(words);
        let command = Command::from_argv(argv);
        prop_assert!(invocation(&command).is_ok() || assess(&command).risk == Risk::Forbidden);
    }

    #[test]
    fn what_parses_survives_printing(line in "kubectl (get|annotate|patch|label|logs) (pod|deploy) x (a=['\"]?[ -~]{0,12}['\"]?|-p '[ -~]{0,20}'|-o jsonpath='[ -&(-~]{1,20}'|-l '[a-z!=, ()]{1,9}')") {
        if let Ok(command) = parse(&line) {
            prop_assert_eq!(parse(&command.to_string()), Ok(command));
        }
    }

    #[test]
    fn a_smuggling_flag_is_forbidden_wherever_it_stands(line in plain(), flag in smuggled(), place in 1_usize..9) {
        let mut words: Vec<_> = line.split(' ').collect();
        words.insert(place.min(words.len()), &flag);
        let line = words.join(" ");
        prop_assert_eq!(check(&line).risk, Risk::Forbidden, "{}", line);
    }

    #[test]
    fn a_metacharacter_never_makes_a_command_milder(
        line in plain(),
        inserted in prop::sample::select(&[";", "&", "|", "$", "`", "<", ">", "\n", "\r", "\0", "#", "(", ")", "*", "?", "~", "\\", "$(x)", "\u{200b}"][..]),
        place in 0_usize..60,
    ) {
        let mut text = line.to_owned();
        text.insert_str(place.min(line.len()), inserted);
        prop_assert!(check(&text).risk >= check(line).risk, "{}", text);
    }

    #[test]
    fn a_secret_beside_other_kinds_is_never_printed(
        kinds in prop::collection::vec(prop::sample::select(&["pods", "cm", "deploy", "widgets.example.test"][..]), 0..4),
        secret in prop::sample::select(&["secret", "secrets", "Secret", "SECRETS", "secrets.v1", "secret.v1."][..]),
        output in prop::sample::select(&["-o yaml", "-ojson", "--output=jsonpath={.items}", "-o=yaml", "-Aoyaml", "--template={.x}", "-o custom-columns=A:.data"][..]),
        place in 0_usize..4,
    ) {
        let mut kinds = kinds;
        kinds.insert(place.min(kinds.len()), secret);
        let line = format!("kubectl get {} {output} -n shop", kinds.join(","));
        prop_assert_eq!(check(&line).risk, Risk::Forbidden, "{}", line);
    }
}

#[test]
fn every_command_of_the_grammar_is_judged_by_a_rule() {
    for syntax in GRAMMAR.commands() {
        let needs_more = ["diff", "patch", "set serviceaccount"].contains(&syntax.path.as_str());
        if needs_more || !syntax.required.is_empty() {
            continue;
        }
        let name = matches!(syntax.arguments, super::super::grammar::Arguments::Name);
        let line = format!("kubectl {}{}", syntax.path, if name { " x" } else { "" });
        assert_ne!(check(&line).rule, "no-rule", "{line}");
        assert_ne!(check(&line).rule, "unparsable", "{line}");
    }
}

#[test]
fn an_edit_with_more_risk_is_riskier_and_one_with_less_is_not() {
    let riskier = |edited: &str, original: &str| {
        super::super::is_riskier(&parse(edited).unwrap(), &parse(original).unwrap())
    };
    assert!(riskier(
        "kubectl scale deploy x --replicas=0",
        "kubectl scale deploy x --replicas=2"
    ));
    assert!(!riskier(
        "kubectl scale deploy x --replicas=3",
        "kubectl scale deploy x --replicas=2"
    ));
    assert!(!riskier(
        "kubectl get deploy x",
        "kubectl scale deploy x --replicas=2"
    ));
}

#[test]
fn long_and_deep_input_is_refused() {
    assert_eq!(
        check(&format!("kubectl get pods {}", "a".repeat(1 << 20))).risk,
        Risk::Forbidden
    );
    assert_eq!(
        check(&format!("kubectl get pods {}", "a ".repeat(5000))).risk,
        Risk::Forbidden
    );
    let deep = format!(
        "kubectl patch deploy x -p '{}1{}'",
        "{\"a\":".repeat(5000),
        "}".repeat(5000)
    );
    assert_eq!(check(&deep).risk, Risk::Forbidden);
    let deep = format!(
        "kubectl patch deploy x -p '{}{}'",
        "[".repeat(20000),
        "]".repeat(20000)
    );
    assert_eq!(check(&deep).risk, Risk::Forbidden);
}
