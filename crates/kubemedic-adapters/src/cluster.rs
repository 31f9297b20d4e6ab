//! The user's own kubectl: argv only, never a shell, a clean environment, a time limit and a cap on its output.

mod kubeconfig;

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use async_trait::async_trait;
use kubemedic_model::approval::AuthorizedCommand;
use kubemedic_ports::cluster::{Cluster, ClusterError, CommandOutput, ContextInfo};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Child,
};

/// How long one kubectl command may run.
const TIME_LIMIT: Duration = Duration::from_mins(2);
/// The most bytes that are kept of each of kubectl's streams.
const MAX_OUTPUT_BYTES: usize = 64 * 1024;

/// What of our environment kubectl sees: where to find credential plug-ins, the home folder with its caches, and proxies.
pub const PASSED_VARIABLES: [&str; 8] = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
];

/// Where kubectl is and which context it uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KubectlSettings {
    /// The program; `kubectl` is looked up on the passed `PATH`.
    pub program: PathBuf,
    /// The kubeconfig; `None`: kubectl's own default.
    pub kubeconfig: Option<PathBuf>,
    /// The context; `None`: nothing is executed.
    pub context: Option<String>,
    /// The variables that kubectl gets, out of [`PASSED_VARIABLES`].
    pub environment: Vec<(String, String)>,
}

/// Runs kubectl in one context, or nothing at all.
#[derive(Debug)]
pub struct Kubectl {
    settings: KubectlSettings,
    context: Option<ContextInfo>,
}

impl Kubectl {
    /// Finds the context in the kubeconfig and kubectl on the path. Without a context nothing is looked up or run.
    ///
    /// # Errors
    /// [`ClusterError::BadContext`] when the kubeconfig cannot be read or has no such context,
    /// [`ClusterError::NotStarted`] when there is no kubectl.
    pub fn new(settings: KubectlSettings) -> Result<Self, ClusterError> {
        let Some(name) = settings.context.clone() else {
            return Ok(Self {
                settings,
                context: None,
            });
        };
        let info = kubeconfig::find(&kubeconfig_paths(&settings), &name)?;
        let program = find_program(&settings)?;
        Ok(Self {
            settings: KubectlSettings { program, ..settings },
            context: Some(info),
        })
    }

    /// The argv without the program: the context first, so that no later word can be read as a value of an earlier one.
    fn arguments(command: &AuthorizedCommand) -> Vec<String> {
        let mut words = vec![format!("--context={}", command.context())];
        words.extend(command.command().argv().iter().skip(1).cloned());
        words
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where a process starts: an authorised kubectl"
    )]
    fn start(&self, command: &AuthorizedCommand) -> Result<Child, ClusterError> {
        let mut process = tokio::process::Command::new(&self.settings.program);
        process
            .args(Self::arguments(command))
            .env_clear()
            .envs(
                self.settings
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            // A kuberc file may add flags and rename verbs: what was approved would not be what runs.
            .env("KUBERC", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(path) = &self.settings.kubeconfig {
            process.env("KUBECONFIG", path);
        }
        process.spawn().map_err(|error| ClusterError::NotStarted {
            reason: format!("{}: {error}", self.settings.program.display()),
        })
    }
}

/// The kubeconfig files, by `KUBECONFIG` (a path list) or kubectl's default.
fn kubeconfig_paths(settings: &KubectlSettings) -> Vec<PathBuf> {
    match &settings.kubeconfig {
        Some(list) => std::env::split_paths(list.as_os_str())
            .filter(|path| !path.as_os_str().is_empty())
            .collect(),
        None => variable(settings, "HOME")
            .map(|home| Path::new(home).join(".kube/config"))
            .into_iter()
            .collect(),
    }
}

/// A variable of kubectl's environment.
fn variable<'a>(settings: &'a KubectlSettings, name: &str) -> Option<&'a str> {
    settings
        .environment
        .iter()
        .find(|(have, _)| have == name)
        .map(|(_, value)| value.as_str())
}

/// kubectl's full path, so that the same program runs every time.
fn find_program(settings: &KubectlSettings) -> Result<PathBuf, ClusterError> {
    if settings.program.components().count() > 1 {
        return Ok(settings.program.clone());
    }
    let path = variable(settings, "PATH").unwrap_or_default();
    std::env::split_paths(path)
        .map(|folder| folder.join(&settings.program))
        .find(|program| program.is_file())
        .ok_or_else(|| ClusterError::NotStarted {
            reason: format!(
                "'{}' is not on the PATH: install kubectl",
                settings.program.display()
            ),
        })
}

/// Reads a stream to its end and keeps its first bytes.
async fn capped(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut kept = Vec::new();
    let Some(mut stream) = stream else { return kept };
    let mut chunk = [0_u8; 8192];
    while let Ok(read) = stream.read(&mut chunk).await {
        if read == 0 {
            break;
        }
        let room = MAX_OUTPUT_BYTES.saturating_sub(kept.len()).min(read);
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
    }
    kept
}

/// Both streams as one text, standard output first.
fn joined(stdout: &[u8], stderr: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(stdout).into_owned();
    if !text.is_empty() && !text.ends_with('\n') && !stderr.is_empty() {
        text.push('\n');
    }
    text.push_str(&String::from_utf8_lossy(stderr));
    text
}

#[async_trait]
impl Cluster for Kubectl {
    fn context(&self) -> Option<&ContextInfo> {
        self.context.as_ref()
    }

    async fn execute(&self, command: &AuthorizedCommand) -> Result<CommandOutput, ClusterError> {
        match &self.context {
            None => return Err(ClusterError::NotConfigured),
            Some(info) if info.context != command.context() => {
                return Err(ClusterError::BadContext {
                    context: command.context().to_owned(),
                    reason: format!("this process runs commands in '{}' only", info.context),
                });
            }
            Some(_) => {}
        }
        let mut child = self.start(command)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let run = async { tokio::join!(capped(stdout), capped(stderr), child.wait()) };
        let Ok((stdout, stderr, status)) = tokio::time::timeout(TIME_LIMIT, Box::pin(run)).await else {
            let _ = child.kill().await;
            let output = format!("ended after {} seconds without a result", TIME_LIMIT.as_secs());
            return Ok(CommandOutput {
                exit_code: None,
                output,
                timed_out: true,
            });
        };
        let exit_code = status.ok().and_then(|status| status.code());
        Ok(CommandOutput {
            exit_code,
            output: joined(&stdout, &stderr),
            timed_out: false,
        })
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
