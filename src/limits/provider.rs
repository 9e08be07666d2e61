//! Bounds of what providers and proxies in front say and sign, and of how often they are asked.

use std::time::Duration;

/// Longest ID token; refused as `token_malformed` beyond it.
pub(crate) const ID_TOKEN_BYTES_MAX: usize = 64 * 1024;
/// Longest assertion that a proxy in front attaches; refused as `assertion_malformed` beyond it.
pub(crate) const ASSERTION_BYTES_MAX: usize = 32 * 1024;
/// Clock difference to who signs an assertion that is tolerated: Google's own figure, and less than a sign-in's.
pub(crate) const ASSERTION_LEEWAY: Duration = Duration::from_secs(30);
/// Longest life of an assertion that is made for each request (an ALB, Google IAP, Pomerium); refused as `assertion_time` beyond it.
pub(crate) const SHORT_ASSERTION_LIFETIME_MAX: Duration = Duration::from_secs(10 * 60);
/// Longest life of any other, which is the longest session of Cloudflare Access; refused as `assertion_time` beyond it.
pub(crate) const ASSERTION_LIFETIME_MAX: Duration = Duration::from_secs(31 * 24 * 60 * 60);
/// Longest `max_age` of an assertion; beyond it the key would say nothing.
pub(crate) const ASSERTION_AGE_LONGEST: Duration = ASSERTION_LIFETIME_MAX;
/// Longest subject (`sub`) of a person, in the characters of OIDC Core 2; refused beyond it, in an ID token and in `[[revoke]]`.
pub(crate) const SUBJECT_BYTES_MAX: usize = 255;
/// Most nested JSON arrays and objects in a token's payload.
pub(crate) const JSON_DEPTH_MAX: usize = 32;
/// Most values that a session remembers as like what some condition asks for, per claim; of more it remembers that the
/// claim cannot be relied on.
pub(crate) const LIKENESSES_MAX: usize = 32;
/// Largest discovery, JWKS or token answer that is read.
pub(crate) const PROVIDER_BODY_BYTES_MAX: usize = 1024 * 1024;
/// Most usable keys of one JWKS, and most notes about others; the rest is ignored.
pub(crate) const JWKS_KEYS_MAX: usize = 64;
/// Most keys of one name that a token's signature is held against; a token of a further one is refused as `token_signature`.
pub(crate) const KEYS_TRIED_MAX: usize = 4;
/// Smallest and largest RSA modulus of a provider's key; other keys are passed over.
pub(crate) const RSA_BITS_MIN: usize = 2048;
/// Providers have no larger ones; a signature costs the more the larger the key is.
pub(crate) const RSA_BITS_MAX: usize = 4096;
/// An issuer and a key's name are kept and quoted up to this, as they stand in a provider's document or token.
pub(crate) const PROVIDER_QUOTE_CHARS_MAX: usize = 100;
/// Most elements of a list of a provider's that are quoted.
pub(crate) const PROVIDER_QUOTES_MAX: usize = 8;
/// A provider's error code is quoted up to this.
pub(crate) const PROVIDER_ERROR_CHARS_MAX: usize = 40;
/// What a provider says beside an error code is quoted up to this in the audit line.
pub(crate) const PROVIDER_DESCRIPTION_CHARS_MAX: usize = 500;
/// A provider's words are quoted up to this on a page.
pub(crate) const PROVIDER_WORDS_ON_PAGE_CHARS_MAX: usize = 200;
/// What was sent to a provider is found within its words from this length on; shorter, it would be found within any word.
pub(crate) const PROVIDER_SECRET_BYTES_MIN: usize = 6;
/// A run of letters and digits of this length within a provider's words may be a secret, and is not quoted.
pub(crate) const PROVIDER_OPAQUE_CHARS_MIN: usize = 24;
/// How long a `private_key_jwt` is good; a provider refuses it later.
pub(crate) const CLIENT_ASSERTION_AGE: Duration = Duration::from_secs(60);
/// Most `client_key`s of one identity: the one that signs, and one more during a rotation; more are refused.
pub(crate) const CLIENT_KEYS_MAX: usize = 2;
/// Largest head of a proxy's answer to `CONNECT`; there is no connection beyond it.
pub(crate) const PROXY_HEAD_BYTES_MAX: usize = 16 * 1024;
/// A wait for one answer of a provider.
pub(crate) const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);
/// Codes exchanged with one provider at a time, of all workers together; a sign-in beyond it waits, then gets 503 `provider_busy`.
pub(crate) const PROVIDER_TOKENS_IN_FLIGHT_MAX: usize = 16;
/// Codes that are exchanged with one provider per second, of all workers together; beyond it as above.
pub(crate) const PROVIDER_TOKENS_PER_SECOND_MAX: u64 = 20;
/// After a rest as many codes go at once as are exchanged in this time; further ones wait for their turns.
pub(crate) const PROVIDER_TOKENS_BURST: Duration = Duration::from_secs(1);
/// How long a sign-in waits for its turn and its place at the token endpoint before 503 `provider_busy`.
pub(crate) const PROVIDER_TOKENS_WAIT_MAX: Duration = Duration::from_secs(1);
/// Providers whose documents are kept; of more, the least used is fetched again when it is next needed.
pub(crate) const PROVIDERS_MAX: u64 = 64;
/// How long discovery and JWKS are used before they are fetched anew.
pub(crate) const PROVIDER_DOCUMENTS_AGE_MAX: Duration = Duration::from_secs(3600);
/// How long old documents stay in use while the provider cannot be reached.
pub(crate) const PROVIDER_DOCUMENTS_STALE_MAX: Duration = Duration::from_secs(24 * 3600);
/// Least time between two fetches while the provider has never answered: a visitor waits for it.
pub(crate) const PROVIDER_RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Least time between two fetches for an unknown `kid` (the first is at once), and after a failed refresh.
pub(crate) const PROVIDER_REFETCH_PAUSE: Duration = Duration::from_secs(30);
/// Most keys, of a source whose keys are fetched one by one, that have verified an assertion; the least used is fetched again.
pub(crate) const KEYS_BY_KID_MAX: usize = 16;
/// Most others of its keys at hand; the least used goes, and never one of those above.
pub(crate) const KEYS_BY_KID_UNPROVEN_MAX: usize = 4;
/// Most unknown keys of such a source that are asked for within [`PROVIDER_REFETCH_PAUSE`]; a further one is unknown.
pub(crate) const KEY_FETCHES_MAX: usize = 8;
/// Clock difference to a provider that is tolerated.
pub(crate) const CLOCK_LEEWAY: Duration = Duration::from_secs(60);
