//! Bounds of connections of browsers, and of the listener.

use std::time::Duration;

/// Connections of one listener; further ones wait in the kernel's queue.
pub(crate) const CONNECTIONS_MAX: usize = 16_000;
/// Connections of one worker that wait in the kernel; it drops or refuses more. Its own limit may be lower.
pub(crate) const LISTEN_BACKLOG: i32 = 4_096;
/// A wait for a request head: for the first from the beginning of the connection, for a later one from its first byte; the
/// connection is closed beyond it.
pub(crate) const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Idle time of a kept connection where `[listen] idle_timeout` does not say it (the admin address, redirects); it is closed
/// beyond it. Longer than that of any load balancer in front, which would else send a request into a closed connection.
pub(crate) const IDLE_TIMEOUT: Duration = Duration::from_secs(620);
/// Shortest `[listen] idle_timeout`: a head may take as long. Refused as out of range below it.
pub(crate) const IDLE_TIMEOUT_SHORTEST: Duration = REQUEST_HEAD_TIMEOUT;
/// Longest `[listen] idle_timeout`; refused as out of range beyond it.
pub(crate) const IDLE_TIMEOUT_LONGEST: Duration = Duration::from_secs(3600);
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
/// Longest HTTP/2 frame that a browser may send; the connection is closed beyond it.
pub(crate) const HTTP2_FRAME_BYTES_MAX: usize = 16 * 1024;
/// Most frames of one HTTP/2 head that is looked through ahead of `h2`, which closes the connection beyond it.
pub(crate) const HTTP2_HEAD_FRAMES_MAX: usize = 7;
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
/// How long after SIGTERM idle connections stay open, so that no request that is on its way is lost.
pub(crate) const DRAIN_IDLE_GRACE: Duration = Duration::from_millis(500);
/// Pause after a failed accept (no file descriptors left), instead of a busy loop.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Pause between two event lines of a worker that connections are not taken (no file descriptors, no slot).
pub(crate) const UNTAKEN_TOLD_PAUSE: Duration = Duration::from_secs(60);
/// How long requests in flight may take after SIGTERM.
pub(crate) const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
