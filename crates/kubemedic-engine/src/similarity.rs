//! How alike texts are: lines of logs, causes, whole incidents. Words of logs always tell; vectors of an embedder tell more where
//! there are any. It makes no vectors (that is a port's work) and decides nothing about causes.
//!
//! | what | formula | source |
//! |---|---|---|
//! | weight of a term | `ln(1 + (N - n + 0.5) / (n + 0.5))`, with N and n over the given texts and a background of log English | BM25's idf: Robertson and Zaragoza, *The Probabilistic Relevance Framework*, 2009; kept positive as in Lucene |
//! | likeness of words | cosine of the vectors `(1 + ln tf) * idf` | Salton and Buckley 1988 |
//! | likeness of vectors | cosine, less what unrelated lines of logs have for that embedder | Ethayarajh 2019 on anisotropy |
//! | likeness of two texts | `(0.25 words + 0.20 vectors) / 0.45`, words alone without vectors | LEARNING.md section 2, renormalised |
//! | likeness of two incidents | `0.45` Jaccard of templates by idf, `0.25` BM25 by its greatest value, `0.20` vectors, `0.10` same class, renormalised over what there is | LEARNING.md section 2 |
//! | groups | average link, down to a threshold | Sokal and Michener 1958 |
//! | choice of cases | maximal marginal relevance, `0.7 score - 0.3` likeness to the chosen | Carbonell and Goldstein 1998 |
//! | novelty | `1 -` the greatest likeness to what was seen | first story detection: Allan, Lavrenko and Jin 2000 |

mod cluster;
mod concepts;
mod dense;
mod incident;
mod index;
mod meaning;
mod past;
mod sparse;
mod weighed;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use self::weighed::{Parts, Ready, Weighed, marginal};
pub use self::{
    cluster::{Cluster, MAX_CLUSTERED, cluster},
    dense::{PROBES, baseline, cosine, normalised},
    incident::{Hit, Incident, Incidents, MAX_POOL, Vectors},
    index::Index,
    meaning::{Meaning, Measure},
    past::Past,
    sparse::{Idf, Sparse},
    weighed::MIN_LIKENESS,
    words::words,
};
