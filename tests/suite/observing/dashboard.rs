//! What the dashboard and the documentation name is what the service has.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde_json::{Value, json};

use super::metrics::HELLO;
use crate::harness::client::get;
use crate::harness::metrics::Metrics;
use crate::harness::root_folder;
use crate::harness::serve::Service;

/// Labels that a scrape adds, or that belong to no metric.
const OF_PROMETHEUS: [&str; 2] = ["job", "instance"];

/// What a service has on which each thing has happened that makes a metric appear.
fn all() -> Metrics {
    let service = Service::start();
    service.run(&json!({"source": HELLO, "mode": "run"})).that_end("ok");
    get(service.address(), "/").rest();
    Metrics::of(service.address())
}

fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "expr" || name == "query" && text.contains("underhood_") => {
                        found.push(text.clone());
                    }
                    value => expressions(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| expressions(value, found)),
        _ => {}
    }
}

#[test]
fn every_query_of_the_dashboard_asks_for_what_there_is() {
    let text = std::fs::read_to_string(root_folder().join("deploy/grafana-dashboard.json")).expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let mut found = Vec::new();
    expressions(&dashboard, &mut found);
    let metrics = all();
    let names = metrics.names();
    let name = Regex::new(r"\b(?:underhood|process)_[a-z0-9_]+").expect("a pattern");
    let selector = Regex::new(r#"([a-z_]+)(?:=~|!=|!~|=)""#).expect("a pattern");
    let grouping = Regex::new(r"by \(([^)]*)\)").expect("a pattern");
    let mut asked = BTreeSet::new();
    for expression in &found {
        let of: Vec<_> = name.find_iter(expression).map(|found| found.as_str()).collect();
        assert!(!of.is_empty(), "{expression} asks for nothing");
        let mut labels: BTreeSet<&str> =
            selector.captures_iter(expression).map(|of| of.extract::<1>().1[0]).collect();
        labels.extend(grouping.captures_iter(expression).flat_map(|of| of.extract::<1>().1[0].split(", ")));
        for name in &of {
            assert!(names.contains_key(name), "{name} is not in /metrics: {expression}");
        }
        // A label belongs to one of the metrics of its query.
        let known: BTreeSet<&str> = of.iter().flat_map(|name| &names[name]).copied().chain(OF_PROMETHEUS).collect();
        assert!(labels.is_subset(&known), "{labels:?}, but there is {known:?}: {expression}");
        asked.extend(of);
    }
    // What is measured is looked at.
    let base = |name: &str| {
        ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name).to_owned()
    };
    let shown: BTreeSet<_> = asked.iter().map(|name| base(name)).collect();
    let lacking: Vec<_> = metrics.types.keys().filter(|name| !shown.contains(*name)).collect();
    assert!(lacking.is_empty(), "on no panel: {lacking:?}");
    let ids: BTreeSet<_> =
        dashboard["panels"].as_array().expect("panels").iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), dashboard["panels"].as_array().expect("panels").len(), "two panels with one id");
}

#[test]
fn the_table_of_metrics_is_all_that_there_are() {
    let text = std::fs::read_to_string(root_folder().join("docs/observing.md")).expect("the document");
    let row = Regex::new(r"(?m)^\| `((?:underhood|process)_[a-z0-9_]+)` \| (\w+) \|([^|]*)\|").expect("a pattern");
    let told: BTreeMap<_, _> = row
        .captures_iter(&text)
        .map(|row| {
            let [name, kind, labels] = row.extract::<3>().1;
            let labels: BTreeSet<_> = labels.split(", ").map(str::trim).filter(|label| !label.is_empty()).collect();
            (name.to_owned(), (kind.to_owned(), labels))
        })
        .collect();
    let metrics = all();
    let names = metrics.names();
    let real: BTreeMap<_, _> = metrics
        .types
        .iter()
        .map(|(name, kind)| {
            let sample = if kind == "histogram" { format!("{name}_count") } else { name.clone() };
            (name.clone(), (kind.clone(), names[&*sample].clone()))
        })
        .collect();
    assert_eq!(told, real, "docs/observing.md beside /metrics");
    // Alerts name them too.
    let name = Regex::new(r"\b(?:underhood|process)_[a-z0-9_]+").expect("a pattern");
    for name in name.find_iter(&text).map(|found| found.as_str()) {
        assert!(names.contains_key(name) || real.contains_key(name), "{name} is not in /metrics");
    }
}
