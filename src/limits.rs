//! Every bound of the gateway, in one place, with what happens at the bound.
//!
//! Two kinds of numbers are elsewhere: what a standard fixes (the length of a DNS name or of an e-mail address) is with the
//! grammar that obeys it, and the stand-ins of `demo` have bounds of their own.

use std::time::Duration;

/// Longest name of a keyed table of the configuration; a longer one is a malformed name to `check`, and in a page no name.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// Largest request head that the listener reads; hyper answers 431 beyond it.
pub(crate) const REQUEST_HEAD_BYTES_MAX: usize = 64 * 1024;
/// Most request header lines; hyper answers 431 beyond it.
pub(crate) const REQUEST_HEADERS_MAX: usize = 100;
/// Longest request path plus query; 400 `bad_path` beyond it.
pub(crate) const TARGET_BYTES_MAX: usize = 16 * 1024;
/// Most ways in which one path may be read; 400 `bad_path` beyond it.
pub(crate) const PATH_READINGS_MAX: usize = 128;
/// Most bytes of all readings of one path together; 400 `bad_path` beyond it.
pub(crate) const PATH_READINGS_BYTES_MAX: usize = 256 * 1024;
/// Most addresses of a list of proxies (`X-Forwarded-For`, `Forwarded`) that are read, from the right; where all of them are trusted,
/// the client's is unknown beyond it.
pub(crate) const FORWARDED_ADDRESSES_MAX: usize = 32;
/// How often a request may have passed a gateway of this kind (its `Via` says so); 508 `loop_detected` beyond it.
pub(crate) const GATEWAY_PASSES_MAX: usize = 3;

/// Longest value of a header that tells the host application who is signed in; a longer one is left out, of groups those that go
/// beyond it, and counted.
pub(crate) const IDENTITY_HEADER_BYTES_MAX: usize = 4_096;
/// Most headers of a site's own (`[[site]] headers`); `check` refuses more.
pub(crate) const OWN_HEADERS_MAX: usize = 16;
/// How long a signed assertion to the host application may be used.
pub(crate) const ASSERTION_AGE: Duration = Duration::from_secs(60);
/// Most keys that sign or have signed assertions to the host application: one that signs, one to come, one that was.
pub(crate) const ASSERTION_KEYS_MAX: usize = 4;

/// Largest sealed cookie, name and value; browsers drop a cookie beyond 4 096 bytes. Refused as `session_too_large`.
pub(crate) const COOKIE_BYTES_MAX: usize = 3_800;
/// Most cookies of ours that are looked at in one request; beyond it the oldest login attempts are passed over.
pub(crate) const OWN_COOKIES_MAX: usize = 32;
/// Most login attempts of one browser at a time; the oldest is expired.
pub(crate) const LOGIN_ATTEMPTS_MAX: usize = 5;
/// Shortest `session.idle`.
pub(crate) const IDLE_SHORTEST: Duration = Duration::from_secs(60);
/// How often within `session.idle` the time when somebody was seen last is written anew, at most.
pub(crate) const IDLE_RENEWALS: u32 = 10;
/// Shortest `session.recheck`: with less, every page of a session would be a round through the provider.
pub(crate) const RECHECK_SHORTEST: Duration = Duration::from_secs(1);
/// How long what no navigation can mend (a frame, a fetch, an open stream) still counts after `recheck`.
pub(crate) const RECHECK_GRACE: Duration = Duration::from_secs(60);
/// How long a login attempt may take.
pub(crate) const LOGIN_ATTEMPT_AGE_MAX: Duration = Duration::from_secs(600);
/// Sign-in rounds without a session before a page names the cause instead of a fourth redirect.
pub(crate) const LOGIN_ROUNDS_MAX: u32 = 3;
/// Rounds longer ago than this are forgotten.
pub(crate) const LOGIN_ROUNDS_AGE_MAX: Duration = Duration::from_secs(120);
/// How long a browser remembers with which provider somebody signed in last: the longest that browsers keep a cookie.
pub(crate) const LAST_PROVIDER_AGE_MAX: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Longest fragment of an address that a page of ours hands on to a sign-in; a longer one is left out.
pub(crate) const FRAGMENT_BYTES_MAX: usize = 512;
/// Longest return target of a sign-in that is carried as it is, and longest packed one; an `rd` beyond it is `/`.
pub const RETURN_TO_BYTES_MAX: usize = 2_048;
/// Longest request target that is packed to be carried through a sign-in; beyond it the path alone, and a page says so.
pub(crate) const RETURN_TO_REQUEST_BYTES_MAX: usize = 8 * 1024;
/// Rounds in which a return target is decoded and looked at again, while that still changes it; more are not looked at.
pub const RETURN_TO_DECODINGS_MAX: usize = 4;
/// How long an answer that came by form waits for our own page to go on; there is no such attempt beyond it.
pub(crate) const POSTED_ANSWER_AGE: Duration = Duration::from_secs(60);
/// Most such answers of one browser at a time: of more, one takes the place of another.
pub(crate) const POSTED_ANSWERS_MAX: usize = 4;
/// The provider's words in such an answer are kept up to this.
pub(crate) const POSTED_WORDS_CHARS_MAX: usize = 512;
/// Largest body that an own endpoint reads; 413 beyond it.
pub(crate) const OWN_BODY_BYTES_MAX: usize = 8 * 1024;

