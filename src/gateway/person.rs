//! Whether the session of a request is of the person whom the proxy in front has signed in.

use crate::{
    config::{Config, Site},
    identity::Session,
    policy::{Access, PersonCheck, Place, same_person},
    request::{Admitted, Asserted},
};

/// Compares, where the site asks for it.
pub(super) fn check(
    config: &Config,
    site: &Site,
    request: &Admitted,
    session: Option<&Session>,
    asserted: &Asserted,
) -> PersonCheck {
    if site.headers.compared().is_none() {
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
