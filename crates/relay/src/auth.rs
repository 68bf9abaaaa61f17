//! Names and passwords of those who may use the relay: basic authentication with the hashes of a file.
//!
//! The file is that of `htpasswd -B`: a line `NAME:HASH` for each, the hash by bcrypt. Checking a password takes long on
//! purpose, so one that was right is remembered as a keyed digest, and who was wrong too often has to wait.

/// How often each client was wrong.
mod attempts;

use crate::failure::{Failure, Kind};
use attempts::Attempts;
use axum::http::header::{AUTHORIZATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{hmac, rand};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How many passwords are checked at a time: each keeps a core busy for as long as its hash wants.
const MAX_CHECKS: usize = 2;

/// How long a request waits for its turn.
const CHECK_PATIENCE: Duration = Duration::from_secs(10);

/// The highest cost of a hash: 2^14 rounds take about a second.
const MAX_COST: u32 = 14;

/// The most names, and bytes, of a file.
const MAX_USERS: usize = 1_000;
const MAX_FILE: u64 = 256 << 10;

/// The longest `Authorization`, in bytes.
const MAX_CREDENTIALS: usize = 1 << 10;

/// What browsers ask their user for.
const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"Promenade\", charset=\"UTF-8\"");

/// Who may use the relay.
pub(crate) struct Auth {
    users: RwLock<Users>,
    key: hmac::Key,
    attempts: Mutex<Attempts>,
    checks: Semaphore,
}

/// Names, with the hash and the digest of the password that was right last.
#[derive(Default)]
struct Users {
    by_name: BTreeMap<String, User>,
    /// Checked for names that are not there, so that they take as long as those that are.
    of_nobody: String,
}

struct User {
    hash: String,
    seen: Mutex<Option<hmac::Tag>>,
}

/// Hashes stay out of logs.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").finish_non_exhaustive()
    }
}

/// Who is not let in, and what the answer says besides.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) failure: Failure,
    pub(crate) headers: HeaderMap,
}

impl Auth {
    /// Reads the file; an error says which line is wrong, and never what stands in it.
    pub(crate) fn load(path: &Path) -> Result<Auth, String> {
        let users = Users::load(path)?;
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new());
        Ok(Auth {
            users: RwLock::new(users),
            key: key.map_err(|_| "the system gives no random numbers".to_owned())?,
            attempts: Mutex::default(),
            checks: Semaphore::new(MAX_CHECKS),
        })
    }

    /// Reads the file again; with an error, who could come in before still can.
    pub(crate) fn reload(&self, path: &Path) -> Result<(), String> {
        *self.users.write().unwrap_or_else(PoisonError::into_inner) = Users::load(path)?;
        Ok(())
    }

    /// Whether the request is of somebody who may use the relay.
    pub(crate) async fn check(&self, headers: &HeaderMap, client: IpAddr) -> Result<(), Refused> {
        let Some((name, password)) = credentials(headers) else {
            return Err(refused("this relay wants a name and a password (its --auth-file)"));
        };
        // Names have no colon.
        let message = [name.as_bytes(), b":", &password].concat();
        if self.is_seen(&name, &message) {
            return Ok(());
        }
        let now = Instant::now();
        if let Some(wait) = self.attempts().wait(client, now) {
            return Err(throttled(wait));
        }
        let Ok(Ok(_turn)) = tokio::time::timeout(CHECK_PATIENCE, self.checks.acquire()).await else {
            return Err(throttled(CHECK_PATIENCE));
        };
        let hash = {
            let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
            users.by_name.get(&name).map_or_else(|| users.of_nobody.clone(), |user| user.hash.clone())
        };
        let checked_hash = hash.clone();
        let checking = tokio::task::spawn_blocking(move || bcrypt::verify(password, &checked_hash).unwrap_or(false));
        let is_right = checking.await.unwrap_or(false);
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        // The hash of nobody is right for nobody; a hash that was replaced meanwhile is right no longer.
        match users.by_name.get(&name).filter(|user| is_right && user.hash == hash) {
            Some(user) => {
                *user.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(hmac::sign(&self.key, &message));
                self.attempts().forget(client);
                Ok(())
            }
            None => {
                self.attempts().note(client, Instant::now());
                Err(refused("name or password are wrong"))
            }
        }
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this name and password were right before; takes the same time wherever they differ.
    fn is_seen(&self, name: &str, message: &[u8]) -> bool {
        let users = self.users.read().unwrap_or_else(PoisonError::into_inner);
        let Some(user) = users.by_name.get(name) else { return false };
        let seen = user.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.as_ref().is_some_and(|seen| hmac::verify(&self.key, message, seen.as_ref()).is_ok())
    }
}

