//! The command line, and what it turns into.

use crate::policy::AllowPattern;
use clap::Parser;
use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use url::{Host, Url};

/// The most bytes of a body, where nothing else is said: 64 MiB. A page of 100,000 series is about 15 MiB.
pub const DEFAULT_MAX_BODY: usize = 64 << 20;

/// How many scrapes may run at a time, where nothing else is said. A browser opens six connections to one host.
pub const DEFAULT_MAX_SCRAPES: usize = 32;

/// Requests a second of one client, where nothing else is said: some hundred targets scraped each second, and the page.
pub const DEFAULT_MAX_RATE: u32 = 500;

/// How many connections are served at a time, where nothing else is said: six for each of some dozen browsers. Files and
/// sockets of a process are often limited to 1024.
pub const DEFAULT_MAX_CONNECTIONS: usize = 256;

/// How many seconds scrapes may take to end, where nothing else is said: half of what Docker waits before it kills.
pub const DEFAULT_GRACE_S: u32 = 5;

/// Serves the page of Promenade and forwards its scrapes past CORS
///
/// A browser lets a page read another server only where that server allows it, and hardly any /metrics does. This
/// program fetches such addresses for the page that it serves, and for no other page.
#[derive(Debug, Parser)]
#[command(name = "relay", version, after_help = AFTER_HELP)]
pub struct Args {
    /// Where to listen: HOST:PORT. Another host than this machine itself opens the relay to the network
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9919")]
    pub listen: ListenAddress,

    /// The built page: the directory that `cargo xtask dist` writes; without it that within this program, or else dist/
    #[arg(long, value_name = "DIR")]
    pub dist: Option<PathBuf>,

    /// A prometheus.yml: the page is given its jobs, and targets of them get its credentials. SIGHUP or a change reads it again
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Another origin under which the page reaches the relay, through a proxy (repeatable): http://127.0.0.1:8080
    #[arg(long, value_name = "ORIGIN")]
    pub page_origin: Vec<PageOrigin>,

    /// Fetch only what fits (repeatable): NAME, *.NAME, ADDRESS or ADDRESS/BITS, each with or without :PORT
    #[arg(long, value_name = "PATTERN")]
    pub allow: Vec<AllowPattern>,

    /// The most bytes of one answer, before and after decompression
    #[arg(long, value_name = "BYTES", default_value_t = DEFAULT_MAX_BODY)]
    pub max_body: usize,

    /// How many scrapes may run at a time; one more is answered with 503
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_MAX_SCRAPES)]
    pub max_scrapes: usize,

    /// How many requests a second each client may make, twice as many at once; one more is answered with 429. 0: any
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_MAX_RATE)]
    pub max_rate: u32,

    /// How many connections are served at a time; one more waits
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_MAX_CONNECTIONS)]
    pub max_connections: usize,

    /// Let in only who has a line in this file, as `htpasswd -B` writes them: NAME:HASH. SIGHUP reads it again
    #[arg(long, value_name = "FILE")]
    pub auth_file: Option<PathBuf>,

    /// Listen beyond this machine without --auth-file: whoever reaches the relay can use it
    #[arg(long, conflicts_with = "auth_file")]
    pub no_auth: bool,

    /// Believe X-Forwarded-For of this proxy (repeatable): ADDRESS or ADDRESS/BITS. Limits then hold for each client behind it
    #[arg(long, value_name = "ADDRESS", value_parser = network)]
    pub trust_proxy: Vec<IpNet>,

    /// How many seconds running scrapes may take to end after Ctrl-C or SIGTERM
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_GRACE_S)]
    pub grace: u32,

    /// Trust the certificates of this PEM file too, beside those that the machine trusts (repeatable)
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,

    /// Look names up with this server instead of those that the machine is set up with (repeatable): ADDRESS or ADDRESS:PORT
    #[arg(long, value_name = "ADDRESS", value_parser = name_server)]
    pub dns: Vec<SocketAddr>,

    /// What is written to stderr: off, error, warn, info, debug (one line for each scrape) or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: LevelFilter,

    /// How it is written: a line for people, or a JSON object a line
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// Ask the relay that runs at --listen whether it is well, and end with 0 if it is: for checks of containers
    #[arg(long)]
    pub health: bool,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

