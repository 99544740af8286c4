//! Notes on what captures are searched for, and on how the bench stands in the way of the product's traffic.
//!
//! Whether a pattern is too large to be searched for shows only when it is compiled, by who searches.

use dossier::{Located, Note, Outage, PersDataFacts};
use regex_syntax::ParserBuilder;

use super::look::Look;
use super::note;

/// Characters of a pattern, and bytes of a canary.
const MOST_PATTERN: usize = 512;
const CANARY: std::ops::RangeInclusive<usize> = 4..=256;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let dossier = look.dossier;
    let entries = dossier.entries("PersData").iter().filter_map(dossier::Entry::facts::<PersDataFacts>);
    for one in entries.flat_map(|facts| facts.patterns.iter().flat_map(|list| &list.value)) {
        pattern(one, notes);
    }
    let Some(bench) = &dossier.bench else { return };
    for one in bench.patterns.iter().filter_map(|row| row.value.regex.as_ref()) {
        pattern(one, notes);
    }
    for value in bench.canaries.iter().filter_map(|row| row.value.value.as_ref()) {
        if !CANARY.contains(&value.value.len()) {
            let what = format!("it has {} bytes", value.value.len());
            notes.push(note("bad-canary", value.span, "a canary has 4 to 256 bytes", what).consequence(UNREAD));
        }
    }
    let pairs = bench.interception.iter().filter_map(|set| set.value.clear_ports.as_ref());
    for pair in pairs.flat_map(|list| &list.value).filter(|pair| !is_pair(&pair.value)) {
        let message = "a port of TLS and the one in clear beside it stand with a colon between";
        notes.push(
            note("bad-clear-ports", pair.span, message, "no pair of ports")
                .consequence("the product is not led through the interception")
                .hint("write `8883:1883`"),
        );
    }
    if let Some(outage) = &bench.outage {
        self::outage(outage, notes);
    }
}

const UNREAD: &str = "no capture is read until it is mended";

fn pattern(pattern: &Located<String>, notes: &mut Vec<Note>) {
    let text = &pattern.value;
    let why = if text.len() > MOST_PATTERN {
        format!("longer than {MOST_PATTERN} bytes")
    } else {
        match ParserBuilder::new().utf8(false).build().parse(text) {
            Ok(read) if read.properties().minimum_len().is_none_or(|least| least == 0) => {
                "it also matches nothing at all, which is everywhere".to_owned()
            }
            Ok(_) => return,
            Err(regex_syntax::Error::Parse(error)) => error.kind().to_string(),
            Err(regex_syntax::Error::Translate(error)) => error.kind().to_string(),
            Err(_) => "it cannot be read".to_owned(),
        }
    };
    let message = "a pattern is a regular expression that matches something";
    notes.push(
        note("bad-pattern", pattern.span, message, why)
            .consequence(UNREAD)
            .hint("try it first, as with `grep -E`; single quotes in TOML keep its backslashes"),
    );
}

fn is_pair(text: &str) -> bool {
    let port = |text: &str| text.trim().parse::<u16>().is_ok();
    text.split_once(':').is_some_and(|(tls, clear)| port(tls) && port(clear))
}

fn outage(outage: &Located<Outage>, notes: &mut Vec<Note>) {
    let is_there = |command: &Option<Located<Vec<Located<String>>>>| {
        command.as_ref().is_some_and(|words| words.value.first().is_some_and(|word| !word.value.trim().is_empty()))
    };
    let Outage { away, back, restored, .. } = &outage.value;
    let lacking: Vec<&str> = [("away", away), ("back", back), ("restored", restored)]
        .into_iter()
        .filter_map(|(key, command)| (!is_there(command)).then_some(key))
        .collect();
    if !lacking.is_empty() {
        let message = "an outage is begun, ended, and shown to be over by commands";
        notes.push(
            note("outage-incomplete", outage.span, message, format!("no {}", lacking.join(", no ")))
                .consequence("nothing is taken away")
                .hint("add each as a list: program and arguments"),
        );
    }
}
