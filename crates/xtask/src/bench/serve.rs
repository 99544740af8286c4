//! `assay serve` under ten browsers at 200 requests a second, some of which write; and nginx with the same bytes of a
//! page as a file, under the same load, in the same run.
//!
//! Times are from the moment a request was to be sent, so that a stall counts for all who wait.

use std::fs;
use std::path::Path;

use super::judge::built;
use super::served::{Asked, Load, Pace, Server, copies, load_average, people, product, said, table};
use super::{Bench, Bound, Peer, Row, seconds};

pub(super) const BENCH: Bench = Bench { name: "serve", measure };

const BROWSERS: usize = 10;
const RATE: u64 = 200;
const PRODUCTS: usize = 5;
/// Decisions of persons that are recorded about each release.
const DECISIONS: usize = 40;
const RELEASES: usize = 3;

fn measure(root: &Path) -> Result<Row, String> {
    let assay = built(root)?;
    let load = Load::built(root)?;
    let scratch = crate::scratch(root).map_err(|error| error.to_string())?.join("serve");
    fs::remove_dir_all(&scratch).ok();
    let workspace = scratch.join("products");
    let first = scratch.join("first");
    product(root, &assay, &first, RELEASES, DECISIONS)?;
    copies(&first, &workspace, PRODUCTS)?;
    let invitations = people(&assay, &workspace, BROWSERS)?;
    let server = Server::assay(&assay, &workspace)?;
    let (asked, page) = (mix(&assay, &workspace)?, seconds(60));
    let average = load_average();
    let pace = Pace { rate: RATE, seconds: page };
    let came = load.run(&server.base, &invitations, &asked, pace)?;
    let (now, most) = server.memory();
    let title = format!(
        "assay serve: {BROWSERS} browsers, {RATE} requests/s for {page} s, {PRODUCTS} products; {average}; memory {now:.0} \
         MiB, at most {most:.0}"
    );
    print!("{}", table(&title, &came));
    drop(server);
    let Some(all) = came.first() else { return Err("nothing came".to_owned()) };
    if !all.wrong.is_empty() {
        return Err(format!("{} kinds of wrong answers, such as {}", all.wrong.len(), all.wrong[0]));
    }
    // The same bytes as a file: as many as the portfolio had.
    let size = came.iter().find(|one| one.kind == "portfolio").map_or(0, |one| one.bytes);
    let bytes = vec![b'a'; usize::try_from(size).unwrap_or(0)];
    let peer = match Server::nginx(&scratch.join("nginx"), &bytes) {
        Ok(nginx) => {
            let file = [Asked::page("a file, as the portfolio", 1, vec!["/page.html".to_owned()])];
            let came = load.run(&nginx.base, &[], &file, pace)?;
            print!("{}", table("nginx: the same load", &came));
            came.first().map(|all| Peer { name: "nginx, a file".to_owned(), value: all.p99 })
        }
        Err(why) => {
            println!("nginx: {why}");
            None
        }
    };
    fs::remove_dir_all(&scratch).ok();
    let what = format!("{BROWSERS} browsers, {RATE} requests/s, no wrong answer: p99, ms");
    Ok(Row { what, ours: all.p99, peer, bound: Bound::AtMost(100.0) })
}

/// What people look at in a day, and what they write.
fn mix(assay: &Path, workspace: &Path) -> Result<Vec<Asked>, String> {
    let products: Vec<String> = (1..=PRODUCTS).map(|n| format!("plug-{n:04}")).collect();
    let each = |page: &str| products.iter().map(|product| format!("/p/{product}{page}")).collect::<Vec<_>>();
    let api = |page: &str| products.iter().map(|product| format!("/api/v1/products/{product}{page}")).collect();
    let all = |pages: &[&str]| pages.iter().flat_map(|page| each(page)).collect::<Vec<_>>();
    let folder = workspace.join(&products[0]).to_string_lossy().into_owned();
    let listed = said(assay, &["tasks", "list", &folder])?;
    let task = listed.split_whitespace().find(|word| word.starts_with("T-")).ok_or("no task")?.to_owned();
    let give = vec![("does", "assign".to_owned()), ("task", task), ("person", "Browser No. {n}".to_owned())];
    let records: Vec<String> = (1..40).map(|seq| format!("/records/{seq}")).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    Ok(vec![
        Asked::page("portfolio", 14, vec!["/".to_owned(), "/?find=plug".to_owned(), "/?stands=open".to_owned()]),
        Asked::page("my day", 8, vec!["/my-day".to_owned()]),
        Asked::page("product", 14, each("")),
        Asked::page("provision", 14, all(&["/provisions/5.1-1", "/provisions/5.3-10", "/provisions/5.6-1"])),
        Asked::page("tasks", 10, all(&["/tasks", "/tasks?kind=decide", "/tasks?clause=5.5&page=2"])),
        Asked::page("findings", 5, each("/findings")),
        Asked::page("controls", 3, each("/controls?clause=5.5")),
        Asked::page("answers", 3, each("/answers?clause=5.1")),
        Asked::page("at the bench", 2, each("/guide")),
        Asked::page("requests", 2, each("/requests")),
        Asked::page("evidence, list", 5, all(&["/records", "/records?kind=statement"])),
        Asked::page("evidence, one record", 5, all(&records)),
        Asked::page("checkpoints", 3, each("/checkpoints")),
        Asked::page("reviews", 2, each("/reviews")),
        Asked::page("reports", 1, each("/reports")),
        Asked::page("releases compared", 1, each("/diff")),
        Asked::page("measure", 1, each("/run")),
        Asked::page("account", 1, vec!["/account".to_owned()]),
        Asked::page("people", 1, vec!["/people".to_owned()]),
        Asked::page("api: products", 2, vec!["/api/v1/products".to_owned()]),
        Asked::page("api: assessment", 2, api("/assessment")),
        Asked::page("api: tasks", 2, api("/tasks")),
        Asked { kind: "a task given out", weight: 1, paths: vec![each("/tasks").remove(0)], form: Some(give) },
    ])
}
