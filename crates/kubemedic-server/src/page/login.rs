//! The page that asks for the token.

use maud::{Markup, html};

use crate::page::layout;

/// The form; `wrong` after a token that was refused.
pub(crate) fn render(next: &str, wrong: bool) -> Markup {
    let content = html! {
        section.card.login {
            h1 { "Log in" }
            p { "This server is protected. Enter the value of " code { "API_TOKEN" } "." }
            form method="post" action="/login" {
                input type="hidden" name="next" value=(next);
                label for="token" { "Token" }
                input #token type="password" name="token" required autofocus autocomplete="current-password";
                @if wrong { p.error role="alert" { "That token is not right." } }
                button.primary type="submit" { "Log in" }
            }
        }
    };
    layout("Log in", &html! {}, &content)
}
