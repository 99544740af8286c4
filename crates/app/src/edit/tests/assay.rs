use super::*;

/// The sample with another text in `assay.toml`.
fn other(from: &str, to: &str) -> Opened {
    let mut sources = sample().dossier.sources;
    let assay = sources.iter_mut().find(|source| source.path == "assay.toml").unwrap();
    assert!(assay.text.contains(from), "{from}");
    assay.text = assay.text.replacen(from, to, 1);
    Opened::of(sources, crate::now())
}

fn text(opened: &Opened) -> String {
    opened.dossier.sources.iter().find(|source| source.path == "assay.toml").unwrap().text.clone()
}

fn field<'f>(form: &'f Form, name: &str) -> &'f Field {
    form.fields().find(|field| field.name == name).unwrap_or_else(|| panic!("no field {name}"))
}

#[test]
fn every_key_that_the_dossier_declares_has_a_field_of_its_kind() {
    let opened = sample();
    let product = opened.form(&Subject::Product).unwrap();
    let names = |of: &str| {
        let all = product.fields().filter_map(|field| field.name.strip_prefix(of));
        all.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names("product."), dossier::Product::KEYS);
    assert_eq!(names("release.1.4.2."), dossier::Release::KEYS);
    assert_eq!(names("policy."), dossier::Policy::KEYS);
    let kind = |name: &str| field(&product, name).kind.clone();
    assert_eq!(kind("policy.observation-days"), Kind::Number(0, i64::from(u32::MAX)));
    assert_eq!(kind("policy.guesses-per-hour"), Kind::Number(0, i64::MAX));
    assert_eq!(kind("policy.reviews"), Kind::Lines);
    assert!(matches!(kind("policy.reviewer-keys"), Kind::Whether(_)));
    assert!(matches!(kind("policy.pass-level"), Kind::Choice(words) if words.len() == 4));
    assert_eq!(kind("release.1.4.2.date"), Kind::Day);
    assert_eq!(field(&product, "policy.observation-days").value, "90");
    let people = opened.form(&Subject::People).unwrap();
    let contact = field(&people, "person.firmware.contact");
    assert_eq!((contact.value.as_str(), contact.label.as_str()), ("firmware@lumen.invalid", "Contact"));
    let place = field(&people, "responsible.5.3-13.role");
    assert_eq!(place.value, "user documentation");
    let before = people.fields().position(|field| field.name == "responsible.5.3.role").unwrap();
    assert!(people.fields().nth(before + 1).is_some_and(|field| field.name == "responsible.5.3-13.role"));
}

#[test]
fn the_last_release_is_the_one_with_fields() {
    let earlier = other("[[release]]", "[[release]]\nversion = \"1.4.1\"\n\n[[release]]");
    let form = earlier.form(&Subject::Product).unwrap();
    assert!(form.fields().all(|field| !field.name.starts_with("release.1.4.1")));
    assert!(form.groups[1].about[0].contains("after 1 before it"), "{:?}", form.groups[1].about);
    let changed = after(&earlier, &Subject::Product, &[("release.1.4.2.date", "2026-11-01")]);
    assert_eq!(changed, text(&earlier).replace("2026-10-12", "2026-11-01"));
    let none = begun();
    let form = none.form(&Subject::Product).unwrap();
    assert!(form.groups[1].fields.is_empty() && form.groups[1].about[0].contains("No release is declared"));
    let nameless = other("version = \"1.4.2\"\n", "");
    let form = nameless.form(&Subject::Product).unwrap();
    assert!(form.groups[1].fields.iter().all(|field| field.locked.is_some()));
}