/// A wait for the whole body of an own endpoint; 413 beyond it.
pub(crate) const OWN_BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest ID token; refused as `token_malformed` beyond it.
pub const ID_TOKEN_BYTES_MAX: usize = 64 * 1024;
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
pub const SUBJECT_BYTES_MAX: usize = 255;
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
pub const RSA_BITS_MAX: usize = 4096;
/// An issuer and a key's name are kept and quoted up to this, as they stand in a provider's document or token.
pub const PROVIDER_QUOTE_CHARS_MAX: usize = 100;
/// Most elements of a list of a provider's that are quoted.
pub(crate) const PROVIDER_QUOTES_MAX: usize = 8;
/// A provider's error code is quoted up to this.
pub const PROVIDER_ERROR_CHARS_MAX: usize = 40;
/// What a provider says beside an error code is quoted up to this in the audit line.
pub const PROVIDER_DESCRIPTION_CHARS_MAX: usize = 500;
/// A provider's words are quoted up to this on a page.
pub const PROVIDER_WORDS_ON_PAGE_CHARS_MAX: usize = 200;
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

/// Longest life of a Sigma token: 30 days (Sigma, JSON web token claims reference).
pub const SIGMA_TOKEN_AGE_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// Longest path segment, tag, page or element id of a Sigma URL; refused beyond it. Sigma's ids have 10 to 36 characters.
pub const SIGMA_SEGMENT_BYTES_MAX: usize = 512;
/// Longest beginning of a page in which its head must begin; beyond it a page gets no script, and a note.
pub(crate) const OPENING_BYTES_MAX: usize = 8 * 1024;
/// Longest Sigma URL in the query of `{sigma}/to`; refused as `embed_unknown` beyond it.
pub(crate) const SIGMA_URL_BYTES_MAX: usize = 4 * 1024;
/// Longest `title` of an embed; refused beyond it.
pub(crate) const TITLE_BYTES_MAX: usize = 256;
/// Longest signed URL; a mint beyond it is refused as `url_too_long`.
pub(crate) const SIGNED_URL_BYTES_MAX: usize = 16 * 1024;

