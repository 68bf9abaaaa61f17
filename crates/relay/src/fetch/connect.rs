//! Connects to addresses that were checked, the first that answers wins; and the encrypted connection on top.

use crate::failure::{Failure, Kind};
use crate::server::StartError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};
use url::Host;

/// How long one address is given before the next is tried beside it (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(250);

/// Tries the addresses in order, each with a head start; the first connection wins, the others are dropped.
pub(super) async fn connect(addresses: &[SocketAddr], place: &str) -> Result<TcpStream, Failure> {
    let mut waiting = addresses.iter().copied();
    let mut running = JoinSet::new();
    let mut telling: Option<io::Error> = None;
    loop {
        if let Some(address) = waiting.next() {
            running.spawn(TcpStream::connect(address));
        }
        let ended = match (running.is_empty(), waiting.len()) {
            (true, 0) => break,
            (true, _) => continue,
            (false, 0) => running.join_next().await,
            (false, _) => match tokio::time::timeout(HEAD_START, running.join_next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            },
        };
        match ended {
            Some(Ok(Ok(stream))) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Some(Ok(Err(error))) => telling = Some(more_telling(telling, error)),
            Some(Err(_)) | None => {}
        }
    }
    let error = telling.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into());
    Err(Failure::of_connection(&error, place))
}

/// Of several failures the one that says most about the target: a refusal, else the last one. A machine without IPv6
/// fails there first, and at once.
fn more_telling(before: Option<io::Error>, error: io::Error) -> io::Error {
    before.filter(|before| before.kind() == io::ErrorKind::ConnectionRefused).unwrap_or(error)
}

/// Makes encrypted connections; what the machine trusts is read with the first one.
#[derive(Debug)]
pub(super) struct Connector {
    authorities: Vec<CertificateDer<'static>>,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Connector {
    /// `authorities` are trusted beside those of the machine.
    pub(super) fn new(authorities: Vec<CertificateDer<'static>>) -> Self {
        Connector { authorities, config: OnceCell::new() }
    }

    /// The encrypted connection to `host` over a plain one.
    pub(super) async fn secure(&self, stream: TcpStream, host: &Host<&str>) -> Result<TlsStream<TcpStream>, Failure> {
        let config = self.config.get_or_try_init(|| self.load()).await?;
        let name = match host {
            Host::Ipv4(ip) => ServerName::from(std::net::IpAddr::V4(*ip)),
            Host::Ipv6(ip) => ServerName::from(std::net::IpAddr::V6(*ip)),
            // The final dot of a full name is not part of what certificates hold.
            Host::Domain(name) => ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned())
                .map_err(|_| Failure::new(Kind::Tls, format!("{name} is not a name that a certificate can be for")))?,
        };
        TlsConnector::from(Arc::clone(config)).connect(name, stream).await.map_err(|error| of_handshake(&error, host))
    }

    async fn load(&self) -> Result<Arc<ClientConfig>, Failure> {
        let of_machine = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(of_machine.map(|found| found.certs).unwrap_or_default());
        roots.add_parsable_certificates(self.authorities.iter().cloned());
        if roots.is_empty() {
            let message = "this machine has no root certificates, so no certificate can be checked; install its package ca-certificates, or name a file with --ca of the relay";
            return Err(Failure::new(Kind::Tls, message.to_owned()).with_detail("no_roots"));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::new(Kind::Tls, error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

/// The certificates of the PEM files of `--ca`.
pub(crate) fn read_authorities(files: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>, StartError> {
    let mut authorities = Vec::new();
    for path in files {
        let found = rustls_native_certs::load_certs_from_paths(Some(path), None);
        if found.certs.is_empty() {
            let reason = found.errors.first().map_or_else(|| "it holds none".to_owned(), ToString::to_string);
            return Err(StartError::Authority { path: path.clone(), reason });
        }
        authorities.extend(found.certs);
    }
    Ok(authorities)
}

/// Why no encrypted connection came to be, in plain words.
fn of_handshake(error: &io::Error, host: &Host<&str>) -> Failure {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let (detail, message) = match tls {
        Some(rustls::Error::InvalidCertificate(error)) => of_certificate(error, host),
        Some(rustls::Error::InvalidMessage(_)) => {
            ("not_tls", format!("{host} does not answer with TLS on this port; if it speaks plain HTTP, use http:"))
        }
        Some(rustls::Error::AlertReceived(alert)) => {
            ("alert", format!("{host} broke off the TLS handshake ({alert:?})"))
        }
        Some(rustls::Error::PeerIncompatible(_)) => {
            ("outdated", format!("{host} offers only TLS versions or ciphers that are no longer safe"))
        }
        Some(error) => ("handshake", format!("the TLS handshake with {host} failed ({error})")),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            ("closed", format!("{host} closed the connection during the TLS handshake"))
        }
        None => ("closed", format!("the TLS handshake with {host} broke off ({error})")),
    };
    Failure::new(Kind::Tls, message).with_detail(detail)
}

/// What is wrong with a certificate: a word for programs, a clause for people.
fn of_certificate(error: &CertificateError, host: &Host<&str>) -> (&'static str, String) {
    let (detail, what) = match error {
        CertificateError::UnknownIssuer => {
            ("unknown_issuer", "is not signed by an authority that this machine trusts".to_owned())
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ("wrong_name", "is for another name".to_owned())
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => ("expired", "has expired".to_owned()),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("not_yet_valid", "is not valid yet; is this machine's clock right?".to_owned())
        }
        CertificateError::Revoked => ("revoked", "was revoked".to_owned()),
        error => ("invalid", format!("is not valid ({error})")),
    };
    (detail, format!("the certificate of {host} {what}"))
}
