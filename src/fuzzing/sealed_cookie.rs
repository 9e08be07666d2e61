//! A sealed cookie: what we did not seal never opens, and what we did opens as it was, for its purpose and site alone.

use http::{HeaderMap, HeaderValue, header::COOKIE};

use super::fixture::{CONFIG, NOW, first_line};
use crate::{
    identity::{Cookies, Purpose, Session, SessionReading},
    limits::COOKIE_BYTES_MAX,
};

const SITE: &str = "crm.example.com";
/// What is sealed for one site is foreign to the other: a fuzzer may read in memory what it is compared with.
const OTHER_SITE: &str = "old.example.com";
const PURPOSES: [Purpose; 4] = [Purpose::Session, Purpose::LoginAttempt, Purpose::LoginRounds, Purpose::PostedAnswer];

/// First line: a text that claims to be sealed. The rest: a plain text that we seal, as another version might have.
pub fn sealed_cookie(data: &[u8]) {
    let (text, plain) = first_line(data);
    if let Ok(text) = std::str::from_utf8(text) {
        check_foreign(text);
    }
    check_own(text, plain);
}

fn check_foreign(text: &str) {
    for purpose in PURPOSES {
        assert!(CONFIG.session.keys.open(purpose, OTHER_SITE, text).is_err(), "what nobody sealed opens");
    }
    if let Some(reading) = reading(text, OTHER_SITE) {
        assert!(reading.session.is_err());
        assert_eq!(reading.last.owner(None), None, "what nobody sealed proves nobody");
    }
}

fn check_own(edit: &[u8], plain: &[u8]) {
    let keys = &CONFIG.session.keys;
    let text = keys.seal(Purpose::Session, SITE, plain, [7; 12]);
    let opened = keys.open(Purpose::Session, SITE, &text).ok();
    assert_eq!(opened.as_ref().map(|plain| plain.as_slice()), (text.len() <= COOKIE_BYTES_MAX).then_some(plain));
    assert!(keys.open(Purpose::LoginAttempt, SITE, &text).is_err());
    assert!(keys.open(Purpose::Session, OTHER_SITE, &text).is_err());
    if let Some(changed) = changed(&text, edit) {
        assert!(keys.open(Purpose::Session, SITE, &changed).is_err(), "a changed text opens");
    }
    // The plain text may be of any form: it is read, or nobody is signed in.
    let Some(Ok(session)) = reading(&text, SITE).map(|reading| reading.session) else { return };
    if let Ok(sealed) = session.seal(&CONFIG.session, SITE, [8; 12]) {
        assert_eq!(Session::open(&sealed, &CONFIG.session, SITE, NOW), Ok(session));
    }
}

fn reading(value: &str, site: &str) -> Option<SessionReading> {
    let line = HeaderValue::from_str(&format!("__Host-sg={value}")).ok()?;
    let cookies = Cookies::of(&HeaderMap::from_iter([(COOKIE, line)]));
    Some(Session::read(&cookies, &CONFIG.session, site, NOW))
}

/// The text with one byte replaced, or cut, as the first bytes of `edit` say; `None` where it is the same text.
fn changed(text: &str, edit: &[u8]) -> Option<String> {
    let (at, by) = (edit.first()?, char::from(*edit.get(1)?));
    // The text is ASCII: every place is between two characters.
    let at = usize::from(*at) * text.len() / 256;
    let changed = if by == '~' { text[..at].to_owned() } else { format!("{}{by}{}", &text[..at], &text[at + 1..]) };
    (changed != text).then_some(changed)
}