/// Most frames filled and URLs signed in one answer; later ones are left as they are, with a log line. Links have no bound.
pub(crate) const SLOTS_MAX: usize = 100;
/// A page up to this is held and looked through before its head is sent; a longer one streams.
pub(crate) const HELD_PAGE_BYTES_MAX: usize = 256 * 1024;
/// A wait for the next piece of a page whose length is not known; it streams beyond it, for its application lets readers wait.
pub(crate) const HELD_PAUSE_MAX: Duration = Duration::from_millis(100);
/// A wait for the whole of such a page, whose pieces come one soon after the other; it streams beyond it.
pub(crate) const HELD_UNSIZED_TIMEOUT: Duration = Duration::from_millis(400);
/// Most `<meta>` policies of a page that are read; with more of them no frame counts as let in.
pub(crate) const META_POLICIES_MAX: usize = 16;
/// Tallest frame of an insert, in CSS pixels; refused as out of range beyond it.
pub const INSERT_HEIGHT_MAX: u32 = 20_000;
/// Longest `title` and `class` of an insert; refused beyond it.
pub(crate) const INSERT_TEXT_BYTES_MAX: usize = 256;
/// Bytes of a held page that are searched at a time for what every slot has.
pub(crate) const SEARCH_BLOCK_BYTES: usize = 256;
/// Longest numeric reference (`&#46;`, without its `&`) that a search of a held page looks into; with a longer one it is read.
pub(crate) const REFERENCE_BYTES_MAX: usize = 10;
/// Longest tag of a slot that is held until it is over; a slot with a longer one is left as it is, if it had to change before that.
pub(crate) const REWRITER_BYTES_MAX: usize = 512 * 1024;
/// Longest attribute that is looked at; a longer one is no URL of Sigma's, and nothing that a selector can select by.
pub(crate) const ATTRIBUTE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a piece of markup that are kept while it comes; a longer one is read on without them.
pub(crate) const TOKEN_BYTES_MAX: usize = 2 * ATTRIBUTE_BYTES_MAX;
/// Bytes behind `</body>` that are kept while the page may end with them; beyond, an insert that waits goes to the end of the page.
pub(crate) const PAGE_END_BYTES_MAX: usize = 1024;
/// Most open elements of a page: beyond it the innermost ends where the next one begins, as browsers nest no deeper than 512.
pub(crate) const OPEN_ELEMENTS_MAX: usize = 512;
/// Longest name of an element that is told from others, and most such names of a page that have more than 16 bytes; an element
/// beyond ends with the one around it, and gets no insert.
pub(crate) const ELEMENT_NAME_BYTES_MAX: usize = 256;
pub(crate) const LONG_NAMES_MAX: usize = 1_024;
/// Memory of what follows the selectors of one page's inserts; beyond it those that are not placed are given up, with a note.
pub(crate) const SELECTION_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Largest JSON answer that is looked through; a larger one passes unchanged.
pub const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Largest answer with parts of a page, which a script puts in, that is looked through; a larger one passes unchanged.
pub(crate) const PARTS_BYTES_MAX: usize = 1024 * 1024;
/// Most digits of the first length of an answer to an UpdatePanel; what begins with more is none.
pub(crate) const DELTA_DIGITS_MAX: usize = 9;
/// Memory of all answers that are held at a time, in KiB; beyond it answers pass unchanged.
pub const HELD_KIB_MAX: usize = 256 * 1024;
/// Pieces of a coded page that may have a slot, up to which it is searched for where the last one is; with more it is read to its end.
pub(crate) const SEARCHED_PIECES_MAX: usize = 3;
/// Most decoded bytes of a page that is held; it passes as it came beyond it, whatever was found.
pub(crate) const HELD_DECODED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Largest window of a zstd body, as a power of two: browsers take no larger one (RFC 9659). The body passes as it came beyond it.
pub(crate) const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// JSON texts in strings of JSON texts that are looked into; what is deeper stays as it is.
pub(crate) const JSON_TEXT_DEPTH_MAX: usize = 3;
/// Longest request body without a length that is held to have one (`request_bodies`); 413 `body_too_large` beyond it.
pub const REQUEST_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What such a body begins with; it doubles as the body grows, up to [`REQUEST_BODY_BYTES_MAX`].
pub(crate) const REQUEST_BODY_BYTES_MIN: usize = 64 * 1024;
/// Memory of all such bodies at a time, in KiB; 503 `upstream_busy` beyond it.
pub const REQUEST_BODIES_KIB_MAX: usize = 128 * 1024;
/// Most decoded bytes per encoded byte, once more than a held page was decoded; the rest is not looked into beyond it.
pub(crate) const DECODE_RATIO_MAX: u64 = 200;
/// Bytes rewritten before other tasks of the core get a turn.
pub(crate) const REWRITE_CHUNK_BYTES: usize = 16 * 1024;

