//! Whether a publication is where the dossier says, and free for anybody.
//!
//! What the page says is for a person, save the address itself.

use dossier::{Entry, Located, UserInfoFacts};
use model::{Fact, PageFacts};

use crate::judgement::{Ground, Judgement, Next};
use crate::view::View;

use super::probe_names::{DUT, WEB_PAGE};
use super::said::missing;
use super::seen::{Record, ground};

/// The address of a publication among the facts of 2-UserInfo.
pub(super) type Address = fn(&UserInfoFacts) -> Option<&Located<String>>;

/// What is asked of the publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The address as described leads to it, perhaps behind a login.
    Reachable,
    /// Nothing stands before it: no registration, no login.
    Unrestricted,
}

/// Judges one publication of 2-UserInfo.
pub(super) fn judge(view: &View<'_>, address: Address, key: &str, asked: Asked) -> Judgement {
    let Some(entry) = view.entries("UserInfo").first() else {
        return Judgement::open(
            "table 2-UserInfo is not declared",
            Next::Declare { place: "UserInfo".to_owned(), entry: None, what: key.to_owned() },
        );
    };
    let Some(url) = entry.facts::<UserInfoFacts>().and_then(address) else { return unaddressed(entry, key) };
    let next = || Next::Observe { probe: WEB_PAGE.to_owned(), target: DUT.to_owned() };
    let pages: Vec<Record<'_>> = pages(view).collect();
    let newest = pages.iter().rev().find_map(|record| Some((*record, page(record, &url.value)?)));
    let judgement = match newest {
        Some((record, page)) => {
            let text = format!("{}: status {}, {}", page.url, page.status, free(page));
            weigh(page, asked, next()).on(ground(record, text))
        }
        None => match pages.iter().rev().find_map(|record| Some((*record, short(record, &url.value)?))) {
            Some((record, text)) => {
                Judgement::inconclusive(format!("{} could not be read: {text}", url.value), next())
                    .on(ground(record, text))
            }
            None => Judgement::open(format!("{} was not looked at", url.value), next()),
        },
    };
    judgement.declared(url.span, format!("`{key} = \"{}\"`", url.value))
}

fn weigh(page: &PageFacts, asked: Asked, next: Next) -> Judgement {
    let url = &page.url;
    let walled = !page.free || page.status == 401;
    match page.status {
        200..=299 | 401 if walled && asked == Asked::Unrestricted => {
            Judgement::fail(format!("{url} is behind a registration or login"))
        }
        200..=299 if asked == Asked::Unrestricted => Judgement::pass(format!("{url} is free for anybody")),
        200..=299 | 401 => Judgement::pass(format!("{url} leads to the publication")),
        // Servers turn away programs where they would serve a person, and have bad days.
        403 | 429 | 500..=599 => Judgement::inconclusive(
            format!("{url} answered {}, perhaps to programs alone or for now", page.status),
            next,
        ),
        status => Judgement::fail(format!("{url} answers {status}: there is no such publication")),
    }
}

fn free(page: &PageFacts) -> &'static str {
    if page.free { "content without login" } else { "no content without login" }
}

fn unaddressed(entry: &Entry, key: &str) -> Judgement {
    let mut judgement = missing(entry, key);
    judgement
        .grounds
        .push(Ground::Rule("only an address can be looked at; other ways are for a person".to_owned()));
    judgement
}

fn pages<'a>(view: &View<'a>) -> impl Iterator<Item = Record<'a>> {
    let release = view.dossier.release_version();
    view.evidence
        .observations
        .iter()
        .filter(move |o| o.body.run.probe == WEB_PAGE && o.body.dut.release == release)
}

fn page<'a>(record: Record<'a>, url: &str) -> Option<&'a PageFacts> {
    record.body.reading.facts.iter().find_map(|fact| match fact {
        Fact::Page(page) if same_url(&page.url, url) => Some(page),
        _ => None,
    })
}

fn short(record: Record<'_>, url: &str) -> Option<String> {
    let url = url.trim_end_matches('/');
    let shortfalls = &record.body.reading.shortfalls;
    shortfalls.iter().find(|s| s.of == "page" && s.text.contains(url)).map(|s| s.text.clone())
}

fn same_url(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}
