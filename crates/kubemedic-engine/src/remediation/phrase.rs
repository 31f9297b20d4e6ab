//! Fills the names of a site into the sentences of the knowledge base. A name that the evidence does not tell becomes
//! a plain noun, so that no sentence ever holds a gap.

use kubemedic_model::diagnosis::Fact;

use super::site::{Site, Target};

/// The longest detail that a sentence repeats, in characters.
const MAX_DETAIL_CHARS: usize = 120;

/// The sentence with the words in braces replaced.
pub(crate) fn phrase(site: &Site<'_>, text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        result.push_str(before);
        let Some((word, remainder)) = after.split_once('}') else {
            rest = after;
            continue;
        };
        result.push_str(&filler(site, word));
        rest = remainder;
    }
    result.push_str(rest);
    result
}

/// What stands for a word in braces.
fn filler(site: &Site<'_>, word: &str) -> String {
    match word {
        "workload" => object(site.workload.as_ref(), "the workload"),
        "pod" => object(site.pod.as_ref(), "the pod"),
        "node" => object(site.node().as_ref(), "the node"),
        "service" => object(site.service().as_ref(), "the Service"),
        "object" => site
            .cause
            .object
            .as_ref()
            .map_or_else(|| "the object".to_owned(), ToString::to_string),
        "namespace" => site
            .namespace
            .as_ref()
            .map_or_else(|| "its namespace".to_owned(), |name| format!("namespace {name}")),
        "container" => site
            .container()
            .map_or_else(|| "the container".to_owned(), |name| format!("container {name}")),
        _ => detail(site, word),
    }
}

/// An object in words.
fn object(target: Option<&Target>, noun: &str) -> String {
    target.map_or_else(|| noun.to_owned(), |target| target.resource().to_string())
}

/// A fact in words: the noun, and the value where the evidence tells it.
fn detail(site: &Site<'_>, word: &str) -> String {
    let (fact, noun) = match word {
        "image" => (Fact::Image, "the image"),
        "registry" => (Fact::Registry, "the registry"),
        "memory_limit" => (Fact::MemoryLimit, "the present memory limit"),
        "resource" => (Fact::Resource, "the resource"),
        "host" => (Fact::Host, "the host"),
        "port" => (Fact::Port, "the port"),
        "configmap" => (Fact::ConfigMap, "the ConfigMap"),
        "secret" => (Fact::Secret, "the Secret"),
        "key" => (Fact::Key, "the setting"),
        "claim" => (Fact::Claim, "the claim"),
        "storage_class" => (Fact::StorageClass, "the storage class"),
        "taint" => (Fact::Taint, "the taint"),
        "label" => (Fact::Label, "the label or selector"),
        "account" => (Fact::ServiceAccount, "the service account"),
        "verb" => (Fact::Verb, "the verb"),
        "refused" => (Fact::RefusedResource, "the resource"),
        "quota" => (Fact::Quota, "the quota or limit range"),
        "network_policy" => (Fact::NetworkPolicy, "the NetworkPolicy"),
        "path" => (Fact::Path, "the path"),
        "command" => (Fact::Command, "the command line"),
        "exception" => (Fact::Exception, "the error"),
        "webhook" => (Fact::Webhook, "the webhook"),
        "budget" => (Fact::Budget, "the object"),
        "finalizer" => (Fact::Finalizer, "the finalizer"),
        "store" => (Fact::Store, "the store"),
        _ => return "it".to_owned(),
    };
    match site.fact(fact) {
        Some(value) => format!("{noun} {}", shorten(value)),
        None => noun.to_owned(),
    }
}

/// A detail on one line, cut to a bounded length.
fn shorten(value: &str) -> String {
    value
        .trim_end_matches(['.', ',', ':'])
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_DETAIL_CHARS)
        .collect()
}
