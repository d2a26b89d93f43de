//! What operators see of a service: its log, its metrics, its traces.

mod dashboard;
mod log;
mod metrics;
mod traces;
