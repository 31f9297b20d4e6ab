//! A user's files: what they add and replace, and what is refused by name.

use super::Extension;

const OWN: &str = r#"
[[entry]]
id = "acme-ledger-lock"
class = "slow-dependency"
likelihood = 0.97
words = ["LDG-1207"]
any = ['LDG-1207 ledger (?<ledger>[a-z]+) is locked']
object = ["subject"]
sentence = "{object} waits for ledger {ledger|@object}: another batch holds its lock"
explanation = "Acme's ledger lets one batch in at a time."
match = ["ERROR LDG-1207 ledger north is locked\npod batch-0 ns acme", "ERROR LDG-1207 ledger south is locked"]
not_match = ["INFO LDG-1207 is documented", "ERROR LDG-1208 ledger north is open"]
"#;

fn read(text: &str) -> Result<Extension, String> {
    Extension::read(&[("acme.toml".to_owned(), text.to_owned())]).map_err(|error| error.to_string())
}

#[test]
fn an_own_entry_is_added_and_one_with_a_known_id_replaces_the_built_in() {
    let built_in = super::super::tests_catalogue_len();
    let added = read(OWN).unwrap();
    assert_eq!(
        (added.added(), added.catalogue.entries().len()),
        (1, built_in + 1)
    );
    let replaced = read(&OWN.replace("acme-ledger-lock", "slow-query")).unwrap();
    let known = replaced.catalogue.entries().len();
    assert!(known == built_in || known == built_in + 1);
    let replaced = read(&OWN.replace("acme-ledger-lock", "disk-full")).unwrap();
    assert_eq!(replaced.catalogue.entries().len(), built_in);
}

#[test]
fn what_is_wrong_is_told_with_file_and_entry() {
    let long = "x".repeat(5000);
    let cases = [
        (
            OWN.replace("is locked']", "(is locked']"),
            "acme.toml: catalogue entry 'acme-ledger-lock': the pattern",
        ),
        (
            OWN.replace("ledger is", "x")
                .replace("LDG-1207 ledger north is locked", "LDG-1207 gone"),
            "acme.toml: catalogue entry 'acme-ledger-lock': it does not find its match example",
        ),
        (
            OWN.replace("INFO LDG-1207 is documented", "ERROR LDG-1207 ledger x is locked"),
            "acme.toml: catalogue entry 'acme-ledger-lock': it finds its not_match example",
        ),
        (
            OWN.replace("LDG-1207 ledger (", &format!("{long}(")),
            "acme.toml: catalogue entry 'acme-ledger-lock': a pattern has 50",
        ),
        (
            OWN.replace("ledger (?<ledger>[a-z]+)", "(?<ledger>[a-z]{900}{900})"),
            "acme.toml: catalogue entry 'acme-ledger-lock': the pattern",
        ),
        (
            OWN.replace("class = \"slow-dependency\"", "class = \"slow\""),
            "acme.toml: catalogue file 'acme.toml' cannot be read",
        ),
        (
            format!("{OWN}{OWN}"),
            "acme.toml: catalogue entry 'acme-ledger-lock': it stands in acme.toml too",
        ),
    ];
    for (text, want) in cases {
        let error = read(&text).err().unwrap_or_default();
        assert!(error.starts_with(want), "{want}: {error}");
    }
}
