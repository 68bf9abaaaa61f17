//! `relay --health`: asks the relay that runs on this machine whether it is well, for containers that hold nothing else.

use crate::args::ListenAddress;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;
use url::Host;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whether a relay answers at an address to listen on; an error says what it did instead.
pub fn ask(address: &ListenAddress) -> Result<(), String> {
    let socket = reachable(address)?;
    let failed = |error: std::io::Error| format!("the relay at {socket} does not answer: {error}");
    let mut stream = TcpStream::connect_timeout(&socket, PATIENCE).map_err(failed)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
    stream.write_all(b"GET /relay/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").map_err(failed)?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).map_err(failed)?;
    if head.ends_with(b" 200") {
        return Ok(());
    }
    Err(format!("what listens at {socket} is not a relay that is well"))
}

/// Where a relay is reached that listens there: every address of this machine is reached at its own.
fn reachable(address: &ListenAddress) -> Result<SocketAddr, String> {
    let ip = match &address.host {
        Host::Ipv4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Host::Ipv6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        Host::Ipv4(ip) => IpAddr::V4(*ip),
        Host::Ipv6(ip) => IpAddr::V6(*ip),
        Host::Domain(name) if name == "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
        Host::Domain(name) => {
            let mut found = (name.as_str(), 0).to_socket_addrs().map_err(|error| format!("{name}: {error}"))?;
            found.next().ok_or_else(|| format!("{name} leads nowhere"))?.ip()
        }
    };
    Ok(SocketAddr::new(ip, address.port))
}
