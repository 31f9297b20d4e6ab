//! Pages to look at in a browser: one file each, with no script, and nothing that is loaded from elsewhere.
//! What a page says is made elsewhere; charts and graphs are SVG.

pub mod case;
pub mod chart;
pub mod curves;
pub mod graph;
pub mod markup;

use std::{fs, path::Path};

use anyhow::Context;

use markup::Markup;

/// A whole document.
pub fn document(title: &str, body: &Markup) -> String {
    let mut page = Markup::new();
    page.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">")
        .within("<title>", title, "</title><style>")
        .raw(include_str!("page/style.css"))
        .raw("</style></head><body><main>")
        .append(body)
        .raw("</main></body></html>\n");
    page.into_string()
}

/// Writes a document to a file.
///
/// # Errors
/// When the file cannot be written.
pub fn save(path: &Path, document: &str) -> anyhow::Result<()> {
    fs::write(path, document).with_context(|| format!("{} cannot be written", path.display()))
}
