//! The Dockerfile, compose.yaml and docs/deploy.md name options that the relay has, and say what it does.

use clap::{CommandFactory, Parser};
use relay::args::Args;
use relay::{DEFAULT_GRACE_S, DEFAULT_MAX_BODY, DEFAULT_MAX_CONNECTIONS, DEFAULT_MAX_RATE, DEFAULT_MAX_SCRAPES};

const DOCKERFILE: &str = include_str!("../../../Dockerfile");
const COMPOSE: &str = include_str!("../../../compose.yaml");
const GUIDE: &str = include_str!("../../../docs/deploy.md");
const README: &str = include_str!("../../../README.md");

/// The list of words of an instruction of the Dockerfile or a key of the Compose file: `["a", "b"]`.
fn words(text: &str, before: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.trim_start().split_once(before).map(|(_, rest)| rest));
    let list = line.unwrap_or_else(|| panic!("no line with {before}")).trim();
    serde_json::from_str(list).unwrap_or_else(|error| panic!("{list}: {error}"))
}

fn parse(words: &[String]) -> Args {
    Args::try_parse_from(words).unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

#[test]
fn the_image_starts_the_relay_for_others_and_asks_it_whether_it_is_well() {
    let entry = words(DOCKERFILE, "ENTRYPOINT");
    let args = parse(&entry);
    assert_eq!((entry[0].as_str(), args.listen.to_string().as_str()), ("/relay", "0.0.0.0:9919"));
    assert!(!args.no_auth, "the image itself must not let everybody in");
    let check = parse(&words(DOCKERFILE, "CMD"));
    assert!(check.health && check.listen.port == args.listen.port);
    assert!(DOCKERFILE.contains("EXPOSE 9919") && DOCKERFILE.contains("\nUSER 65532:65532\n"));
    // What the README and the guide build, and where the command puts it.
    assert!(DOCKERFILE.contains("RUN cargo xtask dist --relay\n") && GUIDE.contains("cargo xtask dist --relay "));
    assert!(DOCKERFILE.contains("/src/target/dist/relay /relay") && GUIDE.contains("./target/dist/relay "));
}

#[test]
fn the_compose_file_gives_the_image_options_that_it_takes_and_publishes_it_on_this_machine_alone() {
    let command = [words(DOCKERFILE, "ENTRYPOINT"), words(COMPOSE, "command:")].concat();
    let args = parse(&command);
    assert!(args.no_auth && args.allow.len() == 2);
    assert_eq!(words(COMPOSE, "ports:"), ["127.0.0.1:9919:9919"]);
    assert!(DEFAULT_GRACE_S < 10 && COMPOSE.contains("stop_grace_period: 10s"));
    // Two spaces a level, no tabs, each key once in its place.
    for (idx, line) in COMPOSE.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let indent = line.len() - line.trim_start().len();
        assert!(!line.contains('\t') && indent % 2 == 0 && indent <= 4, "line {}: {line}", idx + 1);
    }
}

#[test]
fn every_option_that_the_guides_name_is_there() {
    let command = Args::command();
    let known: Vec<&str> = command.get_arguments().filter_map(|argument| argument.get_long()).collect();
    // Options of other programs in these texts.
    let others = ["tag", "rm", "publish", "build", "relay", "release", "package", "help", "port", "open"];
    for (name, text) in [("deploy.md", GUIDE), ("README.md", README)] {
        for part in text.split("--").skip(1) {
            let option: String = part.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            let option = option.trim_end_matches('-');
            assert!(option.is_empty() || known.contains(&option) || others.contains(&option), "{name}: --{option}");
        }
    }
}

#[test]
fn the_limits_of_the_guide_are_the_defaults() {
    for (what, limit) in [
        ("`--max-body`", format!("| {} MiB |", DEFAULT_MAX_BODY >> 20)),
        ("`--max-scrapes`", format!("| {DEFAULT_MAX_SCRAPES}; one more gets 503 |")),
        ("`--max-rate`", format!("| {DEFAULT_MAX_RATE}, twice as many at once; one more gets 429 |")),
        ("`--max-connections`", format!("| {DEFAULT_MAX_CONNECTIONS}; one more waits |")),
    ] {
        let row = GUIDE.lines().find(|line| line.starts_with('|') && line.contains(what));
        assert!(row.is_some_and(|row| row.contains(&limit)), "{what} {limit}: {row:?}");
    }
}
