//! Accepting connections and handing them to the workers.
//!
//! One listener hands each connection to the worker with the fewest. That spreads a few busy
//! connections evenly, which hashing by address (`SO_REUSEPORT`) does not.

use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{mpsc, watch};

use crate::connection::{self, Wire};
use crate::respond::Responder;

/// Binds an address.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.bind(&address.into())?;
    socket.listen(4_096)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// A worker as the listener sees it.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) hand_over: mpsc::UnboundedSender<(std::net::TcpStream, SocketAddr)>,
}

/// Accepts until `closing` says to stop.
pub(crate) async fn accept(
    listener: TcpListener,
    seats: Vec<Seat>,
    mut closing: watch::Receiver<bool>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = closing.wait_for(|closing| *closing) => return Ok(()),
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, usually: connections that end make room.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(stream) = stream.into_std() else { continue };
        if let Some(seat) = seats.iter().min_by_key(|seat| seat.connections.load(Ordering::Relaxed))
        {
            seat.connections.fetch_add(1, Ordering::Relaxed);
            let _ = seat.hand_over.send((stream, peer));
        }
    }
}

/// Serves the connections that a worker is handed, until there are no more and all have ended.
pub(crate) async fn work(
    mut handed: mpsc::UnboundedReceiver<(std::net::TcpStream, SocketAddr)>,
    connections: Arc<AtomicUsize>,
    responder: Arc<Responder>,
    wire: Arc<Wire>,
    closing: watch::Receiver<bool>,
) {
    let mut running = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            handed = handed.recv() => {
                let Some((stream, peer)) = handed else { break };
                let Ok(stream) = tokio::net::TcpStream::from_std(stream) else { continue };
                let place = Place(Arc::clone(&connections));
                let serving = connection::serve(stream, peer, Arc::clone(&responder), Arc::clone(&wire), closing.clone());
                running.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            Some(_) = running.join_next() => {}
        }
    }
    while running.join_next().await.is_some() {}
    // Calls whose clients are gone are read on by this thread's runtime: it lasts as long as they do.
    responder.worker.gateway.finished().await;
}

struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
