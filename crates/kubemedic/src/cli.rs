//! The command line (CONTRACT.md section 4).

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The most seeds of one benchmark.
const MAX_SEEDS: usize = 1000;

/// Agentic observability and remediation for Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "kubemedic", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the backend and the approval server
    Serve(Serve),
    /// Diagnose a log, a kubectl paste or an evidence object
    Diagnose(Diagnose),
    /// Measure the engine on a labelled corpus
    #[command(subcommand)]
    Eval(Eval),
    /// Measure and look at learning
    #[command(subcommand)]
    Learn(Learn),
    /// Parse or redact logs
    #[command(subcommand)]
    Logs(Logs),
    /// Judge kubectl commands
    #[command(subcommand)]
    Policy(Policy),
    /// Follow logs and tell each incident when its errors appear
    Watch(Watch),
    /// Check configuration, store, cluster, sources, approval server
    Verify,
    /// Print the OpenAPI document
    Openapi,
    /// List every setting with its default
    Settings {
        /// The form: text, or the Markdown of docs/CONFIG.md
        #[arg(long, value_enum, default_value_t = SettingsFormat::Text)]
        format: SettingsFormat,
        /// Only the value that this setting has here and now
        #[arg(long, value_name = "NAME")]
        value: Option<String>,
    },
}

/// Flags that override the environment.
#[derive(Debug, Args)]
pub struct Serve {
    /// The address to listen on (HOST)
    #[arg(long)]
    pub host: Option<String>,
    /// The backend's port (PORT)
    #[arg(long)]
    pub port: Option<String>,
    /// The approval server's port (APPROVAL_PORT)
    #[arg(long)]
    pub approval_port: Option<String>,
    /// The data folder (DATA_DIR)
    #[arg(long)]
    pub data_dir: Option<String>,
    /// The log folder (LOG_DIR)
    #[arg(long)]
    pub log_dir: Option<String>,
    /// The kubeconfig context in which approved commands run (EXECUTE_CONTEXT)
    #[arg(long)]
    pub execute_context: Option<String>,
    /// Another approval server (MCP_SERVER_URL)
    #[arg(long)]
    pub mcp_server_url: Option<String>,
}

/// A file to read; standard input without one.
#[derive(Debug, Args)]
pub struct Input {
    /// The file, plain or .gz; - or nothing is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
}

/// Which language model is asked, and whether its answers are kept.
#[derive(Debug, Clone, Default, Args)]
pub struct Asking {
    /// Ask a language model too: provider:model (several, comma-separated: in turn), configured (by the settings), or none
    #[arg(long, value_name = "SPEC")]
    pub model: Option<String>,
    /// Write every question and answer of the model to a file
    #[arg(long, value_name = "FILE", requires = "model", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Answer from a recorded file in place of the model: no key, no network
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}

/// One diagnosis.
#[derive(Debug, Args)]
pub struct Diagnose {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// A TOML file with rules of your own for redaction (REDACTION_RULES_FILE)
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Also tell why: all evidence, the hypotheses with their scores, the causal edges, the rival, what is missing
    #[arg(long)]
    pub explain: bool,
    /// Also write a page to look at, with the causal graph
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Exit with 1 when the verdict is one of these (comma-separated)
    #[arg(long, value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
    /// Whether a language model is asked too.
    #[command(flatten)]
    pub asking: Asking,
}

/// What to watch, and what to do with what is found.
#[derive(Debug, Args)]
pub struct Watch {
    /// Where the logs come from
    #[arg(long, value_enum, default_value_t = WatchedSource::Files)]
    pub source: WatchedSource,
    /// A folder, a file or a pattern (*, ?) below LOG_FILES_DIR; any folder where that is not set
    #[arg(long)]
    pub path: Option<String>,
    /// Also read what is there at the start
    #[arg(long)]
    pub from_start: bool,
    /// Lucene query string (elasticsearch)
    #[arg(long)]
    pub filter_pattern: Option<String>,
    /// Only entries of this namespace (elasticsearch)
    #[arg(long)]
    pub namespace: Option<String>,
    /// How often to look, in seconds, from 0.25
    #[arg(long, default_value_t = 2.0)]
    pub interval: f64,
    /// How long an incident that was told is not told again, in seconds
    #[arg(long, default_value_t = 300)]
    pub cooldown: u32,
    /// The form of what is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Start a workflow for each incident on this kubemedic (its API_TOKEN is the one of this process)
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

/// Where watched logs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WatchedSource {
    /// Files below LOG_FILES_DIR
    Files,
    /// The search cluster of ELASTICSEARCH_URL
    Elasticsearch,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// The form of the list of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SettingsFormat {
    /// For a terminal
    Text,
    /// For docs/CONFIG.md
    Markdown,
}

