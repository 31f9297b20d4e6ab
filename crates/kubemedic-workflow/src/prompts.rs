//! The prompts: minijinja templates, built in and replaceable file by file (`PROMPTS_DIR`). A set of prompts that exists has been
//! rendered once with every value that the agents give, so that a bad template is found at the start and not in an incident.
//! What templates are given is either ours or a fenced data block; none of them ever sees a raw word from outside.

use std::{collections::BTreeMap, fmt};

use kubemedic_model::{class::FailureClass, plan::Strategy};
use minijinja::{Environment, UndefinedBehavior, Value, syntax::SyntaxConfig};

#[cfg(test)]
mod tests;

/// The steps that rendering one template may take.
const FUEL: u64 = 200_000;
/// The most bytes of a replaced template.
const MAX_TEMPLATE_BYTES: usize = 64 * 1024;
/// The most bytes of a rendered prompt's fixed part: an override that repeats itself is refused.
const MAX_SAMPLE_BYTES: usize = 256 * 1024;

/// Every template with its built-in words.
const TEMPLATES: [(&str, &str); 11] = [
    ("rules.md", include_str!("../prompts/rules.md")),
    (
        "monitoring.system.md",
        include_str!("../prompts/monitoring.system.md"),
    ),
    (
        "monitoring.user.md",
        include_str!("../prompts/monitoring.user.md"),
    ),
    (
        "analysis.system.md",
        include_str!("../prompts/analysis.system.md"),
    ),
    ("analysis.user.md", include_str!("../prompts/analysis.user.md")),
    (
        "remediation.system.md",
        include_str!("../prompts/remediation.system.md"),
    ),
    (
        "remediation.user.md",
        include_str!("../prompts/remediation.user.md"),
    ),
    (
        "commands.system.md",
        include_str!("../prompts/commands.system.md"),
    ),
    ("commands.user.md", include_str!("../prompts/commands.user.md")),
    ("repair.md", include_str!("../prompts/repair.md")),
    ("enough.md", include_str!("../prompts/enough.md")),
];

/// A prompt cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// No agent has a prompt of this name.
    #[error("'{name}' is no prompt: the names are {}", names().collect::<Vec<_>>().join(", "))]
    Unknown {
        /// The file's name.
        name: String,
    },
    /// It is too long.
    #[error("prompt '{name}' is longer than {MAX_TEMPLATE_BYTES} bytes")]
    TooLong {
        /// The file's name.
        name: String,
    },
    /// It is no template, or it uses what it is not given.
    #[error("prompt '{name}' cannot be rendered: {reason}")]
    NotRendered {
        /// The file's name.
        name: String,
        /// Why, with the line.
        reason: String,
    },
}

/// The names of all templates, as files of `PROMPTS_DIR` are called.
pub fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|(name, _)| *name)
}

/// A set of prompts that can be rendered.
#[derive(Clone)]
pub struct Prompts {
    environment: Environment<'static>,
    replaced: BTreeMap<String, String>,
}

impl fmt::Debug for Prompts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replaced: Vec<&String> = self.replaced.keys().collect();
        f.debug_struct("Prompts")
            .field("replaced", &replaced)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Prompts {
    fn eq(&self, other: &Self) -> bool {
        self.replaced == other.replaced
    }
}

/// What the templates of a call are given besides the fixed lists. Every text is ours or a fenced block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    /// The random word around data.
    pub(crate) boundary: String,
    /// Cluster, namespace, verdict: fenced.
    pub(crate) case: String,
    /// What the engine considered: fenced.
    pub(crate) claims: String,
    /// Quoted facts: fenced.
    pub(crate) evidence: String,
    /// Findings that no evidence quotes: fenced.
    pub(crate) findings: String,
    /// Objects that exist: fenced.
    pub(crate) objects: String,
    /// Past incidents that are alike: fenced; empty where there are none.
    pub(crate) past: String,
    /// What the person asks: fenced; empty where nobody asked.
    pub(crate) question: String,
    /// The root causes to repair: fenced.
    pub(crate) causes: String,
    /// The engine's plans: fenced.
    pub(crate) plans: String,
    /// What people said of earlier plans: fenced; empty without any.
    pub(crate) experience: String,
    /// Refused commands with the reasons: fenced.
    pub(crate) refused: String,
    /// What is wrong with an answer: fenced.
    pub(crate) complaints: String,
    /// How sure the engine is, in a sentence of ours.
    pub(crate) certainty: String,
    /// Whether functions may be called.
    pub(crate) tools: bool,
    /// How many rounds of them.
    pub(crate) rounds: u32,
}

