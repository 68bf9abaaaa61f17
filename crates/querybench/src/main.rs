//! `querybench DIR`: loads the data of a directory, then answers one question a line with one line.

// In the program, not in the library: the linker would leave out what nothing calls there.
#[cfg(target_arch = "wasm32")]
mod browser;

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use querybench::{Loader, Question, describe};
    use std::io::{BufRead, Read, Write};
    use std::time::Instant;

    let dir = std::env::args_os().nth(1).map(std::path::PathBuf::from).ok_or("usage: querybench DIR")?;
    let started = Instant::now();
    let mut loader = Loader::new(&std::fs::read_to_string(dir.join("series.jsonl"))?)?;
    let mut data = std::fs::File::open(dir.join("data.bin"))?;
    let mut piece = vec![0; 1 << 20];
    loop {
        let n = data.read(&mut piece)?;
        if n == 0 {
            break;
        }
        loader.push(&piece[..n])?;
    }
    let head = loader.finish()?;
    let ms = |since: Instant| since.elapsed().as_secs_f64() * 1e3;
    let mut out = std::io::stdout().lock();
    writeln!(out, r#"{{"ms":{:.3}}}"#, ms(started))?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let question = Question::from_json(&line?)?;
        let started = Instant::now();
        let answer = question.answer(&head);
        let ms = ms(started);
        match answer {
            Ok(value) => writeln!(out, r#"{{"ms":{ms:.6},"answer":{}}}"#, describe(&value))?,
            Err(error) => writeln!(out, "{}", serde_json::json!({ "error": error }))?,
        }
        out.flush()?;
    }
    Ok(())
}
