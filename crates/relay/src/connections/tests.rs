//! Clients that are slow, silent or many, and the end; with limits of a fraction of a second.

use super::*;
use axum::routing::get;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const REQUEST: &[u8] = b"GET /fast HTTP/1.1\r\nHost: a\r\n\r\n";

struct Running {
    address: SocketAddr,
    metrics: Metrics,
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// A server with a fast answer, one that takes a while, one without end and a large one.
async fn start(change: impl FnOnce(&mut Limits)) -> Running {
    let mut limits = Limits {
        max_connections: 16,
        grace: Duration::from_millis(600),
        header_patience: Duration::from_millis(300),
        write_patience: Duration::from_millis(300),
    };
    change(&mut limits);
    let router = Router::new()
        .route("/fast", get(|| async { "fast" }))
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                "slow"
            }),
        )
        .route("/never", get(std::future::pending::<&'static str>))
        .route("/large", get(|| async { vec![b'#'; 64 << 20] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = Metrics::new();
    let (end, ended) = oneshot::channel::<()>();
    let counted = metrics.clone();
    let task = tokio::spawn(async move {
        serve(listener, router, limits, &counted, async {
            let _ = ended.await;
        })
        .await;
    });
    Running { address, metrics, end, task }
}

impl Running {
    async fn connect(&self, request: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        stream
    }

    async fn wait_until_none_is_open(&self) {
        let started = Instant::now();
        while self.metrics.client_connections.get() > 0 {
            assert!(started.elapsed() < Duration::from_secs(10), "a connection stays open");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What comes until the other side closes; patience has an end.
async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let reading = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(Duration::from_secs(10), reading).await.expect("the connection is not closed");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_header_that_trickles_in_and_a_connection_that_says_nothing_are_closed() {
    let running = start(|_| ()).await;
    let mut silent = running.connect(b"").await;
    let mut slow = running.connect(b"GET /fast HTTP/1.1\r\n").await;
    let started = Instant::now();
    // A line each time, as slow as it may be: the whole header has to be there in time.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if slow.write_all(b"X-A: b\r\n").await.is_err() {
            break;
        }
    }
    read_all(&mut silent).await;
    read_all(&mut slow).await;
    running.wait_until_none_is_open().await;
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_connection_that_is_kept_is_closed_when_it_is_idle() {
    let running = start(|_| ()).await;
    let mut kept = running.connect(REQUEST).await;
    let answer = read_all(&mut kept).await;
    assert!(answer.ends_with("fast"), "{answer}");
    running.wait_until_none_is_open().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_left() {
    let running = start(|_| ()).await;
    let stuck = running.connect(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(running.metrics.client_connections.get(), 1);
    running.wait_until_none_is_open().await;
    drop(stuck);
}

#[tokio::test]
async fn one_connection_more_than_may_be_waits_for_its_turn() {
    let running = start(|limits| {
        limits.max_connections = 2;
        limits.header_patience = Duration::from_secs(1);
    })
    .await;
    let holders = [running.connect(b"").await, running.connect(b"").await];
    let mut third = running.connect(REQUEST).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(running.metrics.client_connections.get(), 2);
    drop(holders);
    let answer = read_all(&mut third).await;
    assert!(answer.ends_with("fast"), "{answer}");
}

#[tokio::test]
async fn at_the_end_what_runs_is_answered_what_does_not_end_is_broken_off_and_nothing_new_begins() {
    let running = start(|limits| limits.header_patience = Duration::from_secs(60)).await;
    let mut slow = running.connect(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut never = running.connect(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut idle = running.connect(REQUEST).await;
    idle.read_exact(&mut [0; 16]).await.unwrap();
    let started = Instant::now();
    running.end.send(()).unwrap();
    let answer = read_all(&mut slow).await;
    assert!(answer.ends_with("slow"), "{answer}");
    assert!(TcpStream::connect(running.address).await.is_err());
    assert_eq!(read_all(&mut never).await, "");
    read_all(&mut idle).await;
    running.task.await.unwrap();
    assert!((600..3_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    assert_eq!(running.metrics.client_connections.get(), 0);
}

#[tokio::test]
async fn an_end_without_anything_to_wait_for_is_at_once() {
    let running = start(|limits| {
        limits.header_patience = Duration::from_secs(60);
        limits.grace = Duration::from_secs(60);
    })
    .await;
    let mut idle = running.connect(REQUEST).await;
    idle.read_exact(&mut [0; 16]).await.unwrap();
    let started = Instant::now();
    running.end.send(()).unwrap();
    running.task.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}
