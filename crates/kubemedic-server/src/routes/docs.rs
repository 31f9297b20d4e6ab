//! `/docs`, `/redoc` and `/openapi.json`, all from the binary.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};
use utoipa_swagger_ui::Config;

use crate::{app::App, error::ApiError};

/// ReDoc styles itself with rules that it inserts into empty style elements: the hash is that of empty text. Its search runs in a
/// worker that it makes from a blob.
const REDOC_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src 'self' data:; font-src 'self' data:; \
     connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The OpenAPI document.
pub(crate) async fn openapi(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.openapi.clone()).into_response()
}

/// Swagger UI's page.
pub(crate) async fn swagger() -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "kubemedic API - Swagger UI" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/docs/swagger-ui.css";
            }
            body {
                div #swagger-ui {}
                script src="/docs/swagger-ui-bundle.js" {}
                script src="/assets/swagger.js" {}
            }
        }
    }
}

/// A file of Swagger UI.
pub(crate) async fn swagger_file(Path(path): Path<String>) -> Response {
    let config = Arc::new(Config::from("/openapi.json"));
    let Ok(Some(file)) = utoipa_swagger_ui::serve(&path, config) else {
        return ApiError::not_found().into_response();
    };
    let content_type = HeaderValue::from_str(&file.content_type);
    let mut response = file.bytes.into_owned().into_response();
    if let Ok(content_type) = content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    response
}

/// ReDoc's page.
pub(crate) async fn redoc() -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "kubemedic API - ReDoc" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/redoc.css";
            }
            body {
                div #redoc {}
                script src="/assets/redoc.js" type="module" {}
            }
        }
    };
    ([(header::CONTENT_SECURITY_POLICY, REDOC_POLICY)], page).into_response()
}
