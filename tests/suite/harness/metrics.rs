//! A strict reader of the text format of Prometheus (its document "Exposition formats", version 0.0.4).

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::client::get;

/// All that was read at one time.
#[derive(Debug)]
pub struct Metrics {
    /// `counter`, `gauge` or `histogram`, by the metric's name.
    pub types: BTreeMap<String, String>,
    samples: BTreeMap<(String, Labels), f64>,
}

type Labels = BTreeMap<String, String>;

impl Metrics {
    /// Asks a service.
    #[track_caller]
    pub fn of(address: SocketAddr) -> Self {
        let mut answer = get(address, "/metrics");
        let text = answer.rest();
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "text/plain; version=0.0.4; charset=utf-8"),
            "{text}"
        );
        Self::read(&text)
    }

    /// Reads a text, and fails on all that the format does not allow.
    #[track_caller]
    pub fn read(text: &str) -> Self {
        let mut metrics = Self { types: BTreeMap::new(), samples: BTreeMap::new() };
        let mut helped = String::new();
        let mut current = String::new();
        assert!(text.ends_with('\n'), "the last line is cut");
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help");
                assert!(!help.trim().is_empty() && !metrics.types.contains_key(name), "{line}");
                helped = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                assert_eq!(name, helped, "each metric has a help before its type");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                metrics.types.insert(name.to_owned(), kind.to_owned());
                current = name.to_owned();
            } else {
                let (name, labels, value) = sample(line);
                let is_histogram = metrics.types.get(&current).is_some_and(|kind| kind == "histogram");
                let suffix = name.strip_prefix(&*current).unwrap_or_else(|| panic!("{line} stands below {current}"));
                let suffixes: &[&str] = if is_histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
                assert!(suffixes.contains(&suffix), "{line}");
                let was = metrics.samples.insert((name, labels), value);
                assert!(was.is_none(), "{line} is there twice");
            }
        }
        metrics.check_histograms();
        metrics
    }

    /// The value of one series.
    pub fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.samples.get(&(name.to_owned(), labels)).copied()
    }

    /// The same, where 0 and none are the same.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.find(name, labels).unwrap_or_default()
    }

    /// The sum over all series of a name.
    pub fn sum(&self, name: &str) -> f64 {
        self.samples.iter().filter(|((of, _), _)| of == name).map(|(_, value)| value).sum()
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.samples.len()
    }

    /// The names of samples, with the endings of histograms, each with its labels.
    pub fn names(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut names = BTreeMap::<_, BTreeSet<_>>::new();
        for (name, labels) in self.samples.keys() {
            names.entry(name.as_str()).or_default().extend(labels.keys().map(String::as_str));
        }
        names
    }

    fn check_histograms(&self) {
        let mut buckets = BTreeMap::<(String, Labels), Vec<(f64, f64)>>::new();
        for ((name, labels), value) in &self.samples {
            let Some(name) = name.strip_suffix("_bucket") else { continue };
            let mut labels = labels.clone();
            let bound = labels.remove("le").expect("a bucket has a bound");
            let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().expect("a bound") };
            buckets.entry((name.to_owned(), labels)).or_default().push((bound, *value));
        }
        for ((name, labels), mut buckets) in buckets {
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1), "{name} {labels:?}: {buckets:?}");
            let (last, all) = buckets.last().expect("not empty");
            let count = self.samples[&(format!("{name}_count"), labels.clone())];
            assert_eq!((*last, *all), (f64::INFINITY, count), "{name} {labels:?}");
            assert!(self.samples.contains_key(&(format!("{name}_sum"), labels)), "{name}");
        }
    }
}

/// `name{label="value",…} value`, with names as they may be.
#[track_caller]
fn sample(line: &str) -> (String, Labels, f64) {
    let name_end = line.find(['{', ' ']).unwrap_or_else(|| panic!("no sample: {line:?}"));
    let (name, mut rest) = line.split_at(name_end);
    assert!(is_name(name), "{line}");
    let mut labels = Labels::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label in {line}"));
            let end = after.find('"').unwrap_or_else(|| panic!("an open value in {line}"));
            // Nothing of ours needs an escape.
            assert!(is_name(label) && !after[..end].contains('\\'), "{line}");
            assert!(labels.insert(label.to_owned(), after[..end].to_owned()).is_none(), "{line}");
            rest = after[end + 1..].strip_prefix(',').unwrap_or(&after[end + 1..]);
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ').and_then(|value| value.parse().ok());
    (name.to_owned(), labels, value.unwrap_or_else(|| panic!("no value in {line}")))
}

fn is_name(name: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || char == '_';
    !name.is_empty() && name.chars().all(is_plain) && !name.starts_with(|char: char| char.is_ascii_digit())
}
