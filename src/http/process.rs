//! The service's own process, by the names that Prometheus gives these numbers everywhere (its document "Writing client
//! libraries", "Process metrics"). The zygote and its cells are other processes.

use std::fmt::{self, Debug};
use std::fs;
use std::time::{Duration, SystemTime};

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeVal;
use nix::unistd::{SysconfVar, sysconf};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Reads what the kernel knows of this process.
#[derive(Debug)]
pub struct Process {
    started: SystemTime,
}

impl Process {
    /// Of a process that starts about now.
    pub fn starts_now() -> Self {
        Self { started: SystemTime::now() }
    }
}

impl Collector for Process {
    fn encode(&self, mut out: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        if let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) {
            let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
            let help = "User and system time of the service itself";
            let encoder = out.encode_descriptor("process_cpu_seconds", help, None, MetricType::Counter)?;
            ConstCounter::new(cpu).encode(encoder)?;
        }
        let since_1970 = self.started.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let gauges = [
            ("process_resident_memory_bytes", "Resident memory of the service itself", resident().map(|r| r as f64)),
            ("process_open_fds", "Open descriptors", descriptors().map(|count| count as f64)),
            ("process_max_fds", "How many it may have", getrlimit(Resource::RLIMIT_NOFILE).ok().map(|l| l.0 as f64)),
            ("process_threads", "Threads of the service itself", threads().map(|count| count as f64)),
            ("process_start_time_seconds", "When it was started, since 1970", Some(since_1970.as_secs_f64())),
        ];
        for (name, help, value) in gauges {
            let Some(value) = value else { continue };
            ConstGauge::new(value).encode(out.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

/// proc(5): the second number of statm, in pages.
fn resident() -> Option<u64> {
    let pages: u64 = fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    let page = u64::try_from(sysconf(SysconfVar::PAGE_SIZE).ok()??).ok()?;
    Some(pages * page)
}

/// Without the one that reads the folder.
fn descriptors() -> Option<usize> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1))
}

fn threads() -> Option<usize> {
    Some(fs::read_dir("/proc/self/task").ok()?.count())
}
