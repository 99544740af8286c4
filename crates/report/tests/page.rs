//! The page asks nothing of the network, and can be read without colour, without a mouse and by a screen reader.
#![allow(clippy::unwrap_used, reason = "tests")]

mod markup;
mod sample;

use std::collections::BTreeSet;

use markup::{Piece, inner, is_void, pieces};

fn page() -> Vec<Piece> {
    pieces(&report::html(&sample::sample()))
}

#[test]
fn every_element_that_is_opened_is_closed() {
    let mut open = Vec::new();
    for piece in page() {
        match piece {
            Piece::Open(name, _) if !is_void(&name) => open.push(name),
            Piece::Close(name) if !is_void(&name) => assert_eq!(open.pop().as_deref(), Some(name.as_str())),
            _ => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for piece in page() {
        for active in
            ["script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "foreignObject"]
        {
            assert!(!piece.opens(active), "{piece:?}");
        }
        if let Piece::Open(_, attributes) = &piece {
            for (name, value) in attributes {
                assert!(!name.starts_with("on"), "{piece:?}");
                assert!(
                    !["src", "srcset", "action", "data", "background", "poster"].contains(&name.as_str()),
                    "{piece:?}"
                );
                assert!(name != "href" || value.starts_with('#'), "{piece:?}");
                assert!(!value.contains("url("), "{piece:?}");
            }
        }
    }
    let style = style();
    assert!(!style.contains("@import") && !style.contains("http"));
    assert_eq!(style.matches("url(").count(), style.matches("url(#").count());
}

#[test]
fn the_page_forbids_itself_every_request() {
    let page = page();
    let policy = page.iter().find(|p| p.attribute("http-equiv") == Some("Content-Security-Policy")).unwrap();
    assert!(policy.attribute("content").unwrap().starts_with("default-src 'none'"));
}

#[test]
fn headings_come_in_order_and_there_is_one_title() {
    let mut last = 0;
    let mut titles = 0;
    for piece in page() {
        let Piece::Open(name, _) = &piece else { continue };
        let Some(level) = name.strip_prefix('h').and_then(|n| n.parse::<u8>().ok()) else { continue };
        assert!(level <= last + 1, "h{level} after h{last}");
        titles += u8::from(level == 1);
        last = level;
    }
    assert_eq!(titles, 1);
}

#[test]
fn every_table_says_what_its_heads_are_of() {
    let page = page();
    let heads: Vec<&Piece> = page.iter().filter(|p| p.opens("th")).collect();
    assert!(heads.len() > 100);
    for head in heads {
        assert!(matches!(head.attribute("scope"), Some("col" | "row")), "{head:?}");
    }
    let tables = page.iter().filter(|p| p.opens("table")).count();
    assert_eq!(tables, page.iter().filter(|p| p.opens("thead")).count());
}

#[test]
fn whatever_has_the_colour_of_an_outcome_has_its_word_and_its_shape() {
    let page = page();
    let mut seen = 0;
    for (at, piece) in page.iter().enumerate() {
        let Some(class) = piece.attribute("class") else { continue };
        for (name, words) in [
            ("pass", ["pass"].as_slice()),
            ("fail", &["fail"]),
            ("inconclusive", &["inconclusive"]),
            ("open", &["open"]),
            ("na", &["n/a", "not applicable"]),
        ] {
            if class.split(' ').any(|c| c == name) {
                let text = inner(&page, at);
                assert!(words.iter().any(|w| text.contains(w)), "{class}: {text}");
                let shape = page[at..].iter().find(|p| p.opens("use")).unwrap();
                assert_eq!(shape.attribute("href"), Some(format!("#i-{name}").as_str()));
                seen += 1;
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn every_link_leads_somewhere_and_no_place_has_two_owners() {
    let page = page();
    let mut ids = BTreeSet::new();
    for id in page.iter().filter_map(|p| p.attribute("id")) {
        assert!(ids.insert(id), "{id} twice");
    }
    for piece in &page {
        let to = piece.attribute("href").and_then(|h| h.strip_prefix('#'));
        for to in to.into_iter().chain(piece.attribute("aria-labelledby")) {
            assert!(ids.contains(to), "{piece:?}");
        }
    }
}

#[test]
fn a_record_that_the_report_does_not_list_is_named_without_a_link() {
    let mut told = sample::sample();
    told.records.clear();
    let page = report::html(&told);
    assert!(page.contains("record 12") && !page.contains("#record-12"));
}

#[test]
fn the_bars_say_their_numbers_in_words() {
    let page = page();
    let bars: Vec<usize> = (0..page.len()).filter(|at| page[*at].attribute("role") == Some("img")).collect();
    let texts: Vec<String> = bars.iter().map(|at| inner(&page, *at)).collect();
    assert_eq!(
        texts,
        [
            "Mandatory provisions, 36 in all: 2 fail, 4 inconclusive, 2 open, 27 pass, 1 not applicable",
            "Recommendations that are claimed, 42 in all: 1 fail, 3 open, 32 pass, 6 not applicable",
        ]
    );
}

fn style() -> String {
    let page = page();
    let at = page.iter().position(|p| p.opens("style")).unwrap();
    inner(&page, at)
}

/// The palette of one scheme: name and colour.
fn palette(css: &str) -> Vec<(String, [f64; 3])> {
    let lines = css.lines().map(str::trim).take_while(|l| *l != "}");
    lines
        .filter_map(|l| l.strip_prefix("--")?.strip_suffix(';')?.split_once(": #"))
        .map(|(name, hex)| {
            let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            (name.to_owned(), [channel(0), channel(2), channel(4)])
        })
        .collect()
}

/// Contrast ratio of two colours, WCAG 2.2.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    let light = |c: [f64; 3]| 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    let (a, b) = (light(one), light(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_contrasts_at_4_5_and_edges_at_3_in_light_and_dark() {
    let css = style();
    let dark_at = css.find("@media screen and (prefers-color-scheme: dark)").unwrap();
    let dark_root = dark_at + css[dark_at..].find(":root {").unwrap();
    for (scheme, css) in [("light", css.as_str()), ("dark", &css[dark_root..])] {
        let palette = palette(&css[css.find(":root {").unwrap()..]);
        let of = |name: &str| palette.iter().find(|(n, _)| n == name).unwrap().1;
        let check = |ink: &str, ground: &str, least: f64| {
            let ratio = contrast(of(ink), of(ground));
            assert!(ratio >= least, "{scheme}: {ink} on {ground} is {ratio:.2}");
        };
        for ground in ["paper", "card", "code"] {
            for ink in ["ink", "soft", "link", "accent"] {
                check(ink, ground, 4.5);
            }
        }
        for outcome in ["pass", "fail", "inconclusive", "open", "na"] {
            check(&format!("{outcome}-ink"), &format!("{outcome}-bg"), 4.5);
            check(&format!("{outcome}-ink"), "card", 4.5);
            check(&format!("{outcome}-edge"), "card", 3.0);
            check(&format!("{outcome}-edge"), "paper", 3.0);
        }
    }
}

#[test]
fn contrast_is_counted_as_wcag_counts_it() {
    assert!((contrast([0.0; 3], [1.0; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([1.0; 3], [1.0; 3]) - 1.0).abs() < 1e-9);
    let grey = [119.0 / 255.0; 3];
    assert!((contrast(grey, [1.0; 3]) - 4.478).abs() < 0.001);
}
