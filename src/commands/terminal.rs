//! Progress on standard error: a bar on a terminal, plain lines elsewhere; and Ctrl-C.

use std::{
    io::{self, IsTerminal},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};

use crate::toolchain::{Interrupted, Progress, Unit};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C, SIGTERM and a closed terminal ask the task to stop instead of killing us.
pub(super) fn listen_for_signals() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let mut kinds = Vec::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let _inside = runtime.enter();
        kinds.push(signal(kind)?);
    }
    let [mut interrupt, mut terminate, mut hangup] = <[_; 3]>::try_from(kinds).expect("three were made");
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
        STOPPED.store(true, Ordering::Relaxed);
    });
    Ok(())
}

/// What fits standard error.
pub(super) fn progress() -> Box<dyn Progress> {
    if io::stderr().is_terminal() {
        Box::new(Bar { bar: ProgressBar::hidden() })
    } else {
        Box::new(Lines { unit: Unit::Items, total: None, done: 0, quarter: 0, since: Instant::now() })
    }
}

fn stop() -> Result<(), Interrupted> {
    if STOPPED.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
}

struct Bar {
    bar: ProgressBar,
}

impl Progress for Bar {
    fn start(&mut self, what: &str, unit: Unit, total: Option<u64>) {
        let template = match (unit, total) {
            (Unit::Bytes, Some(_)) => "{msg}\n  {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            (Unit::Bytes, None) => "{msg}\n  {spinner} {bytes} {bytes_per_sec}",
            (Unit::Items, Some(_)) => "{msg}\n  {wide_bar} {pos}/{len} {eta}",
            (Unit::Items, None) => "{msg}\n  {spinner} {elapsed}",
        };
        self.bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
        self.bar.set_style(ProgressStyle::with_template(template).expect("the template is constant"));
        self.bar.set_message(what.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    fn advance(&mut self, done: u64) -> Result<(), Interrupted> {
        self.bar.set_position(done);
        stop()
    }

    fn finish(&mut self) {
        self.bar.finish_and_clear();
    }

    fn note(&mut self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }
}

/// A line when a task starts, one for each quarter of it, one when it ends.
struct Lines {
    unit: Unit,
    total: Option<u64>,
    done: u64,
    quarter: u64,
    since: Instant,
}

impl Lines {
    fn amount(&self, number: u64) -> String {
        match self.unit {
            Unit::Bytes => HumanBytes(number).to_string(),
            Unit::Items => number.to_string(),
        }
    }
}

impl Progress for Lines {
    fn start(&mut self, what: &str, unit: Unit, total: Option<u64>) {
        *self = Self { unit, total, done: 0, quarter: 0, since: Instant::now() };
        eprintln!("{what} …");
    }

    fn advance(&mut self, done: u64) -> Result<(), Interrupted> {
        self.done = done;
        if let Some(total) = self.total.filter(|total| *total > 0) {
            let quarter = done.saturating_mul(4) / total;
            if quarter > self.quarter && quarter < 4 {
                eprintln!("  {} of {}", self.amount(done), self.amount(total));
            }
            self.quarter = quarter.max(self.quarter);
        }
        stop()
    }

    fn finish(&mut self) {
        let seconds = self.since.elapsed().as_secs_f32();
        match self.total {
            Some(_) => eprintln!("  {} after {seconds:.0} s", self.amount(self.done)),
            None => eprintln!("  after {seconds:.0} s"),
        }
        self.total = None;
    }

    fn note(&mut self, line: &str) {
        eprintln!("{line}");
    }
}
