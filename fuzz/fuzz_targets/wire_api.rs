//! Descriptions of program interfaces and recorded requests, as the bench file names them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::api::{har, openapi, sample};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut routes = openapi::read(&text).map(|read| read.routes).unwrap_or_default();
    if let Ok(read) = har::read(&text) {
        routes.extend(har::routes(&read, &|_, _| true));
    }
    for route in &routes {
        drop((sample::target(route, true), route.body.as_ref().map(|body| sample::value(&body.schema, true))));
    }
});
