//! From settings to a running gateway, and to its end.

use alerts::Alerts;
use gateway::{Gateway, Worker, upstream};
use ledger::{Ledger, OpenError, Options};
use management::{DeploymentInfo, ManagementState, Reveal};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::backup::download::{self, Downloads};
use crate::config::{Config, Runtime};
use crate::connection::Wire;
use crate::deployment::{self, DeploymentError};
use crate::listen::{self, Seat};
use crate::master_key::MasterKey;
use crate::respond::{Offer, Responder};
use crate::tls::{self, Stamp, TlsError};

/// Why a gateway could not be started, or ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The deployment is missing, or the master key is wrong.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// The books cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}. Stop what uses the port, or name another with --listen")]
    Listen(SocketAddr, #[source] io::Error),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A thread or a runtime could not be started.
    #[error("cannot start: {0}")]
    Start(#[source] io::Error),
    /// The journal failed while running: calls under way were finished, the rest was refused.
    #[error(
        "stopped because the journal failed: {0}. Make room on the disk, or replace it, and start again: nothing is lost"
    )]
    Journal(String),
}

/// A running gateway.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    /// Whether it speaks https there.
    pub is_tls: bool,
    /// The shared state.
    pub gateway: Arc<Gateway>,
    closing: watch::Sender<bool>,
    shutdown_timeout: Duration,
    /// Ends when every connection has ended.
    connections: mpsc::Receiver<()>,
}

/// Opens the books and starts listening. Management routes and background work run on the runtime
/// that calls this; the data plane has threads of its own.
///
/// # Errors
/// When the deployment, its books or its address cannot be used.
pub async fn serve(config: Config, master: MasterKey) -> Result<Served, ServeError> {
    // What is wrong with files is said before anything is opened.
    let seen = config.tls.as_ref().map(Stamp::of);
    let opened = config.tls.as_ref().map(tls::open).transpose()?;
    let (acceptor, served) = opened.unzip();
    let roots = tls::upstream_roots(&config.upstream_ca)?;
    // Before the books are opened: a second start on the same port must change nothing.
    let bind = |address| listen::bind(address).map_err(|error| ServeError::Listen(address, error));
    let listener = bind(config.listen)?;
    let console = config.console_listen.map(bind).transpose()?;
    let address = listener.local_addr().map_err(ServeError::Start)?;
    // The lock comes before the database: a second process must not even migrate it.
    let options = Options {
        durability: config.durability,
        zone: config.time_zone.clone(),
        segment_size: config.journal_segment_bytes,
        doubt_hold: i64::try_from(config.doubt_hold.as_millis()).unwrap_or(i64::MAX),
        exposure: config.power_loss_exposure,
        ..Options::new(config.data.clone())
    };
    if config.database.is_none() && !config.data.join("tollkeeper.db").exists() {
        return Err(DeploymentError::Missing(config.data.display().to_string()).into());
    }
    let lock = ledger::lock_directory(&config.data)?;
    download::sweep(&config.data);
    let database = deployment::open_database(&config).await?;
    deployment::check(&config, &database, &master).await?;
    let metrics = recorder();
    let ledger = Ledger::open(database.clone(), options, lock).await?;
    let gateway =
        Gateway::open(database, ledger, master.hasher(), master.sealer(), config.gateway.clone())
            .await?;
    if config.reveal == Reveal::Once {
        deployment::forget_sealed_keys(&gateway.database).await?;
    }
    tokio::spawn(Arc::clone(&gateway).write_previous_uses_for_ever());
    let version = env!("CARGO_PKG_VERSION");
    let info = DeploymentInfo {
        public_url: config.public_url.clone(),
        version: version.to_owned(),
        reveal: config.reveal,
    };
    let tls = upstream::tls(roots);
    let alerts = Alerts::new(Arc::clone(&gateway), Arc::clone(&tls), config.mail.clone());
    let management = management::router(ManagementState {
        worker: Worker::new(Arc::clone(&gateway), Arc::clone(&tls)),
        alerts: alerts.clone(),
        backups: Arc::new(Downloads {
            config: config.clone(),
            database: gateway.database.clone(),
            master,
        }),
        deployment: info,
    });
    let clock = Arc::clone(&gateway);
    let pages = console::router(
        management.clone(),
        console::Settings {
            public_url: config.public_url.clone(),
            version: version.to_owned(),
            keeps_values: config.reveal == Reveal::Sealed,
            demo: config.demo.clone(),
            clock: Arc::new(move || clock.ledger.now()),
        },
    );

    tokio::spawn(alerts.run());
    if let Some(interval) = config.channel_test_interval {
        let worker = Worker::new(Arc::clone(&gateway), Arc::clone(&tls));
        tokio::spawn(gateway::probe::probe_all_every(worker, interval));
    }

    let (closing, _) = watch::channel(false);
    let offers = if console.is_some() { Offer::Data } else { Offer::Everything };
    let responder = |offer| Responder {
        worker: Worker::new(Arc::clone(&gateway), Arc::clone(&tls)),
        management: management.clone(),
        console: pages.clone(),
        control: Handle::current(),
        metrics: metrics.clone(),
        offer,
    };
    let (alive, connections) = mpsc::channel(1);
    let seats = workers(&config, || responder(offers), acceptor.as_ref(), &closing, &alive)?;
    tokio::spawn(listen::accept(listener, seats, closing.subscribe()));
    if let Some(console) = console {
        let seat = seat_here(responder(Offer::Console), acceptor.clone(), &closing, &alive);
        tokio::spawn(listen::accept(console, vec![seat], closing.subscribe()));
    }
    let is_tls = acceptor.is_some();
    if let (Some(files), Some(served), Some(seen)) = (config.tls.clone(), served, seen) {
        let hangup = signal(SignalKind::hangup()).map_err(ServeError::Start)?;
        tokio::spawn(tls::keep_up_to_date(files, served, seen, hangup, closing.subscribe()));
    }
    Ok(Served {
        address,
        is_tls,
        gateway,
        closing,
        shutdown_timeout: config.shutdown_timeout,
        connections,
    })
}