impl Users {
    fn load(path: &Path) -> Result<Users, String> {
        let place = path.display();
        let n_bytes = std::fs::metadata(path).map_err(|error| format!("{place} cannot be read: {error}"))?.len();
        if n_bytes > MAX_FILE {
            return Err(format!("{place} is larger than {MAX_FILE} bytes"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| format!("{place} cannot be read: {error}"))?;
        Users::parse(&text).map_err(|error| format!("{place}: {error}"))
    }

    fn parse(text: &str) -> Result<Users, String> {
        let mut users = Users::default();
        for (line_idx, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = |what: &str| format!("line {}: {what}", line_idx + 1);
            let (name, hash) = line.split_once(':').ok_or_else(|| at("expected NAME:HASH"))?;
            let cost = cost(hash)
                .ok_or_else(|| at("the hash is not one of bcrypt ($2y$…): write the line with `htpasswd -nB NAME`"))?;
            if cost > MAX_COST {
                return Err(at(&format!("the cost of the hash is {cost}, at most {MAX_COST} is possible")));
            }
            let user = User { hash: hash.to_owned(), seen: Mutex::default() };
            if name.is_empty() || users.by_name.insert(name.to_owned(), user).is_some() {
                return Err(at("the name is missing, or there was a line for it already"));
            }
            if users.by_name.len() > MAX_USERS {
                return Err(format!("more than {MAX_USERS} names"));
            }
        }
        let first = users.by_name.values().next().ok_or("it has no line NAME:HASH: nobody could come in")?;
        users.of_nobody = first.hash.clone();
        Ok(users)
    }
}

/// The cost of a hash of bcrypt, if it is one: `$2y$COST$` and 53 digits of its own base 64.
fn cost(hash: &str) -> Option<u32> {
    let rest = ["$2a$", "$2b$", "$2y$"].iter().find_map(|prefix| hash.strip_prefix(prefix))?;
    let (cost, digits) = rest.split_once('$')?;
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/');
    (cost.len() == 2 && digits.len() == 53 && digits.bytes().all(is_digit)).then(|| cost.parse().ok())?
}

/// Name and password of a request.
fn credentials(headers: &HeaderMap) -> Option<(String, Vec<u8>)> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let text = all.next()?.to_str().ok().filter(|text| text.len() <= MAX_CREDENTIALS)?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || all.next().is_some() {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let name = String::from_utf8(decoded.get(..colon)?.to_vec()).ok()?;
    Some((name, decoded.get(colon + 1..)?.to_vec()))
}

fn refused(message: &str) -> Refused {
    let failure = Failure::new(Kind::Unauthorized, message.to_owned());
    Refused { failure, headers: HeaderMap::from_iter([(WWW_AUTHENTICATE, CHALLENGE)]) }
}

fn throttled(wait: Duration) -> Refused {
    let seconds = wait.as_secs() + 1;
    let message = format!("name or password were wrong too often; try again in {seconds} s");
    let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from(seconds))]);
    Refused { failure: Failure::new(Kind::Throttled, message), headers }
}

#[cfg(test)]
mod tests {
    //! Files and what is said of them; requests and who is let in.
    use super::*;
    use expect_test::{Expect, expect};

    /// What `htpasswd -nbB -C 4 NAME PASSWORD` writes for `ada` with `secret`.
    const ADA: &str = "ada:$2y$04$N9qo8uLOickgx2ZMRZoMyeSvJQmpAMMZC8LqOGSgh7R1AtuFfLGYy";

