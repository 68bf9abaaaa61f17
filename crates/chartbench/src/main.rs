//! The page's graphs without the page: `web/page.js` gives data and says what to draw.

// In the program: the linker would leave out of a library what nothing calls there.
#[cfg(target_arch = "wasm32")]
mod browser;

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("chartbench runs in a browser: `cargo xtask bench charts` builds and asks it");
}