const AFTER_HELP: &str = "\
Without --allow every host may be scraped but the addresses where clouds keep credentials (169.254.0.0/16, fe80::/10
and others): name one of them with --allow to reach it. With --allow only what fits a pattern is fetched. The check is
made on the address that is connected to.

  relay                                          serve dist/ at http://127.0.0.1:9919
  relay --allow localhost --allow 10.0.0.0/8     scrape this machine and the private network only
  relay --allow '*.example.org:9100'             scrape the hosts below one name, on one port
  relay --allow '[fd00::/8]:9100'                IPv6 stands in brackets where a port follows
  relay --listen 0.0.0.0:9919 --auth-file users  let other machines in, with a name and a password

Routes: / (the page), /metrics (the relay's own metrics), and for the page alone: /relay/scrape, /relay/fetch (answers
of servers), /relay/resolve (names), /relay/info. /relay/health answers everybody.";

/// What a relay is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: ListenAddress,
    /// The directory of the built page, which may be missing; `None`: within the program, or else `dist`.
    pub dist: Option<PathBuf>,
    /// A `prometheus.yml` whose jobs the page is given.
    pub config_file: Option<PathBuf>,
    /// Further origins under which the page reaches the relay.
    pub page_origins: Vec<PageOrigin>,
    /// What may be fetched; empty: everything but the addresses where clouds keep credentials.
    pub allow: Vec<AllowPattern>,
    /// The most bytes of one answer, before and after decompression.
    pub max_body: usize,
    /// How many scrapes may run at a time.
    pub max_scrapes: usize,
    /// Requests a second of one client; 0: any number.
    pub max_rate: u32,
    /// How many connections are served at a time.
    pub max_connections: usize,
    /// Names and hashes of those who may use the relay; `None`: everybody may.
    pub auth_file: Option<PathBuf>,
    /// Whether everybody may, though other machines reach it.
    pub is_open: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How long scrapes may take to end.
    pub grace: Duration,
    /// PEM files of authorities that are trusted beside the machine's.
    pub ca: Vec<PathBuf>,
    /// Name servers that are asked instead of the machine's.
    pub dns: Vec<SocketAddr>,
}

impl From<Args> for Config {
    fn from(args: Args) -> Self {
        Config {
            listen: args.listen,
            dist: args.dist,
            config_file: args.config,
            page_origins: args.page_origin,
            allow: args.allow,
            max_body: args.max_body,
            max_scrapes: args.max_scrapes,
            max_rate: args.max_rate,
            max_connections: args.max_connections,
            auth_file: args.auth_file,
            is_open: args.no_auth,
            trusted_proxies: args.trust_proxy,
            grace: Duration::from_secs(args.grace.into()),
            ca: args.ca,
            dns: args.dns,
        }
    }
}

/// A network, or an address as a network of one.
fn network(text: &str) -> Result<IpNet, String> {
    let alone = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse::<IpNet>()
        .or_else(|_| alone())
        .map_err(|_| format!("expected an address or a network such as 127.0.0.1 or 172.16.0.0/12, found `{text}`"))
}

/// A name server: its address, with the port of DNS where none is given.
fn name_server(text: &str) -> Result<SocketAddr, String> {
    let bare = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    text.parse().or_else(|_| bare()).map_err(|_| {
        format!("expected the address of a name server such as 10.0.0.53 or [fd00::53]:53, found `{text}`")
    })
}