impl Served {
    /// Runs until `stop` is ready or the journal fails; then finishes what is under way.
    ///
    /// # Errors
    /// When the journal failed.
    pub async fn until(mut self, stop: impl Future<Output = ()>) -> Result<(), ServeError> {
        let failed = tokio::select! {
            () = stop => None,
            error = self.gateway.ledger.failed() => Some(error),
        };
        tracing::info!(under_way = self.gateway.under_way(), "stopping: no further call is taken");
        self.gateway.drain();
        self.closing.send_replace(true);
        if tokio::time::timeout(self.shutdown_timeout, self.gateway.finished()).await.is_err() {
            tracing::warn!(
                under_way = self.gateway.under_way(),
                "calls that did not finish in time are held in doubt"
            );
        }
        self.gateway.write_previous_uses().await;
        let closed = self.gateway.ledger.close().await;
        // The last bytes of the last answers are still on their way.
        let _ = tokio::time::timeout(LAST_BYTES, self.connections.recv()).await;
        match (failed, closed) {
            (Some(error), _) | (None, Err(error)) => Err(ServeError::Journal(error.to_string())),
            (None, Ok(())) => Ok(()),
        }
    }
}

/// How long clients have to take the last bytes.
const LAST_BYTES: Duration = Duration::from_secs(5);

fn workers(
    config: &Config,
    responder: impl Fn() -> Responder,
    tls: Option<&TlsAcceptor>,
    closing: &watch::Sender<bool>,
    alive: &mpsc::Sender<()>,
) -> Result<Vec<Seat>, ServeError> {
    if config.runtime == Runtime::Shared {
        return Ok(vec![seat_here(responder(), tls.cloned(), closing, alive)]);
    }
    let mut seats = Vec::new();
    for index in 0..config.workers {
        let (seat, handed) = seat();
        let responder = Arc::new(responder());
        let wire = Arc::new(Wire::new(tls.cloned()));
        let (closing, alive, connections) =
            (closing.subscribe(), alive.clone(), Arc::clone(&seat.connections));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(ServeError::Start)?;
        let work = move || {
            runtime.block_on(listen::work(handed, connections, responder, wire, closing));
            drop(alive);
        };
        std::thread::Builder::new()
            .name(format!("worker-{index}"))
            .spawn(work)
            .map_err(ServeError::Start)?;
        seats.push(seat);
    }
    Ok(seats)
}

/// A worker on the runtime of the caller.
fn seat_here(
    responder: Responder,
    tls: Option<TlsAcceptor>,
    closing: &watch::Sender<bool>,
    alive: &mpsc::Sender<()>,
) -> Seat {
    let (seat, handed) = seat();
    let (closing, alive, connections) =
        (closing.subscribe(), alive.clone(), Arc::clone(&seat.connections));
    tokio::spawn(async move {
        listen::work(handed, connections, Arc::new(responder), Arc::new(Wire::new(tls)), closing)
            .await;
        drop(alive);
    });
    seat
}

type Handed = mpsc::UnboundedReceiver<(std::net::TcpStream, SocketAddr)>;

fn seat() -> (Seat, Handed) {
    let (hand_over, handed) = mpsc::unbounded_channel();
    (Seat { connections: Arc::new(AtomicUsize::new(0)), hand_over }, handed)
}

/// Seconds by which times are told apart: from what we add ourselves to the longest of answers.
const SECONDS: [f64; 14] =
    [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 1800.0];
/// How often times are sorted into those. Until then each takes room.
const SORT_EVERY: Duration = Duration::from_secs(5);

/// The recorder of metrics; a second one in one process shares nothing with the first.
fn recorder() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    // Only an empty list of limits is refused.
    let builder = builder.set_buckets(&SECONDS).unwrap_or_default();
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    let sorted = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(SORT_EVERY).await;
            sorted.run_upkeep();
        }
    });
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("metrics are recorded by an earlier gateway of this process");
    }
    handle
}
