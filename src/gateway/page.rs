//! A page that is rewritten while it streams, with somebody who listens to what the filler says.

use std::sync::Arc;

use bytes::Bytes;

use super::Shared;
use crate::{
    body::{BodyError, Progress, Rewriter},
    decide::{Event, Facts},
    rewrite::{PageBody, Step},
};

/// Drives a [`PageBody`] and has its records and notes written down as they come: also when the browser leaves half-way.
pub(super) struct PageRewrite {
    shared: Arc<Shared>,
    facts: Arc<Facts>,
    page: Box<PageBody>,
}

impl PageRewrite {
    pub(super) const fn new(shared: Arc<Shared>, facts: Arc<Facts>, page: Box<PageBody>) -> Self {
        Self { shared, facts, page }
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
        let stepped = self.page.step(out, self.shared.minting(&self.facts));
        self.shared.scribe.note(&self.facts, stepped.heard);
        match stepped.step {
            Ok(Step::NeedsInput) => Ok(Progress::NeedsInput),
            Ok(Step::Again) => Ok(Progress::Again),
            Ok(Step::Done | Step::Cut) => Ok(Progress::Done),
            Err(_) => {
                let error = BodyError::Cut("the page's content coding is broken");
                let (cause, text) = (error.as_str(), error.to_string());
                self.shared.scribe.tell(&self.facts, Event::AnswerCut { cause, error: text });
                Err(error)
            }
        }
    }
}
