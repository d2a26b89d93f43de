//! One JSON object, for other programs.

use serde_json::{Value, json};

use super::Report;

/// The report as JSON, with `holds` in front.
pub fn render(report: &Report) -> serde_json::Result<String> {
    let mut object = json!({ "holds": report.holds() });
    if let (Value::Object(all), Value::Object(fields)) = (&mut object, serde_json::to_value(report)?) {
        all.extend(fields);
    }
    Ok(serde_json::to_string_pretty(&object)? + "\n")
}
