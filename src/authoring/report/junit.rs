//! JUnit's XML: a suite for each toolchain, a case for each variant, and a suite for the files.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report as Xml, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use crate::authoring::Complaint;

/// The report as XML.
pub fn render(report: &Report) -> Result<String, SerializeError> {
    let mut xml = Xml::new("underhood check");
    xml.set_time(Duration::from_millis(report.wall_ms));
    if !report.faults.is_empty() {
        let mut suite = TestSuite::new("files");
        for fault in &report.faults {
            let mut case = TestCase::new(fault.place(), failed([fault]));
            case.set_classname("files");
            suite.add_test_case(case);
        }
        xml.add_test_suite(suite);
    }
    for go in &report.go {
        let mut suite = TestSuite::new(go.as_str());
        for verdict in report.verdicts.iter().filter(|verdict| verdict.go == *go) {
            let status =
                if verdict.complaints.is_empty() { TestCaseStatus::success() } else { failed(&verdict.complaints) };
            let mut case = TestCase::new(verdict.variant.as_str(), status);
            case.set_classname(verdict.example.as_str());
            case.set_time(Duration::from_millis(verdict.wall_ms));
            suite.add_test_case(case);
        }
        xml.add_test_suite(suite);
    }
    xml.to_string()
}

fn failed<'a>(complaints: impl IntoIterator<Item = &'a Complaint>) -> TestCaseStatus {
    let texts = complaints.into_iter().map(|complaint| {
        let diff = complaint.diff.as_ref().map_or_else(String::new, |diff| format!("\n{diff}"));
        format!("{}: {}{diff}", complaint.place(), complaint.message)
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(text.lines().next().unwrap_or_default().to_owned()).set_description(text);
    status
}
