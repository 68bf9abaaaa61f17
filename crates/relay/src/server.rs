//! Binds, serves and ends: [`Relay::bind`] refuses what is not safe to start, [`Relay::run`] serves until it is told to end.

use crate::args::{Config, ListenAddress};
use crate::auth::Auth;
use crate::clients::Rates;
use crate::configuration::Configuration;
use crate::connections::{self, Limits};
use crate::fetch::{self, Fetcher, FetcherConfig, Own};
use crate::files::Files;
use crate::guard::Guard;
use crate::metrics::Metrics;
use crate::names::Names;
use crate::policy::Policy;
use crate::resolve::Resolver;
use crate::routes::{self, App};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tracing::{error, info, warn};
use url::Host;

/// A relay that listens; [`Relay::run`] serves.
#[derive(Debug)]
pub struct Relay {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
    auth_file: Option<PathBuf>,
    app: Arc<App>,
}

/// Why a relay cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Threads or timers cannot be had.
    #[error("the runtime could not be started: {0}")]
    Runtime(#[source] std::io::Error),
    /// Something else listens there.
    #[error("{0} is in use by another program: end it, or choose another port with `--listen`")]
    PortInUse(ListenAddress),
    /// The address is not one of this machine, or the port is reserved.
    #[error("listening on {0} is not possible: {1}")]
    Listen(ListenAddress, #[source] std::io::Error),
    /// Other machines reach it, and nothing says who may use it.
    #[error(
        "{0} is not an address of this machine alone: whoever reaches it could have this machine fetch any address that it \
         reaches. Give it names and passwords with `--auth-file FILE` (`htpasswd -B -c FILE NAME` writes one), or listen on \
         127.0.0.1, or say `--no-auth` where everybody who reaches it may use it"
    )]
    Open(SocketAddr),
    /// The file of `--auth-file` is missing or wrong.
    #[error("--auth-file: {0}")]
    Auth(String),
    /// The file of `--config` is missing or wrong.
    #[error("--config: {0}")]
    Config(String),
    /// A file of `--ca` has no certificate in it.
    #[error("no certificate could be read from {}: {reason}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Relay {
    /// Listens, so that [`Relay::local_addr`] is known; nothing is answered before [`Relay::run`].
    pub async fn bind(config: Config) -> Result<Relay, StartError> {
        let auth = config.auth_file.as_deref().map(Auth::load).transpose().map_err(StartError::Auth)?;
        let authorities = fetch::read_authorities(&config.ca)?;
        let names = Arc::new(Names::new(config.dns));
        let configuration = match &config.config_file {
            Some(path) => {
                let configuration = Configuration::load(path, Arc::clone(&names)).map_err(StartError::Config)?;
                Some(Arc::new(configuration))
            }
            None => None,
        };
        let listener = listen(&config.listen).await?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(config.listen.clone(), error))?;
        if !address.ip().to_canonical().is_loopback() && auth.is_none() && !config.is_open {
            return Err(StartError::Open(address));
        }
        let metrics = Metrics::new();
        let policy = Arc::new(Policy::new(config.allow));
        let resolver = Resolver::new(Arc::clone(&policy), Arc::clone(&names));
        let fetcher = Fetcher::new(FetcherConfig {
            policy,
            names,
            own: Own { address, origins: config.page_origins.iter().map(|origin| origin.text.clone()).collect() },
            max_body: config.max_body,
            max_scrapes: config.max_scrapes,
            authorities,
            configuration: configuration.clone(),
            metrics: metrics.clone(),
        });
        let app = App {
            guard: Guard::new(&config.listen, &config.page_origins),
            auth,
            rates: Rates::new(config.max_rate),
            trusted_proxies: config.trusted_proxies,
            files: Files::new(config.dist),
            fetcher,
            resolver,
            configuration,
            metrics,
            max_body: config.max_body,
        };
        Ok(Relay {
            listener,
            address,
            limits: Limits::new(config.max_connections, config.grace),
            auth_file: config.auth_file,
            app: Arc::new(app),
        })
    }

    /// The address that was bound; with port 0, the one that the system chose.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What reads the files again that a relay was started with, when it is called; what is wrong is logged, and what
    /// was there before stays.
    pub fn reloader(&self) -> impl Fn() + Send + 'static {
        let (app, auth_file) = (Arc::clone(&self.app), self.auth_file.clone());
        move || {
            if let (Some(auth), Some(path)) = (&app.auth, &auth_file) {
                match auth.reload(path) {
                    Ok(()) => info!("read {} again", path.display()),
                    Err(reason) => error!("--auth-file: {reason}; names and passwords stay as they were"),
                }
            }
            if let Some(configuration) = &app.configuration {
                match configuration.reload() {
                    Ok(()) => info!("read the configuration again"),
                    Err(reason) => error!("--config: {reason}; the configuration stays as it was"),
                }
            }
        }
    }

    /// Serves until `end` is ready; then accepts no more, and gives what runs the time of `--grace` to end.
    pub async fn run(self, end: impl Future<Output = ()>) {
        self.announce();
        let metrics = self.app.metrics.clone();
        connections::serve(self.listener, routes::router(self.app), self.limits, &metrics, end).await;
    }

    fn announce(&self) {
        info!("Promenade is at http://{}/", self.address);
        if !self.address.ip().to_canonical().is_loopback() && self.app.auth.is_none() {
            warn!(
                "{} is not an address of this machine alone, and --no-auth lets everybody in: whoever reaches it can \
                 have this machine fetch any address that it reaches. Say with --allow what may be fetched.",
                self.address
            );
        }
        if let Some(advice) = self.app.files.advice() {
            info!("{advice}");
        }
    }
}

async fn listen(address: &ListenAddress) -> Result<TcpListener, StartError> {
    let ips: Vec<IpAddr> = match &address.host {
        Host::Ipv4(ip) => vec![IpAddr::V4(*ip)],
        Host::Ipv6(ip) => vec![IpAddr::V6(*ip)],
        Host::Domain(name) if name == "localhost" => vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        Host::Domain(name) => tokio::net::lookup_host((name.as_str(), 0))
            .await
            .map_err(|error| StartError::Listen(address.clone(), error))?
            .map(|found| found.ip())
            .collect(),
    };
    let sockets: Vec<SocketAddr> = ips.into_iter().map(|ip| SocketAddr::new(ip, address.port)).collect();
    TcpListener::bind(sockets.as_slice()).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse(address.clone()),
        _ => StartError::Listen(address.clone(), error),
    })
}
