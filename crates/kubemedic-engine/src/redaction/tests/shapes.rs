//! The shapes in which secrets stand in clusters, each with what must go and what must stay.

use std::fmt::Write as _;

use super::{body, hex, redacted};

/// Checks that a text loses the secrets and nothing else: `«secret»` marks what must go.
fn loses(kind: &str, marked: &str) {
    let mut numbers = std::collections::BTreeMap::new();
    let (mut text, mut expected, mut rest) = (String::new(), String::new(), marked);
    while let Some((kept, behind)) = rest.split_once('«') {
        let (secret, after) = behind.split_once('»').unwrap();
        let next = numbers.len() + 1;
        let number = numbers.entry(secret).or_insert(next);
        text.push_str(kept);
        text.push_str(secret);
        expected.push_str(kept);
        let _ = write!(expected, "<redacted:{kind}:{number}>");
        expected.push_str(&"\n".repeat(secret.matches('\n').count()));
        rest = after;
    }
    text.push_str(rest);
    expected.push_str(rest);
    assert_eq!(redacted(&text), expected, "{text}");
}

fn stays(text: &str) {
    assert_eq!(redacted(text), text);
}

/// A PEM block of a private key, with the given break and indentation before each further line.
fn key(label: &str, fresh: &str) -> String {
    let label = format!(
        "{label}PRIVATE{} KEY{}",
        "",
        if label == "PGP " { " BLOCK" } else { "" }
    );
    format!(
        "-----BEGIN {label}-----{fresh}{}{fresh}{}{fresh}-----END {label}-----",
        body(64),
        body(40)
    )
}

#[test]
fn private_keys_of_every_kind_go_in_every_writing() {
    for label in ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "PGP "] {
        loses("private-key", &format!("before\n«{}»\nafter", key(label, "\n")));
        loses(
            "private-key",
            &format!("tls.key: |\n    «{}»\n  tls.crt: x", key(label, "\n    ")),
        );
        loses(
            "private-key",
            &format!("{{\"key\":\"«{}»\\n\",\"a\":1}}", key(label, "\\n")),
        );
        loses(
            "private-key",
            &format!("{{\\\"key\\\":\\\"«{}»\\\\n\\\"}}", key(label, "\\\\n")),
        );
    }
}

#[test]
fn a_private_key_that_is_cut_off_goes_as_far_as_it_looks_like_one() {
    let head = format!("-----BEGIN RSA PRIVATE{} KEY-----", "");
    let lines = format!(
        "{head}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,{}\n\n{}\n{}",
        hex(32),
        body(64),
        body(64)
    );
    loses(
        "private-key",
        &format!("«{lines}»\n2025-06-05 order 12 placed by user 7"),
    );
    stays(&format!(
        "expected {head} in the file, found nothing of that kind at line 12"
    ));
}

#[test]
fn kubeconfigs_lose_keys_tokens_and_passwords_and_keep_certificates() {
    let text = format!(
        "clusters:\n- cluster:\n    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS{}\n    server: https://10.0.0.1:6443\nusers:\n- name: admin\n  user:\n    client-certificate-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS{}\n    username: admin\n",
        body(60),
        body(60)
    );
    stays(&text);
    loses(
        "key",
        &format!("{text}    client-key-data: «LS0tLS1CRUdJTiBSU0Eg{}»\n", body(60)),
    );
    loses("token", &format!("{text}    token: «{}»\n", body(40)));
    loses("password", &format!("{text}    password: «hunter2»\n"));
}

#[test]
fn registry_credentials_go_in_base64_and_plain() {
    loses(
        "credential",
        "  .dockerconfigjson: «eyJhdXRocyI6eyJyZWdpc3RyeSI6e319fQ==»\ntype: kubernetes.io/dockerconfigjson",
    );
    loses("credential", "  .dockercfg: «eyJyZWdpc3RyeSI6e319»");
    loses(
        "password",
        "{\"auths\":{\"registry.example.com\":{\"username\":\"bot\",\"password\":\"«hunter2»\",\"email\":\"a@b.c\"}}}",
    );
    loses(
        "authorization",
        "{\"auths\":{\"registry.example.com\":{\"auth\":\"«Ym90Omh1bnRlcjI=»\"}}}",
    );
}

