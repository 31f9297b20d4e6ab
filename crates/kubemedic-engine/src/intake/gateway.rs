//! Routes in the configuration of gateways: Spring Cloud Gateway (YAML or properties) and nginx.
//! It reads lines, keeps routes only and never fails; whether a route is right is decided in `analysis`.

use std::collections::BTreeMap;

use kubemedic_model::{
    evidence::Origin,
    snapshot::{Meta, network::GatewayRoute},
};

/// The most routes of one configuration.
const MAX_ROUTES: usize = 500;
/// The prefix of Spring Cloud Gateway's routes in a properties file.
const PROPERTIES: &str = "spring.cloud.gateway.routes[";

/// A route while it is read.
#[derive(Debug, Default)]
struct Draft<'a> {
    id: Option<&'a str>,
    uri: Option<&'a str>,
    path: Option<&'a str>,
}

/// Whether a text can hold routes.
pub(super) fn may_route(text: &str) -> bool {
    text.contains("proxy_pass") || (text.contains("routes") && text.contains("uri"))
}

/// The routes of one value of a ConfigMap.
pub(super) fn routes(meta: &Meta, text: &str) -> Vec<GatewayRoute> {
    if !may_route(text) {
        return Vec::new();
    }
    let mut drafts = spring(text);
    drafts.extend(nginx(text));
    let made = drafts.into_iter().filter_map(|draft| made(meta, &draft));
    made.take(MAX_ROUTES).collect()
}

/// A route that leads somewhere.
fn made(meta: &Meta, draft: &Draft<'_>) -> Option<GatewayRoute> {
    let (host, port) = target(draft.uri?)?;
    Some(GatewayRoute {
        config: meta.name.clone(),
        namespace: meta.namespace.clone(),
        id: draft.id.map(str::to_owned),
        path: draft.path.map(str::to_owned),
        host: host.to_owned(),
        port,
        origin: Origin::clone(&meta.origin),
    })
}

/// Routes of Spring Cloud Gateway.
fn spring(text: &str) -> Vec<Draft<'_>> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut number = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix(PROPERTIES) {
            property(&mut drafts, &mut number, rest);
            continue;
        }
        let item = line.strip_prefix("- ").map(str::trim_start);
        let field = item.unwrap_or(line);
        if let Some(id) = value_of(field, "id") {
            if item.is_some() {
                drafts.push(Draft::default());
            }
            set(&mut drafts, |draft| draft.id = Some(id));
        } else if let Some(uri) = value_of(field, "uri") {
            if item.is_some() {
                drafts.push(Draft::default());
            }
            set(&mut drafts, |draft| draft.uri = Some(uri));
        } else if let Some(path) = field.trim_matches(['"', '\'']).strip_prefix("Path=") {
            set(&mut drafts, |draft| draft.path = Some(first_path(path)));
        }
    }
    drafts
}

/// One property of a route: `0].uri=lb://orders`.
fn property<'a>(drafts: &mut Vec<Draft<'a>>, number: &mut Option<&'a str>, rest: &'a str) {
    let Some((index, rest)) = rest.split_once("].") else {
        return;
    };
    let Some((key, value)) = rest.split_once('=') else {
        return;
    };
    if *number != Some(index) {
        *number = Some(index);
        drafts.push(Draft::default());
    }
    let value = value.trim();
    set(drafts, |draft| match key.trim() {
        "id" => draft.id = Some(value),
        "uri" => draft.uri = Some(value),
        _ => {
            if let Some(path) = value.strip_prefix("Path=") {
                draft.path = Some(first_path(path));
            }
        }
    });
}

/// Changes the last draft.
fn set<'a>(drafts: &mut [Draft<'a>], change: impl FnOnce(&mut Draft<'a>)) {
    if let Some(draft) = drafts.last_mut() {
        change(draft);
    }
}

/// The value of `key: value`.
fn value_of<'a>(field: &'a str, key: &str) -> Option<&'a str> {
    let value = field.strip_prefix(key)?.strip_prefix(':')?.trim();
    let value = value.trim_matches(['"', '\'']);
    (!value.is_empty()).then_some(value)
}

/// The first of several paths.
fn first_path(paths: &str) -> &str {
    paths
        .split(',')
        .next()
        .unwrap_or(paths)
        .trim()
        .trim_matches(['"', '\''])
}

/// Routes of nginx: the location around each `proxy_pass`, upstreams followed to their first server.
fn nginx(text: &str) -> Vec<Draft<'_>> {
    let mut upstreams: BTreeMap<&str, &str> = BTreeMap::new();
    let mut upstream = None;
    let mut location = None;
    let mut drafts = Vec::new();
    for line in text.lines() {
        let mut words = line
            .split([' ', '\t', ';', '{', '}'])
            .filter(|word| !word.is_empty());
        match words.next() {
            Some("upstream") => upstream = words.next(),
            Some("server") => {
                if let (Some(name), Some(server)) = (upstream, words.next()) {
                    upstreams.entry(name).or_insert(server);
                }
            }
            Some("location") => {
                upstream = None;
                location = words.find(|word| !matches!(*word, "=" | "~" | "~*" | "^~"));
            }
            Some("proxy_pass") => drafts.push(Draft {
                id: None,
                uri: words.next(),
                path: location,
            }),
            _ => {}
        }
    }
    for draft in &mut drafts {
        let host = draft.uri.and_then(target).map(|(host, _)| host);
        if let Some(server) = host.and_then(|host| upstreams.get(host)) {
            draft.uri = Some(server);
        }
    }
    drafts
}

/// Host and port of a URI; a placeholder with a default (`${HOST:orders}`) means its default.
fn target(uri: &str) -> Option<(&str, Option<u16>)> {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let (host, rest) = if let Some(placeholder) = rest.strip_prefix("${") {
        let (inside, after) = placeholder.split_once('}')?;
        (inside.split_once(':')?.1, after)
    } else {
        let end = rest.find([':', '/', '?']).unwrap_or(rest.len());
        rest.split_at_checked(end)?
    };
    let port = rest.strip_prefix(':').and_then(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    });
    let plain = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    plain.then_some((host, port))
}

#[cfg(test)]
mod tests;