#[test]
fn a_number_that_is_none_is_told_and_what_is_in_the_file_can_be_mended() {
    let opened = other("observation-days = 90", "observation-days = \"ninety\" # soon");
    let wrong = |value: &str| {
        let mut form = opened.form(&Subject::Product).unwrap();
        let mut typed = untouched(&form);
        typed.insert("policy.observation-days".to_owned(), value.to_owned());
        assert!(matches!(merge(&mut form, &typed), Err(Why::Invalid)), "{value}");
        let field = field(&form, "policy.observation-days");
        assert_eq!(field.value, value);
        field.wrong.clone().unwrap()
    };
    assert!(wrong("three weeks").contains("`three weeks` is no whole number"));
    for none in ["9.5", "1e3", "-", "1 000", "０"] {
        assert!(wrong(none).contains("no whole number"), "{none}");
    }
    for outside in ["-1", "4294967296", "99999999999999999999"] {
        assert!(wrong(outside).contains("between 0 and 4294967295"), "{outside}");
    }
    let form = opened.form(&Subject::Product).unwrap();
    let here = field(&form, "policy.observation-days");
    assert_eq!(here.value, "ninety");
    assert_eq!(here.notes.iter().map(|noted| noted.note.code).collect::<Vec<_>>(), ["wrong-type"]);
    let mended = after(&opened, &Subject::Product, &[("policy.observation-days", " 90 ")]);
    assert_eq!(mended, text(&opened).replace("\"ninety\"", "90"));
    // How a number is written stays while it says the same.
    let grouped = other("guessing-days = 3650", "guessing-days = 3_650");
    let mut form = grouped.form(&Subject::Product).unwrap();
    let typed = untouched(&form);
    assert_eq!(typed["policy.guessing-days"], "3650");
    assert!(merge(&mut form, &typed).unwrap().is_empty());
}

#[test]
fn a_role_has_another_name_and_nobody_answers_any_more() {
    let opened = other("[[responsible]]\nfor = \"5.0\"", "# Who answers.\n[[responsible]]\nfor = \"5.0\"");
    let before = text(&opened);
    let renamed = after(
        &opened,
        &Subject::People,
        &[("person.firmware.role", "software"), ("person.firmware.contact", "sw@lumen.invalid")],
    );
    let (old, new) = ("role = \"firmware\"\ncontact = \"firmware@", "role = \"software\"\ncontact = \"sw@");
    assert_eq!(renamed, before.replacen(old, new, 1));
    let none = after(&opened, &Subject::People, &[("responsible.5.0.role", "")]);
    let row = "[[responsible]]\nfor = \"5.0\"\nrole = \"product security\"\n\n";
    assert!(before.contains(row));
    let without = before.replacen(row, "", 1);
    assert_eq!(none.replace("\n\n# Who", "\n# Who"), without.replace("\n\n# Who", "\n# Who"));
    assert!(none.contains("# Who answers."), "a comment above the row stays");
    let again = after(&other(row, ""), &Subject::People, &[("responsible.5.0.role", "firmware")]);
    assert!(
        again.contains("[[responsible]]\nfor = \"5.0\"\nrole = \"firmware\"\n\n[[responsible]]\nfor = \"5.1\""),
        "{again}"
    );
    let mut form = opened.form(&Subject::People).unwrap();
    for (value, told) in [("", "Others refer"), ("hardware", "Another one")] {
        let mut typed = untouched(&form);
        typed.insert("person.firmware.role".into(), value.into());
        assert!(matches!(merge(&mut form, &typed), Err(Why::Invalid)));
        assert!(field(&form, "person.firmware.role").wrong.as_ref().is_some_and(|wrong| wrong.contains(told)));
        form = opened.form(&Subject::People).unwrap();
    }
}

