//! What no derive says of a request, as JSON Schema.

use utoipa::openapi::schema::{AdditionalProperties, SchemaType};
use utoipa::openapi::{
    AllOfBuilder, Array, ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type,
};
use utoipa::{PartialSchema, ToSchema};

use super::{Body, MAX_ARGS, MAX_BODY_BYTES};
use crate::protocol::files::{MAX_FILES, MAX_NAME_BYTES};
use crate::protocol::mode;

/// The body of `POST /api/v1/runs`: its fields, with either `files` or `source`, and the options of its mode.
#[derive(Debug)]
pub enum RunRequest {}

impl PartialSchema for RunRequest {
    fn schema() -> RefOr<Schema> {
        AllOfBuilder::new()
            .description(Some("One run: a program, and what the toolchain is to do with it."))
            .item(Ref::from_schema_name(Body::name()))
            .item(files_or_source())
            .item(mode::schema::of_request())
            .into()
    }
}

impl ToSchema for RunRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Body::name().into_owned(), Body::schema()));
        Body::schemas(schemas);
        schemas.extend(mode::schema::components());
    }
}

/// One of the two, where `null` counts as not there.
fn files_or_source() -> Schema {
    let only = |name: &str, of: Type, other: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .title(Some(name))
            .property(name, ObjectBuilder::new().schema_type(of))
            .property(other, ObjectBuilder::new().schema_type(Type::Null))
            .required(name)
    };
    let source = only("source", Type::String, "files");
    OneOfBuilder::new().item(source).item(only("files", Type::Object, "source")).into()
}

/// A part of a name begins with no `-`, `.` or `@`.
const NAME: &str = r"^[A-Za-z0-9_+][A-Za-z0-9_.+@-]*(/[A-Za-z0-9_+][A-Za-z0-9_.+@-]*){0,9}$";

pub(super) fn files() -> Object {
    let name = ObjectBuilder::new().schema_type(Type::String).pattern(Some(NAME)).max_length(Some(MAX_NAME_BYTES));
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(MAX_BODY_BYTES)).build();
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .property_names(Some(name.build()))
        .additional_properties(Some(AdditionalProperties::from(Schema::Object(text))))
        .min_properties(Some(1))
        .max_properties(Some(MAX_FILES))
        .description(Some(
            "The program's files by name. A name is relative; a part of it begins with no `-`, `.` or `@`. Either this or \
             `source` is there.",
        ))
        .build()
}

pub(super) fn args() -> Array {
    let (count, bytes) = MAX_ARGS;
    let arg = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$")).max_length(Some(bytes));
    let says = "Arguments of the program, at most 4096 bytes together.";
    ArrayBuilder::new().description(Some(says)).items(arg).max_items(Some(count)).build()
}