/// Connections of one listener; further ones wait in the kernel's queue.
pub const CONNECTIONS_MAX: usize = 16_000;
/// Connections of one worker that wait in the kernel; it drops or refuses more. Its own limit may be lower.
pub const LISTEN_BACKLOG: i32 = 4_096;
/// A wait for a request head: for the first from the beginning of the connection, for a later one from its first byte; the
/// connection is closed beyond it.
pub(crate) const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle time of a kept connection where `[listen] idle_timeout` does not say it (the admin address, redirects); it is closed
/// beyond it. Longer than that of any load balancer in front, which would else send a request into a closed connection.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(620);
/// Shortest `[listen] idle_timeout`: a head may take as long. Refused as out of range below it.
pub const IDLE_TIMEOUT_SHORTEST: Duration = REQUEST_HEAD_TIMEOUT;
/// Longest `[listen] idle_timeout`; refused as out of range beyond it.
pub const IDLE_TIMEOUT_LONGEST: Duration = Duration::from_secs(3600);
/// A wait for a whole PROXY header, where the listener wants one; the connection is closed beyond it.
pub(crate) const PROXY_HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest PROXY header of version 2, with all that proxies add to it; the connection is closed beyond it.
pub(crate) const PROXY_HEADER_BYTES_MAX: usize = 4 * 1024;
/// A wait for a whole TLS handshake; the connection is closed beyond it.
pub(crate) const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time before the end of a certificate of the public address from which on a load of the configuration warns.
pub(crate) const CERTIFICATE_END_WARNING: Duration = Duration::from_secs(14 * 24 * 3600);
/// Requests in flight on one HTTP/2 connection; the browser waits with more, or they are refused.
pub(crate) const HTTP2_STREAMS_MAX: u32 = 128;
/// Streams that a browser has reset before they were looked at; the connection is closed beyond it (rapid reset).
pub(crate) const HTTP2_RESETS_PENDING_MAX: usize = 32;
/// Streams of one connection that the gateway reset for the browser's errors; the connection is closed beyond it.
pub(crate) const HTTP2_ERROR_RESETS_MAX: usize = 128;
/// Bytes of a request body that a browser may send ahead, per stream and per HTTP/2 connection.
pub(crate) const HTTP2_STREAM_WINDOW_BYTES: u32 = 256 * 1024;
/// See [`HTTP2_STREAM_WINDOW_BYTES`].
pub(crate) const HTTP2_CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// Bytes of an answer that wait for the browser, per HTTP/2 stream; the host application waits beyond it.
pub(crate) const HTTP2_SEND_BYTES_MAX: usize = 64 * 1024;
/// Bytes of frames that are gathered before they are written, per HTTP/2 connection: one TLS record.
pub(crate) const HTTP2_CORK_BYTES: usize = 16 * 1024;
/// Pause between two HTTP/2 pings, and the wait for their answer; a silent browser's connection is closed.
pub(crate) const HTTP2_PING_PAUSE: Duration = Duration::from_secs(20);
/// A wait between two pieces of a request body, and for the browser to take bytes.
pub(crate) const CLIENT_IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes per second that a request body must bring, on average over the time it was waited for and beyond the first
/// [`CLIENT_IDLE_TIMEOUT`]; a slower one is cut.
pub(crate) const CLIENT_RATE_MIN: u64 = 512;
/// How long a browser that is still sending behind its answer is heard, after which connection or stream is reset, whatever comes.
pub(crate) const LINGER_MAX: Duration = Duration::from_secs(30);
/// The same, where it pauses.
pub(crate) const LINGER_PAUSE_MAX: Duration = Duration::from_secs(5);
/// The same over HTTP/2, behind the answer of an error.
pub(crate) const LINGER_REFUSED_MAX: Duration = Duration::from_secs(1);
/// Bytes of it that are read at a time.
pub(crate) const LINGER_BUFFER_BYTES: usize = 8 * 1024;
/// A wait for a connection to a host application.
pub(crate) const UPSTREAM_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A pause before the next address of a host application is tried beside one that does not answer (RFC 8305 5).
pub(crate) const UPSTREAM_ADDRESS_PAUSE: Duration = Duration::from_millis(250);
/// Most addresses of one name that are tried; further ones are passed over.
pub(crate) const UPSTREAM_ADDRESSES_MAX: usize = 8;
/// A wait between two pieces of an event stream, where `upstream_idle_timeout` is shorter: like an idle tunnel.
pub(crate) const EVENT_STREAM_IDLE_TIMEOUT: Duration = TUNNEL_IDLE_TIMEOUT;
/// Idle connections kept per core and upstream of a site; more are closed.
pub(crate) const POOL_IDLE_MAX: usize = 128;
/// How long an idle upstream connection is kept; below the 5 s of Node.
pub const POOL_IDLE_AGE_MAX: Duration = Duration::from_secs(4);
/// A wait for the next piece of a request's body to go out behind its answer; the upload is cut beyond it.
pub(crate) const LATE_UPLOAD_PAUSE_MAX: Duration = LINGER_MAX;
/// How long a connection must have rested before what cannot be repeated leaves on it, where its application closes them unsaid.
pub(crate) const POOL_DISTRUSTED_REST: Duration = Duration::from_millis(500);
/// How long it is remembered that an application does.
pub(crate) const POOL_DISTRUST_AGE: Duration = Duration::from_secs(10 * 60);
/// How much earlier than its host application says that it closes an idle connection (`Keep-Alive: timeout=`) it is closed here.
pub(crate) const KEEP_ALIVE_MARGIN: Duration = Duration::from_secs(1);
/// Connections per core to one upstream of a site, a quarter of them kept from requests with a body; a request beyond it waits,
/// then gets 503 `upstream_busy`.
pub const POOL_CONNECTIONS_MAX: usize = 1_024;
/// Connections per core to one upstream that the host application signed in (NTLM, Negotiate), each for one session on one
/// client connection; 503 `upstream_busy` beyond it, before the application is asked.
pub(crate) const PINNED_CONNECTIONS_MAX: usize = 512;
/// The same per core and client address (an IPv6 network of 64 bits counts as one): half of them, so that nobody has all, and
/// enough for the people behind one load balancer.
pub(crate) const PINNED_PER_ADDRESS_MAX: usize = 256;
/// How long such a connection is kept while its session asks nothing of it; below the 120 s of IIS. A person reads longer than the
/// [`POOL_IDLE_AGE_MAX`] of shared ones, and would be signed in anew with every page.
pub(crate) const PINNED_IDLE_AGE_MAX: Duration = Duration::from_secs(100);
/// Largest head of a host application's answer; 502 `upstream_broken` beyond it.
pub(crate) const UPSTREAM_HEAD_BYTES_MAX: usize = 64 * 1024;
/// Most header lines of a host application's answer, folded ones joined, without those dropped; 502 `upstream_broken` beyond it.
pub(crate) const UPSTREAM_HEADERS_MAX: usize = 100;
/// A line of such a head is quoted in an event up to this.
pub(crate) const HEAD_QUOTE_BYTES_MAX: usize = 80;
/// Empty lines that may stand before the first line of such a head (RFC 9112 2.2); with more it is none.
pub(crate) const HEAD_EMPTY_LINES_MAX: usize = 4;
/// The largest length that an answer may say; a larger number is none, and refused or passed over as such.
pub(crate) const LENGTH_MAX: u64 = 999_999_999_999_999_999;
/// Most digits of the size with which such a body may begin; with more it is no chunk.
pub(crate) const CHUNK_SIZE_DIGITS_MAX: usize = 15;
/// Longest first line of the body of an HTTP/1.0 answer that is said to be in chunks; with a longer one it is none.
pub(crate) const CHUNK_LINE_BYTES_MAX: usize = 4 * 1024;
/// Most bytes of trailers of an answer, none of which is passed on; the answer is cut beyond it.
pub(crate) const CHUNK_TRAILERS_BYTES_MAX: usize = 64 * 1024;
/// Buffer of each direction of a tunnel.
pub(crate) const TUNNEL_BUFFER_BYTES: usize = 8 * 1024;
/// How long a request waits for a free upstream connection before 503 `upstream_busy`.
pub(crate) const POOL_WAIT_MAX: Duration = Duration::from_secs(2);
/// How long after SIGTERM idle connections stay open, so that no request that is on its way is lost.
pub(crate) const DRAIN_IDLE_GRACE: Duration = Duration::from_millis(500);
/// Pause after a failed accept (no file descriptors left), instead of a busy loop.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Pause between two event lines of a worker that connections are not taken (no file descriptors, no slot).
pub(crate) const UNTAKEN_TOLD_PAUSE: Duration = Duration::from_secs(60);
/// How long requests in flight may take after SIGTERM.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// Idle WebSocket tunnels are closed after this; the session's end, and a reload that takes them back, close them in any case.
pub(crate) const TUNNEL_IDLE_TIMEOUT: Duration = Duration::from_secs(3600);
/// Pause between two looks at whether what is open still stands, while no piece comes or goes: below the 5 s that are promised.
pub(crate) const STANDING_LOOK_PAUSE: Duration = Duration::from_secs(3);

