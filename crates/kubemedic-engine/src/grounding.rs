//! What a language model is told of a case, and what of its answer may stand beside or before the engine's.
//! Every reply is text from outside: checked against the evidence, the state and the policy, dropped where it does not hold.

mod analysis;
mod briefing;
mod citation;
mod fence;
mod monitoring;
mod objects;
mod profile;
mod remediation;
pub mod reply;
mod support;
pub mod tools;
mod verdict;
mod words;

pub use analysis::ground_analysis;
pub use briefing::{
    BriefClaim, BriefClass, BriefEvidence, BriefFinding, BriefLine, BriefObject, Briefing, LeftOut, classes,
};
pub use fence::fence;
pub use monitoring::ground_monitoring;
pub use remediation::{doubts, ground_remediation, repaired};
pub use verdict::{Chosen, Disagreement, DropKind, Dropped, Grounded, Insight, Opinion};

/// Makes what every reply needs, so that the first one does not wait for it. Only a program with a model needs it.
pub fn warm_up() {
    profile::warm_up();
}

/// The longest sentence of a model that is kept, in characters.
const MAX_MODEL_SENTENCE_CHARS: usize = 400;

/// A model's words as they may be kept: one line, nothing invisible, at most so many characters.
fn plain(text: &str, limit: usize) -> String {
    let visible = fence::visible(text.get(..text.floor_char_boundary(limit * 8)).unwrap_or(text));
    let words: Vec<&str> = visible.split_whitespace().collect();
    briefing::shorten(&words.join(" "), limit)
}
