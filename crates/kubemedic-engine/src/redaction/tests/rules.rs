//! Each family of rules on fixtures of our own.

use super::{Redactor, body, hex, redacted};

/// Checks that the secret alone is replaced, by a token of the kind.
fn goes(kind: &str, before: &str, secret: &str, after: &str) {
    let text = format!("{before}{secret}{after}");
    assert_eq!(
        redacted(&text),
        format!("{before}<redacted:{kind}:1>{after}"),
        "{text}"
    );
}

#[test]
fn tokens_of_known_providers_go_wherever_they_stand() {
    let cases = [
        ("github-token", format!("ghp{}{}", "_", body(36))),
        ("gitlab-token", format!("glpat{}{}", "-", body(20))),
        ("slack-token", format!("xoxb{}1234567890-{}", "-", body(24))),
        ("stripe-key", format!("sk_live{}{}", "_", body(24))),
        ("google-api-key", format!("AI{}{}", "za", body(35))),
        ("openai-key", format!("sk-proj{}{}", "-", body(48))),
        ("anthropic-key", format!("sk-ant{}api03-{}AA", "-", body(91))),
        ("npm-token", format!("npm{}{}", "_", body(36))),
        ("digitalocean-token", format!("dop_v1{}{}", "_", hex(64))),
        ("huggingface-token", format!("hf{}{}", "_", body(34))),
        ("vault-token", format!("hvs{}{}", ".", body(90))),
        ("databricks-token", format!("da{}{}", "pi", hex(32))),
        ("shopify-token", format!("shpat{}{}", "_", hex(32))),
        ("linear-key", format!("lin_api{}{}", "_", body(40))),
        ("newrelic-key", format!("NRAK{}{}", "-", body(27))),
        ("doppler-token", format!("dp.pt{}{}", ".", body(43))),
        ("aws-access-key", format!("AK{}{}", "IA", "Q3EGR7T5VWXZ2BCD")),
    ];
    for (kind, secret) in cases {
        goes(kind, "calling upstream with ", &secret, " failed");
        goes(kind, "https://h/x?q=", &secret, "&page=2");
    }
}

#[test]
fn web_tokens_and_keys_in_pem_go_whole() {
    let part = format!("ey{}{}", "J", body(30));
    goes(
        "jwt",
        "got ",
        &format!("{part}.{part}.{}", body(43)),
        " from upstream",
    );
    let pem = format!(
        "-----BEGIN RSA PRIVATE{} KEY-----\n{}\n{}\n-----END RSA PRIVATE{} KEY-----",
        "",
        body(64),
        body(64),
        ""
    );
    let breaks = "\n".repeat(3);
    assert_eq!(
        redacted(&format!("tls.key:\n{pem}\nnext line")),
        format!("tls.key:\n<redacted:private-key:1>{breaks}\nnext line")
    );
    goes("private-key", "{\"k\":\"", &pem.replace('\n', "\\n"), "\"}");
    let open = format!("-----BEGIN PRIVATE{} KEY-----\n{}\n{}", "", body(64), body(60));
    assert_eq!(redacted(&open), "<redacted:private-key:1>\n\n");
}

#[test]
fn headers_lose_the_credential_and_keep_the_scheme() {
    goes("authorization", "Authorization: Bearer ", &body(32), "");
    goes(
        "authorization",
        "{\"authorization\":\"Basic ",
        "dXNlcjpoN3h6UTI=",
        "\"}",
    );
    goes("authorization", "sending 'Bearer ", &body(40), "' to upstream");
    goes("cookie", "Cookie: ", "sid=8f3kd92md; theme=dark", "");
    goes("key", "-H 'X-Api-Key: ", &body(24), "'");
}

#[test]
fn urls_and_connection_strings_lose_only_the_password() {
    goes(
        "url-password",
        "dial postgres://app:",
        "hunter2",
        "@db.prod.svc:5432/shop failed",
    );
    goes("url-password", "redis://:", "s3cr3t-pw", "@cache:6379/0");
    goes(
        "password",
        "Server=db;User Id=app;Password=",
        "hunter2",
        ";Encrypt=true",
    );
    goes(
        "password",
        "host=db user=app password=",
        "hunter2",
        " dbname=shop",
    );
}

