//! What a person needs to know of a kubeconfig context: its cluster and the API server's address. Credentials stay unread.

use std::{fs, path::PathBuf};

use kubemedic_ports::cluster::{ClusterError, ContextInfo};
use serde::Deserialize;

/// The largest kubeconfig that is read, in bytes.
const MAX_KUBECONFIG_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Kubeconfig {
    contexts: Vec<NamedContext>,
    clusters: Vec<NamedCluster>,
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    context: ContextBody,
}

#[derive(Deserialize)]
struct ContextBody {
    cluster: String,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    cluster: ClusterBody,
}

#[derive(Deserialize)]
struct ClusterBody {
    #[serde(default)]
    server: String,
}

/// The context of that name; as kubectl does, the first file that has it wins.
pub(super) fn find(paths: &[PathBuf], name: &str) -> Result<ContextInfo, ClusterError> {
    let bad = |reason: String| ClusterError::BadContext {
        context: name.to_owned(),
        reason,
    };
    let mut contexts = Vec::new();
    let mut clusters = Vec::new();
    for path in paths.iter().filter(|path| path.exists()) {
        let shown = path.display();
        let size = fs::metadata(path)
            .map_err(|error| bad(format!("{shown}: {error}")))?
            .len();
        if size > MAX_KUBECONFIG_BYTES {
            return Err(bad(format!(
                "{shown} is larger than {MAX_KUBECONFIG_BYTES} bytes"
            )));
        }
        let text = fs::read_to_string(path).map_err(|error| bad(format!("{shown}: {error}")))?;
        // The parser's own message may quote the file, which holds credentials.
        let parsed: Kubeconfig =
            serde_saphyr::from_str(&text).map_err(|_| bad(format!("{shown} is not a kubeconfig")))?;
        contexts.extend(parsed.contexts);
        clusters.extend(parsed.clusters);
    }
    let context = contexts.into_iter().find(|it| it.name == name).ok_or_else(|| {
        let files: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        bad(format!(
            "no such context in {}: see 'kubectl config get-contexts'",
            files.join(", ")
        ))
    })?;
    let cluster = context.context.cluster;
    let server = clusters
        .into_iter()
        .find(|it| it.name == cluster)
        .map(|it| it.cluster.server);
    let server = server.ok_or_else(|| bad(format!("its cluster '{cluster}' is not in the kubeconfig")))?;
    Ok(ContextInfo {
        context: name.to_owned(),
        cluster,
        server: without_credentials(&server),
    })
}

/// An address without user and password.
fn without_credentials(server: &str) -> String {
    reqwest::Url::parse(server).map_or_else(
        |_| "(unreadable address)".to_owned(),
        |url| crate::http::shown(&url),
    )
}
