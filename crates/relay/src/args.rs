//! The command line, and what it turns into.

use crate::policy::AllowPattern;
use clap::Parser;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use tracing::level_filters::LevelFilter;
use url::{Host, Url};

/// The most bytes of a body, where nothing else is said: 64 MiB. A page of 100,000 series is about 15 MiB.
pub const DEFAULT_MAX_BODY: usize = 64 << 20;

/// How many scrapes may run at a time, where nothing else is said. A browser opens six connections to one host.
pub const DEFAULT_MAX_SCRAPES: usize = 32;

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

    /// The built page: the directory that `cargo xtask dist` writes
    #[arg(long, value_name = "DIR", default_value = "dist")]
    pub dist: PathBuf,

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

    /// Trust the certificates of this PEM file too, beside those that the machine trusts (repeatable)
    #[arg(long, value_name = "FILE")]
    pub ca: Vec<PathBuf>,

    /// What is written to stderr: off, error, warn, info, debug (one line for each scrape) or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: LevelFilter,
}

const AFTER_HELP: &str = "\
Without --allow every host may be scraped but the addresses where clouds keep credentials (169.254.0.0/16, fe80::/10
and others): name one of them with --allow to reach it. With --allow only what fits a pattern is fetched. The check is
made on the address that is connected to.

  relay                                          serve dist/ at http://127.0.0.1:9919
  relay --allow localhost --allow 10.0.0.0/8     scrape this machine and the private network only
  relay --allow '*.example.org:9100'             scrape the hosts below one name, on one port
  relay --allow '[fd00::/8]:9100'                IPv6 stands in brackets where a port follows

Routes: / (the page), /relay/scrape and /relay/info (for the page), /metrics (the relay's own metrics).";

/// What a relay is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: ListenAddress,
    /// The directory of the built page; it may be missing.
    pub dist: PathBuf,
    /// Further origins under which the page reaches the relay.
    pub page_origins: Vec<PageOrigin>,
    /// What may be fetched; empty: everything but the addresses where clouds keep credentials.
    pub allow: Vec<AllowPattern>,
    /// The most bytes of one answer, before and after decompression.
    pub max_body: usize,
    /// How many scrapes may run at a time.
    pub max_scrapes: usize,
    /// PEM files of authorities that are trusted beside the machine's.
    pub ca: Vec<PathBuf>,
}

impl From<Args> for Config {
    fn from(args: Args) -> Self {
        Config {
            listen: args.listen,
            dist: args.dist,
            page_origins: args.page_origin,
            allow: args.allow,
            max_body: args.max_body,
            max_scrapes: args.max_scrapes,
            ca: args.ca,
        }
    }
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
                dist: "dist",
                page_origins: [],
                allow: [],
                max_body: 67108864,
                max_scrapes: 32,
                ca: [],
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
