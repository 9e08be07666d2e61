//! Which session a request has, without saying whose.

use aws_lc_rs::digest::{Context, SHA256};

use super::{CookieJar, Session};

/// Tells two sessions apart: another person, site or sign-in is another mark. Nothing can be read off it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionMark([u8; 32]);

impl SessionMark {
    /// The mark of the session of a site's request. The cookie is in it as it came: it is sealed anew at each sign-in.
    #[must_use]
    pub fn of(session: &Session, site: &str, jar: &CookieJar<'_>) -> Self {
        let (begun, identity) = (session.signed_in_at.0.to_be_bytes(), &session.identity);
        let parts = [site.as_bytes(), identity.provider.0.as_bytes(), identity.subject.as_bytes(), &begun];
        let mut context = Context::new(&SHA256);
        for part in parts.into_iter().chain(jar.session_values().map(str::as_bytes)) {
            // The length first: `ab`, `c` is not `a`, `bc`.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut mark = [0; 32];
        mark.copy_from_slice(context.finish().as_ref());
        Self(mark)
    }

    /// A mark for tests.
    #[cfg(test)]
    pub(crate) const fn numbered(number: u8) -> Self {
        Self([number; 32])
    }
}

impl std::fmt::Debug for SessionMark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionMark")
    }
}
