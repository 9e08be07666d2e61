//! What the rewriter must know of one page.

use std::sync::Arc;

use encoding_rs::Encoding;

use crate::rewrite::{FramePolicies, Insert, PageScript, markup::Syntax};

/// What the rewriter must know of one page.
#[derive(Debug, Clone, Default)]
pub(crate) struct HtmlSettings {
    /// The charset of the `Content-Type`; without one the page's own `<meta>` counts.
    pub(crate) charset: Option<&'static Encoding>,
    /// By which rules browsers read the page.
    pub(crate) syntax: Syntax,
    /// What the page's head lets into its frames.
    pub(crate) policies: FramePolicies,
    /// The inserts of this path.
    pub(crate) inserts: Vec<Arc<Insert>>,
    /// What runs before all that is the page's own.
    pub(crate) script: PageScript,
    /// Whether a script asks for it: then what begins as JSON is JSON, whatever it is called.
    pub(crate) may_be_json: bool,
}
