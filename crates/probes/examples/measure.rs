//! Times a sweep over all TCP ports of an address: `cargo run --release -p probes --example measure -- 127.0.0.1`.
#![expect(clippy::print_stdout, reason = "it is a program for a person at a terminal")]

use std::net::IpAddr;
use std::time::Instant;

use probes::{Bench, Limits, LiveBench, Scope};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address: IpAddr = std::env::args().nth(1).ok_or("an address, please")?.parse()?;
    let mut bench = LiveBench::new(Scope::of([address]), Limits::default());
    let began = Instant::now();
    let wait = bench.wait();
    let result = bench.sweep(address, &[(1, 65535)], wait);
    println!("open {:?}, {} refused, {} silent ranges", result.open, result.refused, result.silent.len());
    println!("all ports: {} ms", began.elapsed().as_millis());
    Ok(())
}
