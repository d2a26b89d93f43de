//! What the API answers, as types, so that the document that describes them is made of them.

use std::collections::BTreeSet;

use sandbox::report::{Level, Report, State};
use serde::Serialize;
use utoipa::openapi::{AllOfBuilder, Object, ObjectBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::{App, rates, shares};
use crate::protocol::files::{MAX_DEPTH, MAX_FILES, MAX_NAME_BYTES};
use crate::protocol::request::MAX_BODY_BYTES;
use crate::protocol::{Event, Exit, Stamped};
use crate::run::Runner;
use crate::run::limits::{Capacity, Limits};

/// A whole run as one JSON object.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = WholeRun)]
pub struct Whole {
    /// All events, in order.
    pub events: Vec<Stamped>,
    /// The text of all events `stdout` together.
    pub stdout: String,
    /// The text of all events `stderr` together.
    pub stderr: String,
    /// The last event, without its place and time.
    #[schema(schema_with = exit, required)]
    pub exit: Option<Event>,
}

fn exit() -> Schema {
    let kind = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["exit"]));
    let tagged = ObjectBuilder::new().property("type", kind).required("type");
    let says = "The last event, without its place and time.";
    AllOfBuilder::new().description(Some(says)).item(Ref::from_schema_name(Exit::name())).item(tagged).into()
}

/// One message of an event stream (HTML, 9.2, "server-sent events").
#[derive(Debug)]
pub enum Message {}

impl PartialSchema for Message {
    fn schema() -> RefOr<Schema> {
        let data = ObjectBuilder::new()
            .schema_type(Type::String)
            .content_media_type("application/json")
            .content_schema(Some(Ref::from_schema_name(Stamped::name())))
            .description(Some("One event as JSON."));
        ObjectBuilder::new().schema_type(Type::Object).property("data", data).required("data").into()
    }
}

impl ToSchema for Message {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Stamped::name().into_owned(), Stamped::schema()));
        Stamped::schemas(schemas);
    }
}

/// The toolchains of this service, the default one first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Toolchains<'a> {
    toolchains: Vec<Toolchain<'a>>,
}

/// One release of Go.
#[derive(Debug, Serialize, ToSchema)]
struct Toolchain<'a> {
    /// As Go names it, and as `go` of a request may be.
    #[schema(example = "go1.27.3")]
    go: &'a str,
    /// Whether it is taken where a request names none.
    default: bool,
    /// The keys of GODEBUG that it knows.
    #[schema(value_type = Vec<String>)]
    godebug: &'a BTreeSet<String>,
    /// The words of GOEXPERIMENT that it knows, negated ones included.
    #[schema(value_type = Vec<String>)]
    goexperiment: &'a BTreeSet<String>,
}

/// How much is taken, and how well the sandbox holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllLimits<'a> {
    /// Of a request.
    request: RequestLimits,
    /// Of a run.
    run: &'a Limits,
    /// Of the service as a whole.
    service: &'a Capacity,
    /// Of one client, by its address.
    client: ClientLimits,
    /// What stands between a program and the host.
    sandbox: Sandbox<'a>,
    /// Of shares; nothing where none are kept.
    shares: Option<shares::Limits>,
}

/// How much one client may ask for; nothing where there is no limit.
#[derive(Debug, Serialize, ToSchema)]
struct ClientLimits {
    /// Requests of any kind.
    requests: Option<rates::Told>,
    /// Requests that run something.
    runs: Option<rates::Told>,
}

/// Limits of a request.
#[derive(Debug, Serialize, ToSchema)]
struct RequestLimits {
    /// The whole body, in bytes.
    body_bytes: usize,
    /// How many files.
    files: usize,
    /// The name of a file with its folders, in bytes.
    name_bytes: usize,
    /// Parts of a name, the file's own included.
    depth: usize,
}

/// How strong the sandbox is on this host. What a control does here, or why it cannot, names parts of the host, so only its
/// operator is told: by `underhood doctor`.
#[derive(Debug, Serialize, ToSchema)]
struct Sandbox<'a> {
    /// `full`, or `reduced` where the host grants no namespaces.
    #[schema(schema_with = level)]
    level: Level,
    /// The kernel's mechanisms, one by one.
    controls: Vec<Control<'a>>,
}

/// One mechanism of the kernel.
#[derive(Debug, Serialize, ToSchema)]
struct Control<'a> {
    /// The kernel's name for it.
    #[schema(example = "seccomp")]
    name: &'a str,
    /// `active`; `degraded` where something weaker stands in for it; `missing`.
    #[schema(schema_with = state)]
    state: State,
}

impl<'a> Toolchains<'a> {
    /// Those of a runner.
    pub fn of(runner: &'a Runner) -> Self {
        let toolchains = runner.toolchains().iter().enumerate().map(|(index, go)| Toolchain {
            go: &go.version,
            default: index == 0,
            godebug: &go.knobs.godebug,
            goexperiment: &go.knobs.goexperiment,
        });
        Self { toolchains: toolchains.collect() }
    }
}

impl<'a> AllLimits<'a> {
    /// Those of a service.
    pub fn of(app: &'a App) -> Self {
        let runner = &app.runner;
        let request = RequestLimits {
            body_bytes: MAX_BODY_BYTES,
            files: MAX_FILES,
            name_bytes: MAX_NAME_BYTES,
            depth: MAX_DEPTH,
        };
        let sandbox = Sandbox::of(runner.sandbox().report());
        let client = ClientLimits { requests: app.rates.requests.rate().told(), runs: app.rates.runs.rate().told() };
        let shares = app.sharing.as_ref().map(shares::Sharing::limits);
        Self { request, run: runner.limits(), service: runner.capacity(), client, sandbox, shares }
    }
}

impl<'a> Sandbox<'a> {
    fn of(report: &'a Report) -> Self {
        let controls = report.controls.iter().map(|control| Control { name: &control.name, state: control.state });
        Self { level: report.level, controls: controls.collect() }
    }
}

fn level() -> Object {
    one_of(["full", "reduced", "none"], "`reduced` where the host grants no namespaces.")
}

fn state() -> Object {
    one_of(["active", "degraded", "missing"], "`degraded` where something weaker stands in for it.")
}

fn one_of(words: [&str; 3], says: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(says)).build()
}
