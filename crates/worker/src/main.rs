//! Starts the worker in its thread.

fn main() {
    #[cfg(target_arch = "wasm32")]
    worker::browser::start();
}
