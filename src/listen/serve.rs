//! Workers: a thread, a current-thread runtime and a socket for each core.

use std::{io, net::SocketAddr, sync::Arc, thread};

use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    bind::Bound,
    client::{Client, Handler, ListenLimits},
    connection::{Preamble, serve_connection},
    untaken::Untaken,
};
use crate::limits::ACCEPT_PAUSE;

/// Workers that run until the stop.
#[derive(Debug)]
pub(crate) struct Workers {
    workers: Vec<thread::JoinHandle<()>>,
}

impl Workers {
    /// Blocks until every worker has drained; at most the drain time after the stop.
    pub(crate) fn join(self) {
        join(self.workers);
    }
}

fn join(workers: Vec<thread::JoinHandle<()>>) {
    for worker in workers {
        // A worker's panic was printed when it happened.
        drop(worker.join());
    }
}

/// Serves every socket of `bound` on a thread of its own, with a handler of its own, until `stop`.
///
/// # Errors
/// Where the system gives no thread or no event queue; then no worker runs, and the sockets are closed.
pub(crate) fn serve<H: Handler>(
    bound: Bound,
    make_handler: impl Fn(usize) -> H,
    bounds: ListenLimits,
    stop: &CancellationToken,
) -> io::Result<Workers> {
    let connections = bounds.connections.div_ceil(bound.listeners.len());
    // Of these alone: where one cannot start, those before it end, and nobody else.
    let stop = stop.child_token();
    let mut prepared = Vec::new();
    for (index, listener) in bound.listeners.into_iter().enumerate() {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let worker = Worker {
            listener,
            handler: Arc::new(make_handler(index)),
            slots: Arc::new(Semaphore::new(connections)),
            preamble: bound.preamble.clone(),
            bounds,
            stop: stop.clone(),
        };
        prepared.push((runtime, worker));
    }
    let workers = start(prepared, &stop, |index| thread::Builder::new().name(format!("worker-{index}")))?;
    Ok(Workers { workers })
}

/// Starts all of them, or none: where one gets no thread, those before it are stopped and waited for.
fn start<H: Handler>(
    prepared: Vec<(Runtime, Worker<H>)>,
    stop: &CancellationToken,
    thread_of: impl Fn(usize) -> thread::Builder,
) -> io::Result<Vec<thread::JoinHandle<()>>> {
    let mut workers = Vec::new();
    for (index, (runtime, worker)) in prepared.into_iter().enumerate() {
        match thread_of(index).spawn(move || run(runtime, worker)) {
            Ok(started) => workers.push(started),
            Err(error) => {
                stop.cancel();
                join(workers);
                return Err(error);
            }
        }
    }
    Ok(workers)
}

struct Worker<H> {
    listener: TcpListener,
    handler: Arc<H>,
    slots: Arc<Semaphore>,
    preamble: Preamble,
    bounds: ListenLimits,
    stop: CancellationToken,
}

fn run<H: Handler>(runtime: Runtime, worker: Worker<H>) {
    runtime.block_on(worker.accept_until_stop());
    // What is left (a name lookup, a pool's sweeper) need not be waited for.
    runtime.shutdown_background();
}

impl<H: Handler> Worker<H> {
    async fn accept_until_stop(self) {
        let connections = TaskTracker::new();
        let mut untaken = Untaken::default();
        // A connection is taken out of the kernel's queue only when there is a slot for it.
        while let Some(slot) = self.free_slot(&mut untaken).await {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = self.stop.cancelled() => break,
            };
            match accepted {
                Ok((tcp, peer)) => self.spawn(&connections, tcp, peer, slot),
                Err(error) if is_of_one_connection(&error) => {}
                // No descriptors: without a pause this would be a busy loop.
                Err(error) => {
                    untaken.tell(self.address(), &error);
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        self.accept_the_rest(&connections);
        // Closes the socket: the kernel sends new connections elsewhere.
        drop(self);
        connections.close();
        connections.wait().await;
    }

    fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    async fn free_slot(&self, untaken: &mut Untaken) -> Option<OwnedSemaphorePermit> {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return (!self.stop.is_cancelled()).then_some(slot);
        }
        untaken.tell(self.address(), &"as many are open as may be");
        tokio::select! {
            slot = Arc::clone(&self.slots).acquire_owned() => slot.ok(),
            () = self.stop.cancelled() => None,
        }
    }

    /// Closing the socket would reset what the kernel has accepted already. The system is asked, not the event queue,
    /// which may not have heard of the last connections yet.
    fn accept_the_rest(&self, connections: &TaskTracker) {
        let socket = SockRef::from(&self.listener);
        while let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            let Ok((socket, peer)) = socket.accept() else { return };
            let (Some(peer), Ok(())) = (peer.as_socket(), socket.set_nonblocking(true)) else { return };
            let Ok(tcp) = TcpStream::from_std(socket.into()) else { return };
            self.spawn(connections, tcp, peer, slot);
        }
    }

    /// A task of its own: a panic ends this connection, not the worker.
    fn spawn(&self, connections: &TaskTracker, tcp: TcpStream, peer: SocketAddr, slot: OwnedSemaphorePermit) {
        let handler = Arc::clone(&self.handler);
        let client = Client { connection: peer.into(), handler, bounds: self.bounds, stop: self.stop.clone() };
        let preamble = self.preamble.clone();
        // Called inside: a future that is carried in would have its room twice.
        connections.spawn(async move {
            serve_connection(tcp, preamble, client).await;
            drop(slot);
        });
    }
}

/// The connection was gone before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

#[cfg(test)]
mod tests {
    use http::{Request, Response};

    use super::*;
    use crate::{
        body::{Body, Upload, empty},
        listen::{Beside, bind},
        request::ClientConnection,
    };

    struct Silent;

    impl Handler for Silent {
        async fn handle(&self, _: Request<Upload>, _: &ClientConnection, _: Beside<'_>) -> Response<Body> {
            Response::new(empty())
        }
    }

    fn prepared(bound: Bound, stop: &CancellationToken) -> Vec<(Runtime, Worker<Silent>)> {
        let prepare = |listener| {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let context = runtime.enter();
            let listener = TcpListener::from_std(listener).unwrap();
            drop(context);
            let (handler, slots) = (Arc::new(Silent), Arc::new(Semaphore::new(1)));
            let bounds = ListenLimits::default();
            (runtime, Worker { listener, handler, slots, preamble: Preamble::default(), bounds, stop: stop.clone() })
        };
        bound.listeners.into_iter().map(prepare).collect()
    }

    #[test]
    fn where_one_worker_gets_no_thread_none_keeps_running() {
        let bound = bind("127.0.0.1:0".parse().unwrap(), 3).unwrap();
        let (address, stop) = (bound.local_address(), CancellationToken::new());
        // No machine has the memory for the stack of the second.
        let threads = |index| thread::Builder::new().stack_size(if index == 1 { usize::MAX / 4 } else { 1 << 21 });
        assert!(start(prepared(bound, &stop), &stop, threads).is_err());
        // Nobody has the address any more.
        assert!(bind(address, 3).is_ok());
    }
}
