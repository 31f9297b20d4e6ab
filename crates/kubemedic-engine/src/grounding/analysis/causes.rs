//! The causes of a reply that hold: a class that there is, an object that the case knows, citations that there are, and support.

use kubemedic_model::{
    class::FailureClass,
    diagnosis::{
        Diagnosis, RootCause, Verdict,
        explanation::{Claim, Outcome},
    },
    resource::ResourceRef,
};

use crate::{
    grounding::{
        Briefing, DropKind, Dropped, Grounded,
        citation::{Cited, Library},
        objects::Objects,
        plain,
        reply::CauseReply,
        support::Support,
        words,
    },
    intake::Intake,
};

/// The most causes of a reply that are looked at.
const MAX_CAUSES: usize = 5;
/// The most contributing factors of one cause.
const MAX_FACTORS: usize = 4;
/// The longest contributing factor, in characters.
const MAX_FACTOR_CHARS: usize = 200;
/// The longest explanation of a cause, in characters.
const MAX_EXPLANATION_CHARS: usize = 600;

/// A cause of a model after the checks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GroundedCause {
    pub(super) class: FailureClass,
    /// A finer cause that a claim of the engine names.
    pub(super) cause: Option<String>,
    pub(super) object: Option<ResourceRef>,
    pub(super) explanation: String,
    pub(super) factors: Vec<String>,
    pub(super) cited: Vec<Cited>,
    pub(super) support: Support,
    /// The model's word, capped by its support.
    pub(super) confidence: f64,
}

impl GroundedCause {
    /// Words about a cause of the engine.
    pub(super) fn explaining(cause: &RootCause, explanation: String) -> Self {
        Self {
            class: cause.class,
            cause: cause.cause.clone(),
            object: cause.object.clone(),
            explanation,
            factors: Vec::new(),
            cited: Vec::new(),
            support: Support {
                words: 0.0,
                error_words: false,
                claim: true,
                connected: false,
            },
            confidence: 0.0,
        }
    }

    /// Whether it says what a cause of the engine says: the class, and the object or its workload where both name one.
    pub(super) fn agrees_with(&self, cause: &RootCause) -> bool {
        self.class == cause.class && self.is_at(cause)
    }

    /// Whether it is about the object or the workload of a cause, where both name one.
    fn is_at(&self, cause: &RootCause) -> bool {
        let (Some(mine), Some(other)) = (&self.object, &cause.object) else {
            return true;
        };
        let workload = cause.workload.as_ref().map(|it| &it.resource.name);
        mine.name == other.name || workload == Some(&mine.name)
    }

    /// Whether it cites an error.
    pub(super) fn cites_error(&self) -> bool {
        self.cited.iter().any(|it| it.is_error)
    }
}

/// The causes that hold, in the order of the reply; the others are dropped, and what a model can mend is told.
pub(super) fn ground(
    replies: &[CauseReply],
    briefing: &Briefing,
    intake: &Intake,
    diagnosis: &Diagnosis,
    grounded: &mut Grounded<Diagnosis>,
) -> Vec<GroundedCause> {
    if replies.is_empty() {
        return Vec::new();
    }
    let library = Library {
        briefing,
        intake,
        diagnosis,
    };
    let mut objects = if replies.iter().any(|it| it.object.is_some()) {
        Objects::of(briefing, intake, diagnosis)
    } else {
        Objects::default()
    };
    let mut causes: Vec<GroundedCause> = Vec::new();
    for reply in replies.iter().take(MAX_CAUSES) {
        match check(reply, &library, &mut objects, &mut grounded.dropped) {
            Ok(cause) => {
                let twin = causes
                    .iter()
                    .any(|it| it.class == cause.class && it.object == cause.object);
                if twin {
                    let what = format!("{} a second time", cause.class);
                    grounded.dropped.push(Dropped::new(DropKind::Duplicate, what));
                } else {
                    causes.push(cause);
                }
            }
            Err(dropped) => {
                grounded.repair.push(mend(&dropped));
                grounded.dropped.push(dropped);
            }
        }
    }
    if replies.len() > MAX_CAUSES {
        let what = format!(
            "{} causes beyond the first {MAX_CAUSES}",
            replies.len() - MAX_CAUSES
        );
        grounded.dropped.push(Dropped::new(DropKind::TooMuch, what));
    }
    causes
}

