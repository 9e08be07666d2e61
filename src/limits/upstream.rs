//! Bounds of what goes to a host application, and of its connections and answers.

use std::time::Duration;

use super::listen::LINGER_MAX;

/// Longest value of a header that tells the host application who is signed in; a longer one is left out, of groups those that go
/// beyond it, and counted.
pub(crate) const IDENTITY_HEADER_BYTES_MAX: usize = 4_096;
/// Most headers of a site's own (`[[site]] headers`); `check` refuses more.
pub(crate) const OWN_HEADERS_MAX: usize = 16;
/// How long a signed assertion to the host application may be used.
pub(crate) const ASSERTION_AGE: Duration = Duration::from_secs(60);
/// Most keys that sign or have signed assertions to the host application: one that signs, and others that are to come or were.
pub(crate) const ASSERTION_KEYS_MAX: usize = 4;
/// Longest request body without a length that is held to have one (`request_bodies`); 413 `body_too_large` beyond it.
pub(crate) const REQUEST_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What such a body begins with; it doubles as the body grows, up to [`REQUEST_BODY_BYTES_MAX`].
pub(crate) const REQUEST_BODY_BYTES_MIN: usize = 64 * 1024;
/// Memory of all such bodies at a time, in KiB; 503 `upstream_busy` beyond it.
pub(crate) const REQUEST_BODIES_KIB_MAX: usize = 128 * 1024;
/// A wait for a connection to a host application.
pub(crate) const UPSTREAM_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A wait, behind an answer that switches to a WebSocket, for both connections to do so.
pub(crate) const UPGRADE_TIMEOUT: Duration = Duration::from_secs(30);
/// Silence on a connection to a host application after which the system asks it for a sign: balancers and NATs on the way forget silent ones.
pub(crate) const UPSTREAM_PROBE_SILENCE: Duration = Duration::from_secs(60);
/// A pause before the next address of a host application is tried beside one that does not answer (RFC 8305 5).
pub(crate) const UPSTREAM_ADDRESS_PAUSE: Duration = Duration::from_millis(250);
/// Most addresses of one name that are tried; further ones are passed over.
pub(crate) const UPSTREAM_ADDRESSES_MAX: usize = 8;
/// A wait between two pieces of an event stream, where `upstream_idle_timeout` is shorter: like an idle tunnel.
pub(crate) const EVENT_STREAM_IDLE_TIMEOUT: Duration = TUNNEL_IDLE_TIMEOUT;
/// Idle connections kept per core and upstream of a site; more are closed.
pub(crate) const POOL_IDLE_MAX: usize = 128;
/// How long an idle upstream connection is kept; below the 5 s of Node.
pub(crate) const POOL_IDLE_AGE_MAX: Duration = Duration::from_secs(4);
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
pub(crate) const POOL_CONNECTIONS_MAX: usize = 1_024;
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
/// Most digits of the size with which the body of an HTTP/1.0 answer may begin that is said to be in chunks; with more it is no chunk.
pub(crate) const CHUNK_SIZE_DIGITS_MAX: usize = 15;
/// Longest first line of such a body; with a longer one it is none.
pub(crate) const CHUNK_LINE_BYTES_MAX: usize = 4 * 1024;
/// Most bytes of trailers of an answer, none of which is passed on; the answer is cut beyond it.
pub(crate) const CHUNK_TRAILERS_BYTES_MAX: usize = 64 * 1024;
/// Buffer of each direction of a tunnel.
pub(crate) const TUNNEL_BUFFER_BYTES: usize = 8 * 1024;
/// How long a request waits for a free upstream connection before 503 `upstream_busy`.
pub(crate) const POOL_WAIT_MAX: Duration = Duration::from_secs(2);
/// Idle WebSocket tunnels are closed after this; the session's end, and a reload that takes them back, close them in any case.
pub(crate) const TUNNEL_IDLE_TIMEOUT: Duration = Duration::from_secs(3600);
/// Pause between two looks at whether what is open still stands, while no piece comes or goes: below the 5 s that are promised.
pub(crate) const STANDING_LOOK_PAUSE: Duration = Duration::from_secs(3);
