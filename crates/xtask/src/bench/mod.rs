//! `cargo xtask bench`: what was promised about speed and size, measured and held against its bound.
//!
//! A bench is a file here: a [`Bench`] with a name and a function that gives a [`Row`]. It measures what is built, as
//! a user would run it, so it starts programs instead of linking to rooms. A bench that could not measure does not
//! meet its bound.

mod capture;
mod dossiers;
mod input;
mod judge;
mod lab;
mod ledger;
mod portfolio;
mod scan;
mod serve;
mod served;
mod tidy;
mod tls_offer;

use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use serde::Serialize;

/// All benches; add a line.
const BENCHES: &[Bench] = &[
    judge::TIME,
    judge::MEMORY,
    tidy::BENCH,
    ledger::APPEND,
    ledger::VERIFY,
    ledger::VERIFY_MEMORY,
    dossiers::REJUDGE,
    dossiers::RELEASE,
    tls_offer::SSLSCAN,
    tls_offer::TESTSSL,
    input::FOUND,
    input::TIME,
    scan::PORTS,
    scan::SERVICES,
    capture::TIME,
    capture::MEMORY,
    scan::DATAGRAMS,
    serve::BENCH,
    portfolio::BENCH,
];

/// One bench.
pub(crate) struct Bench {
    pub(crate) name: &'static str,
    /// Measures, in the tree at the given root; an error says why there is no number.
    pub(crate) measure: fn(&Path) -> Result<Row, String>,
}

/// One row of the table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    /// What was measured, with its unit.
    pub(crate) what: String,
    /// Our number.
    pub(crate) ours: f64,
    /// The same of a peer, if there is one.
    pub(crate) peer: Option<Peer>,
    /// What our number is held against.
    pub(crate) bound: Bound,
}

/// What another program needs for the same.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) value: f64,
}

/// What a number is held against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(not(test), allow(dead_code, reason = "each bench chooses one"))]
pub(crate) enum Bound {
    /// Ours is at most this.
    AtMost(f64),
    /// Ours is at least this.
    AtLeast(f64),
    /// Ours divided by the peer's is at most this.
    RatioAtMost(f64),
    /// Ours divided by the peer's is at least this.
    RatioAtLeast(f64),
}

impl Row {
    /// Ours divided by the peer's.
    fn ratio(&self) -> Option<f64> {
        self.peer.as_ref().map(|peer| self.ours / peer.value)
    }

    /// Whether the bound is met; a ratio without a peer is not.
    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtMost(most) => self.ours <= most,
            Bound::AtLeast(least) => self.ours >= least,
            Bound::RatioAtMost(most) => self.ratio().is_some_and(|ratio| ratio <= most),
            Bound::RatioAtLeast(least) => self.ratio().is_some_and(|ratio| ratio >= least),
        }
    }
}