    fn check_file(text: &str, expected: &Expect) {
        let said = match Users::parse(text) {
            Ok(users) => users.by_name.into_keys().collect::<Vec<_>>().join(" "),
            Err(error) => error,
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn a_line_that_is_wrong_is_named_without_what_is_in_it() {
        check_file(&format!("# people\n\n{ADA}\n"), &expect!["ada"]);
        check_file("", &expect!["it has no line NAME:HASH: nobody could come in"]);
        check_file("ada", &expect!["line 1: expected NAME:HASH"]);
        let advice = expect!["line 2: the hash is not one of bcrypt ($2y$…): write the line with `htpasswd -nB NAME`"];
        for hash in ["secret", "$apr1$x$y", "{SHA}abc", "$2y$10$short"] {
            check_file(&format!("\nada:{hash}"), &advice);
        }
        check_file(
            &ADA.replace("$04$", "$31$"),
            &expect!["line 1: the cost of the hash is 31, at most 14 is possible"],
        );
        check_file(
            &format!("{ADA}\n{ADA}"),
            &expect!["line 2: the name is missing, or there was a line for it already"],
        );
    }

    fn auth() -> Auth {
        let hash = bcrypt::hash("secret", 4).unwrap();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &rand::SystemRandom::new()).unwrap();
        let users = RwLock::new(Users::parse(&format!("ada:{hash}\n")).unwrap());
        Auth { users, key, attempts: Mutex::default(), checks: Semaphore::new(MAX_CHECKS) }
    }

    async fn ask(auth: &Auth, header: &str, client: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(header).unwrap());
        match auth.check(&headers, client.parse().unwrap()).await {
            Ok(()) => "in".to_owned(),
            Err(refused) => format!("{}: {}", refused.failure.kind.label(), refused.failure),
        }
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[tokio::test]
    async fn who_knows_name_and_password_is_let_in_again_and_again() {
        let auth = auth();
        for header in [basic("ada:secret"), basic("ada:secret"), basic("ada:secret").replace("Basic", "bASIC")] {
            assert_eq!(ask(&auth, &header, "10.0.0.1").await, "in");
        }
        let wrong = "unauthorized: name or password are wrong";
        for text in ["ada:Secret", "ada:", "ada:secre", "bob:secret", ":secret"] {
            assert_eq!(ask(&auth, &basic(text), "10.0.0.2").await, wrong, "{text}");
        }
        let missing = "unauthorized: this relay wants a name and a password (its --auth-file)";
        for header in ["Bearer secret", "Basic ???", &basic("no colon"), "Basic"] {
            assert_eq!(ask(&auth, header, "10.0.0.1").await, missing, "{header}");
        }
    }

    #[tokio::test]
    async fn who_is_wrong_too_often_waits_and_nobody_else_does() {
        let auth = auth();
        for _ in 0..6 {
            assert!(ask(&auth, &basic("ada:wrong"), "10.0.0.9").await.starts_with("unauthorized"));
        }
        let late = ask(&auth, &basic("ada:secret"), "10.0.0.9").await;
        assert!(late.starts_with("throttled: name or password were wrong too often; try again in "), "{late}");
        assert_eq!(ask(&auth, &basic("ada:secret"), "10.0.0.1").await, "in");
        // Who was in before and asks from the same address is not kept out by somebody who guesses there.
        assert_eq!(ask(&auth, &basic("ada:secret"), "10.0.0.9").await, "in");
    }

    #[tokio::test]
    async fn a_new_file_counts_at_once() {
        let auth = auth();
        assert_eq!(ask(&auth, &basic("ada:secret"), "10.0.0.1").await, "in");
        let path = std::env::temp_dir().join(format!("promenade-auth-{}", std::process::id()));
        std::fs::write(&path, format!("ada:{}\n", bcrypt::hash("other", 4).unwrap())).unwrap();
        auth.reload(&path).unwrap();
        assert!(ask(&auth, &basic("ada:secret"), "10.0.0.1").await.starts_with("unauthorized"));
        assert_eq!(ask(&auth, &basic("ada:other"), "10.0.0.1").await, "in");
        std::fs::write(&path, "broken").unwrap();
        assert!(auth.reload(&path).is_err());
        assert_eq!(ask(&auth, &basic("ada:other"), "10.0.0.1").await, "in");
        std::fs::remove_file(&path).unwrap();
    }
}
