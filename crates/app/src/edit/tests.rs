mod assay;

use std::collections::BTreeMap;

use super::form::{Field, Form, Kind};
use super::lines::{Side, differ};
use super::save::{merge, written};
use super::source::Source;
use super::splice::{self, Said};
use super::*;
use crate::demo::SAMPLE;

fn sample() -> Opened {
    let sources = SAMPLE.iter().filter(|(path, _)| path.ends_with(".toml"));
    let sources = sources.map(|(path, text)| SourceText { path: (*path).into(), text: (*text).into() }).collect();
    Opened::of(sources, crate::now())
}

/// Everything of the sample that has a form.
fn subjects(opened: &Opened) -> Vec<Subject> {
    let catalogue = opened.catalogue();
    let mut all = vec![Subject::Product, Subject::People, Subject::Services, Subject::Features];
    all.extend(catalogue.clauses.iter().map(|clause| Subject::Clause(clause.id.clone())));
    all.extend(catalogue.provisions.iter().map(|provision| Subject::Control(provision.id.to_string())));
    for table in &catalogue.tables {
        if !table.repeating {
            all.push(Subject::Set(table.name.clone()));
            continue;
        }
        for entry in opened.dossier.entries(&table.name) {
            all.push(Subject::Entry { table: table.name.clone(), id: entry.id.value.clone() });
        }
    }
    all
}

/// A form as a browser sends it that nobody touched.
fn untouched(form: &Form) -> BTreeMap<String, String> {
    let mut typed = BTreeMap::new();
    for field in form.fields().filter(|field| field.locked.is_none()) {
        typed.insert(field.name.clone(), field.value.replace('\n', "\r\n"));
        typed.insert(format!("was:{}", field.name), field.mark.clone());
    }
    typed
}

#[test]
fn a_form_that_nobody_touched_changes_nothing_and_shows_every_key() {
    let opened = sample();
    let subjects = subjects(&opened);
    assert!(subjects.len() > 150, "{}", subjects.len());
    let mut shown = 0;
    for subject in subjects {
        let mut form = opened.form(&subject).unwrap();
        let locked: Vec<&str> = form.fields().filter(|f| f.locked.is_some()).map(|f| f.name.as_str()).collect();
        match subject {
            Subject::Product => assert_eq!(locked, ["release.1.4.2.version", "release.1.4.2.firmware"]),
            _ => assert!(locked.is_empty(), "{subject:?} does not change {locked:?}"),
        }
        let typed = untouched(&form);
        assert!(merge(&mut form, &typed).unwrap().is_empty(), "{subject:?}");
        shown += form.fields().filter(|field| !field.value.is_empty()).count();
    }
    assert!(shown > 800, "{shown} values have a field");
}

/// What a field says with something more, and how many lines it takes.
fn more(field: &Field) -> Option<String> {
    Some(match &field.kind {
        Kind::Choice(words) | Kind::Whether(words) => {
            words.iter().map(|(value, _)| value).find(|value| **value != field.value && !value.is_empty())?.clone()
        }
        Kind::Block => format!("{}\n# more", field.value),
        Kind::Lines => format!("{}\nMore", field.value.trim_start_matches("[]")),
        Kind::Number(..) => format!("{}1", field.value),
        Kind::Prose | Kind::Line | Kind::Day => format!("{} More", field.value).trim().to_owned(),
    })
}

