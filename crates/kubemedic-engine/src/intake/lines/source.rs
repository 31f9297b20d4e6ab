//! Where a line says that it comes from, borrowed from the line.

use std::borrow::Cow;

use kubemedic_model::log::LogSource;

/// The names that a line tells of its origin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::intake) struct Source<'a> {
    /// The namespace.
    pub(in crate::intake) namespace: Option<Cow<'a, str>>,
    /// The pod.
    pub(in crate::intake) pod: Option<Cow<'a, str>>,
    /// The container.
    pub(in crate::intake) container: Option<Cow<'a, str>>,
    /// The service or logger that names itself.
    pub(in crate::intake) service: Option<Cow<'a, str>>,
}

impl<'a> Source<'a> {
    /// Takes from another what it does not tell itself.
    pub(in crate::intake) fn complete(&mut self, other: Source<'a>) {
        let Source {
            namespace,
            pod,
            container,
            service,
        } = other;
        self.namespace = self.namespace.take().or(namespace);
        self.pod = self.pod.take().or(pod);
        self.container = self.container.take().or(container);
        self.service = self.service.take().or(service);
    }
}

impl Source<'_> {
    /// A service alone.
    pub(in crate::intake) fn service(name: &str) -> Source<'_> {
        Source {
            service: Some(Cow::Borrowed(name)),
            ..Source::default()
        }
    }

    /// The most telling name, as [`LogSource::name`] chooses it.
    pub(in crate::intake) fn name(&self) -> Option<&str> {
        self.pod
            .as_deref()
            .or(self.service.as_deref())
            .or(self.container.as_deref())
    }

    /// The same names without the line.
    pub(in crate::intake) fn into_owned(self) -> Source<'static> {
        let owned = |name: Option<Cow<'_, str>>| name.map(|name| Cow::Owned(name.into_owned()));
        Source {
            namespace: owned(self.namespace),
            pod: owned(self.pod),
            container: owned(self.container),
            service: owned(self.service),
        }
    }

    /// The model's form, completed by what the surroundings tell.
    pub(in crate::intake) fn within(self, surroundings: &LogSource) -> LogSource {
        let or = |own: Option<Cow<'_, str>>, other: &Option<String>| {
            own.map(Cow::into_owned).or_else(|| other.clone())
        };
        LogSource {
            namespace: or(self.namespace, &surroundings.namespace),
            pod: or(self.pod, &surroundings.pod),
            container: or(self.container, &surroundings.container),
            service: or(self.service, &surroundings.service),
        }
    }
}
