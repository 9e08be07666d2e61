//! What an endpoint is asked with.

use crate::{decide::Facts, seed::SeedStream};

/// A request that an endpoint answers; `H` is what was heard from elsewhere (the provider, a body), where it needs that.
pub(crate) struct Asked<'a, H = ()> {
    /// All that is known of the request.
    pub(crate) facts: &'a Facts,
    /// What was heard.
    pub(crate) heard: H,
    /// Random values.
    pub(crate) stream: &'a mut SeedStream,
}

impl<'a> Asked<'a> {
    /// A request to which nothing was heard yet.
    pub(crate) const fn new(facts: &'a Facts, stream: &'a mut SeedStream) -> Self {
        Self { facts, heard: (), stream }
    }

    /// The same with what was heard.
    pub(crate) fn hearing<H>(self, heard: H) -> Asked<'a, H> {
        Asked { facts: self.facts, heard, stream: self.stream }
    }
}
