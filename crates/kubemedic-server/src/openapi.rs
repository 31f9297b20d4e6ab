//! The OpenAPI document of both ports.

use utoipa::openapi::{
    ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Server, tag::TagBuilder,
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
    whole
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
