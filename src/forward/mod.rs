//! The head to the host application, and its head back.
//!
//! In: an admitted request, who is signed in (if anybody), the site's settings. Out: the head that the host application
//! gets: hop-by-hop fields gone, identity and forwarding headers ours, our cookies gone, `Host` as configured. And the
//! head back: hop-by-hop fields gone, the upstream's own absolute URLs in `Location` and `Set-Cookie` mapped to the site,
//! and no word about the length of the body until there is a body ([`AnswerHead`]). Before it is read it is mended ([`mend()`]).

mod connection_bound;
mod credentials;
mod framing;
mod identity_headers;
mod list;
mod mend;
mod privacy;
mod request_head;
mod response_head;
mod sender;
mod settings;
mod web_dav;

pub(crate) use connection_bound::{
    Binding, BindingRefusal, Http11Required, Keeper, binding, is_repeatable, signs_connection_in,
};
pub(crate) use credentials::Credentials;
pub(crate) use framing::{AnswerHead, is_framed_twice, may_leave_more, without_body};
pub(crate) use identity_headers::{
    AssertionSigner, ForwardGroups, GROUPS, HeaderEncoding, HeaderPreset, IdentityHeaders, IdentityLine, OwnHeader,
    ValueFault,
};
pub(crate) use mend::{
    AskedFor, BodyStart, ChunkError, ChunkWalk, FirstLook, Framing, HeadEnd, HeadNotes, MendError, look, mend,
};
pub(crate) use privacy::{Privacy, keep_private};
pub(crate) use request_head::request_head;
pub(crate) use response_head::{ResponseHeadError, response_head};
pub(crate) use sender::Sender;
pub(crate) use settings::{ForwardSettings, RequestBodies, SendHost, Upstream, Waits};
