//! Spans and metrics about models, sent to an OpenTelemetry collector over HTTP: in batches, from threads of their own,
//! bounded. A collector that is down or slow costs one warning.

use std::{
    collections::HashMap,
    fmt::Debug,
    pin::Pin,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    task::{Context as TaskContext, Poll},
    time::Duration,
};

use anyhow::Context;
use opentelemetry::{KeyValue, metrics::MeterProvider, trace::TracerProvider};
use opentelemetry_otlp::{
    MetricExporter, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    metrics::{SdkMeterProvider, Temporality, data::ResourceMetrics, exporter::PushMetricExporter},
    trace::{SdkTracerProvider, SpanData, SpanExporter as ExportSpans},
};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::gen_ai::{self, Measured};
use crate::config::OtlpConfig;

/// How long one delivery may take.
const DELIVERY: Duration = Duration::from_secs(5);
/// How long the end of the process waits for the last deliveries.
const FAREWELL: Duration = Duration::from_secs(3);
/// The name of what makes the spans.
const SCOPE: &str = "kubemedic";

/// Both signals on their way to a collector.
#[derive(Debug)]
pub struct Otlp {
    spans: SdkTracerProvider,
    metrics: SdkMeterProvider,
}

impl Otlp {
    /// Sets both signals up. Nothing is sent before there is something to send.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(config: &OtlpConfig, runtime: &Handle) -> anyhow::Result<Self> {
        let resource = Resource::builder()
            .with_service_name(config.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let headers: HashMap<String, String> = config
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
            .collect();
        // The exporter's own client needs a runtime to be around already when it is made.
        let _within = runtime.enter();
        let spans = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", config.endpoint))
            .with_timeout(DELIVERY)
            .with_headers(headers.clone())
            .with_retry_policy(RetryPolicy::disabled())
            .build();
        let metrics = MetricExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/metrics", config.endpoint))
            .with_timeout(DELIVERY)
            .with_headers(headers)
            .with_retry_policy(RetryPolicy::disabled())
            .build();
        let (spans, metrics) = (
            spans.context("OTEL_EXPORTER_OTLP_ENDPOINT")?,
            metrics.context("OTEL_EXPORTER_OTLP_ENDPOINT")?,
        );
        let metrics = SdkMeterProvider::builder()
            .with_periodic_exporter(Delivery::new(metrics, runtime, "metrics"))
            .with_resource(resource.clone())
            .build();
        let spans = SdkTracerProvider::builder()
            .with_span_processor(Measured::new(&metrics.meter(SCOPE)))
            .with_batch_exporter(Delivery::new(spans, runtime, "spans"))
            .with_resource(resource)
            .build();
        Ok(Self { spans, metrics })
    }

    /// Makes spans of what is traced about models; with `content`, also of what is asked and answered.
    pub fn layer<S>(&self, content: bool) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.spans.tracer(SCOPE))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(move |metadata| gen_ai::is_sent(metadata, content)))
    }

    /// Sends what is left, for a bounded time. It blocks, and needs the runtime to be alive.
    pub fn flush(&self) {
        let (spans, metrics) = (self.spans.clone(), self.metrics.clone());
        let (done, wait) = mpsc::channel();
        std::thread::spawn(move || {
            let _ = spans.shutdown();
            let _ = metrics.shutdown();
            let _ = done.send(());
        });
        let _ = wait.recv_timeout(FAREWELL);
    }
}

/// An exporter whose future runs within a runtime, though the SDK's threads have none, and that tells a failure once.
#[derive(Debug)]
struct Delivery<E> {
    exporter: E,
    runtime: Handle,
    what: &'static str,
    failed: AtomicBool,
}

impl<E> Delivery<E> {
    fn new(exporter: E, runtime: &Handle, what: &'static str) -> Self {
        Self {
            exporter,
            runtime: runtime.clone(),
            what,
            failed: AtomicBool::new(false),
        }
    }

    async fn within<F: Future<Output = OTelSdkResult> + Send>(&self, delivery: F) -> OTelSdkResult {
        let bounded = async {
            let delivered = tokio::time::timeout(DELIVERY, delivery).await;
            delivered.unwrap_or(Err(OTelSdkError::Timeout(DELIVERY)))
        };
        let delivered = Within {
            runtime: self.runtime.clone(),
            future: Box::pin(bounded),
        }
        .await;
        self.tell(&delivered);
        delivered
    }

    /// The reason may quote an address; it holds no header.
    fn tell(&self, delivered: &OTelSdkResult) {
        match delivered {
            Ok(()) => {
                if self.failed.swap(false, Ordering::Relaxed) {
                    tracing::info!("OpenTelemetry: {} arrive again", self.what);
                }
            }
            Err(reason) => {
                if !self.failed.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        "OpenTelemetry: {} do not arrive ({reason}): they are dropped until OTEL_EXPORTER_OTLP_ENDPOINT answers; nothing else waits for it",
                        self.what
                    );
                }
            }
        }
    }
}

impl<E: ExportSpans> ExportSpans for Delivery<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(gen_ai::give_types);
        self.within(self.exporter.export(batch)).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: PushMetricExporter + Debug> PushMetricExporter for Delivery<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.within(self.exporter.export(metrics)).await
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.exporter.temporality()
    }
}

/// A future that finds a runtime around it wherever it is polled.
struct Within<F> {
    runtime: Handle,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Within<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let runtime = self.runtime.clone();
        let _within = runtime.enter();
        self.future.as_mut().poll(context)
    }
}

#[cfg(test)]
mod tests;
