//! An embedder that remembers: the vectors of the texts that it was asked for of late, by their digest, in bounded memory.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use kubemedic_ports::embedder::{EmbedError, Embedder};
use sha2::{Digest, Sha256};

/// The most bytes of vectors that are remembered.
const MAX_BYTES: usize = 16 * 1024 * 1024;

type Key = [u8; 32];

/// An embedder with a memory.
#[derive(Debug)]
pub struct Cached<E> {
    embedder: E,
    memory: Mutex<Memory>,
    max_bytes: usize,
}

#[derive(Debug, Default)]
struct Memory {
    /// The vector of a text, and when it was last asked for.
    vectors: HashMap<Key, (u64, Vec<f32>)>,
    /// Texts in the order in which they were last asked for.
    order: BTreeMap<u64, Key>,
    asked: u64,
    bytes: usize,
}

impl Memory {
    fn recall(&mut self, key: &Key) -> Option<Vec<f32>> {
        self.asked += 1;
        let (last, vector) = self.vectors.get_mut(key)?;
        self.order.remove(last);
        *last = self.asked;
        self.order.insert(self.asked, *key);
        Some(vector.clone())
    }

    fn keep(&mut self, key: Key, vector: &[f32], max_bytes: usize) {
        if self.vectors.contains_key(&key) {
            return;
        }
        self.asked += 1;
        self.bytes += size_of_val(vector);
        self.order.insert(self.asked, key);
        self.vectors.insert(key, (self.asked, vector.to_vec()));
        while self.bytes > max_bytes {
            let Some((_, oldest)) = self.order.pop_first() else {
                break;
            };
            if let Some((_, vector)) = self.vectors.remove(&oldest) {
                self.bytes -= size_of_val(vector.as_slice());
            }
        }
    }
}

impl<E: Embedder> Cached<E> {
    /// Remembers 16 MiB of vectors.
    pub fn new(embedder: E) -> Self {
        Self::of_size(embedder, MAX_BYTES)
    }

    pub(super) fn of_size(embedder: E, max_bytes: usize) -> Self {
        Self {
            embedder,
            memory: Mutex::default(),
            max_bytes,
        }
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(text: &str) -> Key {
    Sha256::digest(text.as_bytes()).into()
}

#[async_trait]
impl<E: Embedder> Embedder for Cached<E> {
    fn name(&self) -> &str {
        self.embedder.name()
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let keys: Vec<Key> = texts.iter().map(|it| key(it)).collect();
        let mut known: HashMap<Key, Vec<f32>> = HashMap::new();
        let mut unknown: BTreeMap<Key, String> = BTreeMap::new();
        {
            let mut memory = self.memory();
            for (key, text) in keys.iter().zip(texts) {
                match memory.recall(key) {
                    Some(vector) => drop(known.insert(*key, vector)),
                    None => drop(unknown.insert(*key, text.clone())),
                }
            }
        }
        if !unknown.is_empty() {
            let (new, asked): (Vec<Key>, Vec<String>) = unknown.into_iter().unzip();
            let vectors = self.embedder.embed(&asked).await?;
            let mut memory = self.memory();
            for (key, vector) in new.into_iter().zip(vectors) {
                memory.keep(key, &vector, self.max_bytes);
                known.insert(key, vector);
            }
        }
        let vectors: Option<Vec<Vec<f32>>> = keys.iter().map(|key| known.get(key).cloned()).collect();
        vectors.ok_or_else(|| EmbedError {
            embedder: self.name().to_owned(),
            reason: "it gave fewer vectors than texts".into(),
        })
    }
}
