//! Readers that let an answer wait: nobody asks for its next piece, and it is looked at all the same.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{sleep, timeout},
};

use crate::{
    endless::head_from,
    raw::secure::{Secure, fields},
    standing::{Lab, PROMISED, application_at, revoke},
};

/// An application that pours as fast as it is read, and says of each such answer when its connection has ended.
async fn pouring() -> (u16, UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (ended, ends) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let ended = ended.clone();
            tokio::spawn(async move {
                let head = head_from(&mut stream).await.unwrap_or_default();
                if !head.contains("/pour") {
                    let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    return drop(stream.write_all(empty.as_bytes()).await);
                }
                let kind = if head.contains("/pour-page") { "text/html" } else { "application/octet-stream" };
                let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: 5000000000\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                let piece = vec![b'a'; 65_536];
                // A gateway that reads no more still has a connection that can end.
                let (mut read, mut write) = stream.split();
                let pour = async { while write.write_all(&piece).await.is_ok() {} };
                let end = async { while read.read_u8().await.is_ok() {} };
                tokio::select! { () = pour => {}, () = end => {} }
                let _ = ended.send(());
            });
        }
    });
    (port, ends)
}

/// Readers that let an answer wait: how much they take now and then.
const READERS: [(&str, usize); 4] = [("/pour", 0), ("/pour", 4_096), ("/pour-page", 0), ("/pour-page", 4_096)];

impl Lab {
    /// Asks for what pours, and takes `most` bytes ten times a second until it is cut.
    async fn read_slowly(&self, path: &str, most: usize) -> TcpStream {
        let port = self.world.ports.gateway;
        let socket = TcpSocket::new_v4().unwrap();
        if path == "/pour-page" {
            // Takes little at a time, so that the gateway writes again and again.
            socket.set_recv_buffer_size(16_384).unwrap();
        }
        let mut stream = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
        let head = format!(
            "GET /events{path} HTTP/1.1\r\nHost: crm.localhost:{port}\r\nCookie: __Host-sg={}\r\n\r\n",
            self.cookie
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut piece = vec![0; most];
        while matches!(stream.read(&mut piece).await, Ok(read) if read > 0 || most == 0) {
            sleep(Duration::from_millis(100)).await;
        }
        stream
    }
}

#[tokio::test]
async fn a_reader_that_lets_an_answer_wait_is_cut_within_five_seconds_of_a_reload() {
    let (upstream, mut ends) = pouring().await;
    let lab = Lab::at(upstream, |text| text).await;
    let (is_over, mut overs) = unbounded_channel();
    let readers = futures_util::future::join_all(READERS.map(async |(path, most)| {
        lab.read_slowly(path, most).await;
        is_over.send((path, most)).unwrap();
    }));
    let test = async {
        // Long enough that every buffer on the way is full.
        sleep(Duration::from_secs(4)).await;
        assert!(ends.try_recv().is_err());
        lab.reload(|text| text + &revoke("email = \"ana@example.com\""));
        for reader in 0..READERS.len() {
            assert!(timeout(PROMISED, ends.recv()).await.is_ok(), "{reader} of the answers have ended");
        }
        assert_eq!(lab.ended().len(), READERS.len(), "{:?}", lab.ended());
        // Who has no room of its own sees the end at once: what the gateway's system held is gone.
        assert_eq!(timeout(PROMISED / 2, overs.recv()).await, Ok(Some(("/pour-page", 4_096))));
    };
    tokio::select! { () = test => {}, _ = readers => panic!("a reader that reads nothing does not end by itself") }
}

#[tokio::test]
async fn a_session_ends_answers_that_nobody_reads_to_the_second() {
    let (upstream, mut ends) = pouring().await;
    let lab = Lab::at(upstream, |text| text.replace("[session]\n", "[session]\nmax_age = \"5s\"\n")).await;
    let began = Instant::now();
    let readers = futures_util::future::join_all(READERS.map(|(path, most)| lab.read_slowly(path, most)));
    let test = async {
        for reader in 0..READERS.len() {
            assert!(timeout(2 * PROMISED, ends.recv()).await.is_ok(), "{reader} of the answers have ended");
        }
        assert!(began.elapsed() < Duration::from_millis(5_900), "{:?}", began.elapsed());
        assert!(lab.ended().iter().all(|line| line["detail"] == "session has ended"), "{:?}", lab.ended());
    };
    tokio::select! { () = test => {}, _ = readers => panic!("a reader that reads nothing does not end by itself") }
}

#[tokio::test]
async fn streams_that_nobody_reads_end_within_five_seconds_and_are_reset_when_somebody_does() {
    let (upstream, mut ends) = pouring().await;
    let secure = Secure::with(|text| application_at(upstream, &text)).await;
    let cookie = fields([("cookie", secure.cookie_of("ana").await.as_str())]);
    let mut connection = secure.open().await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        streams.push(connection.open(&[secure.request("GET", "/events/pour"), cookie.clone()].concat(), true).await);
    }
    sleep(Duration::from_secs(3)).await;
    assert!(ends.try_recv().is_err());
    secure.lab.world.clock.advance(8 * 3_600);
    for stream in &streams {
        assert!(timeout(PROMISED, ends.recv()).await.is_ok(), "{stream} has not ended");
    }
    let lines = secure.lab.world.audit("ended");
    assert_eq!(lines.len(), streams.len(), "{lines:?}");
    for stream in streams {
        let reply = connection.reply(stream).await;
        assert!(!reply.is_whole && reply.reset.is_some(), "{:?}", reply.reset);
    }
}
