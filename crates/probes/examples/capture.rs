//! Reads one capture by hand and prints how long it took, how much memory and what was read, as JSON:
//! `cargo run --release -p probes --example capture -- FILE '{"address": "192.0.2.7"}'`.
#![expect(clippy::print_stdout, reason = "it is a program for a person at a terminal")]

use std::error::Error;
use std::fs::File;
use std::time::Instant;

use probes::traffic::capture::{Parameters, read};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, parameters] = &arguments[..] else {
        return Err("usage: capture FILE PARAMETERS".into());
    };
    let parameters: Parameters = serde_json::from_str(parameters)?;
    let mut file = File::open(file)?;
    let began = Instant::now();
    let heard = read(&parameters, &mut file)?;
    let millis = u64::try_from(began.elapsed().as_millis())?;
    println!("{}", serde_json::json!({ "millis": millis, "peak-kib": peak(), "reading": heard.reading }));
    Ok(())
}

/// The most memory that this process had, in KiB, as Linux tells it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
