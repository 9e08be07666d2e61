//! How connections live and end: slow browsers, handlers that panic, the stop.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{DROPS, Server, read_to_close, read_until};

const SHORT: Duration = Duration::from_millis(150);

#[test]
fn a_silent_or_dripping_browser_is_closed() {
    let server = Server::with(|bounds| (bounds.head, bounds.idle) = (SHORT, SHORT));
    for start in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        let started = Instant::now();
        let text = server.send(start.as_bytes());
        assert!(started.elapsed() >= SHORT, "{start:?} was closed at once: {text}");
    }
}

#[test]
fn a_kept_connection_may_be_idle_for_longer_than_a_head_may_take() {
    let server = Server::with(|bounds| bounds.head = SHORT);
    let mut kept = server.connect();
    for _ in 0..2 {
        kept.write_all(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        read_until(&mut kept, "GET /a 0\n");
        std::thread::sleep(2 * SHORT);
    }
    let started = Instant::now();
    kept.write_all(b"GET /b HT").unwrap();
    assert_eq!(read_to_close(&mut kept), "");
    assert!((SHORT..40 * SHORT).contains(&started.elapsed()), "{:?}", started.elapsed());
}

#[test]
fn a_first_head_has_no_more_time_than_any_and_an_answer_as_much_as_it_takes() {
    let server = Server::with(|bounds| bounds.head = SHORT);
    for start in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let started = Instant::now();
        server.send(start.as_bytes());
        assert!((SHORT..40 * SHORT).contains(&started.elapsed()), "{start:?}");
    }
    // The next head has begun, and waits for the answer before it, which takes longer than a head may.
    let mut early = server.connect();
    early.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /b HT").unwrap();
    read_until(&mut early, "GET /slow 0\n");
    early.write_all(b"TP/1.1\r\nHost: a\r\n\r\n").unwrap();
    read_until(&mut early, "GET /b 0\n");
}

#[test]
fn a_body_that_stops_is_given_up() {
    let text = Server::start().send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
}

#[test]
fn a_browser_that_takes_nothing_is_closed() {
    let server = Server::with(|bounds| bounds.write = SHORT);
    let mut stream = server.connect();
    stream.write_all(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    std::thread::sleep(4 * SHORT);
    // The system's buffers hold what was sent before; behind it is the end.
    let mut sink = vec![0; 1 << 20];
    let started = Instant::now();
    while matches!(stream.read(&mut sink), Ok(1..)) {
        assert!(started.elapsed() < Duration::from_secs(8), "the answer goes on");
    }
}

#[test]
fn a_browser_that_leaves_ends_the_work_for_it() {
    let server = Server::start();
    let mut stream = server.connect();
    stream.write_all(b"GET /left HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    std::thread::sleep(SHORT);
    assert_eq!(DROPS.load(Ordering::SeqCst), 0);
    drop(stream);
    let started = Instant::now();
    while DROPS.load(Ordering::SeqCst) == 0 {
        assert!(started.elapsed() < Duration::from_secs(8), "the handler still runs");
        std::thread::sleep(SHORT / 10);
    }
}

#[test]
fn a_panic_ends_its_own_connection_only() {
    let server = Server::start();
    let mut other = server.connect();
    assert_eq!(server.send(b"GET /panic HTTP/1.1\r\nHost: a\r\n\r\n"), "");
    for _ in 0..4 {
        other.write_all(b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        assert!(read_until(&mut other, "GET /other 0\n").starts_with("HTTP/1.1 200"));
    }
}

#[test]
fn beyond_the_cap_connections_wait_until_one_ends() {
    let server = Server::with(|bounds| {
        bounds.connections = 2; // one for each of the two workers
        (bounds.head, bounds.idle) = (SHORT, SHORT);
    });
    let streams: Vec<_> = (0..6).map(|_| server.connect()).collect();
    for mut stream in streams {
        drop(stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        let text = read_to_close(&mut stream);
        assert!(text.is_empty() || text.ends_with("GET / 0\n"), "{text}");
    }
    assert!(server.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ends_with("GET / 0\n"));
}

#[test]
fn at_the_stop_requests_in_flight_end_well_and_say_close() {
    let mut server = Server::start();
    let mut in_flight = server.connect();
    in_flight.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut idle = server.connect();
    idle.write_all(b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    read_until(&mut idle, "GET /first 0\n");
    server.stop.cancel();
    // This one was on its way.
    idle.write_all(b"GET /late HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    for (mut stream, line) in [(in_flight, "GET /slow 0\n"), (idle, "GET /late 0\n")] {
        let text = read_to_close(&mut stream);
        assert!(text.contains("connection: close\r\n") && text.ends_with(line), "{text}");
    }
    server.join();
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn what_hangs_is_cut_at_the_drain_deadline() {
    let mut server = Server::with(|bounds| {
        bounds.idle_grace = Duration::ZERO;
        bounds.drain = SHORT;
    });
    let mut hanging = server.connect();
    hanging.write_all(b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    std::thread::sleep(SHORT);
    let started = Instant::now();
    server.stop.cancel();
    server.join();
    assert!((SHORT..20 * SHORT).contains(&started.elapsed()));
    assert_eq!(read_to_close(&mut hanging), "");
}

#[test]
fn at_the_stop_nobody_is_heard_out() {
    let mut server = Server::with(|bounds| bounds.idle_grace = SHORT);
    let mut idle = server.connect();
    idle.write_all(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").unwrap();
    read_until(&mut idle, "POST /a 3\n");
    let mut sending = server.connect();
    sending.write_all(b"POST /b HTTP/1.1\r\nHost: u@evil\r\nContent-Length: 9\r\n\r\nsome").unwrap();
    read_until(&mut sending, "refused\n");
    let started = Instant::now();
    server.stop.cancel();
    server.join();
    assert!(started.elapsed() < crate::limits::LINGER_PAUSE_MAX / 2, "{:?}", started.elapsed());
}