/// Most problems of TOML's syntax that a load names; the first is mostly the cause of the others.
pub const SYNTAX_PROBLEMS_MAX: usize = 20;
/// Longest `session.max_age`; refused as out of range beyond it. Browsers keep no cookie longer (RFC 6265bis 5.5).
pub const SESSION_AGE_LONGEST: Duration = Duration::from_secs(400 * 24 * 3600);
/// Longest `upstream_timeout`; refused as out of range beyond it. Interim answers begin the wait anew up to this in all.
pub const UPSTREAM_TIMEOUT_LONGEST: Duration = Duration::from_secs(3600);
/// Longest `upstream_idle_timeout`; refused as out of range beyond it.
pub const UPSTREAM_IDLE_TIMEOUT_LONGEST: Duration = Duration::from_secs(24 * 3600);
/// Longest `held_timeout`; refused as out of range beyond it.
pub const HELD_TIMEOUT_LONGEST: Duration = Duration::from_secs(3600);
/// Most `aliases` of one site; refused beyond it.
pub const ALIASES_MAX: usize = 100;
/// Longest `hsts`; refused as out of range beyond it. Lists of https-only hosts ask for no more.
pub const HSTS_LONGEST: Duration = Duration::from_secs(730 * 24 * 3600);
/// Largest configuration file.
pub(crate) const CONFIG_BYTES_MAX: u64 = 1024 * 1024;
/// Most ranges of an `Accept-Language` that are looked at; the rest is not wanted.
pub(crate) const LANGUAGE_RANGES_MAX: usize = 16;
/// Largest file of words for our pages; a larger one is refused by `check`.
pub(crate) const WORDS_BYTES_MAX: u64 = 256 * 1024;
/// Longest text of our pages that an operator writes, in characters; a longer one is refused by `check`.
pub(crate) const PAGE_TEXT_CHARS_MAX: usize = 1_000;
/// Largest picture for our pages, which is part of each; a larger one is refused by `check`.
pub(crate) const LOGO_BYTES_MAX: u64 = 32 * 1024;
/// Largest secret file.
pub(crate) const SECRET_BYTES_MAX: u64 = 64 * 1024;
/// Largest file of certificates; a bundle of every public CA fits.
pub(crate) const CERTIFICATES_BYTES_MAX: u64 = 1024 * 1024;
/// Quiet time after a change of a file before the configuration is read again.
pub(crate) const RELOAD_DEBOUNCE: Duration = Duration::from_millis(250);
/// Pause between two looks at the configuration's files, for changes that no event tells of.
pub(crate) const RELOAD_POLL: Duration = Duration::from_secs(5);
/// Most quiet times that are waited for while a folder does not come to rest.
pub(crate) const RELOAD_DEBOUNCE_ROUNDS_MAX: u32 = 8;

