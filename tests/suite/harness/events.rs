//! Events of a run, with the promises that hold for each of them.

use serde_json::Value;

/// All events of one run, in order.
#[derive(Debug)]
pub struct Events(pub Vec<Value>);

impl Events {
    /// Reads one object a line and checks what the contract says of every run.
    #[track_caller]
    pub fn of_lines(lines: &str) -> Self {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        Self::of(lines.lines().map(read).collect())
    }

    /// Checks what the contract says of every run: numbers without gaps, one exit, last.
    #[track_caller]
    pub fn of(events: Vec<Value>) -> Self {
        let mut time = 0;
        for (index, event) in events.iter().enumerate() {
            assert_eq!(event["seq"], index, "a gap in {events:#?}");
            let now = event["t_ms"].as_u64().expect("a time");
            assert!(now >= time, "time runs backwards in {events:#?}");
            time = now;
            let is_last = index + 1 == events.len();
            assert_eq!(event["type"] == "exit", is_last, "exit comes once, last: {events:#?}");
        }
        assert!(!events.is_empty(), "no events");
        Self(events)
    }

    pub fn exit(&self) -> &Value {
        self.0.last().expect("never empty")
    }

    /// Such as `ok`.
    pub fn status(&self) -> &str {
        self.exit()["status"].as_str().expect("a status")
    }

    pub fn stdout(&self) -> String {
        self.text("stdout")
    }

    pub fn stderr(&self) -> String {
        self.text("stderr")
    }

    pub fn first(&self, kind: &str) -> Option<&Value> {
        self.0.iter().find(|event| event["type"] == kind)
    }

    /// The steps that were taken, in order.
    pub fn steps(&self) -> Vec<&str> {
        let ended = self.0.iter().filter(|event| event["type"] == "step" && event["wall_ms"].is_u64());
        ended.map(|event| event["name"].as_str().expect("a name")).collect()
    }

    /// What is said of where the answer comes from.
    #[track_caller]
    pub fn is_cached(&self) -> bool {
        self.first("started").expect("started")["cached"].as_bool().expect("a truth value")
    }

    /// What a reader sees: all but times, steps and where it comes from.
    pub fn answer(&self) -> Vec<Value> {
        let shown =
            |event: &&Value| !["queued", "started", "step"].contains(&event["type"].as_str().expect("a type"));
        let without_times = |event: &Value| {
            let mut event = event.clone();
            let fields = event.as_object_mut().expect("an object");
            for field in ["seq", "t_ms", "wall_ms", "cpu_ms", "max_rss_bytes"] {
                fields.remove(field);
            }
            event
        };
        self.0.iter().filter(shown).map(without_times).collect()
    }

    /// Fails unless it ended so.
    #[track_caller]
    pub fn that_end(self, status: &str) -> Self {
        assert_eq!(self.status(), status, "stdout: {}\nstderr: {}\n{}", self.stdout(), self.stderr(), self.exit());
        self
    }

    fn text(&self, kind: &str) -> String {
        let of_kind = self.0.iter().filter(|event| event["type"] == kind);
        of_kind.map(|event| event["text"].as_str().expect("text")).collect()
    }
}