/// What to tell the model of a dropped cause.
fn mend(dropped: &Dropped) -> String {
    let way_out = match dropped.kind {
        DropKind::UnknownWord => "use the id of a failure class of the list",
        DropKind::UnknownObject => "use an object exactly as the evidence names it, or null",
        DropKind::NoEvidence => "cite at least one id that is in the briefing",
        _ => "cite what shows this class, or leave the cause out",
    };
    format!("A cause was refused: {}; {way_out}.", dropped.what)
}

/// One cause after the checks.
fn check(
    reply: &CauseReply,
    library: &Library<'_>,
    objects: &mut Objects,
    dropped: &mut Vec<Dropped>,
) -> Result<GroundedCause, Dropped> {
    let class: Option<FailureClass> = reply.failure_class.trim().parse().ok();
    let Some(class) = class.filter(|it| *it != FailureClass::Healthy) else {
        let what = format!("'{}' is no failure class", plain(&reply.failure_class, 60));
        return Err(Dropped::new(DropKind::UnknownWord, what));
    };
    let cited = library.look_up(&reply.evidence, dropped);
    if cited.is_empty() {
        let what = format!("{class} cites nothing that there is");
        return Err(Dropped::new(DropKind::NoEvidence, what));
    }
    objects.add_cited(&cited);
    let claim = claim_of(reply, class, library.diagnosis, dropped);
    let object = match &reply.object {
        Some(asked) => Some(objects.known(asked).ok_or_else(|| {
            let what = format!(
                "{class} accuses {} '{}', which the case does not know",
                plain(&asked.kind, 40),
                plain(&asked.name, 120)
            );
            Dropped::new(DropKind::UnknownObject, what)
        })?),
        None => claim.and_then(|it| it.object.clone()),
    };
    let support = Support::of(class, object.as_ref(), &cited, library.diagnosis);
    let is_open =
        library.diagnosis.verdict == Verdict::InsufficientEvidence && cited.iter().any(|it| it.is_error);
    if !support.is_some() && !is_open {
        let what = format!("what is cited for {class} does not speak of it");
        return Err(Dropped::new(DropKind::Unsupported, what));
    }
    Ok(GroundedCause {
        class,
        cause: finer(reply, class, library.diagnosis, dropped),
        object,
        explanation: words::harmless(&reply.explanation, MAX_EXPLANATION_CHARS, dropped),
        factors: words::harmless_list(
            &reply.contributing_factors,
            MAX_FACTORS,
            MAX_FACTOR_CHARS,
            dropped,
        ),
        cited,
        confidence: support.confidence(reply.confidence),
        support,
    })
}

/// The claim that a cause refers to, where it is of that class.
fn claim_of<'a>(
    reply: &CauseReply,
    class: FailureClass,
    diagnosis: &'a Diagnosis,
    dropped: &mut Vec<Dropped>,
) -> Option<&'a Claim> {
    let id = reply
        .claim
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty())?;
    let claims = &diagnosis.explanation.claims;
    let found = claims
        .iter()
        .find(|it| it.id.to_string().eq_ignore_ascii_case(id));
    if found.is_none() {
        let what = format!("'{}' is no claim", plain(id, 40));
        dropped.push(Dropped::new(DropKind::UnknownId, what));
    }
    found.filter(|it| it.class == class && it.outcome != Outcome::Healed)
}

/// The finer cause, where a claim of the engine of that class names it: other words would choose repairs by their letters.
fn finer(
    reply: &CauseReply,
    class: FailureClass,
    diagnosis: &Diagnosis,
    dropped: &mut Vec<Dropped>,
) -> Option<String> {
    let asked = reply
        .cause
        .as_deref()
        .map(str::trim)
        .filter(|it| !it.is_empty())?;
    let mut claims = diagnosis.explanation.claims.iter();
    let known = claims.any(|it| it.class == class && it.cause.as_deref() == Some(asked));
    if !known {
        let what = format!(
            "'{}' is no finer cause that the engine knows here",
            plain(asked, 80)
        );
        dropped.push(Dropped::new(DropKind::UnknownWord, what));
    }
    known.then(|| asked.to_owned())
}
