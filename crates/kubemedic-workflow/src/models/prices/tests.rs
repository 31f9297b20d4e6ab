//! Prices are read as they are written, and what cannot be read is named.

use super::*;

fn price(prices: &Prices, name: &str) -> Option<(u64, u64)> {
    prices.of(&name.parse().unwrap()).map(|it| (it.input, it.output))
}

#[test]
fn a_setting_names_prices_by_the_beginning_of_an_id_and_the_longest_wins() {
    let prices = Prices::parse(
        " openai:gpt-5.5=1.25/10, anthropic:*=3/15,openai:gpt-5.5-mini=0.25/2 ,gemini:*=0.000001/999999",
    )
    .unwrap();
    let table = [
        ("openai:gpt-5.5", Some((1_250_000, 10_000_000))),
        ("openai:gpt-5.5-2026-10", Some((1_250_000, 10_000_000))),
        ("openai:gpt-5.5-mini", Some((250_000, 2_000_000))),
        ("openai:gpt-6", None),
        ("anthropic:claude-sonnet-5-5", Some((3_000_000, 15_000_000))),
        ("gemini:gemini-3.8-flash", Some((1, 999_999_000_000))),
        ("ollama:llama4", Some((0, 0))),
    ];
    for (name, expected) in table {
        assert_eq!(price(&prices, name), expected, "{name}");
    }
}

#[test]
fn without_a_setting_geminis_default_model_has_its_published_price() {
    let prices = Prices::parse("").unwrap();
    assert_eq!(prices, Prices::default());
    assert_eq!(
        price(&prices, "gemini:gemini-3.8-flash"),
        Some((750_000, 3_750_000))
    );
    assert_eq!(price(&prices, "gemini:gemini-4-argon"), None);
}

#[test]
fn a_usage_costs_its_tokens_rounded_up_to_a_millionth_of_a_dollar() {
    let usage = |input_tokens, output_tokens| ModelUsage {
        input_tokens,
        output_tokens,
        ..ModelUsage::default()
    };
    let price = Price {
        input: 750_000,
        output: 3_750_000,
    };
    assert_eq!(price.of(usage(1_000_000, 1_000_000)), 4_500_000);
    assert_eq!(price.of(usage(1, 0)), 1);
    assert_eq!(price.of(usage(0, 0)), 0);
    let most = Price {
        input: u64::MAX,
        output: u64::MAX,
    };
    assert_eq!(most.of(usage(u64::MAX / 2, u64::MAX / 2)), u64::MAX);
}

#[test]
fn what_is_no_price_is_named_with_the_way_out() {
    let bad = [
        "gpt-5.5=1/2",
        "openai:gpt-5.5",
        "openai:gpt-5.5=1",
        "openai:gpt-5.5=1/",
        "openai:gpt-5.5=-1/2",
        "openai:gpt-5.5=1e3/2",
        "openai:gpt-5.5=1.1234567/2",
        "openai:gpt-5.5=1000000000/2",
        "openai:gpt-5.5=.5/2",
        "openai:=1/2",
    ];
    for text in bad {
        let refused = Prices::parse(&format!("ollama:*=0/0,{text}")).unwrap_err();
        assert_eq!(refused.row, text);
    }
    assert_eq!(
        Prices::parse("x").unwrap_err().to_string(),
        "'x' is no price: write provider:model=input/output in dollars for a million tokens, such as openai:gpt-5.5=1.25/10 or anthropic:*=3/15"
    );
    let many = "ollama:*=0/0,".repeat(MAX_ROWS + 1);
    assert!(Prices::parse(&many).is_err());
}
