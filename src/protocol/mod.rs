//! What clients and the runner say to each other. A leaf: it imports nothing of the rest.

pub mod event;
pub mod files;
pub mod mode;
pub mod refusal;
pub mod request;

pub use event::{Ending, Event, Exit, Stamped, Stream};
pub use files::Files;
pub use mode::Mode;
pub use refusal::Refusal;
pub use request::{Body, Request};
