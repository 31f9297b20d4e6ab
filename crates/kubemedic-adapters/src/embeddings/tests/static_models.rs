//! Static models: one made by hand, and folders that hold none.

use std::{fs, path::Path};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;

/// A tokenizer that knows three words.
fn tokenizer() -> Vec<u8> {
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "disk": 1, "full": 2, "expired": 3}, "unk_token": "[UNK]"},
    })
    .to_string()
    .into_bytes()
}

/// A table of four tokens and two numbers each, under the name that WordLlama gives it.
fn table(shape: [usize; 2]) -> Vec<u8> {
    let numbers: [f32; 8] = [9.0, 9.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
    let header =
        json!({"embedding.weight": {"dtype": "F32", "shape": shape, "data_offsets": [0, 32]}}).to_string();
    let mut bytes = u64::try_from(header.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(header.into_bytes());
    bytes.extend(numbers.iter().flat_map(|it| it.to_le_bytes()));
    bytes
}

fn write(folder: &Path, files: &[(&str, Vec<u8>)]) {
    let mut sums = String::new();
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
        let digest: String = Sha256::digest(bytes)
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect::<Vec<_>>()
            .concat();
        sums += &digest;
        sums += "  ";
        sums += name;
        sums += "\n";
    }
    fs::write(folder.join(SUMS_FILE), sums).unwrap();
}

fn whole() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("config.json", b"{\"normalize\": true}".to_vec()),
        ("model.safetensors", table([4, 2])),
        ("tokenizer.json", tokenizer()),
    ]
}

#[tokio::test]
async fn a_model_gives_the_mean_of_its_words_and_is_named_by_its_digests() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &whole());
    let spec = EmbeddingSpec::Static(folder.path().into());
    let model = connect(&spec, &Endpoints::default()).unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap().to_owned();
    assert!(
        model.name().starts_with(&format!("static:{name}@")),
        "{}",
        model.name()
    );
    let vectors = model
        .embed(&texts(&[
            "Disk full",
            "disk",
            "expired",
            "words that it does not know",
            "",
        ]))
        .await
        .unwrap();
    assert_eq!(vectors[0], [1.0, 0.0]);
    assert_eq!(vectors[1], [1.0, 0.0]);
    assert_eq!(vectors[2], [0.0, 1.0]);
    assert_eq!(vectors[3], vectors[4]);
    let half = model.embed(&texts(&["disk expired"])).await.unwrap();
    assert!((half[0][0] - half[0][1]).abs() < 0.02, "{half:?}");
}

#[test]
fn a_folder_without_a_usable_model_is_refused_with_the_way_out() {
    let refusal = |change: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &whole());
        change(folder.path());
        let error = StaticEmbedder::open(folder.path()).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("fetch it anew with ./run.sh --embeddings"),
            "{error}"
        );
        error.reason
    };
    let reason = refusal(&|folder| fs::remove_file(folder.join(SUMS_FILE)).unwrap());
    assert!(reason.starts_with("SHA256SUMS cannot be read"), "{reason}");
    let reason = refusal(&|folder| fs::write(folder.join("tokenizer.json"), "{}").unwrap());
    assert_eq!(
        reason,
        "tokenizer.json is not the file whose digest is in SHA256SUMS"
    );
    let reason = refusal(&|folder| fs::write(folder.join(SUMS_FILE), "").unwrap());
    assert_eq!(reason, "SHA256SUMS has no digest of tokenizer.json");
    for shape in [[5, 2], [4, 0], [usize::MAX, 2]] {
        refusal(&|folder| {
            let mut files = whole();
            files[1].1 = table(shape);
            write(folder, &files);
        });
    }
    refusal(&|folder| {
        let mut files = whole();
        files[2].1 = b"[]".to_vec();
        write(folder, &files);
    });
}
