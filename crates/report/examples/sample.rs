//! Writes the sample report of the tests as a page, to look at it: `cargo run -p report --example sample -- FILE`.
#![allow(clippy::disallowed_methods, reason = "an example has a command line and writes a file")]

#[path = "../tests/sample/mod.rs"]
mod sample;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "sample.html".to_owned());
    let told = sample::sample();
    let text = match path.rsplit('.').next() {
        Some("md") => report::markdown(&told),
        Some("json") => format!("{:#}\n", report::json(&told)),
        Some("txt") => report::terminal(&told, false),
        _ => report::html(&told),
    };
    std::fs::write(path, text)
}
