use super::*;

const ICS: &str = "# The answers.\n[features]\na = true # passwords\n# none\nb   = false\n\n# ---- 5.1\n\n# First.\n[[provision]]\nid = \"5.1-1\"\nsupport = \"Y\"        # Y or N\ndetail = 'each'\n\n[[provision]]\nid = \"5.1-3\"\nstatus = \"R\"\n# support = \"Y\"                # Y, N or N/A\n# of ours\n";

fn row(id: &str) -> Anchor {
    Anchor::Row { list: "provision", key: "id", id: id.into() }
}

fn order() -> Order {
    let words = |all: &str| all.split(' ').map(str::to_owned).collect();
    Order {
        keys: words("id status support detail justification"),
        rows: words("5.1-1 5.1-2 5.1-3"),
        skeleton: "# support = \"Y\"                # Y, N or N/A\n".into(),
        ..Order::default()
    }
}

fn put(text: &str, at: &Anchor, key: &str, said: &Said) -> Result<String, EditError> {
    set(&Source::read("ics.toml", text).unwrap(), at, key, said, &order())
}

fn text(said: &str) -> Said {
    Said::Text(said.into())
}

#[test]
fn a_value_changes_and_nothing_else() {
    let after = put(ICS, &row("5.1-1"), "support", &text("N")).unwrap();
    assert_eq!(after, ICS.replace("support = \"Y\"        #", "support = \"N\"        #"));
    let after = put(ICS, &Anchor::One("features"), "b", &Said::Bool(true)).unwrap();
    assert_eq!(after, ICS.replace("b   = false", "b   = true"));
}

#[test]
fn a_new_key_stands_between_its_neighbours_and_fills_in_what_the_skeleton_has() {
    let after = put(ICS, &row("5.1-1"), "status", &text("M")).unwrap();
    assert_eq!(after, ICS.replace("id = \"5.1-1\"\n", "id = \"5.1-1\"\nstatus = \"M\"\n"));
    let after = put(ICS, &row("5.1-3"), "support", &text("N/A")).unwrap();
    let line = "# support = \"Y\"                # Y, N or N/A\n";
    assert_eq!(after, ICS.replace(line, "support = \"N/A\"\n"));
    // A comment of somebody's own stays.
    let own = ICS.replace(line, "# support = \"N\" until autumn\n");
    let after = put(&own, &row("5.1-3"), "support", &text("Y")).unwrap();
    assert_eq!(after, own.replace("status = \"R\"\n", "status = \"R\"\nsupport = \"Y\"\n"));
}

#[test]
fn a_key_that_says_nothing_goes_with_its_line() {
    let after = put(ICS, &row("5.1-1"), "support", &Said::Nothing).unwrap();
    assert_eq!(after, ICS.replace("support = \"Y\"        # Y or N\n", ""));
    assert_eq!(put(ICS, &row("5.1-1"), "justification", &Said::Nothing).unwrap(), ICS);
}

#[test]
fn a_new_row_stands_in_the_order_of_the_standard() {
    let source = Source::read("ics.toml", ICS).unwrap();
    let after = ensure(&source, &row("5.1-2"), &[("id", text("5.1-2"))], &order()).unwrap();
    let new = "detail = 'each'\n\n[[provision]]\nid = \"5.1-2\"\n";
    assert_eq!(after, ICS.replace("detail = 'each'\n", new));
    let last =
        ensure(&Source::read("ics.toml", "a = 1").unwrap(), &row("5.1-2"), &[("id", text("5.1-2"))], &order());
    assert_eq!(last.unwrap(), "a = 1\n\n[[provision]]\nid = \"5.1-2\"\n");
    let first = ICS.replace("5.1-1", "5.1-2");
    let source = Source::read("ics.toml", &first).unwrap();
    let after = ensure(&source, &row("5.1-1"), &[("id", text("5.1-1"))], &order()).unwrap();
    let new = "# ---- 5.1\n\n[[provision]]\nid = \"5.1-1\"\n\n# First.\n";
    assert_eq!(after, first.replace("# ---- 5.1\n\n# First.\n", new));
    let source = Source::read("ics.toml", ICS).unwrap();
    let after = ensure(&source, &Anchor::One("conditions"), &[], &order()).unwrap();
    assert!(after.starts_with("[conditions]\n\n# The answers.\n[features]"), "{after}");
}

const IXIT: &str = "# Mechanisms.\n\n[[AuthMech]]\nID = \"A\"\nDescription = \"one\"\n\n# No secured-by.\n[AuthMech.facts]\n# why\nport = 1\n\n# The second.\n[[AuthMech]]\nID = \"B\"\n";

