//! The approval server's pages: server-side HTML that reads well without scripts. Everything from outside is escaped by the templates.

pub(crate) mod approval;
mod command;
mod diagnosis;
mod facts;
pub(crate) mod list;
pub(crate) mod login;
mod ranking;
mod rating;
mod words;

use maud::{DOCTYPE, Markup, html};

use crate::config::EdgeConfig;

/// A whole page around its content.
fn layout(title: &str, banner: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · kubemedic" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/kubemedic.css";
                script src="/assets/approval.js" defer {}
            }
            body {
                a.skip href="#content" { "Skip to content" }
                header.site {
                    a.brand href="/" { img src="/assets/icon.svg" alt="" width="22" height="22"; "kubemedic" }
                    span.site-note { "Approvals" }
                }
                (banner)
                main #content { (content) }
            }
        }
    }
}

/// Where approved commands run, above everything else.
fn execution_banner(config: &EdgeConfig) -> Markup {
    html! {
        @match &config.execution {
            Some(context) => {
                p.banner.live {
                    strong { "Approved commands run at once" }
                    " in context " code { (context.context) }
                    " · cluster " code { (context.cluster) }
                    " · API server " code { (context.server) }
                }
            }
            None => {
                p.banner {
                    strong { "Nothing is executed: EXECUTE_CONTEXT is not set." }
                    " Decisions are recorded and learnt from; run approved commands yourself."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
