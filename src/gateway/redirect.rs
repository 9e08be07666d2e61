//! The address that only redirects: plain http, and every request is sent to the site that it is of. Nothing is forwarded,
//! nobody is looked at.

use std::sync::Arc;

use http::{Request, Response};

use super::{Shared, line::Line};
use crate::{
    body::{Body, Upload},
    decide::of_plain_http,
    listen::{Beside, Handler, Unreadable},
    reason::{Done, Reason},
    request::{ClientConnection, Peer, admit},
};

/// Redirects to the sites.
pub(crate) struct Redirect {
    shared: Arc<Shared>,
}

impl Redirect {
    /// The redirecting side of a gateway.
    #[must_use]
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl Handler for Redirect {
    async fn handle(&self, request: Request<Upload>, from: &ClientConnection, beside: Beside<'_>) -> Response<Body> {
        let mut line = Line::begin(&self.shared, from, request.method().clone());
        if beside.has_unreadable_target {
            return line.end(Err(Reason::BadPath));
        }
        let (parts, config) = (request.into_parts().0, self.shared.config.load());
        let listen = &config.listen;
        let peer = Peer::of(from, &parts.headers, &listen.trusted_proxies, listen.client_address.as_ref());
        line.is_from(&peer);
        let admitted = match admit(parts, peer) {
            Ok(admitted) => admitted,
            Err(error) => return line.end(Err(error.reason())),
        };
        line.is_of_no_site(&admitted);
        match of_plain_http(&config, admitted.authority(), admitted.target()) {
            Some(location) => line.end_at_site(&location, Done::Https),
            None => line.end(Err(Reason::UnknownHost)),
        }
    }

    fn unreadable(&self, why: Unreadable, from: &ClientConnection) {
        self.shared.scribe.unreadable(why, from);
    }
}
