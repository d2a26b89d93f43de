//! What authors need: examples run in every variant, and judged by what is expected of them.

pub mod answer;
mod capture;
pub mod golden;
mod judge;
pub mod knob_table;
mod listing;
pub mod messages;
pub mod output;
pub mod plan;
pub mod project;
pub mod report;
mod said;
pub mod sketch;
pub mod work;

pub use capture::{Capture, captures};
pub use judge::{Complaint, Kind, Verdict, judge};