#[test]
fn people_of_one_role_are_told_apart_by_name_and_else_left_to_the_text() {
    let two = "[[person]]\nname = \"Ada\"\nrole = \"hardware\"\n\n[[person]]\nname = \"Ben\"\nrole = \"hardware\"\ncontact";
    let opened = other("[[person]]\nrole = \"hardware\"\ncontact", two);
    let changed = after(&opened, &Subject::People, &[("person.Ben.contact", "ben@lumen.invalid")]);
    assert_eq!(changed, text(&opened).replace("hardware@lumen.invalid", "ben@lumen.invalid"));
    let twice = "[[person]]\nrole = \"hardware\"\n\n[[person]]\nrole = \"hardware\"\ncontact";
    let opened = other("[[person]]\nrole = \"hardware\"\ncontact", twice);
    let form = opened.form(&Subject::People).unwrap();
    let locked: Vec<&Group> =
        form.groups.iter().filter(|group| group.fields.iter().all(|field| field.locked.is_some())).collect();
    assert_eq!(locked.iter().map(|group| group.title.as_str()).collect::<Vec<_>>(), ["hardware", "hardware"]);
    // The same for a place: both are told, and none is added.
    let twice = "[[responsible]]\nfor = \"5.1\"\nrole = \"hardware\"\n\n[[responsible]]\nfor = \"5.1\"\n";
    let opened = other("[[responsible]]\nfor = \"5.1\"\n", twice);
    let form = opened.form(&Subject::People).unwrap();
    let places = || form.fields().filter(|field| field.label == "5.1");
    assert!(places().count() == 2 && places().all(|field| field.locked.is_some()));
    assert!(form.fields().all(|field| field.name != "responsible.5.1.role"));
}

#[test]
fn what_was_typed_for_a_row_that_is_gone_is_not_lost_silently() {
    let old = sample();
    let mut typed = untouched(&old.form(&Subject::People).unwrap());
    let gone = other("[[person]]\nrole = \"firmware\"", "[[person]]\nrole = \"software\"");
    let mut form = gone.form(&Subject::People).unwrap();
    assert!(merge(&mut form, &typed).unwrap().is_empty(), "nothing of it was touched");
    typed.insert("person.firmware.contact".into(), "mine@lumen.invalid".into());
    let Err(Why::Edit(EditError::Gone(what))) = merge(&mut form, &typed) else { panic!("it is lost") };
    assert_eq!(what, "`person.firmware.contact`");
}

#[test]
fn a_new_dossier_has_its_policy_and_people_where_its_comments_say() {
    let opened = begun();
    let before = text(&opened);
    let values =
        [("policy.observation-days", "30"), ("policy.two-persons", "manual\n5.1"), ("product.model", "L-1")];
    let filled = after(&opened, &Subject::Product, &values);
    let policy = filled.split_once("\n[policy]\n").unwrap().1.split_once("\n\n").unwrap().0;
    assert!(policy.contains("\nobservation-days = 30\n") && policy.contains("# guessing-days = 365 "), "{filled}");
    assert!(policy.contains("two-persons = [\"manual\", \"5.1\"]"), "{filled}");
    assert!(filled.contains("\nmodel = \"L-1\"\n") && !filled.contains("# [policy]"), "{filled}");
    let differing = differ(&before, &filled);
    assert_eq!(differing.iter().filter(|line| line.side == Side::Old).count(), 3, "{filled}");
    let (_, _, added) = entries::add_row(&opened, ("person", "role", "firmware"), &[]).unwrap();
    let row = "# contact = \"\"\n\n[[person]]\nrole = \"firmware\"\n\n# [[responsible]]\n";
    assert!(added.contains(row), "{added}");
    // Somebody took the comments out: it stands at the end.
    let bare = |text: &str| {
        let mut sources = opened.dossier.sources.clone();
        let assay = sources.iter_mut().find(|source| source.path == "assay.toml").unwrap();
        text.clone_into(&mut assay.text);
        Opened::of(sources, crate::now())
    };
    let own = bare("[product]\nname = \"L\"\n\n[[carry]]\nmethod = \"rule\"\n");
    let filled = after(&own, &Subject::Product, &[("policy.reviewer-keys", "true")]);
    assert_eq!(filled, format!("{}\n[policy]\nreviewer-keys = true\n", text(&own)));
    // Keys below the comment would come into another table.
    let below = bare("[product]\n# [policy]\nname = \"L\"\n# [[person]]\nmodel = \"M\"\n");
    let filled = after(&below, &Subject::Product, &[("policy.reviewer-keys", "true")]);
    assert_eq!(filled, format!("{}\n[policy]\nreviewer-keys = true\n", text(&below)));
    let (_, _, added) = entries::add_row(&below, ("person", "role", "firmware"), &[]).unwrap();
    assert_eq!(added, format!("{}\n[[person]]\nrole = \"firmware\"\n", text(&below)));
}
