//! The page of the benchmark of learning.

use crate::{
    learn_bench::figures::Figures,
    page::{self, markup::Markup},
};

/// The whole page.
pub(super) fn document(_figures: &Figures) -> String {
    page::document("kubemedic: learning, measured", &Markup::new())
}
