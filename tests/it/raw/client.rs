//! A client that sends exact bytes and reads until the gateway closes.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::message::{Message, messages};

/// What came back on one connection.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) bytes: Vec<u8>,
    /// Interim answers (1xx other than 101) are left out.
    pub(crate) list: Vec<Message>,
    /// Whether the gateway closed within the deadline.
    pub(crate) is_closed: bool,
}

/// One connection that stays open between what is sent.
pub(crate) struct Wire {
    tcp: TcpStream,
    bytes: Vec<u8>,
    /// The final answers that were read one by one took so many bytes.
    taken: usize,
}

impl Wire {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let tcp = TcpStream::connect(address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        Self { tcp, bytes: Vec::new(), taken: 0 }
    }

    /// Sends what the gateway still takes: it may close in the middle.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        drop(self.tcp.write_all(bytes).await);
    }

    /// The next answer, whole.
    pub(crate) async fn answer(&mut self) -> Message {
        let read = async {
            loop {
                if let Some((answer, taken)) =
                    Message::read(&self.bytes[self.taken..]).filter(|(answer, _)| answer.is_whole)
                {
                    self.taken += taken;
                    return answer;
                }
                let ended = self.tcp.read_buf(&mut self.bytes).await.map_or(true, |read| read == 0);
                assert!(!ended, "no answer: {:?}", String::from_utf8_lossy(&self.bytes));
            }
        };
        timeout(DEADLINE, read).await.expect("an answer within the deadline")
    }

    /// Reads until the gateway closes, or the deadline.
    pub(crate) async fn finish(mut self) -> Answers {
        let is_closed = timeout(DEADLINE, self.read_to_end()).await.is_ok();
        Answers { list: finals(&self.bytes), bytes: self.bytes, is_closed }
    }

    /// A reset is an end like another.
    async fn read_to_end(&mut self) -> io::Result<()> {
        while self.tcp.read_buf(&mut self.bytes).await? > 0 {}
        Ok(())
    }
}

impl Answers {
    pub(crate) fn statuses(&self) -> Vec<u16> {
        self.list.iter().map(Message::status).collect()
    }

    /// The answers that the host application gave.
    pub(crate) fn forwarded(&self) -> impl Iterator<Item = &Message> {
        self.list.iter().filter(|answer| answer.header("x-recorder").is_some())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

fn finals(bytes: &[u8]) -> Vec<Message> {
    messages(bytes).into_iter().filter(|answer| !matches!(answer.status(), 100 | 102..=199)).collect()
}

/// Far beyond what an answer takes here, and below every deadline of the gateway.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
