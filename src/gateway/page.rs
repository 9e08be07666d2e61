//! A page that is rewritten while it streams, with somebody who listens to what the filler says.

use std::sync::Arc;

use bytes::Bytes;

use super::exchange::Exchange;
use crate::{
    connect::{BodyError, Progress, Rewriter},
    rewrite::{Filler, PageBody, Step},
};

/// Drives a [`PageBody`] and writes its records and notes down as they come: also when the browser leaves half-way.
pub(super) struct PageRewrite {
    exchange: Arc<Exchange>,
    page: PageBody,
}

impl PageRewrite {
    pub(super) const fn new(exchange: Arc<Exchange>, page: PageBody) -> Self {
        Self { exchange, page }
    }
}

impl Rewriter for PageRewrite {
    fn push(&mut self, chunk: Bytes) {
        self.page.push(chunk);
    }

    fn finish_input(&mut self) {
        self.page.finish_input();
    }

    fn step(&mut self, out: &mut Vec<u8>) -> Result<Progress, BodyError> {
        if !self.exchange.is_current() {
            self.page.with_filler(Filler::mint_no_more);
        }
        let step = self.page.step(out);
        self.page.with_filler(|filler| self.exchange.hear(filler));
        match step {
            Ok(Step::NeedsInput) => Ok(Progress::NeedsInput),
            Ok(Step::Again) => Ok(Progress::Again),
            Ok(Step::Done) => Ok(Progress::Done),
            Err(_) => Err(BodyError::Cut("the page's content coding is broken")),
        }
    }
}
