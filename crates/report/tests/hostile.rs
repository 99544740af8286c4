//! Whatever a text holds, no writer lets it move a cursor, turn a line round or become markup.
#![allow(clippy::unwrap_used, reason = "tests")]

mod markup;
mod sample;

use std::collections::{BTreeMap, BTreeSet};

use markup::{Piece, pieces};
use report::Presentation;
use serde_json::Value;

/// The places of a document that hold free text: paths without indices, each with the number of its marker.
struct Planted {
    told: Presentation,
    markers: BTreeMap<String, usize>,
}

const HOSTILE: &str = "<script>alert(1)</script>\" onclick=\"x\" 'y' --> ]]> | `z` **b** [a](b)\n\u{1b}[31m\u{202e}\u{7}\u{9b}2J\u{200b}";

/// Plants a marker with the hostile text in every text of the model.
fn plant() -> Planted {
    planted_with(HOSTILE)
}

/// The same with markers alone: equal texts are equal in both, so that findings of one cause come together in both.
fn friendly() -> Presentation {
    planted_with("").told
}

fn planted_with(rest: &str) -> Planted {
    let clean = serde_json::to_value(sample::rich()).unwrap();
    let mut paths = BTreeSet::new();
    walk(&mut clean.clone(), "", &mut |path, _| {
        paths.insert(path.to_owned());
    });
    // A place that refuses another text is no free text: a time, a digest, a word of a list.
    let free = paths.into_iter().filter(|path| {
        let mut changed = clean.clone();
        walk(&mut changed, "", &mut |at, text| {
            if at == path {
                *text = "mk".to_owned();
            }
        });
        serde_json::from_value::<Presentation>(changed).is_ok()
    });
    let markers: BTreeMap<String, usize> = free.enumerate().map(|(n, path)| (path, n)).collect();
    let mut changed = clean;
    walk(&mut changed, "", &mut |path, text| {
        if let Some(number) = markers.get(path) {
            *text = format!("mk{number}q{rest}");
        }
    });
    Planted { told: serde_json::from_value(changed).unwrap(), markers }
}

fn walk(value: &mut Value, path: &str, see: &mut dyn FnMut(&str, &mut String)) {
    match value {
        // A text that is not there has no place: writers leave it out.
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => see(path, text),
        Value::Array(all) => all.iter_mut().for_each(|one| walk(one, path, see)),
        Value::Object(fields) => {
            // Grounds of different sources have fields of the same name.
            let source =
                fields.get("source").and_then(Value::as_str).map(|s| format!("<{s}>")).unwrap_or_default();
            for (key, one) in fields.iter_mut() {
                walk(one, &format!("{path}{source}.{key}"), see);
            }
        }
        _ => {}
    }
}

/// The hostile text makes the same structure as the friendly one.
fn assert_same(hostile: &[String], friendly: &[String]) {
    assert!(friendly.len() > 100);
    for (at, (one, other)) in hostile.iter().zip(friendly).enumerate() {
        assert_eq!(one, other, "at {at}, after {:?}", &friendly[at.saturating_sub(6)..at]);
    }
    assert_eq!(hostile.len(), friendly.len());
}

/// Paths whose marker does not stand in a text.
fn missing(planted: &Planted, text: &str) -> Vec<String> {
    let absent = planted.markers.iter().filter(|(_, n)| !text.contains(&format!("mk{n}q")));
    absent.map(|(path, _)| path.clone()).collect()
}

fn assert_tame(text: &str) {
    for character in text.chars() {
        let tame = character == '\n' || !character.is_control();
        let hides =
            matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(tame && !hides, "{character:?}");
    }
}

#[test]
fn every_text_of_the_model_is_planted() {
    let planted = plant();
    for path in
        [".head.product", ".clauses.provisions.cases.units.instances.grounds<observed>.text", ".exit.meaning"]
    {
        assert!(planted.markers.contains_key(path), "{path}");
    }
    assert!(planted.markers.len() > 100, "{}", planted.markers.len());
    assert!(!planted.markers.contains_key(".head.at"));
}

#[test]
fn the_page_shows_every_text_and_obeys_none() {
    let planted = plant();
    let page = report::html(&planted.told);
    assert_tame(&page);
    assert!(!page.contains("<script") && !page.contains("onclick=\""));
    assert_same(&tags(&page), &tags(&report::html(&friendly())));
    // Where the files lie and what the exit code was concern the run, not the report.
    let beside = [".exit.meaning", ".written.path", ".written.what"];
    let ours = |path: &String| beside.contains(&path.as_str()) || is_named_elsewhere(path);
    let missing: Vec<String> = missing(&planted, &page).into_iter().filter(|path| !ours(path)).collect();
    assert!(missing.is_empty(), "not shown: {missing:#?}");
}

/// The tags of a page with the names of their attributes. Back quotes in our sentences make `code`, and an id that the
/// page does not hold is not linked.
fn tags(page: &str) -> Vec<String> {
    let tag = |piece| match piece {
        Piece::Open(name, attributes) if name != "code" && name != "a" => {
            let attributes: Vec<String> = attributes.into_iter().map(|(name, _)| name).collect();
            Some(format!("{name} {}", attributes.join(" ")))
        }
        _ => None,
    };
    pieces(page).into_iter().filter_map(tag).collect()
}

#[test]
fn the_markdown_shows_every_text_and_obeys_none() {
    let planted = plant();
    let text = report::markdown(&planted.told);
    assert_tame(&text);
    assert_same(&blocks(&text), &blocks(&report::markdown(&friendly())));
    let beside = [".exit.meaning", ".written.path", ".written.what", ".clauses.provisions.cases.units.summary"];
    let ours = |path: &String| beside.contains(&path.as_str()) || is_named_elsewhere(path);
    let missing: Vec<String> = missing(&planted, &text).into_iter().filter(|path| !ours(path)).collect();
    assert!(missing.is_empty(), "not told: {missing:#?}");
}

/// The instance's id is its unit and its entry, which stand there.
fn is_named_elsewhere(path: &str) -> bool {
    path == ".clauses.provisions.cases.units.instances.id"
}

/// The blocks and spans of a Markdown text, as a reader of the whole dialect sees them.
fn blocks(text: &str) -> Vec<String> {
    let events = pulldown_cmark::Parser::new_ext(text, pulldown_cmark::Options::all());
    events
        .filter_map(|event| match event {
            pulldown_cmark::Event::Start(tag) => Some(format!("{tag:?}")),
            pulldown_cmark::Event::Html(_) | pulldown_cmark::Event::InlineHtml(_) => Some("html".to_owned()),
            pulldown_cmark::Event::Code(_) => Some("code".to_owned()),
            pulldown_cmark::Event::Rule => Some("rule".to_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_terminal_obeys_no_text() {
    let planted = plant();
    assert_tame(&report::terminal(&planted.told, false));
    let ours = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[32m", "\u{1b}[1;31m", "\u{1b}[33m", "\u{1b}[36m", "\u{1b}[2m"];
    let painted = report::terminal(&planted.told, true);
    assert_tame(&ours.into_iter().fold(painted, |text, code| text.replace(code, "")));
}

#[test]
fn the_document_holds_every_text_and_no_control_character() {
    let planted = plant();
    let text = format!("{:#}", report::json(&planted.told));
    assert_tame(&text);
    assert!(missing(&planted, &text).is_empty());
}
