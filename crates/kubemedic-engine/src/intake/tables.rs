//! `kubectl get`, `kubectl events` and `kubectl top` tables, with and without their header line.
//! Columns are found by the header's positions, kinds by the command, by the header or by `kind/name`.

mod grid;
mod headerless;
mod rows;

use kubemedic_model::{
    evidence::Origin,
    resource::{Kind, ResourceRef},
    snapshot::event::ClusterEvent,
};

pub(super) use grid::{Grid, Row};
pub(super) use headerless::{loose_event, pod_row};
pub(super) use rows::{access_modes, labels, port, ports_of};

use super::{
    cells::{repeated, told},
    collector::Collector,
};

/// What surrounds a table.
#[derive(Debug, Clone, Default)]
pub(super) struct TableContext {
    /// The kind that the command asked for.
    pub(super) kind: Option<Kind>,
    /// The namespace that the command asked for.
    pub(super) namespace: Option<String>,
    /// The object that the command was about, for events that do not tell.
    pub(super) object: Option<ResourceRef>,
}

/// A table with its header read.
#[derive(Debug)]
pub(super) struct Table<'g> {
    grid: Grid<'g>,
    /// Whether the rows are events.
    events: bool,
    /// The kind that the header's columns belong to.
    kind: Option<Kind>,
}

impl<'g> Table<'g> {
    /// The table of a header.
    pub(super) fn new(grid: Grid<'g>) -> Self {
        Self {
            events: grid.has("MESSAGE") && grid.has("REASON"),
            kind: kind_of(&grid),
            grid,
        }
    }

    /// Reads a line as a row, if its first cell can be what the first column of a table holds.
    pub(super) fn row<'b>(&self, line: &'b str) -> Option<Row<'b>>
    where
        'g: 'b,
    {
        let row = self.grid.row(line)?;
        let fits = if self.events {
            is_event_row(&row)
        } else {
            is_object_row(&self.grid, &row)
        };
        fits.then_some(row)
    }

    /// Adds one row to what has been collected. `false`: its kind is not known.
    pub(super) fn add(
        &self,
        collector: &mut Collector,
        row: &Row<'_>,
        context: &TableContext,
        origin: &Origin,
    ) -> bool {
        if self.events {
            collector.event(event(row, context, origin));
            return true;
        }
        let (slashed, name) = match row.get("NAME").unwrap_or("").split_once('/') {
            Some((kind, name)) => (Some(Kind::parse(kind)), name),
            None => (None, row.get("NAME").unwrap_or("")),
        };
        let known = slashed.as_ref().or(self.kind.as_ref());
        let Some(kind) = known.or(context.kind.as_ref()) else {
            return false;
        };
        if name.is_empty() {
            return false;
        }
        let meta = rows::meta(row, name, kind, context, origin);
        rows::add(collector, kind, meta, row)
    }
}

/// Whether a row tells of an event.
fn is_event_row(row: &Row<'_>) -> bool {
    row.get("TYPE")
        .is_some_and(|it| matches!(it, "Normal" | "Warning"))
        || row
            .get("LAST SEEN")
            .is_some_and(|it| repeated(it).age_seconds.is_some())
}

/// Whether a row tells of an object.
fn is_object_row(grid: &Grid<'_>, row: &Row<'_>) -> bool {
    let name = row.get("NAME").unwrap_or("");
    let bare = name.rsplit('/').next().unwrap_or(name);
    let named = !bare.is_empty()
        && bare.split(' ').next().is_some_and(|it| {
            it.bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':' | b'_'))
        })
        && (!bare.contains(' ') || bare.ends_with("(default)") || grid.columns() == 1);
    named
        && !bare.starts_with(|c: char| c.is_ascii_uppercase())
        && !bare.ends_with(':')
        && row.len() >= 2.min(grid.columns())
}

/// Adds the pod of a row that had no header.
pub(super) fn add_pod(collector: &mut Collector, row: &Row<'_>, context: &TableContext, origin: &Origin) {
    let name = row.get("NAME").unwrap_or("");
    let meta = rows::meta(row, name, &Kind::Pod, context, origin);
    collector.pod(rows::pod(meta, row));
}

/// The kind that a header's columns belong to, where they tell it apart from every other.
fn kind_of(grid: &Grid<'_>) -> Option<Kind> {
    let has = |name: &str| grid.has(name);
    Some(match () {
        () if has("CPU(cores)") => return None,
        () if has("RESTARTS") && has("STATUS") => Kind::Pod,
        () if has("UP-TO-DATE") && has("CURRENT") => Kind::DaemonSet,
        () if has("UP-TO-DATE") && has("AVAILABLE") => Kind::Deployment,
        () if has("DESIRED") && has("CURRENT") && has("READY") => Kind::ReplicaSet,
        () if has("COMPLETIONS") => Kind::Job,
        () if has("SCHEDULE") => Kind::CronJob,
        () if has("CLUSTER-IP") => Kind::Service,
        () if has("ADDRESSTYPE") => Kind::EndpointSlice,
        () if has("ENDPOINTS") => Kind::Endpoints,
        () if has("HOSTS") && has("ADDRESS") => Kind::Ingress,
        () if has("POD-SELECTOR") => Kind::NetworkPolicy,
        () if has("RECLAIM POLICY") && has("CLAIM") => Kind::PersistentVolume,
        () if has("ACCESS MODES") && has("VOLUME") => Kind::PersistentVolumeClaim,
        () if has("PROVISIONER") => Kind::StorageClass,
        () if has("ROLES") && has("VERSION") => Kind::Node,
        () if has("REFERENCE") && has("TARGETS") => Kind::HorizontalPodAutoscaler,
        () if has("MIN AVAILABLE") => Kind::PodDisruptionBudget,
        () if has("REQUEST") && has("LIMIT") => Kind::ResourceQuota,
        () if has("TYPE") && has("DATA") => Kind::Secret,
        () if has("DATA") => Kind::ConfigMap,
        () => return None,
    })
}

/// The event of a row.
fn event(row: &Row<'_>, context: &TableContext, origin: &Origin) -> ClusterEvent {
    let seen = row.get("LAST SEEN").or_else(|| row.get("AGE")).unwrap_or("");
    let repeated = repeated(seen);
    let namespace = row.get("NAMESPACE").or(context.namespace.as_deref());
    let count = row.get("COUNT").and_then(|text| text.parse().ok());
    ClusterEvent {
        warning: row.get("TYPE") == Some("Warning"),
        reason: row.get("REASON").unwrap_or("").to_owned(),
        message: row.get("MESSAGE").unwrap_or("").to_owned(),
        object: row
            .get("OBJECT")
            .and_then(|text| object(text, namespace))
            .or_else(|| context.object.clone()),
        component: row
            .get("SOURCE")
            .or_else(|| row.get("FROM"))
            .and_then(told)
            .map(str::to_owned),
        count: count.unwrap_or(repeated.count),
        age_seconds: repeated.age_seconds,
        first_seen: None,
        last_seen: None,
        origin: origin.clone(),
    }
}

/// The object of `pod/web-1`.
pub(super) fn object(text: &str, namespace: Option<&str>) -> Option<ResourceRef> {
    let (kind, name) = text.split_once('/')?;
    (!kind.is_empty() && !name.is_empty() && !name.contains(' '))
        .then(|| ResourceRef::new(Kind::parse(kind), namespace, name))
}

#[cfg(test)]
mod tests;
