//! Whole items by somebody without a key of the log: dropped, doubled, moved, exchanged, signed by themselves.

use ledger::SigningKey;
use ledger::bundle::{END, header, padding};

use crate::real::{Files, REAL, files, leaves, packed, refused, signed, verified, with_leaves};

#[test]
fn the_bundles_themselves_are_sound() {
    for bytes in [&REAL.first, &REAL.second, &REAL.redacted] {
        let verification = verified(bytes);
        assert!(verification.is_sound(), "{:#?}", verification.failed);
    }
}

#[test]
fn a_file_that_is_dropped_added_or_put_elsewhere_is_named() {
    let sound = files(&REAL.second);
    for path in sound.keys() {
        let mut dropped = sound.clone();
        dropped.remove(path);
        let failed = refused(&packed(&dropped));
        // The first leaf of the last file is missed as a record; of any file before, the file.
        let last = sound.keys().rfind(|path| path.starts_with("leaves/")) == Some(path);
        let first = path.strip_prefix("leaves/").and_then(|name| name.strip_suffix(".jsonl")?.parse::<u64>().ok());
        let named = first.filter(|_| last).map_or_else(|| path.clone(), |first| format!("record {first}"));
        assert_eq!(failed.item, named, "{failed}");
    }
    for path in ["README.md", "blobs/x", "setup.exe", "leaves/1.jsonl"] {
        let mut more = sound.clone();
        more.insert(path.to_owned(), b"x".to_vec());
        assert_eq!(refused(&packed(&more)).item, path);
    }
    let mut more = sound.clone();
    more.insert("timestamps/a.tsr".to_owned(), b"x".to_vec());
    assert_eq!(refused(&packed(&more)).item, "timestamps/a.tsr");
}

/// The container of these files in this order, whatever the order.
fn in_this_order(sound: &Files, order: &[&String]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for path in order {
        let content = &sound[*path];
        bytes.extend_from_slice(&header(path, content.len() as u64).unwrap());
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len() + usize::try_from(padding(content.len() as u64)).unwrap(), 0);
    }
    bytes.extend_from_slice(&END);
    bytes
}

#[test]
fn files_that_are_doubled_or_out_of_order_are_named() {
    let sound = files(&REAL.first);
    let order: Vec<&String> = sound.keys().collect();
    assert!(in_this_order(&sound, &order) == REAL.first);
    for at in 0..order.len() {
        let mut twice = order.clone();
        twice.insert(at, order[at]);
        assert_eq!(refused(&in_this_order(&sound, &twice)).item, *order[at]);
        if at > 0 {
            let mut turned = order.clone();
            turned.swap(at - 1, at);
            assert_eq!(refused(&in_this_order(&sound, &turned)).item, *order[at - 1]);
        }
    }
}

#[test]
fn a_record_that_is_dropped_doubled_moved_or_exchanged_is_named_even_when_the_list_is_signed_anew() {
    let sound = files(&REAL.second);
    let all = leaves(&sound);
    let stranger = SigningKey::from_seed(&[8; 32]);
    let named = |leaves: &[Vec<u8>], index: usize| {
        // Signed by a stranger and by the log's own key: the record is at fault in both cases.
        for key in [&stranger, &REAL.key] {
            let failed = refused(&signed(&with_leaves(&sound, leaves), key));
            assert_eq!(failed.item, format!("record {index}"), "{failed}");
        }
    };
    for at in 0..all.len() {
        let mut dropped = all.clone();
        dropped.remove(at);
        named(&dropped, at);
        let mut twice = all.clone();
        twice.insert(at, all[at].clone());
        named(&twice, at + 1);
        if at > 0 {
            let mut turned = all.clone();
            turned.swap(at - 1, at);
            named(&turned, at - 1);
        }
        let mut replaced = all.clone();
        replaced[at] = all[(at + 1) % all.len()].clone();
        named(&replaced, at);
    }
}

#[test]
fn a_list_that_a_stranger_signed_is_refused_whatever_it_lists() {
    let sound = files(&REAL.second);
    let stranger = SigningKey::from_seed(&[8; 32]);
    assert_eq!(refused(&signed(&sound, &stranger)).item, "manifest.dsse.json");
    for path in ["verdicts.json", "reports/report.html", "dossier/ics.toml", "keys.json", "README.txt"] {
        let mut changed = sound.clone();
        changed.get_mut(path).unwrap().push(b' ');
        assert_eq!(refused(&signed(&changed, &stranger)).item, "manifest.dsse.json");
    }
}

#[test]
fn two_bundles_of_one_log_cannot_be_mixed() {
    let (first, second) = (files(&REAL.first), files(&REAL.second));
    let mut tried = 0;
    for path in first.keys().filter(|path| second.get(*path).is_some_and(|there| *there != first[*path])) {
        for (one, other) in [(&first, &second), (&second, &first)] {
            let mut mixed = one.clone();
            mixed.insert(path.clone(), other[path].clone());
            let failed = refused(&packed(&mixed));
            let item = failed.item.as_str();
            let at = match path.as_str() {
                // More or fewer records than the checkpoint is over; of a file that others follow, the file itself.
                "checkpoint.txt" => item.starts_with("record ") || item == "checkpoint.txt",
                leaves if leaves.starts_with("leaves/") => {
                    item.starts_with("record ") || item == "checkpoint.txt" || item == leaves
                }
                "manifest.json" => item == "manifest.dsse.json",
                _ => item == path,
            };
            assert!(at, "{path}: {failed}");
            tried += 1;
        }
    }
    assert!(tried >= 16, "{tried}");
    // The second one's log around the first one's assessment, with both list and signature of the first.
    let mut mixed = first.clone();
    mixed.retain(|path, _| !path.starts_with("leaves/"));
    for (path, bytes) in second.iter().filter(|(path, _)| path.starts_with("leaves/") || *path == "checkpoint.txt")
    {
        mixed.insert(path.clone(), bytes.clone());
    }
    let failed = refused(&packed(&mixed));
    assert_eq!(failed.item, "checkpoint.txt", "{failed}");
}
