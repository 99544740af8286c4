//! Who a token stands for, and the description of this interface.

use axum::Json;
use axum::response::Response;
use axum::routing::get;
use report::presentation::told::{Told, told};
use serde_json::{Map, Value, json};
use workflow::people::Permission;

use super::{Api, answer, openapi};
use crate::table::{Access, Route, Verb};
use crate::trouble::Trouble;
use crate::visitor::Visitor;

pub(crate) const ROUTES: &[Route] = &[
    Route::api(
        Verb::Get,
        "/api/v1/openapi.json",
        Access::Anybody,
        Api::new("describe", "This interface as an OpenAPI 3.1 document", any_object),
        || get(|| async { Json(openapi()) }),
    ),
    Route::api(
        Verb::Get,
        "/api/v1/me",
        Access::SignedIn,
        Api::new("me", "Who the token stands for, and what it may", Me::shape),
        || get(me),
    ),
];

told! {
    /// Who a token stands for.
    pub struct Me {
        /// The person, as records name them.
        pub person: String,
        /// What the token may in the workspace: the names of permissions.
        pub permissions: Vec<String>,
    }
}

async fn me(visitor: Visitor) -> Result<Response, Trouble> {
    let may = Permission::all().filter(|permission| visitor.may(*permission));
    answer::told(&Me { person: visitor.name.clone(), permissions: may.map(|p| p.to_string()).collect() })
}

fn any_object(_: &mut Map<String, Value>) -> Value {
    json!({"type": "object"})
}