#[test]
fn secrets_lose_their_data_however_they_are_printed() {
    loses(
        "secret-data",
        "apiVersion: v1\ndata:\n  user: «YXBw»\nkind: Secret\nmetadata:\n  name: db\n  resourceVersion: \"412345\"\n",
    );
    loses(
        "secret-data",
        "kind: Secret\nstringData:\n  config.yaml: |\n    mode: «fast»\n  url: «plain»\n---\nkind: ConfigMap\ndata:\n  mode: fast\n",
    );
    loses(
        "secret-data",
        "{\n  \"apiVersion\": \"v1\",\n  \"data\": {\n    \"user\": \"«YXBw»\"\n  },\n  \"kind\": \"Secret\"\n}",
    );
    loses(
        "secret-data",
        "    last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"data\":{\"user\":\"«YXBw»\"},\"kind\":\"Secret\",\"metadata\":{\"name\":\"db\"}}\n",
    );
    loses(
        "secret-manifest",
        "{\"annotations\":{\"last-applied-configuration\":\"«{\\\"data\\\":{\\\"user\\\":\\\"YXBw\\\"},\\\"kind\\\":\\\"Secret\\\"}\\n»\"}}",
    );
    stays("Name:  db\nType:  Opaque\n\nData\n====\npassword:  8 bytes\nusername:  3 bytes\n");
}

#[test]
fn environments_lose_what_their_names_announce() {
    loses(
        "password",
        "env:\n- name: DB_PASSWORD\n  value: «hunter2»\n- name: MODE\n  value: fast\n",
    );
    loses(
        "password",
        "{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"«hunter2»\"\n}",
    );
    loses(
        "password",
        "    Environment:\n      DB_PASSWORD:  «hunter2»\n      MODE:         fast\n",
    );
    loses(
        "url-password",
        "      DATABASE_URL:  postgres://shop:«s3cr3t»@db:5432/shop\n",
    );
    loses(
        "password",
        "[{\"value\":\"«hunter2»\",\"name\":\"DB_PASSWORD\"},{\"value\":\"fast\",\"name\":\"MODE\"}]",
    );
    loses(
        "password",
        "- value: «hunter2»\n  name: DB_PASSWORD\n- name: MODE\n  value: fast\n",
    );
    loses("password", "password: |\n  «hunter2»\nmode: fast");
    loses("password", "DB_PASS='«x y»' FIRST_PASS='x y'");
    stays("  - name: MODE\n    value: fast\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef: {}\n");
    stays("- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password\n");
}

#[test]
fn addresses_lose_the_password() {
    for (before, after) in [
        ("postgres://app:", "@db:5432/shop?sslmode=disable"),
        ("redis://:", "@cache:6379/0"),
        ("amqp://guest:", "@mq:5672/"),
        ("mongodb+srv://app:", "@cluster0.example.net/x"),
        ("https://user:", "@example.com/x"),
    ] {
        loses("url-password", &format!("dial {before}«S3cr3t»{after} failed"));
    }
    stays("http://localhost:3000/@scope/pkg https://example.com/a:b@c mysql://root@db/x ssh://git@host:22/x");
}

#[test]
fn headers_and_cookies_lose_the_credential() {
    loses("authorization", &format!("Authorization: Bearer «{}»", body(24)));
    loses(
        "authorization",
        &format!("\"Authorization\": [\"Bearer «{}»\"]", body(24)),
    );
    loses("authorization", "proxy-authorization: Basic «YXBwOmh1bnRlcjI=»");
    loses("cookie", "Cookie: «session=abc123def456; theme=dark»");
    loses("cookie", "Set-Cookie: «sid=8f3kd92md; Path=/; HttpOnly»");
    loses("cookie", "{\"cookie\":\"«connect.sid=s%3Aabc123.def»\"}");
}

