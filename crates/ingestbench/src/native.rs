//! The program: `{"do": STEP}` in, `{"ms": …, "answer": …}` out.

use ingestbench::{Ingest, Remote, decode, describe};
use querybench::Loader;
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tsdb::Head;

type Error = Box<dyn std::error::Error>;

/// Answers until its input ends.
pub fn main() -> Result<(), Error> {
    let dir = std::env::args_os().nth(1).map(PathBuf::from).ok_or("usage: ingestbench DIR")?;
    let mut bench = Bench { dir, body: Vec::new(), ingest: Ingest::default(), head: None };
    let mut out = std::io::stdout().lock();
    writeln!(out, r#"{{"ms":0}}"#)?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let question: serde_json::Value = serde_json::from_str(&line?)?;
        match bench.step(&question) {
            Ok((ms, answer)) => writeln!(out, r#"{{"ms":{ms:.6},"answer":{answer}}}"#)?,
            Err(error) => writeln!(out, "{}", serde_json::json!({ "error": error.to_string() }))?,
        }
        out.flush()?;
    }
    Ok(())
}

struct Bench {
    dir: PathBuf,
    body: Vec<u8>,
    ingest: Ingest,
    head: Option<Head>,
}

impl Bench {
    fn step(&mut self, question: &serde_json::Value) -> Result<(f64, String), Error> {
        let body = &self.body[..];
        match question["do"].as_str().unwrap_or_default() {
            "body" => {
                self.body = std::fs::read(self.dir.join(question["file"].as_str().ok_or("no `file`")?))?;
                Ok((0.0, self.body.len().to_string()))
            }
            "peer" => {
                let text = std::str::from_utf8(body)?;
                // As its users call it: with the lines of a reader.
                let lines = || text.lines().map(|line| Ok(line.to_owned()));
                timed(|| Ok(prometheus_parse::Scrape::parse(lines())?.samples.len()))
            }
            "parse" => timed(|| Ok(self.ingest.parse(body)?)),
            "new" => {
                self.ingest.prepare();
                timed(|| Ok(self.ingest.store_new(body)?))
            }
            "known" => timed(|| Ok(self.ingest.store_known(body)?)),
            "answer" => {
                let number = |name: &str| question[name].as_i64().ok_or_else(|| format!("no `{name}`"));
                let (start, step, n_steps) = (number("start")?, number("step")?, number("steps")?);
                timed(|| {
                    let mut remote = Remote::new(start, step, usize::try_from(n_steps)?);
                    // As a browser gives the pieces of a body.
                    body.chunks(64 << 10).try_for_each(|piece| remote.push(piece))?;
                    Ok(remote.finish()?)
                })
            }
            "store" => {
                let started = Instant::now();
                let head = self.head.insert(load(&self.dir)?);
                Ok((started.elapsed().as_secs_f64() * 1e3, describe(head)))
            }
            "decode" => {
                let head = self.head.as_ref().ok_or("nothing is stored")?;
                timed(|| Ok(decode(head)))
            }
            other => Err(format!("there is no step `{other}`").into()),
        }
    }
}

fn timed(step: impl FnOnce() -> Result<usize, Error>) -> Result<(f64, String), Error> {
    let started = Instant::now();
    let n = step()?;
    Ok((started.elapsed().as_secs_f64() * 1e3, n.to_string()))
}

fn load(dir: &Path) -> Result<Head, Error> {
    let mut loader = Loader::new(&std::fs::read_to_string(dir.join("series.jsonl"))?)?;
    let mut data = std::fs::File::open(dir.join("data.bin"))?;
    let mut piece = vec![0; 1 << 20];
    loop {
        let n = data.read(&mut piece)?;
        if n == 0 {
            return Ok(loader.finish()?);
        }
        loader.push(&piece[..n])?;
    }
}