#[test]
fn each_field_changes_its_own_line_and_back_again_gives_the_same_bytes() {
    let opened = sample();
    let mut tried = 0;
    for subject in subjects(&opened) {
        let form = opened.form(&subject).unwrap();
        for field in form.fields().filter(|field| field.locked.is_none()) {
            let Some(typed) = more(field) else { continue };
            let said = field.said(&typed).unwrap();
            let texts = written(&opened, &form, &[(field.clone(), said.clone())]).unwrap();
            let [text] = texts.as_slice() else { panic!("{subject:?} {}", field.name) };
            assert_eq!(text.path, field.target.path);
            let differing = differ(&text.before, &text.after).into_iter().filter(|line| line.side != Side::Both);
            let (old, new): (Vec<_>, Vec<_>) = differing.partition(|line| line.side == Side::Old);
            let whole = format!("{subject:?} {}: {old:?} {new:?}", field.name);
            if Source::read(&text.path, &text.before).unwrap().find(&field.target.anchor).unwrap().is_none() {
                assert!(old.is_empty(), "{whole}");
                continue;
            }
            // A list of lines may get one for each item.
            assert!(old.len() <= 1 && !new.is_empty(), "{whole}");
            assert!(new.len() <= 1 || matches!(field.kind, Kind::Lines | Kind::Block), "{whole}");
            let mut target = field.target.clone();
            if let (source::Anchor::Entry { table, id }, "ID") = (&target.anchor, target.key.as_str()) {
                target.anchor = source::Anchor::Entry { table: table.clone(), id: format!("{id} More") };
            }
            if let (source::Anchor::Row { list, key, id }, true) = (&target.anchor, target.is_name()) {
                target.anchor = source::Anchor::Row { list, key, id: format!("{id} More") };
            }
            let after = Source::read(&text.path, &text.after).unwrap();
            let before = field.said(&field.value).unwrap();
            let back = match (&field.kind, before) {
                (Kind::Block, _) => splice::set_block(&after, &target.anchor, &target.key, &field.value),
                (_, before) => splice::set(&after, &target.anchor, &target.key, &before, &form.order(&text.path)),
            };
            let back = back.unwrap();
            let one_line =
                matches!(field.kind, Kind::Lines) && !field.value.contains('\n') && !field.value.is_empty();
            assert!(back == text.before || one_line, "{whole}");
            tried += 1;
        }
    }
    assert!(tried > 1000, "{tried}");
}

fn begun() -> Opened {
    Opened::of(engine::skeleton(model::Edition::default(), "Lamp"), crate::now())
}

/// The file after these values were typed into a form.
fn after(opened: &Opened, subject: &Subject, values: &[(&str, &str)]) -> String {
    let mut form = opened.form(subject).unwrap();
    let mut typed = untouched(&form);
    for (name, value) in values {
        assert!(typed.insert((*name).to_owned(), (*value).to_owned()).is_some(), "no field {name}");
    }
    let changed = merge(&mut form, &typed).unwrap();
    assert_eq!(changed.len(), values.len());
    written(opened, &form, &changed).unwrap().pop().unwrap().after
}

#[test]
fn a_new_dossier_is_filled_in_where_its_comments_say() {
    let opened = begun();
    let text = &opened.dossier.sources[1].text;
    let row = "[[provision]]\nid = \"5.1-1\"\nstatus = \"M F (a)\"\n# support = \"Y\"                # Y, N or N/A\n# detail = \"\"";
    assert!(text.contains(row), "{text}");
    let clause = Subject::Clause("5.1".into());
    let filled = after(
        &opened,
        &clause,
        &[("provision.5.1-1.support", "Y"), ("provision.5.1-1.detail", "Each has its own.")],
    );
    let new = "status = \"M F (a)\"\nsupport = \"Y\"\ndetail = \"Each has its own.\"\n";
    assert!(filled.contains(new), "{filled}");
    assert_eq!(differ(text, &filled).iter().filter(|line| line.side == Side::Old).count(), 2);
    let features = after(&opened, &Subject::Features, &[("features.c", "true"), ("conditions.12", "false")]);
    assert!(features.contains("\nc = true\n") && features.contains("\n12 = false\n"), "{features}");
    let control = after(&opened, &Subject::Control("5.1-1".into()), &[("control.5.1-1.acceptance", "one\n\ntwo")]);
    assert!(
        control.ends_with("\n[[control]]\nprovision = \"5.1-1\"\nacceptance = [\"one\", \"two\"]\n"),
        "{control}"
    );
    let set = Subject::Set("UserInfo".into());
    let set = after(&opened, &set, &[("Support Period", "Until 2031."), ("facts", "model = \"L-1\"")]);
    let end = "\n[UserInfo]\n\"Support Period\" = \"Until 2031.\"\n\n[UserInfo.facts]\nmodel = \"L-1\"\n";
    assert!(set.ends_with(end), "{set}");
}

