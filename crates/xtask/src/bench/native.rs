//! Ours, natively: a program of its own with the release's settings, asked over its standard input.

use crate::process::{command, run, target_dir};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// Compiles a package's program.
pub fn build(package: &str) -> Result<PathBuf> {
    run(command("cargo").args(["build", "--quiet", "--release", "--package", package]))?;
    Ok(target_dir().join("release").join(package))
}

/// The program with the data in it.
#[derive(Debug)]
pub struct Native {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    load_ms: f64,
}

impl Native {
    /// Starts it and waits until it has the data.
    pub fn start(program: &Path, dir: &Path) -> Result<Self> {
        let mut child = command(program).arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().context("no standard input")?;
        let stdout = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut native = Native { child, stdin, stdout, load_ms: 0.0 };
        native.load_ms = native.line()?["ms"].as_f64().context("loading took no time")?;
        Ok(native)
    }

    /// How long loading took.
    pub fn load_ms(&self) -> f64 {
        self.load_ms
    }

    /// Milliseconds, and what the answer is.
    pub fn ask(&mut self, question: &serde_json::Value) -> Result<(f64, String)> {
        writeln!(self.stdin, "{question}")?;
        self.stdin.flush()?;
        read(&self.line()?)
    }

    fn line(&mut self) -> Result<serde_json::Value> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            bail!("the program ended");
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What ours says in both forms.
pub fn read(said: &serde_json::Value) -> Result<(f64, String)> {
    if let Some(error) = said["error"].as_str() {
        bail!("{error}");
    }
    Ok((said["ms"].as_f64().context("an answer without its time")?, said["answer"].to_string()))
}