/// `HOST:PORT`, where the host is an address or a name of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// A name in lower case, or an address.
    pub host: Host,
    /// 0: the system chooses one.
    pub port: u16,
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let advice = || format!("expected HOST:PORT such as 127.0.0.1:9919 or [::1]:9919, found `{text}`");
        let (host, port) = text.rsplit_once(':').ok_or_else(advice)?;
        let port = port.parse().map_err(|_| advice())?;
        let host = Host::parse(if host.is_empty() { "127.0.0.1" } else { host }).map_err(|_| advice())?;
        Ok(ListenAddress { host, port })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Scheme, host and port of a page, as browsers send them in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageOrigin {
    /// `http://127.0.0.1:8080`: without a default port, without a path.
    pub text: String,
    /// The host alone, as it stands in an address.
    pub host: String,
}

impl FromStr for PageOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let advice = || format!("expected an origin such as http://127.0.0.1:8080, found `{text}`");
        let url = Url::parse(text).map_err(|_| advice())?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_http = matches!(url.scheme(), "http" | "https");
        match url.host_str() {
            Some(host) if is_bare && is_http && url.username().is_empty() => {
                Ok(PageOrigin { text: url.origin().ascii_serialization(), host: host.to_owned() })
            }
            _ => Err(advice()),
        }
    }
}

#[cfg(test)]
mod tests {
    //! What the command line takes, and what it says about the rest.
    use super::*;
    use clap::CommandFactory;
    use expect_test::{Expect, expect};

    fn check<T: FromStr<Err = String> + fmt::Debug>(text: &str, expected: &Expect) {
        let shown = match text.parse::<T>() {
            Ok(value) => format!("{value:?}"),
            Err(error) => error,
        };
        expected.assert_eq(&shown);
    }

    #[test]
    fn the_command_is_well_formed_and_its_defaults_are_those_of_the_readme() {
        Args::command().debug_assert();
        let config = Config::from(Args::parse_from(["relay"]));
        expect![[r#"
            Config {
                listen: ListenAddress {
                    host: Ipv4(
                        127.0.0.1,
                    ),
                    port: 9919,
                },
                dist: None,
                config_file: None,
                page_origins: [],
                allow: [],
                max_body: 67108864,
                max_scrapes: 32,
                max_rate: 500,
                max_connections: 256,
                auth_file: None,
                is_open: false,
                trusted_proxies: [],
                grace: 5s,
                ca: [],
                dns: [],
            }
        "#]]
        .assert_debug_eq(&config);
    }

    #[test]
    fn an_address_to_listen_on_is_a_host_and_a_port() {
        check::<ListenAddress>("[::1]:80", &expect!["ListenAddress { host: Ipv6(::1), port: 80 }"]);
        check::<ListenAddress>(":9919", &expect!["ListenAddress { host: Ipv4(127.0.0.1), port: 9919 }"]);
        check::<ListenAddress>("Nas.lan:9919", &expect![[r#"ListenAddress { host: Domain("nas.lan"), port: 9919 }"#]]);
        check::<ListenAddress>(
            "9919",
            &expect!["expected HOST:PORT such as 127.0.0.1:9919 or [::1]:9919, found `9919`"],
        );
        check::<ListenAddress>(
            "127.0.0.1:port",
            &expect!["expected HOST:PORT such as 127.0.0.1:9919 or [::1]:9919, found `127.0.0.1:port`"],
        );
    }

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        check::<PageOrigin>(
            "HTTP://LocalHost:80/",
            &expect![[r#"PageOrigin { text: "http://localhost", host: "localhost" }"#]],
        );
        check::<PageOrigin>(
            "https://[::1]:8443",
            &expect![[r#"PageOrigin { text: "https://[::1]:8443", host: "[::1]" }"#]],
        );
        for text in ["http://a.example/app", "file:///tmp", "a.example:80", "http://me@a.example", "*"] {
            assert!(text.parse::<PageOrigin>().is_err(), "{text}");
        }
    }
}
