//! The names of refusals and causes, as the document lists them: whoever puts them into words can see which there are.

use std::borrow::Cow;

use papertape_engine::{CancelCause, Reason};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Why an order ended without being filled whole.
pub(crate) struct CancelReason;

/// Why the rules refused something: `code` of a failure, beside those of the gateway itself.
pub(crate) struct ReasonCode;

fn names(description: &str, names: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    let object = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    object.enum_values(Some(names)).into()
}

impl PartialSchema for CancelReason {
    fn schema() -> RefOr<Schema> {
        let causes = CancelCause::ALL.iter().map(|cause| cause.name());
        names("Why an order ended without being filled whole.", causes)
    }
}

impl PartialSchema for ReasonCode {
    fn schema() -> RefOr<Schema> {
        let reasons = Reason::ALL.iter().map(|reason| reason.name());
        names("Why the rules refused something: `code` of a failure, beside those of the gateway itself.", reasons)
    }
}

impl ToSchema for CancelReason {
    fn name() -> Cow<'static, str> {
        "CancelReason".into()
    }
}

impl ToSchema for ReasonCode {
    fn name() -> Cow<'static, str> {
        "ReasonCode".into()
    }
}
