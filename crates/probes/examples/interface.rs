//! Sends wrong input to an interface that an OpenAPI description names, and prints what was noticed, as JSON:
//! `cargo run --release -p probes --example interface -- openapi.json 127.0.0.1 8080 [TOKEN]`.
//!
//! Without TLS; the token is a bearer's. What it prints is for a person and for the bench that compares it with peers.
#![expect(clippy::print_stdout, reason = "it is a program for a person at a terminal")]

use std::error::Error;
use std::time::Instant;

use model::{Endpoint, Fact};
use probes::http::input::{gather, inputs_of, interpret};
use probes::{Limits, LiveBench, Scope};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, address, port, token @ ..] = &arguments[..] else {
        return Err("usage: interface OPENAPI ADDRESS PORT [TOKEN]".into());
    };
    let endpoint = Endpoint::tcp(address.parse()?, port.parse()?);
    let server = serde_json::from_value(json!({"endpoint": endpoint}))?;
    let described = wire::api::openapi::read(&std::fs::read_to_string(file)?)?;
    let inputs = inputs_of(&server, &described.routes);
    let login = token.first().map(
        |token| json!({"door": {"endpoint": endpoint, "scheme": "http-bearer"}, "user": "assay", "secret": token}),
    );
    let parameters = serde_json::from_value(json!({"inputs": inputs, "login": login}))?;
    let mut bench = LiveBench::new(Scope::of([endpoint.address]), Limits::default());
    let began = Instant::now();
    let log = gather(&parameters, &mut bench);
    let millis = u64::try_from(began.elapsed().as_millis())?;
    let reading = interpret(&log);
    let noticed = reading.facts.iter().filter_map(|fact| match fact {
        Fact::Input { target, violation, result, told_by, reproduction, .. }
            if !matches!(result.as_str(), "rejected" | "ignored") || violation == "undescribed-answer" =>
        {
            Some(json!({"target": target, "violation": violation, "result": result, "told_by": told_by,
                "reproduction": reproduction}))
        }
        _ => None,
    });
    let requests: u32 = log.inputs.iter().map(|input| input.requests).sum();
    println!(
        "{}",
        json!({"millis": millis, "requests": requests, "tried": reading.facts.len(),
            "noticed": noticed.collect::<Vec<_>>(), "shortfalls": reading.shortfalls})
    );
    Ok(())
}