fn entry(id: &str) -> Anchor {
    Anchor::Entry { table: "AuthMech".into(), id: id.into() }
}

#[test]
fn an_entry_is_added_behind_the_last_and_removed_with_its_own_comments() {
    let source = Source::read("ixit/1-AuthMech.toml", IXIT).unwrap();
    let after = ensure(&source, &entry("C"), &[("ID", text("C"))], &order()).unwrap();
    assert_eq!(after, format!("{IXIT}\n[[AuthMech]]\nID = \"C\"\n"));
    let after = remove(&source, &entry("B"), Comments::Go).unwrap();
    assert_eq!(after, IXIT.replace("\n# The second.\n[[AuthMech]]\nID = \"B\"\n", ""));
    let after = remove(&source, &entry("A"), Comments::Go).unwrap();
    assert_eq!(after, "# Mechanisms.\n\n# The second.\n[[AuthMech]]\nID = \"B\"\n");
}

#[test]
fn the_facts_of_an_entry_are_a_block_of_their_own() {
    let source = Source::read("ixit/1-AuthMech.toml", IXIT).unwrap();
    let block = |at, typed| set_block(&source, &entry(at), "facts", typed);
    assert_eq!(block("A", "# why\nport = 1").unwrap(), IXIT);
    assert_eq!(block("A", "# why\nport = 2\n").unwrap(), IXIT.replace("port = 1", "port = 2"));
    assert_eq!(block("A", "\n").unwrap(), IXIT.replace("[AuthMech.facts]\n# why\nport = 1\n", ""));
    assert_eq!(block("B", "port = 3").unwrap(), format!("{IXIT}\n[AuthMech.facts]\nport = 3\n"));
    for hostile in ["[AuthMech.other]\nx = 1", "port = 1\n[[AuthMech]]\nID = \"X\"", "port = "] {
        assert!(block("A", hostile).is_err(), "{hostile}");
    }
}

#[test]
fn an_id_changes_and_a_text_may_have_lines() {
    let source = Source::read("x.toml", IXIT).unwrap();
    let after = set(&source, &entry("B"), "ID", &text("B2"), &order()).unwrap();
    assert_eq!(after, IXIT.replace("\"B\"", "\"B2\""));
    let after = set(&source, &entry("A"), "description", &text("one\n\"two\"\"\""), &order()).unwrap();
    assert_eq!(after, IXIT.replace("\"one\"", "\"\"\"\none\n\"two\"\"\\\"\"\"\""));
}

#[test]
fn a_file_in_other_line_ends_stays_in_them() {
    let crlf = IXIT.replace('\n', "\r\n");
    let source = Source::read("x.toml", &crlf).unwrap();
    let after = set(&source, &entry("A"), "Other", &text("a\nb"), &order()).unwrap();
    assert_eq!(after, crlf.replace("\"one\"\r\n", "\"one\"\r\nOther = \"a\\nb\"\r\n"));
    let after = set_block(&source, &entry("A"), "facts", "# why\nport = 1\nx = 2").unwrap();
    assert_eq!(after, crlf.replace("port = 1\r\n", "port = 1\r\nx = 2\r\n"));
    let after = ensure(&source, &entry("C"), &[("ID", text("C"))], &order()).unwrap();
    assert!(after.ends_with("\r\n\r\n[[AuthMech]]\r\nID = \"C\"\r\n"), "{after:?}");
}

#[test]
fn what_is_written_in_another_form_is_left_to_the_text() {
    let twice = format!("{IXIT}\n[[AuthMech]]\nID = \"B\"\n");
    let source = Source::read("x.toml", &twice).unwrap();
    assert!(matches!(set(&source, &entry("B"), "ID", &text("C"), &order()), Err(EditError::Twice { .. })));
    for other in ["AuthMech = [{ ID = \"A\" }]\n", "AuthMech.ID = \"A\"\n"] {
        let source = Source::read("x.toml", other).unwrap();
        assert!(
            matches!(set(&source, &entry("A"), "x", &text("y"), &order()), Err(EditError::Shape { .. })),
            "{other}"
        );
    }
    let inline = "[[AuthMech]]\nID = \"A\"\nfacts = { port = 1 }\n";
    let source = Source::read("x.toml", inline).unwrap();
    assert!(matches!(set_block(&source, &entry("A"), "facts", "port = 2"), Err(EditError::Shape { .. })));
}
