//! The plain text of a sealed session: a byte that says which form it has, what it kept (a count and as many 32-bit hashes,
//! ascending), and a JSON array.
//!
//! A change of the form takes the next byte, and its reader still reads those before: nobody is signed out by a new version.
//! Where an older version meets a newer form (replicas while a new version is rolled out), the visitor is signed out.

use serde::{Deserialize, Serialize};

use crate::{
    identity::{Claims, EmailAddress, Identity, ProviderName, claims::LeftOut},
    limits::COOKIE_BYTES_MAX,
    reason::Reason,
    time::UnixSeconds,
};

/// The form of today. Sessions from before there were forms begin with the high byte of the count, which is smaller.
const FORM: u8 = 16;
/// The same, with a last member: when the provider vouched for the session last. Written only after a silent round, so that
/// replicas of before `recheck` read all others.
const CHECKED_FORM: u8 = 17;
const FORMS: std::ops::RangeInclusive<u8> = FORM..=CHECKED_FORM;

const _: () = assert!(COOKIE_BYTES_MAX / size_of::<u32>() < (FORM as usize) << u8::BITS);

/// What is sealed: an array without names, because it is a cookie and is read with every request.
#[derive(Deserialize)]
pub(super) struct SealedSession {
    pub(super) provider: ProviderName,
    pub(super) provider_hash: u32,
    pub(super) subject: String,
    pub(super) email: Result<EmailAddress, String>,
    claims: Claims,
    pub(super) signed_in_at: UnixSeconds,
    pub(super) ends_at: UnixSeconds,
    #[serde(default)]
    left_out: LeftOut,
    /// Sessions of earlier versions have none.
    #[serde(default)]
    pub(super) issuer_hash: Option<u32>,
    #[serde(default)]
    checked_at: Option<UnixSeconds>,
}

impl SealedSession {
    pub(super) fn checked_at(&self) -> UnixSeconds {
        self.checked_at.unwrap_or(self.signed_in_at)
    }

    pub(super) fn into_identity(self) -> Identity {
        let reason = |name: String| Reason::ALL.iter().copied().find(|reason| reason.as_str() == name);
        let email = self.email.map_err(|name| reason(name).unwrap_or(Reason::EmailMissing));
        let claims = Claims(self.claims.0, self.left_out);
        Identity { provider: self.provider, subject: self.subject, email, claims }
    }
}

/// The plain text of a session that keeps what `needs` names; `None` where that is too much for any cookie.
pub(super) fn encode(needs: &[u32], session: &impl Serialize, checked_at: Option<UnixSeconds>) -> Option<Vec<u8>> {
    let mut plain = vec![if checked_at.is_some() { CHECKED_FORM } else { FORM }];
    plain.extend(encode_kept(needs)?);
    plain.extend(serde_json::to_vec(session).ok()?);
    if let Some(UnixSeconds(at)) = checked_at {
        // The last member of the array.
        plain.pop();
        plain.extend(format!(",{at}]").into_bytes());
    }
    Some(plain)
}

/// The session in a plain text, and whether it kept all that its provider's people `needs`; `None` also for a form that is newer than
/// this version.
pub(super) fn decode<'n>(
    plain: &[u8],
    needs: impl FnOnce(&ProviderName) -> &'n [u32],
) -> Option<(SealedSession, bool)> {
    let (is_checked, body) = match plain.split_first()? {
        (form, body) if FORMS.contains(form) => (*form == CHECKED_FORM, body),
        (form, _) if *form < FORM => (false, plain),
        (_, _) => return None,
    };
    let (kept, json) = decode_kept(body)?;
    // As one text: of bytes, each text in them would be looked at for UTF-8 by itself.
    let session: SealedSession = serde_json::from_str(std::str::from_utf8(json).ok()?).ok()?;
    let has_needs = contains_all(kept, needs(&session.provider));
    (session.checked_at.is_some() == is_checked).then_some((session, has_needs))
}

pub(super) fn encode_kept(needs: &[u32]) -> Option<Vec<u8>> {
    let mut bytes = u16::try_from(needs.len()).ok()?.to_be_bytes().to_vec();
    bytes.extend(needs.iter().flat_map(|need| need.to_be_bytes()));
    Some(bytes)
}

fn decode_kept(plain: &[u8]) -> Option<(&[[u8; 4]], &[u8])> {
    let (count, rest) = plain.split_first_chunk::<2>()?;
    let (kept, json) = rest.split_at_checked(usize::from(u16::from_be_bytes(*count)) * 4)?;
    Some((kept.as_chunks().0, json))
}

/// Both ascend, so one walk is enough.
pub(super) fn contains_all(kept: &[[u8; 4]], needs: &[u32]) -> bool {
    let mut kept = kept.iter().map(|bytes| u32::from_be_bytes(*bytes));
    needs.iter().all(|need| kept.by_ref().find(|hash| hash >= need) == Some(*need))
}
