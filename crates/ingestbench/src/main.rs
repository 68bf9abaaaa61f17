//! `ingestbench DIR`: does what each line of its standard input asks for with the files of a directory, and answers with a
//! line.

// In the program, not in the library: the linker would leave out what nothing calls there.
#[cfg(target_arch = "wasm32")]
mod browser;

#[cfg(not(target_arch = "wasm32"))]
mod native;

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    native::main()
}
