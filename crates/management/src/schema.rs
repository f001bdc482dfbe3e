//! Schemas of values that come in more than one form.

use utoipa::openapi::{ArrayBuilder, ObjectBuilder, OneOfBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A preset's name, or a list of permissions.
pub(crate) enum PermissionSet {}

impl PartialSchema for PermissionSet {
    fn schema() -> RefOr<Schema> {
        let text = "A preset (`full`, `inference`, `read_only`), or a list of permissions.";
        OneOfBuilder::new().item(string()).item(strings()).description(Some(text)).into()
    }
}

impl ToSchema for PermissionSet {}

/// Names of models, or an object from the client's name to the upstream's.
pub(crate) enum ModelSet {}

impl PartialSchema for ModelSet {
    fn schema() -> RefOr<Schema> {
        let text = "Names of models, or an object from the client's name to the upstream's.";
        let map = ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(Schema::Object(string().build())));
        OneOfBuilder::new().item(strings()).item(map).description(Some(text)).into()
    }
}

impl ToSchema for ModelSet {}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn strings() -> ArrayBuilder {
    ArrayBuilder::new().items(string())
}
