//! A static model from a local folder: one vector for each token, averaged (model2vec). Its files are checked against the digests
//! that the set-up step wrote; nothing is fetched.

use std::{
    fmt::{self, Write as _},
    fs,
    io::Read,
    path::Path,
};

use async_trait::async_trait;
use kubemedic_ports::embedder::{EmbedError, Embedder};
use model2vec_rs::model::StaticModel;
use sha2::{Digest, Sha256};

use super::checked::{bounded, checked};

/// The file of the folder that holds the digests of the others, as `sha256sum` writes them.
pub const SUMS_FILE: &str = "SHA256SUMS";
const TOKENIZER: &str = "tokenizer.json";
const TABLE: &str = "model.safetensors";
const CONFIG: &str = "config.json";
/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 512 * 1024 * 1024;
/// The most tokens of a text that are averaged.
const MAX_TOKENS: usize = 512;
/// The most texts that are embedded in one piece of work.
const MAX_AT_A_TIME: usize = 1024;

/// A folder holds no usable model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the static model in {folder} cannot be used: {reason}; fetch it anew with ./run.sh --embeddings")]
pub struct BadModel {
    /// The folder.
    pub folder: String,
    /// Why.
    pub reason: String,
}

/// A static model in memory.
pub struct StaticEmbedder {
    name: String,
    model: StaticModel,
}

impl fmt::Debug for StaticEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StaticEmbedder").field(&self.name).finish()
    }
}

impl StaticEmbedder {
    /// Reads and checks the model of a folder. Takes as long as reading its files; a quarter of their 32-bit size stays in memory.
    ///
    /// # Errors
    /// [`BadModel`] when a file is missing, too large, not the one of the digest, or no model.
    pub fn open(folder: &Path) -> Result<Self, BadModel> {
        let bad = |reason: String| BadModel {
            folder: folder.display().to_string(),
            reason,
        };
        let read = |name: &str| read_file(folder, name).map_err(bad);
        let sums = String::from_utf8(read(SUMS_FILE)?).map_err(|_| bad(format!("{SUMS_FILE} is no text")))?;
        let checked_file = |name: &str| {
            let bytes = read(name)?;
            let digest = hex(&Sha256::digest(&bytes));
            match digest_in(&sums, name) {
                Some(expected) if expected.eq_ignore_ascii_case(&digest) => Ok((bytes, digest)),
                Some(_) => Err(bad(format!(
                    "{name} is not the file whose digest is in {SUMS_FILE}"
                ))),
                None => Err(bad(format!("{SUMS_FILE} has no digest of {name}"))),
            }
        };
        let (tokenizer, words) = checked_file(TOKENIZER)?;
        let (table, numbers) = checked_file(TABLE)?;
        let (config, _) = checked_file(CONFIG)?;
        // A table that does not fit its header panics in the reader rather than telling so.
        let model =
            std::panic::catch_unwind(|| StaticModel::from_bytes(tokenizer, table, config, Some(true)))
                .map_err(|_| bad("its files cannot be understood".into()))?
                .map_err(|error| bad(format!("{error:#}")))?
                .quantize_int8();
        let label = folder
            .file_name()
            .map_or_else(String::new, |it| it.to_string_lossy().into_owned());
        let short = |digest: &str| digest.chars().take(8).collect::<String>();
        Ok(Self {
            name: format!("static:{label}@{}{}", short(&numbers), short(&words)),
            model,
        })
    }

    fn failed(&self, reason: String) -> EmbedError {
        EmbedError {
            embedder: self.name.clone(),
            reason,
        }
    }
}

fn read_file(folder: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(name);
    let unreadable = |error: std::io::Error| format!("{name} cannot be read: {error}");
    let file = fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if length > MAX_FILE_BYTES {
        return Err(format!("{name} is larger than {MAX_FILE_BYTES} bytes"));
    }
    Ok(bytes)
}

/// The digest of a file in the lines that `sha256sum` writes.
fn digest_in<'a>(sums: &'a str, name: &str) -> Option<&'a str> {
    sums.lines().find_map(|line| {
        let (digest, file) = line.split_once(char::is_whitespace)?;
        (file.trim_start_matches([' ', '*']) == name).then_some(digest)
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[async_trait]
impl Embedder for StaticEmbedder {
    fn name(&self) -> &str {
        &self.name
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for some in texts.chunks(MAX_AT_A_TIME) {
            let asked: Vec<String> = some.iter().map(|it| bounded(it)).collect();
            let model = self.model.clone();
            let work = move || model.encode_with_args(&asked, Some(MAX_TOKENS), MAX_AT_A_TIME);
            let done = tokio::task::spawn_blocking(work).await;
            vectors.extend(done.map_err(|_| self.failed("a text cannot be read by its tokenizer".into()))?);
        }
        for vector in vectors.iter_mut().filter(|it| it.iter().all(|x| *x == 0.0)) {
            // A text without a single known token: all such texts are alike, and unlike others.
            if let Some(first) = vector.first_mut() {
                *first = 1.0;
            }
        }
        checked(vectors, texts.len()).map_err(|reason| self.failed(reason))
    }
}
