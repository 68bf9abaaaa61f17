//! `process_*`: what the kernel knows about this process, read at each scrape. Names are those of all client libraries.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use std::fmt::Error;
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads at each scrape; where there is no `/proc`, only the time of the start is known.
#[derive(Debug)]
pub(super) struct Process {
    /// Seconds since the epoch.
    started: f64,
}

impl Process {
    /// The process began about now: this is called while it starts.
    pub(super) fn new() -> Self {
        Process { started: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let since = "When the process started, in seconds since the epoch.";
        write(&mut encoder, "process_start_time", since, Some(&Unit::Seconds), &ConstGauge::new(self.started))?;
        #[cfg(target_os = "linux")]
        linux::encode(&mut encoder)?;
        Ok(())
    }
}

fn write<M: EncodeMetric + TypedMetric>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    metric: &M,
) -> Result<(), Error> {
    metric.encode(encoder.encode_descriptor(name, help, unit, M::TYPE)?)
}

#[cfg(target_os = "linux")]
mod linux {
    //! The files below `/proc/self`; a file that cannot be read leaves its families out.
    use super::{ConstGauge, DescriptorEncoder, Error, Unit, write};
    use procfs::process::{LimitValue, Process};
    use prometheus_client::metrics::counter::ConstCounter;

    pub(super) fn encode(encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let Ok(process) = Process::myself() else { return Ok(()) };
        if let Ok(stat) = process.stat() {
            let cpu = (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64;
            let help = "Time that the process has spent on CPUs.";
            write(encoder, "process_cpu", help, Some(&Unit::Seconds), &ConstCounter::new(cpu))?;
            let resident = stat.rss.saturating_mul(procfs::page_size());
            let help = "Memory of the process that is in RAM.";
            write(encoder, "process_resident_memory", help, Some(&Unit::Bytes), &gauge(resident))?;
            let help = "Memory that the process has reserved.";
            write(encoder, "process_virtual_memory", help, Some(&Unit::Bytes), &gauge(stat.vsize))?;
            let help = "Threads of the process.";
            write(encoder, "process_threads", help, None, &gauge(stat.num_threads.unsigned_abs()))?;
        }
        if let Ok(open) = process.fd_count() {
            let help = "Files and sockets that the process has open.";
            write(encoder, "process_open_fds", help, None, &gauge(open as u64))?;
        }
        if let Ok(limits) = process.limits()
            && let LimitValue::Value(most) = limits.max_open_files.soft_limit
        {
            let help = "Files and sockets that the process may have open.";
            write(encoder, "process_max_fds", help, None, &gauge(most))?;
        }
        Ok(())
    }

    fn gauge(value: u64) -> ConstGauge<i64> {
        ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
    }
}