#[test]
fn names_that_announce_a_secret_give_it_away() {
    goes("password", "DB_PASSWORD=", "hunter2", "");
    goes(
        "password",
        "      DB_PASSWORD:  ",
        "hunter2",
        "\n      LOG_LEVEL:  debug",
    );
    goes("password", "{\"password\":\"", "hunter2", "\",\"user\":\"app\"}");
    goes("key", "adafruit_api_key = \"", &body(32), "\"");
    goes("secret", "clientSecret: '", &body(40), "'");
    goes("token", "System.setProperty(\"X_TOKEN\", \"", &body(24), "\")");
    goes("token", "<apiToken>\n  ", &body(24), "\n</apiToken>");
    goes("token", "{\\\"token\\\":\\\"", &body(24), "\\\"}");
    goes(
        "key",
        "client-key-data: ",
        &format!("LS0t{}==", body(60)),
        "\nclient-certificate-data: LS0tQUJD",
    );
    goes("credential", ".dockerconfigjson: ", "eyJhdXRocyI6e319", "");
}

#[test]
fn flags_of_commands_lose_their_value() {
    goes("password", "--password=", "hunter2", " --user=app");
    goes("password", "--password ", "hunter2", " --user app");
    goes("password", "mysql -u root -p", "hunter2", " shop");
    goes("password", "curl -u app:", "Hunter2x", " https://h/");
    assert_eq!(
        redacted("docker run -p 8080:80 nginx"),
        "docker run -p 8080:80 nginx"
    );
}

#[test]
fn pairs_of_name_and_value_are_read_in_yaml_and_json() {
    goes(
        "password",
        "- name: DB_PASSWORD\n  value: ",
        "hunter2",
        "\n- name: LOG_LEVEL\n  value: debug",
    );
    goes("password", "- name: DB_PASSWORD\n  value: \"", "hunter2", "\"");
    goes(
        "password",
        "{\"name\":\"DB_PASSWORD\",\"value\":\"",
        "hunter2",
        "\"},{\"name\":\"A\",\"value\":\"b\"}",
    );
}

#[test]
fn payment_cards_go_and_other_numbers_stay() {
    goes("card", "charging ", "4111 1111 1111 1111", " failed");
    goes("card", "card=", "5500005555555559", " declined");
    for kept in [
        "order id=4111111111111111 failed",
        "took 4111111111111112 ns",
        "resourceVersion=\"4111111111111111\"",
    ] {
        assert_eq!(redacted(kept), kept);
    }
}

#[test]
fn one_secret_has_one_token_and_numbers_count_within_a_kind() {
    let mut redactor = Redactor::new();
    let text = "password=alpha-one x_password=beta-two password=alpha-one";
    let expected =
        "password=<redacted:password:1> x_password=<redacted:password:2> password=<redacted:password:1>";
    assert_eq!(redactor.redact(text), expected);
    assert_eq!(
        redactor.redact("again password=beta-two"),
        "again password=<redacted:password:2>"
    );
    assert_eq!(
        redactor.redact("postgres://u:alpha-one@h"),
        "postgres://u:<redacted:password:1>@h"
    );
    assert_eq!(redactor.replaced(), 5);
}

#[test]
fn every_form_of_token_is_found_by_its_prefix() {
    let prefixes: std::collections::BTreeSet<&str> = super::super::provider::FORMS
        .iter()
        .map(|form| form.prefix)
        .collect();
    assert_eq!(
        prefixes.len(),
        super::super::provider::FORMS.len(),
        "two forms have one prefix"
    );
}

#[test]
fn hostile_text_costs_linear_time() {
    for seed in [
        "password=",
        "eyJ.eyJ.",
        "token: ",
        "xoxb-",
        "-----BEGIN PRIVATE",
        "://a:",
        "{\"kind\":\"Secret\",",
        "- kind: Secret\n",
        "4 ",
        " -u",
        "mysql -p",
        "-----BEGIN PRIVATE KEY-----",
    ] {
        let text = seed.repeat(400_000 / seed.len());
        let _ = redacted(&text);
    }
}
