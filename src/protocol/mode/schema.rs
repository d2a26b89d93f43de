//! Modes and those of their options' values that no derive describes, as JSON Schema.

use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::values::{Count, Filter, Level, MAX_COUNT, MAX_TEXT_BYTES, Switch};
use super::{
    AsmOptions, BuildOptions, EscapeOptions, LayoutOptions, NAMES, NoOptions, RunOptions, SsaOptions, SymbolOptions,
    TestOptions,
};

/// The name of a mode.
pub fn name() -> Object {
    let says = "What the toolchain is asked for.";
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(NAMES)).description(Some(says)).build()
}

/// The schema of a mode's options, where it is kept in the document, and the components that it needs.
pub type Component = (String, RefOr<Schema>);

/// The type of each mode's options, by name.
fn options(mode: &str, components: &mut Vec<Component>) -> Ref {
    fn of<T: ToSchema>(components: &mut Vec<Component>) -> Ref {
        let name = T::name();
        components.push((name.to_string(), T::schema()));
        T::schemas(components);
        Ref::from_schema_name(name)
    }
    let of = match mode {
        "run" => of::<RunOptions>,
        "escape" => of::<EscapeOptions>,
        "asm" => of::<AsmOptions>,
        "ssa" => of::<SsaOptions>,
        "objdump" | "nm" => of::<SymbolOptions>,
        "test" | "bench" => of::<TestOptions>,
        "build" => of::<BuildOptions>,
        "layout" => of::<LayoutOptions>,
        _ => of::<NoOptions>,
    };
    of(components)
}

/// Components that [`of_request`] refers to.
pub fn components() -> Vec<Component> {
    let mut components = Vec::new();
    for mode in NAMES {
        options(mode, &mut components);
    }
    components
}

/// What holds of a request beside its fields: which options go with which mode, and that only modes that run a program take
/// variables for it.
pub fn of_request() -> Schema {
    let mut modes = OneOfBuilder::new();
    for mode in NAMES {
        let any = || ObjectBuilder::new().schema_type(SchemaType::AnyValue);
        let mut of_mode = any()
            .title(Some(mode))
            .property("mode", ObjectBuilder::new().schema_type(Type::String).enum_values(Some([mode])))
            .property("options", options(mode, &mut Vec::new()));
        if mode == "ssa" {
            of_mode = of_mode.required("options");
        }
        if !["run", "test", "bench"].contains(&mode) {
            let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["GOEXPERIMENT"])).build();
            of_mode = of_mode.property("env", any().property_names(Some(names)));
        }
        modes = modes.item(of_mode);
    }
    modes.into()
}

impl PartialSchema for Switch {
    fn schema() -> RefOr<Schema> {
        let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["on", "off"]));
        OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Boolean)).item(words).into()
    }
}

impl ToSchema for Switch {}

impl PartialSchema for Level {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).enum_values(Some([1, 2])).into()
    }
}

impl ToSchema for Level {}

impl PartialSchema for Filter {
    /// A number is read as its digits, as on a command line.
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Number]))
            .max_length(Some(MAX_TEXT_BYTES))
            .pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*$"))
            .into()
    }
}

impl ToSchema for Filter {}

impl PartialSchema for Count {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(MAX_COUNT)).into()
    }
}

impl ToSchema for Count {}