/// The median time of some runs in seconds, after one that is not counted.
pub(crate) fn median_seconds(runs: usize, mut what: impl FnMut() -> Result<(), String>) -> Result<f64, String> {
    what()?;
    let mut seconds = Vec::new();
    for _ in 0..runs.max(1) {
        let begun = Instant::now();
        what()?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

/// Seconds that a bench with a duration of its own takes, where others were asked for.
static SECONDS: OnceLock<u64> = OnceLock::new();

/// How long a bench that goes on for a time goes on: as long as was asked for, else so many seconds.
fn seconds(else_so_many: u64) -> u64 {
    SECONDS.get().copied().unwrap_or(else_so_many)
}

/// Runs the benches named, or all of them; `--seconds N` shortens those that go on for a time.
pub(crate) fn run(root: &Path, arguments: &[&str]) -> ExitCode {
    let names = match arguments {
        [names @ .., "--seconds", number] if number.parse::<u64>().is_ok_and(|number| number > 0) => {
            number.parse().ok().map(|number| SECONDS.set(number));
            names
        }
        names => names,
    };
    let chosen: Vec<&Bench> =
        BENCHES.iter().filter(|bench| names.is_empty() || names.contains(&bench.name)).collect();
    if let Some(unknown) = names.iter().find(|name| BENCHES.iter().all(|bench| bench.name != **name)) {
        eprintln!("there is no bench called {unknown}; nothing was measured");
        return ExitCode::from(2);
    }
    let measured: Vec<Measured> =
        chosen.iter().map(|bench| Measured { name: bench.name, row: (bench.measure)(root) }).collect();
    print!("{}", table(&measured));
    if let Err(error) = keep(root, &measured) {
        eprintln!("target/bench.json was not written: {error}");
        return ExitCode::FAILURE;
    }
    if measured.iter().all(Measured::is_met) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Measured {
    name: &'static str,
    row: Result<Row, String>,
}

impl Measured {
    fn is_met(&self) -> bool {
        self.row.as_ref().is_ok_and(Row::is_met)
    }

    fn json(&self) -> serde_json::Value {
        match &self.row {
            Ok(row) => serde_json::json!({
                "name": self.name, "what": row.what, "ours": row.ours, "peer": row.peer, "ratio": row.ratio(),
                "bound": row.bound, "met": row.is_met(),
            }),
            Err(why) => serde_json::json!({ "name": self.name, "not-measured": why, "met": false }),
        }
    }
}

fn keep(root: &Path, measured: &[Measured]) -> std::io::Result<()> {
    let rows: Vec<_> = measured.iter().map(Measured::json).collect();
    std::fs::create_dir_all(root.join("target"))?;
    std::fs::write(root.join("target/bench.json"), format!("{:#}\n", serde_json::Value::from(rows)))
}

fn table(measured: &[Measured]) -> String {
    let mut lines = vec![["what", "ours", "peer", "ratio", "bound", "met"].map(str::to_owned)];
    for Measured { name, row } in measured {
        lines.push(match row {
            Err(why) => [
                format!("{name}: not measured: {why}"),
                "-".into(),
                "-".into(),
                "-".into(),
                "-".into(),
                "no".into(),
            ],
            Ok(row) => [
                row.what.clone(),
                number(row.ours),
                row.peer.as_ref().map_or("-".into(), |peer| format!("{} ({})", number(peer.value), peer.name)),
                row.ratio().map_or("-".into(), number),
                match row.bound {
                    Bound::AtMost(most) => format!("<= {}", number(most)),
                    Bound::AtLeast(least) => format!(">= {}", number(least)),
                    Bound::RatioAtMost(most) => format!("ratio <= {}", number(most)),
                    Bound::RatioAtLeast(least) => format!("ratio >= {}", number(least)),
                },
                if row.is_met() { "yes".into() } else { "no".into() },
            ],
        });
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    let mut text = String::new();
    for line in &lines {
        let cells: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ours: f64, peer: Option<f64>, bound: Bound) -> Row {
        let peer = peer.map(|value| Peer { name: "peer".into(), value });
        Row { what: "time to look, s".into(), ours, peer, bound }
    }

    #[test]
    fn a_bound_is_met_or_not() {
        assert!(row(1.0, None, Bound::AtMost(1.0)).is_met());
        assert!(!row(1.1, None, Bound::AtMost(1.0)).is_met());
        assert!(!row(0.9, None, Bound::AtLeast(1.0)).is_met());
        assert!(row(1.0, Some(2.0), Bound::RatioAtMost(0.5)).is_met());
        assert!(!row(1.1, Some(2.0), Bound::RatioAtMost(0.5)).is_met());
        assert!(row(1.0, Some(2.0), Bound::RatioAtLeast(0.5)).is_met());
        assert!(!row(0.9, Some(2.0), Bound::RatioAtLeast(0.5)).is_met());
        assert!(!row(0.9, None, Bound::RatioAtLeast(0.5)).is_met());
        assert!(!row(1.0, None, Bound::RatioAtMost(0.5)).is_met());
        assert!(!row(f64::NAN, None, Bound::AtMost(1.0)).is_met());
    }

    #[test]
    fn what_could_not_be_measured_is_told_and_not_met() {
        let measured = Measured { name: "look", row: Err("nothing built".into()) };
        assert!(!measured.is_met());
        assert_eq!(measured.json()["met"], false);
        assert!(table(&[measured]).contains("look: not measured: nothing built"));
    }

    #[test]
    fn a_row_is_told_with_its_peer_and_its_ratio() {
        let row = row(1.0, Some(4.0), Bound::RatioAtMost(0.5));
        let measured = Measured { name: "look", row: Ok(row) };
        assert_eq!(measured.json()["ratio"], 0.25);
        let table = table(&[measured]);
        assert!(
            table.lines().nth(1).unwrap().ends_with("1.000  4.000 (peer)  0.250  ratio <= 0.500  yes"),
            "{table}"
        );
    }

    #[test]
    fn benches_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = BENCHES.iter().map(|bench| bench.name).collect();
        assert_eq!(names.len(), BENCHES.len());
    }
}
