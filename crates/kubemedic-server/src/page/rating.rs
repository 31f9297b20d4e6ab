//! The form that rates a plan. It needs a feedback record to rate.

use maud::{Markup, html};

/// The form for a record.
pub(super) fn render(feedback_id: &str) -> Markup {
    html! {
        section.card aria-labelledby="rate" {
            h2 #rate { "Was this plan any good?" }
            p.hint { "Every answer changes what is proposed next time." }
            form #rating data-feedback-id=(feedback_id) {
                fieldset.stars {
                    legend { "Stars" }
                    @for stars in (1..=5).rev() {
                        input type="radio" name="rating" value=(stars) id={ "star-" (stars) };
                        label for={ "star-" (stars) } title={ (stars) " of 5" } { span.sr { (stars) " of 5" } "★" }
                    }
                }
                fieldset.helpful {
                    legend { "Did it help?" }
                    label.choice data-choice="approve" { input type="radio" name="was_helpful" value="true"; span { "Yes" } }
                    label.choice data-choice="reject" { input type="radio" name="was_helpful" value="false"; span { "No" } }
                }
                label for="comment" { "Comment" }
                textarea #comment rows="2" maxlength="4000" {}
                label for="improve" { "What should it do better?" }
                input #improve type="text" maxlength="1000" autocomplete="off";
                p.error hidden role="alert" {}
                p.done hidden role="status" { "Thank you. It is recorded." }
                button type="submit" { "Send rating" }
            }
        }
    }
}