#[test]
fn the_notes_beside_fields_are_all_those_of_the_linter_on_the_file() {
    let mut sources: Vec<SourceText> = sample().dossier.sources;
    for source in &mut sources {
        if source.path == "ixit/1-AuthMech.toml" {
            source.text = source.text.replacen("length = 10", "length = \"ten\"", 1);
            source.text =
                source.text.replacen("Description = \"Users log in", "Descripton = \"TBD Users log in", 1);
        }
    }
    let opened = Opened::of(sources, crate::now());
    let wanted = opened.notes_on("ixit/1-AuthMech.toml");
    assert!(wanted.len() > 2, "{wanted:?}");
    let mut met = Vec::new();
    for entry in opened.dossier.entries("AuthMech") {
        let form = opened.form(&Subject::Entry { table: "AuthMech".into(), id: entry.id.value.clone() }).unwrap();
        met.extend(form.groups.iter().flat_map(|group| group.notes.clone()));
        met.extend(form.fields().flat_map(|field| field.notes.clone()));
        if entry.id.value == "AuthMech-Web" {
            let facts = form.fields().find(|field| field.name == "facts").unwrap();
            assert!(facts.notes.iter().any(|noted| noted.note.code == "wrong-type"), "{:?}", facts.notes);
            let slip = form.fields().find(|field| field.name == "Descripton").unwrap();
            assert!(!slip.notes.is_empty(), "a key that the table has not is shown with its note");
        }
    }
    met.sort_by_key(|noted| (noted.line, noted.note.code));
    let mut wanted = wanted;
    wanted.sort_by_key(|noted| (noted.line, noted.note.code));
    assert_eq!(met, wanted);
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_kept_or_told() {
    let old = sample();
    let subject = Subject::Clause("5.1".into());
    let mut typed = untouched(&old.form(&subject).unwrap());
    typed.insert("provision.5.1-1.detail".into(), "Mine.".into());
    let changed = |from: &str, to: &str| {
        let mut sources = old.dossier.sources.clone();
        let ics = sources.iter_mut().find(|source| source.path == "ics.toml").unwrap();
        assert!(ics.text.contains(from));
        ics.text = ics.text.replacen(from, to, 1);
        Opened::of(sources, crate::now())
    };
    // Another field: both stand.
    let other = changed("16 characters drawn uniformly", "Theirs, 16 characters drawn uniformly");
    let mut form = other.form(&subject).unwrap();
    let merged = merge(&mut form, &typed).unwrap();
    let text = written(&other, &form, &merged).unwrap().pop().unwrap().after;
    assert!(text.contains("detail = \"Mine.\"") && text.contains("Theirs, 16 characters"), "{text}");
    // The same field: nothing is written, and both are told.
    let same = changed("Each unit has its own password", "Theirs: each unit has its own password");
    let mut form = same.form(&subject).unwrap();
    assert!(matches!(merge(&mut form, &typed), Err(Why::Conflict)));
    let field = form.fields().find(|field| field.name == "provision.5.1-1.detail").unwrap();
    assert_eq!(field.value, "Mine.");
    assert!(field.now.as_ref().is_some_and(|now| now.starts_with("Theirs: each")));
    // Whoever saves again knows what it replaces.
    typed.insert("was:provision.5.1-1.detail".into(), field.mark.clone());
    let mut form = same.form(&subject).unwrap();
    assert_eq!(merge(&mut form, &typed).unwrap().len(), 1);
    // Without a mark nobody knows what was seen.
    typed.remove("was:provision.5.1-1.detail");
    let mut form = same.form(&subject).unwrap();
    assert!(matches!(merge(&mut form, &typed), Err(Why::Conflict)));
}

#[test]
fn what_cannot_be_typed_is_told_at_its_field() {
    let opened = sample();
    let subject = Subject::Entry { table: "AuthMech".into(), id: "AuthMech-Web".into() };
    let wrong = |name: &str, value: &str| {
        let mut form = opened.form(&subject).unwrap();
        let mut typed = untouched(&form);
        typed.insert(name.to_owned(), value.to_owned());
        let refused = merge(&mut form, &typed);
        assert!(matches!(refused, Err(Why::Invalid)), "{name} {value}");
        let field = form.fields().find(|field| field.name == name).unwrap();
        assert_eq!(field.value, value);
        field.wrong.clone().unwrap()
    };
    assert!(wrong("ID", "").contains("has an ID"));
    assert!(wrong("ID", "AuthMech-Cloud").contains("Another entry"));
    assert!(wrong("facts", "length = 1\nserves = [").starts_with("Line 2"), "{}", wrong("facts", "a = 1\nb = ["));
    assert!(wrong("facts", "[AuthMech]\nx = 1").contains("heading"));
    let clause = Subject::Clause("5.1".into());
    let mut form = opened.form(&clause).unwrap();
    let mut typed = untouched(&form);
    typed.insert("provision.5.1-1.support".into(), "perhaps".into());
    assert!(matches!(merge(&mut form, &typed), Err(Why::Invalid)));
    assert_eq!(Said::Nothing, form.groups[0].fields[0].said("").unwrap());
}
