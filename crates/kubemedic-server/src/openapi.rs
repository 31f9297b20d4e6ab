//! The OpenAPI document of both ports.

use utoipa::openapi::{
    ContactBuilder, Content, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response,
    ResponseBuilder, Server,
    path::{Operation, Parameter, ParameterIn},
    tag::TagBuilder,
};

use crate::router;

/// The document of this version, with the approval server at its default address.
pub fn openapi() -> OpenApi {
    document(env!("CARGO_PKG_VERSION"), "http://localhost:3100")
}

/// The document: the backend's paths, and the approval server's with their own address.
pub(crate) fn document(version: &str, approval_url: &str) -> OpenApi {
    let mut whole = described(version);
    whole.merge(router::backend_routes().to_openapi());
    let mut approvals = router::approval_routes().to_openapi();
    for item in approvals.paths.paths.values_mut() {
        item.servers = Some(vec![Server::new(approval_url)]);
    }
    whole.merge(approvals);
    add_refusals(&mut whole);
    whole
}

/// An answer that handlers share: its status, its name in the document, and when it comes.
type Refusal = (&'static str, &'static str, &'static str);

/// What the layers around every handler answer.
const REFUSALS: &[Refusal] = &[
    (
        "401",
        "Unauthorized",
        "API_TOKEN is set and the request does not carry it",
    ),
    (
        "403",
        "Forbidden",
        "The Host is not in ALLOWED_HOSTS, or the Origin is another site's",
    ),
    (
        "503",
        "Unavailable",
        "The journal is not available now, or the server is stopping: try again",
    ),
];
/// What whoever reads a path's parameter answers.
const PATH_REFUSALS: &[Refusal] = &[("400", "BadPath", "The path is not UTF-8")];
/// What whoever reads a body answers.
const BODY_REFUSALS: &[Refusal] = &[
    (
        "400",
        "BadBody",
        "The body is not UTF-8, or not the gzip that it says it is",
    ),
    ("408", "TooSlow", "The body took longer than a minute"),
    ("413", "TooLarge", "The body is too large, also after inflation"),
    (
        "415",
        "BadEncoding",
        "Content-Encoding is neither gzip nor identity",
    ),
];

/// Adds what operations may be refused with, where they do not tell it in words of their own.
fn add_refusals(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            for (status, name, _) in refusals_of(operation) {
                let answer = || Ref::from_response_name(name).into();
                let responses = &mut operation.responses.responses;
                responses.entry(status.to_owned()).or_insert_with(answer);
            }
        }
    }
    let responses = &mut document.components.get_or_insert_default().responses;
    for (_, name, description) in [REFUSALS, PATH_REFUSALS, BODY_REFUSALS].concat() {
        responses.insert(name.to_owned(), refusal(description).into());
    }
}

fn refusals_of(operation: &Operation) -> Vec<Refusal> {
    let reads_path =
        |it: &RefOr<Parameter>| matches!(it, RefOr::T(it) if it.parameter_in == ParameterIn::Path);
    let body = operation.request_body.is_some().then_some(BODY_REFUSALS);
    let path = operation.parameters.iter().flatten().any(reads_path);
    let all = body
        .into_iter()
        .chain(path.then_some(PATH_REFUSALS))
        .chain([REFUSALS]);
    all.flatten().copied().collect()
}

fn refusal(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("ErrorDetail")));
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build()
}

fn described(version: &str) -> OpenApi {
    let description = "Reads Kubernetes logs and cluster state, finds the root cause, plans the repair as kubectl \
                       commands, asks a person, executes what was approved and learns from every answer.";
    let info = InfoBuilder::new()
        .title("kubemedic API")
        .version(version)
        .description(Some(description))
        .contact(Some(ContactBuilder::new().name(Some("kubemedic")).build()))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ));
    let tags = [
        ("workflows", "Start the agents and watch them"),
        ("logs", "Fetch logs from a configured source"),
        ("feedback", "Judge plans and see what was learnt"),
        ("approvals", "The approval server: propose and decide"),
        ("service", "Health, readiness, metrics"),
    ];
    let tags = tags.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build());
    OpenApiBuilder::new().info(info.build()).tags(Some(tags)).build()
}
