//! The program `relay`: reads the command line, serves until Ctrl-C or SIGTERM.

use clap::Parser;
use relay::args::{Args, LogFormat};
use relay::{Config, Relay, StartError};
use std::process::ExitCode;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> ExitCode {
    let args = Args::parse();
    if args.health {
        return match relay::health::ask(&args.listen) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("relay: {error}");
                ExitCode::FAILURE
            }
        };
    }
    start_log(args.log, args.log_format);
    match serve(args.into()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the log to stderr. What libraries say below a warning is of use to who asks for everything only.
fn start_log(level: LevelFilter, format: LogFormat) {
    let of_libraries = if level == LevelFilter::TRACE { level } else { level.min(LevelFilter::WARN) };
    let filter = Targets::new().with_target("relay", level).with_default(of_libraries);
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(is_terminal).boxed(),
        // An object a line: timestamp, level, message, and what else is known, side by side.
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(layer).init();
}

fn serve(config: Config) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::Runtime)?;
    let outcome = runtime.block_on(async {
        let end = interrupted().map_err(StartError::Runtime)?;
        let relay = Relay::bind(config).await?;
        on_hangup(relay.reloader()).map_err(StartError::Runtime)?;
        relay.run(end).await;
        Ok(())
    });
    // A name that is still being looked up, or a file that is still being read, is no reason to wait.
    runtime.shutdown_background();
    outcome
}

/// Ready with Ctrl-C and, where there is such a thing, with SIGTERM; both are heard from the call on.
fn interrupted() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// Calls `reload` with each SIGHUP, where there is such a thing.
fn on_hangup(reload: impl Fn() + Send + 'static) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                reload();
            }
        });
    }
    #[cfg(not(unix))]
    drop(reload);
    Ok(())
}
