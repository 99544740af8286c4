//! Times a sweep over all TCP ports of an address and the recognition of what is open there:
//! `cargo run --release -p probes --example measure -- 127.0.0.1`.
#![expect(clippy::print_stdout, reason = "it is a program for a person at a terminal")]

use std::net::IpAddr;
use std::time::Instant;

use model::Fact;
use probes::net::{services, tcp_ports};
use probes::{Limits, LiveBench, Scope};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: IpAddr = std::env::args().nth(1).ok_or("an address, please")?.parse()?;
    let mut bench = LiveBench::new(Scope::of([address]), Limits::default());
    let began = Instant::now();
    let parameters = tcp_ports::Parameters { address, ports: vec![(1, 65535)], background: vec![] };
    let log = tcp_ports::gather(&parameters, &mut bench);
    let swept = began.elapsed();
    let reading = tcp_ports::interpret(&log);
    println!("ports {:?}, {} shortfalls: {} ms", log.result.open, reading.shortfalls.len(), swept.as_millis());
    let parameters =
        services::Parameters { address, ports: log.result.open, host: None, known: Default::default() };
    let reading = services::interpret(&services::gather(&parameters, &mut bench));
    for fact in &reading.facts {
        if let Fact::Service(service) = fact {
            println!("  {} {} tls={} {:?}", service.endpoint, service.protocol, service.tls, service.product);
        }
    }
    println!("with services, {} shortfalls: {} ms", reading.shortfalls.len(), began.elapsed().as_millis());
    Ok(())
}
