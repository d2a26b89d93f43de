//! How a long task tells what it is doing, and learns that it should stop.

/// Someone asked the task to stop (Ctrl-C, say).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// What a task counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of a download.
    Bytes,
    /// Files or packages.
    Items,
}

/// Told of every step of a long task. Of nested tasks there are none.
pub trait Progress {
    /// A task begins: what it does ("Downloading go1.27.3") and how much there is, if known.
    fn start(&mut self, what: &str, unit: Unit, total: Option<u64>);

    /// So much is done. Called at least four times a second, whether or not
    /// anything moved, so that a task stops soon after it was asked to.
    fn advance(&mut self, done: u64) -> Result<(), Interrupted>;

    /// The task is over, well or badly.
    fn finish(&mut self);

    /// Something that a reader of the terminal should know.
    fn note(&mut self, line: &str);
}

/// Says nothing and never stops.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Silent;

#[cfg(test)]
impl Progress for Silent {
    fn start(&mut self, _: &str, _: Unit, _: Option<u64>) {}

    fn advance(&mut self, _: u64) -> Result<(), Interrupted> {
        Ok(())
    }

    fn finish(&mut self) {}

    fn note(&mut self, _: &str) {}
}
