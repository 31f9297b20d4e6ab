//! Where the keys of JSON lines stand that tell time, severity, message and the rest; the first of a list wins.

/// Paths of the severity, first one wins; a slash steps into an object.
pub(super) const LEVEL_PATHS: [&str; 23] = [
    "level",
    "severity",
    "log.level",
    "log/level",
    "lvl",
    "levelname",
    "level_name",
    "loglevel",
    "log_level",
    "severity_text",
    "severityText",
    "@l",
    "Level",
    "LogLevel",
    "PRIORITY",
    "logLevel",
    "status_level",
    "SEVERITY",
    "Severity",
    "LEVEL",
    "log_severity",
    "L",
    "s",
];
/// Paths of the message.
pub(super) const MESSAGE_PATHS: [&str; 19] = [
    "msg",
    "message",
    "fields/message",
    "MESSAGE",
    "@m",
    "@mt",
    "short_message",
    "log",
    "text",
    "event",
    "body",
    "body/text",
    "Message",
    "RenderedMessage",
    "MessageTemplate",
    "textPayload",
    "message_text",
    "State/Message",
    "M",
];
/// Paths of the time.
pub(super) const TIME_PATHS: [&str; 25] = [
    "time",
    "ts",
    "timestamp",
    "@timestamp",
    "@t",
    "Timestamp",
    "t",
    "eventTime",
    "datetime",
    "asctime",
    "__REALTIME_TIMESTAMP",
    "timeUnixNano",
    "date",
    "instant/epochSecond",
    "t/$date",
    "T",
    "start_time",
    "stageTimestamp",
    "requestReceivedTimestamp",
    "_SOURCE_REALTIME_TIMESTAMP",
    "timestamp_ns",
    "time_unix_nano",
    "TimeUnixNano",
    "EventTime",
    "eventtime",
];
/// Paths of the cause, which joins the message.
pub(super) const ERROR_PATHS: [&str; 11] = [
    "err",
    "error",
    "err/message",
    "error/message",
    "error.message",
    "exception",
    "exception/message",
    "cause",
    "attr/error/errmsg",
    "attr/error",
    "responseStatus/message",
];
/// Paths of a stack trace, which joins the message.
pub(super) const STACK_PATHS: [&str; 14] = [
    "stack",
    "stacktrace",
    "stack_trace",
    "stackTrace",
    "err/stack",
    "error/stack",
    "error.stack_trace",
    "error/stack_trace",
    "@x",
    "exc_info",
    "errorVerbose",
    "thrown/extendedStackTrace",
    "Exception",
    "traceback",
];
/// Paths of the pod, its namespace, its container and the service.
pub(super) const POD_PATHS: [&str; 7] = [
    "kubernetes/pod_name",
    "kubernetes/pod/name",
    "kubernetes.pod.name",
    "kubernetes.pod_name",
    "resource/attributes/k8s.pod.name",
    "k8s.pod.name",
    "pod_name",
];
pub(super) const NAMESPACE_PATHS: [&str; 7] = [
    "kubernetes/namespace_name",
    "kubernetes/namespace",
    "kubernetes.namespace",
    "kubernetes.namespace_name",
    "resource/attributes/k8s.namespace.name",
    "k8s.namespace.name",
    "namespace_name",
];
pub(super) const CONTAINER_PATHS: [&str; 6] = [
    "kubernetes/container_name",
    "kubernetes/container/name",
    "kubernetes.container.name",
    "resource/attributes/k8s.container.name",
    "k8s.container.name",
    "container_name",
];
pub(super) const SERVICE_PATHS: [&str; 11] = [
    "service",
    "service.name",
    "service/name",
    "serviceName",
    "service_name",
    "app",
    "application",
    "resource/attributes/service.name",
    "serviceContext/service",
    "SYSLOG_IDENTIFIER",
    "_SYSTEMD_UNIT",
];

/// Keys of a request's method, of its path, and of what a proxy notes of it: they make the message of an access log.
pub(super) const METHOD_PATHS: [&str; 5] =
    ["method", "request_method", "verb", "http_method", "RequestMethod"];
/// See [`METHOD_PATHS`].
pub(super) const REQUEST_PATHS: [&str; 7] = [
    "path",
    "uri",
    "request_uri",
    "requestURI",
    "url",
    "request",
    "RequestPath",
];
/// See [`METHOD_PATHS`].
pub(super) const FLAG_PATHS: [&str; 1] = ["response_flags"];
/// Keys of OpenTelemetry's number of the severity.
pub(super) const LEVEL_NUMBER_PATHS: [&str; 2] = ["severityNumber", "severity_number"];
/// Keys of an HTTP status.
pub(super) const STATUS_PATHS: [&str; 5] = [
    "status",
    "status_code",
    "statusCode",
    "response_code",
    "responseStatus/code",
];
