//! The portfolio of 1,000 products with 10 recorded releases each: the first look after the start, while the rest is still
//! looked at, and when all is known.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::judge::built;
use super::served::{Asked, Came, Load, Pace, Server, copies, load_average, people, product, table};
use super::{Bench, Bound, Row, seconds};

pub(super) const BENCH: Bench = Bench { name: "portfolio", measure };

const PRODUCTS: usize = 1000;
const RELEASES: usize = 10;
/// How long it may take until every product was looked at.
const PATIENCE: Duration = Duration::from_secs(600);

fn measure(root: &Path) -> Result<Row, String> {
    let assay = built(root)?;
    let load = Load::built(root)?;
    let scratch = crate::scratch(root).map_err(|error| error.to_string())?.join("portfolio");
    fs::remove_dir_all(&scratch).ok();
    let (workspace, first) = (scratch.join("products"), scratch.join("first"));
    product(root, &assay, &first, RELEASES, 2)?;
    copies(&first, &workspace, PRODUCTS)?;
    let mut links = people(&assay, &workspace, 6)?;
    let mut worst: f64 = 0.0;
    let mut told = String::new();
    for (name, further) in [("first start", 3), ("started again", 2)] {
        let server = Server::assay(&assay, &workspace)?;
        let mut runs = links.split_off(links.len() - further).into_iter();
        let mut run = |pages: &[Asked], pace| {
            let link: Vec<String> = runs.next().into_iter().collect();
            load.run(&server.base, &link, pages, pace)
        };
        let one = |kind| Asked::page(kind, 1, vec!["/".to_owned()]);
        let mut came = run(&[one("first look")], Pace { rate: 0, seconds: 1 })?;
        came.remove(0);
        let began = Instant::now();
        let pages = [
            one("portfolio"),
            Asked::page("its last page", 1, vec!["/?page=20".to_owned()]),
            Asked::page("a search", 1, vec!["/?find=No.+77".to_owned()]),
            Asked::page("those that are open", 1, vec!["/?stands=open&page=7".to_owned()]),
            Asked::page("my day", 1, vec!["/my-day".to_owned()]),
            Asked::page("api: products", 1, vec!["/api/v1/products?limit=100".to_owned()]),
        ];
        let pace = Pace { rate: 10, seconds: seconds(20) };
        let during = run(&pages, pace)?;
        let waiting = until_known(&server, &began)?;
        let mut known = Vec::new();
        if further == 3 {
            known = run(&pages, pace)?;
        }
        let title = format!(
            "{name}: {PRODUCTS} products, {RELEASES} releases each; {}; ready after {:.0} ms; known after {waiting:.0} s; \
             memory {:.0} MiB, at most {:.0}",
            load_average(),
            server.ready.as_secs_f64() * 1000.0,
            server.memory().0,
            server.memory().1,
        );
        for (when, came) in [("first", &came), ("while others are looked at", &during), ("all known", &known)] {
            if came.is_empty() {
                continue;
            }
            told.push_str(&table(&format!("{title}; {when}"), came));
            worst = worst.max(slowest(came)?);
        }
    }
    print!("{told}");
    fs::remove_dir_all(&scratch).ok();
    let what = format!("portfolio of {PRODUCTS} × {RELEASES}: first look, or p99 of the page, ms");
    Ok(Row { what, ours: worst, peer: None, bound: Bound::AtMost(150.0) })
}

/// The slowest p99 of the portfolio's own page.
fn slowest(came: &[Came]) -> Result<f64, String> {
    if let Some(wrong) = came.iter().find_map(|one| one.wrong.first()) {
        return Err(format!("a wrong answer: {wrong}"));
    }
    let own = came.iter().filter(|one| ["first look", "portfolio"].contains(&one.kind.as_str()));
    Ok(own.map(|one| one.p99).fold(0.0, f64::max))
}

/// Waits until the server has nothing left to look at: its processor time stands still.
fn until_known(server: &Server, began: &Instant) -> Result<f64, String> {
    let mut before = server.ticks();
    let mut known = began.elapsed().as_secs_f64();
    while began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_secs(2));
        let now = server.ticks();
        // Looking for changes takes some of it for ever.
        if now.saturating_sub(before) < 60 {
            return Ok(known);
        }
        (before, known) = (now, began.elapsed().as_secs_f64());
    }
    Err(format!("not every product was looked at after {} s", PATIENCE.as_secs()))
}