impl Default for Prompts {
    fn default() -> Self {
        // The built-in templates are proven by a test; without them no model would be asked at all.
        Self::with_replaced(BTreeMap::new()).unwrap_or_else(|_| Self {
            environment: Environment::new(),
            replaced: BTreeMap::new(),
        })
    }
}

impl Prompts {
    /// The built-in prompts with some replaced, by file name.
    ///
    /// # Errors
    /// [`PromptError`] naming the file: its name is not known, it is too long, or it cannot be rendered.
    pub fn with_replaced(replaced: BTreeMap<String, String>) -> Result<Self, PromptError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_syntax(syntax()?);
        environment.set_fuel(Some(FUEL));
        for name in replaced.keys() {
            if !names().any(|known| known == name) {
                return Err(PromptError::Unknown { name: name.clone() });
            }
        }
        for (name, built_in) in TEMPLATES {
            let source = replaced.get(name).map_or(built_in, String::as_str);
            if source.len() > MAX_TEMPLATE_BYTES {
                return Err(PromptError::TooLong {
                    name: name.to_owned(),
                });
            }
            environment
                .add_template_owned(name, source.to_owned())
                .map_err(|error| not_rendered(name, &error))?;
        }
        let prompts = Self {
            environment,
            replaced,
        };
        prompts.check()?;
        Ok(prompts)
    }

    /// How many templates are somebody's own.
    pub fn replaced(&self) -> usize {
        self.replaced.len()
    }

    /// Renders every template once, with and without functions.
    fn check(&self) -> Result<(), PromptError> {
        for tools in [true, false] {
            let given = Given {
                boundary: "boundary".to_owned(),
                tools,
                ..Given::default()
            };
            for name in names() {
                let text = self.render(name, &given)?;
                if text.len() > MAX_SAMPLE_BYTES {
                    let reason = format!("it becomes longer than {MAX_SAMPLE_BYTES} bytes");
                    let name = name.to_owned();
                    return Err(PromptError::NotRendered { name, reason });
                }
            }
        }
        Ok(())
    }

    /// A prompt with its values in place. Lines that stay empty where nothing was given are left out.
    pub(crate) fn render(&self, name: &str, given: &Given) -> Result<String, PromptError> {
        let rendered = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(given.values()))
            .map_err(|error| not_rendered(name, &error))?;
        Ok(rendered.trim().to_owned())
    }
}

impl Given {
    /// Everything that a template may use: what is given, and the lists that are always the same.
    fn values(&self) -> Value {
        let texts = [
            ("boundary", &self.boundary),
            ("case", &self.case),
            ("claims", &self.claims),
            ("evidence", &self.evidence),
            ("findings", &self.findings),
            ("objects", &self.objects),
            ("past", &self.past),
            ("question", &self.question),
            ("causes", &self.causes),
            ("plans", &self.plans),
            ("experience", &self.experience),
            ("refused", &self.refused),
            ("complaints", &self.complaints),
            ("certainty", &self.certainty),
        ];
        let texts = texts
            .into_iter()
            .map(|(name, text)| (name, Value::from(text.as_str())));
        let others = [
            ("tools", Value::from(self.tools)),
            ("rounds", Value::from(self.rounds)),
            ("classes", classes()),
            ("strategies", strategies()),
        ];
        Value::from_pairs(texts.chain(others))
    }
}

fn classes() -> Value {
    let classes = FailureClass::ALL
        .iter()
        .filter(|class| **class != FailureClass::Healthy);
    let listed = classes.map(|class| Value::from_pairs([("id", class.id()), ("title", class.title())]));
    Value::from(listed.collect::<Vec<_>>())
}

fn strategies() -> Value {
    let names = Strategy::ALL.iter().map(|it| Value::from(it.as_str()));
    Value::from(names.collect::<Vec<_>>())
}

/// Lines that only hold a tag leave no line behind.
fn syntax() -> Result<SyntaxConfig, PromptError> {
    let mut builder = SyntaxConfig::builder();
    builder.trim_blocks(true).lstrip_blocks(true);
    builder.build().map_err(|error| not_rendered("rules.md", &error))
}

fn not_rendered(name: &str, error: &minijinja::Error) -> PromptError {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        reason.push_str(": ");
        reason.push_str(&cause.to_string());
        source = cause.source();
    }
    PromptError::NotRendered {
        name: error.name().unwrap_or(name).to_owned(),
        reason,
    }
}
