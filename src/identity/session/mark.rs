//! Which session a request has, without saying whose.

use aws_lc_rs::digest::{Context, SHA256};

use super::cookies::Cookies;
use crate::{identity::Identity, time::UnixSeconds};

/// Tells two sessions apart: another person, site or sign-in is another mark. Nothing can be read off it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionMark([u8; 32]);

impl SessionMark {
    /// The mark of the person of a site's request, who signed in at that moment (none: not with us). The cookie is in
    /// it as it came: it is sealed anew at each sign-in.
    #[must_use]
    pub(crate) fn of(identity: &Identity, signed_in_at: Option<UnixSeconds>, site: &str, cookies: &Cookies) -> Self {
        let begun = signed_in_at.map_or([u8::MAX; 8], |moment| moment.0.to_be_bytes());
        let parts = [site.as_bytes(), identity.provider.as_str().as_bytes(), identity.subject.as_bytes(), &begun];
        let mut context = Context::new(&SHA256);
        for part in parts.into_iter().chain(cookies.session_values().map(str::as_bytes)) {
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

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::COOKIE};

    use super::*;
    use crate::{
        identity::{Claims, ProviderName},
        reason::Reason,
    };

    fn mark(site: &str, provider: &str, subject: &str, signed_in_at: u64, cookie: &'static str) -> SessionMark {
        let provider = ProviderName::parse(provider).unwrap();
        let (email, claims) = (Err(Reason::EmailMissing), Claims::default());
        let identity = Identity { provider, subject: subject.to_owned(), email, claims };
        let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_static(cookie))]);
        SessionMark::of(&identity, Some(UnixSeconds(signed_in_at)), site, &Cookies::of(&headers))
    }

    #[test]
    fn each_of_site_provider_person_sign_in_and_cookie_makes_another_session() {
        let one = mark("a.example", "corp", "7", 1_000, "__Host-sg=x; theme=dark");
        assert_eq!(one, mark("a.example", "corp", "7", 1_000, "theme=light; __Host-sg=x"));
        for other in [
            mark("b.example", "corp", "7", 1_000, "__Host-sg=x"),
            mark("a.example", "cor", "p7", 1_000, "__Host-sg=x"),
            mark("a.example", "corp", "8", 1_000, "__Host-sg=x"),
            mark("a.example", "corp", "7", 1_001, "__Host-sg=x"),
            mark("a.example", "corp", "7", 1_000, "__Host-sg=y"),
            mark("a.example", "corp", "7", 1_000, "__Host-sg=x; __Host-sg=z"),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!(format!("{one:?}"), "SessionMark");
    }
}