#[test]
fn cloud_credentials_and_connection_strings_lose_the_secret() {
    loses(
        "aws-access-key",
        &format!("caller «AK{}Q3EGR7T5VWXZ2BCD» denied", "IA"),
    );
    loses("key", &format!("aws_secret_access_key=«{}»", body(40)));
    loses("google-api-key", &format!("?key=«AI{}{}»&x=1", "za", body(35)));
    loses(
        "password",
        "Server=db,1433;User ID=app;Password=«hunter2»;Encrypt=True",
    );
    loses("password", "Data Source=db;Pwd=«hunter2»;");
    loses(
        "key",
        &format!("AccountName=shop;AccountKey=«{}==»;EndpointSuffix=x", body(86)),
    );
    loses(
        "key",
        &format!("SharedAccessKeyName=Root;SharedAccessKey=«{}=»", body(43)),
    );
    loses(
        "token",
        &format!(
            "https://x.blob.core.windows.net/b?sv=2022-11-02&sig=«{}%3D»&se=2025-01-01",
            body(43)
        ),
    );
    loses("password", "requirepass «hunter2x»\nport 6379");
    loses("password", "etcdctl --user root:«hunter2x» get /");
}

#[test]
fn cards_go_alone_and_among_other_numbers_and_order_numbers_stay() {
    loses("card", "paid with «4111 1111 1111 1111» 12/27 123");
    loses("card", "cards «5500-0055-5555-5559» and «378282246310005»");
    loses("card", "amex «3782 822463 10005» ok");
    stays(
        "order 4111111111111111 orderNumber: 4242424242424242 1234 4111 1111 1111 1111 card 4111 1111 1111 1112",
    );
}

#[test]
fn identifiers_that_look_random_stay() {
    let lines = [
        format!(
            "Failed to pull image \"registry.example.com/app@sha256:{}\"",
            hex(64)
        ),
        "uid: 0b6f7c1e-7a51-4e0f-9f3e-0d6a2b7c8e11 pod=checkout-7d9c6b5f4-x2x9z".to_owned(),
        format!(
            "traceparent: 00-{}-00f067aa0ba902b7-01 trace_id={}",
            hex(32),
            hex(32)
        ),
        "resourceVersion: \"412345678901\" generation: 3 pod-template-hash=7d9c6b5f4".to_owned(),
        format!("caBundle: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS{}", body(80)),
        format!(
            "commit {} etag: W/\"{}\" x-request-id: 7f3c1b9e-1111-4222-8333-444455556666",
            hex(40),
            hex(40)
        ),
        format!(
            "requestID=\"req_011CQ{}\" continue: eyJ2IjoibWV0YS5rOHMuaW8vdjEi{}",
            body(16),
            body(20)
        ),
        "tokenFile: /var/run/secrets/token keyFile=/etc/tls/tls.key cache_key=user:1234:profile".to_owned(),
        format!("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ{} user@host", body(40)),
    ];
    for line in lines {
        stays(&line);
    }
}

#[test]
fn samples_and_misshapen_tokens_stay() {
    for text in [
        format!("AI{}SyabcdefghijklmnopqrstuvwxyzABCDEFG", "za"),
        "DATABRICKS_TOKEN=dapi0123456789abcdef0123456789abcdxx".to_owned(),
        "\"token1\": \"xoxp-1234567890\"".to_owned(),
        "bot_token = \"3935:A-2athj_nb3bs4wzq37_smnl6x8c\"".to_owned(),
        format!(
            "fakeToken := \"{}\" nonMatchingToken := \"{}\"",
            body(16),
            body(16)
        ),
        format!("sgp_local_{}_{}", hex(20), hex(12)),
    ] {
        stays(&text);
    }
}
