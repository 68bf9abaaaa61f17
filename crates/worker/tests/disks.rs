//! Both disks of a browser, in a worker of a real one. Run by `cargo xtask test --only browser`.
#![cfg(target_arch = "wasm32")]

use journal::DiskOp;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use worker::browser::disk::Disk;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn private_files_do_what_a_disk_does() {
    let open = async || Disk::open_private_files("disks-test").await.expect("Chromium has private files");
    does_what_a_disk_does(open).await;
}

#[wasm_bindgen_test]
async fn indexed_db_does_what_a_disk_does() {
    let open = async || Disk::open_indexed_db("disks-test").await.expect("Chromium has IndexedDB");
    does_what_a_disk_does(open).await;
}

async fn does_what_a_disk_does(open: impl AsyncFn() -> Disk) {
    let disk = open().await;
    for (file, _) in disk.list().await.expect("a list") {
        run(&disk, DiskOp::Delete { file }).await;
    }
    // Appended in pieces, to two files by turns, over a reopening.
    append(&disk, "log-1", b"one").await;
    append(&disk, "log-1", b", two").await;
    append(&disk, "log-2", b"other").await;
    append(&disk, "log-1", b", three").await;
    // Another tab reads while this one has it open.
    assert_eq!(open().await.read("log-1").await.expect("it is read"), b"one, two, three");
    disk.close();
    let disk = open().await;
    append(&disk, "log-1", b", four").await;
    assert_eq!(disk.read("log-1").await.expect("it is read"), b"one, two, three, four");
    // Sixteen megabytes at once, then in place of them a few bytes, then nothing.
    let large: Vec<u8> = (0..16 << 20).map(|at: u32| (at ^ (at >> 11)) as u8).collect();
    write(&disk, "block-1", &large).await;
    assert_eq!(sizes(&disk).await, [("block-1", 16 << 20), ("log-1", 21), ("log-2", 5)]);
    assert!(disk.read("block-1").await.expect("it is read") == large);
    write(&disk, "block-1", b"small").await;
    append(&disk, "block-1", b"er").await;
    assert_eq!(disk.read("block-1").await.expect("it is read"), b"smaller");
    write(&disk, "block-1", b"").await;
    assert_eq!(sizes(&disk).await, [("block-1", 0), ("log-1", 21), ("log-2", 5)]);
    for file in ["log-1", "block-1", "log-1", "never"] {
        run(&disk, DiskOp::Delete { file: file.to_owned() }).await;
    }
    assert_eq!(sizes(&disk).await, [("log-2", 5)]);
    assert_eq!(disk.read("log-1").await.unwrap_or_default(), b"", "it is gone");
    append(&disk, "log-1", b"again").await;
    assert_eq!(disk.read("log-1").await.expect("it is read"), b"again");
    disk.close();
}

async fn sizes(disk: &Disk) -> Vec<(&'static str, u64)> {
    let files = disk.list().await.expect("a list");
    files.into_iter().map(|(name, bytes)| (&*name.leak(), bytes)).collect()
}

async fn append(disk: &Disk, file: &str, bytes: &[u8]) {
    run(disk, DiskOp::Append { file: file.to_owned(), bytes: bytes.to_vec() }).await;
}

async fn write(disk: &Disk, file: &str, bytes: &[u8]) {
    run(disk, DiskOp::Write { file: file.to_owned(), bytes: bytes.to_vec() }).await;
}

async fn run(disk: &Disk, op: DiskOp) {
    disk.run(&op).await.unwrap_or_else(|error| panic!("{op:?}: {error:?}"));
}
