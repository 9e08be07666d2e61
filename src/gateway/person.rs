//! Whether the session of a request is of the person whom the proxy in front has signed in, and what is written down of it.

use serde_json::json;

use super::exchange::Exchange;
use crate::{
    config::{Config, Site},
    identity::{Identity, Session},
    policy::{Access, PersonCheck, Place, same_person},
    reason::Reason,
    request::{Admitted, Asserted},
    system::PersonLabels,
};

/// Compares, where the site asks for it.
pub(super) fn check(
    config: &Config,
    site: &Site,
    request: &Admitted,
    session: Option<&Session>,
    asserted: &Asserted,
) -> PersonCheck {
    if !site.headers.compares() {
        return PersonCheck::Unasked;
    }
    let identity = session.map(|session| &session.identity);
    let path = &request.target.path;
    if let Some(endpoint) = config.paths.endpoint(path) {
        return same_person(identity, asserted, Place::Endpoint(&endpoint));
    }
    let place = match site.paths.find(path) {
        Ok(found) => {
            let route = found.and_then(|index| site.route(index));
            Place::Route(route.map_or(&Access::SignedIn, |route| &route.access))
        }
        Err(_) => Place::Nowhere,
    };
    same_person(identity, asserted, place)
}

impl Exchange {
    /// Writes down a session that does not count. The first of each kind on each site is an event: a proxy in front that
    /// says nothing would otherwise look like a browser that forgets.
    pub(super) fn record_person_check(&self, identity: &Identity, asserted: &Asserted) {
        let Some(result) = self.person.trouble() else { return };
        let labels = PersonLabels { site: self.site_name().to_owned(), result };
        if self.shared.metrics.person_checks.get_or_create(&labels).inc() == 0 {
            let fields = json!({
                "request_id": &*self.request_id,
                "site": self.site_name(),
                "path": self.request.target.path.as_str(),
                "result": result,
            });
            self.shared.log.event("warn", "a session does not count: same_person", &fields);
        }
        if self.person == PersonCheck::Differs {
            self.audit_conflict(identity, asserted);
        }
    }

    /// Why a request of nobody is refused.
    pub(super) const fn why_nobody(&self) -> Reason {
        use crate::policy::Unproven::{NoAddress, Unsaid};
        match self.person {
            PersonCheck::Differs | PersonCheck::Nobody(NoAddress) => Reason::IdentityConflict,
            PersonCheck::Unasked | PersonCheck::Exempt | PersonCheck::Same | PersonCheck::Nobody(Unsaid(_)) => {
                Reason::NotSignedIn
            }
        }
    }
}