/// A verdict that makes the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum FailOn {
    /// Something is wrong now
    Incident,
    /// Something was wrong
    Recovered,
    /// Something may be wrong
    InsufficientEvidence,
}

/// Measurements.
#[derive(Debug, Subcommand)]
pub enum Eval {
    /// Diagnoses against their labels
    Diagnosis {
        /// A .jsonl of cases, or a folder of evidence .json.gz with `expected`
        path: PathBuf,
        /// The form of the answer
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Only this case: its evidence, hypotheses, causal edges, and why the winner won
        #[arg(long, value_name = "CASE")]
        explain: Option<String>,
        /// Also write a page to look at: figures, confusion, reliability, and each wrong case with its causal graph
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// Whether engine and model are compared.
        #[command(flatten)]
        asking: Asking,
    },
}

/// Learning.
#[derive(Debug, Subcommand)]
pub enum Learn {
    /// Play simulated operators and clusters with what is learnt here and with other ways to learn
    Bench(LearnBench),
    /// Write the feedback events of the data folder as lines; a server may run meanwhile
    Export,
    /// Fold an export into nothing and print the hash of what it teaches
    Replay(LearnReplay),
    /// Print the figures of what was learnt
    Stats {
        /// The form of the answer
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

/// An export to fold.
#[derive(Debug, Args)]
pub struct LearnReplay {
    /// The file that `learn export` wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Exit with 1 unless the file is whole and the hash is the export's
    #[arg(long)]
    pub verify: bool,
}

/// One benchmark of learning.
#[derive(Debug, Args)]
pub struct LearnBench {
    /// The seeds of the simulated worlds: a number, a range as 0-9, or a list of these with commas
    #[arg(long, default_value = "0-9")]
    pub seeds: Seeds,
    /// How many incidents are played for each seed
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rounds: u32,
    /// The form of the answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also write a page to look at, with the curves of regret and value
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Play the worlds with a learner of another program instead, which answers on standard input (bench/learn_vw.py)
    #[arg(long, conflicts_with_all = ["format", "html"])]
    pub peer: bool,
}

/// Seeds of simulated worlds, in the order in which they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeds(pub Vec<u64>);

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut seeds = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |word: &str| {
                let read = word.trim().parse::<u32>();
                read.map_err(|_| format!("'{part}' is no seed; write 7, 0-9 or 0-4,100"))
            };
            seeds.extend(
                (number(first)?..=number(last)?)
                    .map(u64::from)
                    .take(MAX_SEEDS + 1),
            );
            if seeds.len() > MAX_SEEDS {
                return Err(format!("more than {MAX_SEEDS} seeds"));
            }
        }
        if seeds.is_empty() {
            return Err("no seed; the first of a range is the smaller one".to_owned());
        }
        Ok(Self(seeds))
    }
}

/// Logs.
#[derive(Debug, Subcommand)]
pub enum Logs {
    /// One JSON line per record
    Parse(LogsInput),
    /// The text with its secrets replaced
    Redact(LogsInput),
}

/// A log, and how its secrets are told.
#[derive(Debug, Args)]
pub struct LogsInput {
    /// What to read.
    #[command(flatten)]
    pub input: Input,
    /// A TOML file with rules of your own for redaction (REDACTION_RULES_FILE)
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
}

/// The command policy.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// One command a line in, plain or as a JSON string; one verdict a line out
    Check(Input),
}