/// Access and event lines that wait for a slow reader; beyond it such lines are dropped and counted.
pub const LOG_LINES_MAX: usize = 8_192;
/// Audit lines that may wait beyond [`LOG_LINES_MAX`]: a flood of requests does not push them out.
pub const LOG_AUDIT_LINES_MAX: usize = 8_192;
/// Bytes of log lines that are gathered before they are written, while more lines wait.
pub const LOG_WRITE_BYTES: usize = 64 * 1024;
/// A wait, at the end of the program, for lines that are not written yet; they are lost beyond it.
pub const LOG_FLUSH_MAX: Duration = Duration::from_secs(1);
/// Longest method; a longer one is refused.
pub(crate) const METHOD_BYTES_MAX: usize = 32;
/// Most sentences about claims in one audit line (`[log] claims`); the rest is left out.
pub(crate) const LOG_CLAIMS_MAX: usize = 50;
/// A claim is quoted in such a line up to this.
pub(crate) const CLAIM_QUOTE_CHARS_MAX: usize = 1_000;
/// What a peer sent is quoted in a log line up to this.
pub(crate) const LOG_QUOTE_BYTES_MAX: usize = 512;

const _: () = assert!(COOKIE_BYTES_MAX < 4_096);
const _: () = assert!((LOGIN_ATTEMPTS_MAX + POSTED_ANSWERS_MAX + 2) * COOKIE_BYTES_MAX < REQUEST_HEAD_BYTES_MAX);
// Sealed, it grows by a third.
const _: () = assert!((RETURN_TO_BYTES_MAX + 700) * 4 / 3 < COOKIE_BYTES_MAX);
const _: () = assert!(PROVIDER_DOCUMENTS_AGE_MAX.as_secs() < PROVIDER_DOCUMENTS_STALE_MAX.as_secs());
