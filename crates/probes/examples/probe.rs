//! Runs one probe by hand and prints how long it took and what was read, as JSON:
//! `cargo run --release -p probes --example probe -- tls.server-offer '{"endpoints": [...]}' 127.0.0.1`.
//!
//! The addresses after the parameters are the ones that may be measured. With `LOG` set to a path the log is kept.
#![expect(clippy::print_stdout, reason = "it is a program for a person at a terminal")]

use std::error::Error;
use std::net::IpAddr;
use std::time::Instant;

use probes::{Limits, LiveBench, Scope, listed};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [id, parameters, addresses @ ..] = &arguments[..] else {
        return Err("usage: probe ID PARAMETERS ADDRESS...".into());
    };
    let probe = listed(id).ok_or("there is no probe of this id; nothing was measured")?;
    let parameters = serde_json::from_str(parameters)?;
    let scope: Vec<IpAddr> = addresses.iter().map(|address| address.parse()).collect::<Result<_, _>>()?;
    let mut bench = LiveBench::new(Scope::of(scope), Limits::default());
    let began = Instant::now();
    let log = (probe.gather)(&parameters, &mut bench)?;
    let millis = u64::try_from(began.elapsed().as_millis())?;
    if let Some(path) = std::env::var_os("LOG") {
        std::fs::write(path, &log)?;
    }
    let reading = (probe.interpret)(&log)?;
    println!("{}", serde_json::json!({ "millis": millis, "reading": reading }));
    Ok(())
}
