//! Editing the dossier through the real router: forms and text, as browsers send them.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::{Path, PathBuf};

use app::demo::SAMPLE;
use app::people::Role;
use axum::http::StatusCode;
use dossier::SourceText;
use support::{Answer, Crew, Open};

const AT: &str = "/p/plug/dossier";

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<SourceText> =
        SAMPLE.iter().map(|(path, text)| SourceText { path: (*path).into(), text: (*text).into() }).collect();
    app::folder::create(&folder.path().join("plug"), &sources).unwrap();
    folder
}

fn file(folder: &tempfile::TempDir, path: &str) -> PathBuf {
    folder.path().join("plug").join(path)
}

fn read(folder: &tempfile::TempDir, path: &str) -> String {
    std::fs::read_to_string(file(folder, path)).unwrap()
}

/// Every file of the dossier.
fn all(folder: &tempfile::TempDir) -> Vec<(String, String)> {
    app::files::list(&folder.path().join("plug")).unwrap().into_iter().map(|s| (s.path, s.text)).collect()
}

/// What the newest records are about.
fn records(folder: &Path) -> Vec<String> {
    let plug = folder.join("plug");
    let lines = app::evidence::lines(&plug, None, None, 20).unwrap().lines;
    lines.into_iter().map(|line| line.about).collect()
}

/// The text of a piece of HTML as a browser reads it.
fn plain(html: &str) -> String {
    html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    Some(plain(rest.split('"').next()?))
}

/// The fields of the form that is sent to an address, as a browser sends them when nobody touches them.
fn fields(page: &str, action: &str) -> Vec<(String, String)> {
    let form = page
        .split("<form ")
        .skip(1)
        .find(|form| attribute(&format!(" {form}"), "action").as_deref() == Some(action));
    let form = form.unwrap_or_else(|| panic!("no form for {action} on {page}"));
    let form = form.split("</form>").next().unwrap();
    let mut fields = Vec::new();
    for piece in form.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        let Some(name) = attribute(tag, "name") else { continue };
        if name == "csrf" {
            continue;
        }
        if tag.starts_with("input") {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        } else if tag.starts_with("textarea") {
            let text = piece.split_once('>').unwrap().1;
            // HTML drops the line end behind the tag, and lines end with two characters on their way back.
            let text = plain(text).replace("\r\n", "\n");
            let text = text.strip_prefix('\n').unwrap_or(&text).replace('\n', "\r\n");
            fields.push((name, text));
        } else if tag.starts_with("select") {
            let options = form.split_once(&format!(" name=\"{name}\"")).map(|(_, rest)| rest).unwrap();
            let options: Vec<&str> = options.split("</select>").next().unwrap().split("<option").skip(1).collect();
            let chosen = options.iter().find(|option| option.split('>').next().unwrap().contains(" selected"));
            let chosen = chosen.or(options.first()).unwrap();
            fields.push((name, attribute(chosen, "value").unwrap_or_default()));
        }
    }
    fields
}

fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    let field = fields.iter_mut().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no field {name}"));
    value.clone_into(&mut field.1);
}

fn get<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap()
}

async fn send(open: &Open, at: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    open.post(at, at, &fields).await
}

/// The form of a table's first entry, or of its one set of statements.
fn form_of(table: &dossier::IxitTable) -> String {
    match table.repeating {
        true => format!("{AT}/ixit/{}/entries/{}", table.name, table.entries[0].id.value),
        false => format!("{AT}/ixit/{}", table.name),
    }
}

/// Opens a form, changes fields of it, and sends it.
async fn change(open: &Open, at: &str, changes: &[(&str, &str)]) -> Answer {
    let page = open.get(at).await;
    assert_eq!(page.status, StatusCode::OK, "{at}: {}", page.text);
    let mut fields = fields(&page.text, at);
    changes.iter().for_each(|(name, value)| set(&mut fields, name, value));
    send(open, at, &fields).await
}

/// The lines that two texts do not share, in order.
fn differs<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    use app::edit::lines::{Side, differ};
    let lines = differ(before, after);
    let of = |side| lines.iter().filter(|line| line.side == side).map(|line| line.text).collect();
    (of(Side::Old), of(Side::New))
}

#[tokio::test]
async fn every_table_of_the_sample_opens_and_saves_unchanged_to_the_same_bytes() {
    let folder = sample();
    let open = Open::alone(folder.path());
    let before = all(&folder);
    let (dossier, _) = app::folder::load(&folder.path().join("plug")).unwrap();
    assert!(dossier.tables.len() > 25);
    let pages = ["product", "people", "services", "features", "ics/5.3", "controls/5.1-2A"];
    let mut pages: Vec<String> = pages.iter().map(|page| format!("{AT}/{page}")).collect();
    for table in &dossier.tables {
        pages.push(form_of(table));
    }
    for page in &pages {
        let answer = change(&open, page, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}: {}", answer.text);
        assert!(answer.headers["location"].to_str().unwrap().ends_with("?saved=0"), "{page}");
    }
    let text = format!("{AT}/text/ixit/1-AuthMech.toml");
    assert_eq!(change(&open, &text, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(all(&folder), before);
    assert!(
        !app::records::Records::exist(&folder.path().join("plug")),
        "nothing was saved, so nothing is recorded"
    );
}

#[tokio::test]
async fn a_changed_field_of_every_table_changes_its_line_alone_and_is_a_record_of_the_person() {
    let folder = sample();
    let open = Open::alone(folder.path());
    let (dossier, _) = app::folder::load(&folder.path().join("plug")).unwrap();
    for table in &dossier.tables {
        let entry = &table.entries[0];
        let at = form_of(table);
        let path = dossier.sources[usize::from(entry.span.file)].path.clone();
        let before = read(&folder, &path);
        let page = open.get(&at).await.text;
        let mut fields = fields(&page, &at);
        let known = ["ID", "facts"];
        let first = fields.iter().position(|(name, value)| {
            !known.contains(&name.as_str()) && !name.starts_with("was:") && !value.is_empty()
        });
        let first = first.unwrap();
        let was = fields[first].1.clone();
        fields[first].1 = format!("{was} Seen by <me> & \"you\".");
        let answer = send(&open, &at, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{at}: {}", answer.text);
        let after = read(&folder, &path);
        let (old, new) = differs(&before, &after);
        assert!(old.len() == 1 && new.len() == 1 && new[0].contains("Seen by <me>"), "{at}: {old:?} {new:?}");
        assert_eq!(after, before.replacen(old[0], new[0], 1), "{at}");
    }
    let told = records(folder.path());
    assert!(told.iter().filter(|about| *about == "saved by Lena Vogt").count() > 10, "{told:?}");
}

#[tokio::test]
async fn answers_and_controls_keep_comments_and_order() {
    let folder = sample();
    let open = Open::alone(folder.path());
    let commented = format!("# Of the team.\r\n{}", read(&folder, "ics.toml").replace('\n', "\r\n"));
    let commented = commented.replacen("support = \"Y\"", "support = \"Y\"  # since May", 1);
    std::fs::write(file(&folder, "ics.toml"), &commented).unwrap();
    let answers = format!("{AT}/ics/5.1");
    let answer = change(
        &open,
        &answers,
        &[("provision.5.1-2A.support", "N"), ("provision.5.1-2A.justification", "Not\r\nyet.")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let (old, new) = differs(&commented, &read(&folder, "ics.toml")).clone_texts();
    assert_eq!(old, ["support = \"Y\""]);
    assert_eq!(new, ["support = \"N\"", "justification = \"Not\\nyet.\""]);
    assert!(read(&folder, "ics.toml").contains("  # since May\r\n"));
    let page = open.get(&answers).await.text;
    assert!(page.contains(">\nNot\nyet.</textarea>"), "the text has two lines again");
    let before = read(&folder, "controls.toml");
    let changes = [
        (
            "control.5.1-2A.acceptance",
            "The broker refuses a client without a certificate of the authority\r\nAnother one",
        ),
        ("provision.5.1-2A.review", "2027-05-01"),
    ];
    let answer = change(&open, &format!("{AT}/controls/5.1-2A"), &changes).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let (old, new) = differs(&before, &read(&folder, "controls.toml")).clone_texts();
    assert_eq!(
        (old.as_slice(), new.as_slice()),
        (
            ["  \"The plug refuses a service without one\",".to_owned()].as_slice(),
            ["  \"Another one\",".to_owned()].as_slice()
        )
    );
    assert!(read(&folder, "ics.toml").contains("review = \"2027-05-01\"\r\n"), "both files are one save");
    assert_eq!(records(folder.path())[..2], ["saved by Lena Vogt", "saved by Lena Vogt"]);
}

trait CloneTexts {
    fn clone_texts(self) -> (Vec<String>, Vec<String>);
}

impl CloneTexts for (Vec<&str>, Vec<&str>) {
    fn clone_texts(self) -> (Vec<String>, Vec<String>) {
        let owned = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
        (owned(self.0), owned(self.1))
    }
}

#[tokio::test]
async fn the_notes_beside_the_fields_are_those_of_the_linter() {
    let folder = sample();
    let path = "ixit/1-AuthMech.toml";
    let text = read(&folder, path).replacen("length = 10", "length = \"ten\"", 1);
    let text = text.replacen("\"Authentication Factor\"", "\"Authentification Factor\"", 1);
    std::fs::write(file(&folder, path), text).unwrap();
    let open = Open::alone(folder.path());
    let (dossier, notes) = app::folder::load_at(&folder.path().join("plug"), app::now()).unwrap();
    let here: Vec<_> =
        notes.iter().filter(|note| dossier::position(&dossier.sources, note.labels[0].0).path == path).collect();
    assert!(here.len() > 1, "{notes:?}");
    let form = open.get(&format!("{AT}/ixit/AuthMech/entries/AuthMech-Web")).await.text;
    let whole = open.get(&format!("{AT}/text/{path}")).await.text;
    let bare = |page: &str| plain(page).replace("<code>", "").replace("</code>", "");
    let (form, whole) = (bare(&form), bare(&whole));
    for note in here {
        let message = note.message.replace('`', "");
        let line = dossier::position(&dossier.sources, note.labels[0].0).line;
        assert!(
            whole.contains(&message) && whole.contains(&format!("#l{line}\"")),
            "{message} at {line}: {whole}"
        );
        // This entry is the first, and ends before the second.
        let second = dossier.entries("AuthMech")[1].span.start;
        if note.labels[0].0.start < second {
            assert!(form.contains(&message), "{message}: {form}");
            assert!(note.hint.as_ref().is_none_or(|hint| form.contains(&hint.replace('`', ""))), "{form}");
        }
    }
    let list = open.get(AT).await.text;
    assert!(list.contains("1 error") || list.contains("2 errors"), "{list}");
}

#[tokio::test]
async fn two_people_lose_nothing_and_a_conflict_shows_both() {
    let folder = sample();
    let crew = Crew::of(folder.path());
    let (anna, bert) = (crew.joins("anna", Role::Engineer), crew.joins("bert", Role::Engineer));
    let at = format!("{AT}/ixit/AuthMech/entries/AuthMech-Web");
    let path = "ixit/1-AuthMech.toml";
    let of = fields(&anna.get(&at).await.text, &at);
    let (mut hers, mut his, mut other) = (of.clone(), of.clone(), of.clone());
    set(&mut hers, "Description", "Hers <b>.");
    set(&mut his, "Description", "His.");
    set(&mut his, "Security Guarantees", "His too.");
    set(&mut other, "Cryptographic Details", "Of another field.");
    assert_eq!(send(&anna, &at, &hers).await.status, StatusCode::SEE_OTHER);
    let refused = send(&bert, &at, &his).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("Hers &lt;b&gt;."), "what is there now is shown: {}", refused.text);
    let who = "<strong>anna Person</strong> saved <span class=\"mono\">ixit/1-AuthMech.toml</span>";
    assert!(refused.text.contains(who), "{}", refused.text);
    let again = fields(&refused.text, &at);
    assert_eq!((get(&again, "Description"), get(&again, "Security Guarantees")), ("His.", "His too."));
    assert!(read(&folder, path).contains("Hers <b>.") && !read(&folder, path).contains("His too."));
    // What nobody else touched goes in beside it.
    assert_eq!(send(&bert, &at, &other).await.status, StatusCode::SEE_OTHER);
    assert!(read(&folder, path).contains("Hers <b>.") && read(&folder, path).contains("Of another field."));
    // Now he has seen hers.
    assert_eq!(send(&bert, &at, &again).await.status, StatusCode::SEE_OTHER);
    assert!(read(&folder, path).contains("Description = \"His.\"") && read(&folder, path).contains("His too."));
    assert_eq!(
        records(folder.path())[..3],
        ["saved by bert Person", "saved by bert Person", "saved by anna Person"]
    );
    // An entry that was removed meanwhile: what was typed is told.
    let ask = format!("{at}/remove");
    let removal = fields(&anna.get(&ask).await.text, &ask);
    assert_eq!(send(&anna, &ask, &removal).await.status, StatusCode::SEE_OTHER);
    let mut late = fields(&refused.text, &at);
    set(&mut late, "Description", "Too late.");
    let fields: Vec<(&str, &str)> = late.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let gone = bert.post(AT.trim_end_matches("/dossier"), &at, &fields).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.text.contains("Too late."), "{}", gone.text);
}

#[tokio::test]
async fn a_text_conflict_shows_what_differs_and_keeps_both_texts() {
    let folder = sample();
    let crew = Crew::of(folder.path());
    let (anna, bert) = (crew.joins("anna", Role::Engineer), crew.joins("bert", Role::Engineer));
    let at = format!("{AT}/text/bench.toml");
    let of = fields(&anna.get(&at).await.text, &at);
    let (mut hers, mut his) = (of.clone(), of.clone());
    let text = get(&of, "text").to_owned();
    set(&mut hers, "text", &format!("# hers\r\n{text}"));
    set(&mut his, "text", &format!("{text}# his </textarea><b>\r\n"));
    let before = read(&folder, "bench.toml");
    assert_eq!(send(&anna, &at, &hers).await.status, StatusCode::SEE_OTHER);
    assert_eq!(read(&folder, "bench.toml"), format!("# hers\n{before}"));
    let refused = send(&bert, &at, &his).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("<del># hers</del>"), "{}", refused.text);
    assert!(refused.text.contains("<strong>anna Person</strong> saved"), "{}", refused.text);
    // And where it was no one of the workspace.
    std::fs::write(folder.path().join("plug/bench.toml"), format!("# theirs\n{before}")).unwrap();
    let refused = send(&bert, &at, &his).await;
    assert!(refused.text.contains("was changed outside of the workspace"), "{}", refused.text);
    std::fs::write(folder.path().join("plug/bench.toml"), format!("# hers\n{before}")).unwrap();
    let refused = send(&bert, &at, &his).await;
    assert!(refused.text.contains("<ins># his &lt;/textarea&gt;&lt;b&gt;</ins>"), "{}", refused.text);
    let again = fields(&refused.text, &at);
    assert!(get(&again, "text").ends_with("# his </textarea><b>\r\n"));
    assert_eq!(read(&folder, "bench.toml"), format!("# hers\n{before}"));
    assert_eq!(send(&bert, &at, &again).await.status, StatusCode::SEE_OTHER);
    assert_eq!(read(&folder, "bench.toml"), format!("{before}# his </textarea><b>\n"));
    assert_eq!(records(folder.path())[..2], ["saved by bert Person", "saved by anna Person"]);
}

#[tokio::test]
async fn a_text_survives_its_way_through_a_browser() {
    let folder = sample();
    let open = Open::alone(folder.path());
    let at = format!("{AT}/text/bench.toml");
    let bench = read(&folder, "bench.toml");
    for before in [
        format!("\n\n{bench}"),
        bench.replace('\n', "\r\n"),
        format!("# one\r\n# two\n{bench}"),
        bench.trim_end().to_owned(),
        format!("# </textarea><script>alert(1)</script> & &amp; \u{202e} é\n{bench}"),
        format!("\u{feff}{bench}"),
    ] {
        std::fs::write(file(&folder, "bench.toml"), &before).unwrap();
        let page = open.get(&at).await.text;
        assert!(!page.contains("<script>alert"), "{page}");
        let mut fields = fields(&page, &at);
        assert_eq!(send(&open, &at, &fields).await.headers["location"], format!("{at}?saved=0"));
        assert_eq!(read(&folder, "bench.toml"), before);
        let more = format!("{}\r\n# more", get(&fields, "text"));
        set(&mut fields, "text", &more);
        let answer = send(&open, &at, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let end = if before.matches("\r\n").count() > 5 { "\r\n" } else { "\n" };
        assert_eq!(read(&folder, "bench.toml"), format!("{before}{end}# more"));
    }
    // What HTML does not carry is not offered.
    std::fs::write(file(&folder, "bench.toml"), "# a\rb\n").unwrap();
    assert!(!open.get(&at).await.text.contains("<textarea"));
}

#[tokio::test]
async fn what_cannot_be_saved_is_shown_again_with_its_line_and_nothing_typed_is_lost() {
    let folder = sample();
    let open = Open::alone(folder.path());
    let at = format!("{AT}/text/bench.toml");
    let before = read(&folder, "bench.toml");
    let long = format!("# {}\r\n", "long ".repeat(300_000));
    for (typed, why) in [
        ("a = 1\r\nb = [\r\n", "line 2"),
        ("a = 1\r\n\u{1}# control\r\n", "line 2"),
        (long.as_str(), "is larger than"),
    ] {
        let mut sent = fields(&open.get(&at).await.text, &at);
        set(&mut sent, "text", typed);
        let refused = send(&open, &at, &sent).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let told: String = refused.text.chars().take(6000).collect();
        assert!(refused.text.contains(why), "{why}: {told}");
        assert_eq!(get(&fields(&refused.text, &at), "text"), typed);
        assert_eq!(read(&folder, "bench.toml"), before);
    }
    // The same in a form.
    let entry = format!("{AT}/ixit/AuthMech/entries/AuthMech-Web");
    let hostile = "</textarea><script>x</script>\u{1}\u{7f}\r\n\"\"\" \\";
    let refused = change(&open, &entry, &[("Description", hostile), ("facts", "length = ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = fields(&refused.text, &entry);
    assert_eq!((get(&shown, "Description"), get(&shown, "facts")), (hostile, "length = "));
    assert!(refused.text.contains("Line 1"), "{}", refused.text);
    let saved = change(&open, &entry, &[("Description", hostile)]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let (dossier, _) = app::folder::load(&folder.path().join("plug")).unwrap();
    let said = dossier.entry("AuthMech", "AuthMech-Web").unwrap().field("Description").unwrap().value.text();
    assert_eq!(said, hostile.replace("\r\n", "\n"));
    assert_eq!(get(&fields(&open.get(&entry).await.text, &entry), "Description"), hostile);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

#[tokio::test]
async fn entries_and_files_are_added_and_removed() {
    let folder = sample();
    let open = Open::alone(folder.path());
    let table = format!("{AT}/ixit/ResMech");
    let before = read(&folder, "ixit/23-ResMech.toml");
    let added = open.post(&table, &format!("{table}/add"), &[("id", "ResMech-New one/2")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let entry = added.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(
        read(&folder, "ixit/23-ResMech.toml"),
        format!("{before}\n[[ResMech]]\nID = \"ResMech-New one/2\"\n")
    );
    for (id, status) in [("ResMech-Local", 422), (" ", 422)] {
        let refused = open.post(&table, &format!("{table}/add"), &[("id", id)]).await;
        assert_eq!(refused.status.as_u16(), status, "{}", refused.text);
    }
    let renamed = change(&open, &entry, &[("ID", "ResMech-2"), ("Description", "New.")]).await;
    assert_eq!(renamed.headers["location"], format!("{table}/entries/ResMech-2?saved=2"));
    let entry = format!("{table}/entries/ResMech-2");
    let ask = format!("{entry}/remove");
    let page = open.get(&ask).await.text;
    assert!(page.contains("ID = &quot;ResMech-2&quot;"), "{page}");
    assert!(page.contains("nothing refers to it"), "{page}");
    // Others refer to this one; as the linter says it when it is gone.
    let asked = open.get(&format!("{AT}/ixit/AuthMech/entries/AuthMech-Web/remove")).await.text;
    let (_, then) = asked.split_once("What the linter would say").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (path, text) = ("ixit/1-AuthMech.toml", read(&folder, "ixit/1-AuthMech.toml"));
    let at = text.find("ID = \"AuthMech-Web\"").unwrap();
    let start = text[..at].rfind("[[AuthMech]]").unwrap();
    let end = text[at..].find("[[AuthMech]]").map_or(text.len(), |next| at + next);
    copy(&folder.path().join("plug"), elsewhere.path());
    std::fs::write(elsewhere.path().join(path), format!("{}{}", &text[..start], &text[end..])).unwrap();
    let notes = |at: &std::path::Path| app::folder::load(at).unwrap().1;
    let known: Vec<String> = notes(&folder.path().join("plug")).into_iter().map(|note| note.message).collect();
    let new: Vec<_> = notes(elsewhere.path()).into_iter().filter(|note| !known.contains(&note.message)).collect();
    assert!(!new.is_empty());
    for note in new {
        assert!(then.contains(note.code), "{}: {then}", note.message);
    }
    let sent = fields(&page, &ask);
    // Somebody changes it before it is removed.
    assert_eq!(change(&open, &entry, &[("Type", "power")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send(&open, &ask, &sent).await.status, StatusCode::CONFLICT);
    let sent = fields(&open.get(&ask).await.text, &ask);
    assert_eq!(send(&open, &ask, &sent).await.headers["location"], table);
    assert_eq!(read(&folder, "ixit/23-ResMech.toml"), before);
    // A table that is not there, for a provision that applies.
    std::fs::remove_file(file(&folder, "ixit/28-LogIntf.toml")).unwrap();
    let list = open.get(AT).await.text;
    assert!(list.contains("value=\"ixit/28-LogIntf.toml\""), "{list}");
    assert!(!list.contains("value=\"ixit/9-ReplSup.toml\""), "what reads it does not apply");
    let begun = open.post(AT, &format!("{AT}/begin"), &[("path", "ixit/28-LogIntf.toml")]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    assert!(read(&folder, "ixit/28-LogIntf.toml").contains("# [[LogIntf]]"));
    for path in ["ixit/28-LogIntf.toml", "../evil.toml", "ixit/x.toml", ""] {
        let refused = open.post(AT, &format!("{AT}/begin"), &[("path", path)]).await;
        assert!(refused.status.is_client_error(), "{path}");
    }
    assert!(!folder.path().join("evil.toml").exists());
}

#[tokio::test]
async fn whoever_may_not_edit_reads_the_same() {
    let folder = sample();
    let crew = Crew::of(folder.path());
    let reader = crew.joins("rita", Role::Laboratory);
    for page in [
        "",
        "/ics",
        "/ics/5.1",
        "/features",
        "/product",
        "/people",
        "/services",
        "/controls/5.1-1",
        "/ixit/AuthMech",
        "/text/ics.toml",
        "/ixit/UserInfo",
    ] {
        let answer = reader.get(&format!("{AT}{page}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(!answer.text.contains(&format!("action=\"{AT}")), "{page} has a form");
    }
    assert!(reader.get(&format!("{AT}/ics/5.1")).await.text.contains("<fieldset class=\"bare\" disabled>"));
}

#[tokio::test]
async fn the_product_and_its_people_change_line_by_line_and_two_lose_nothing() {
    let folder = sample();
    let crew = Crew::of(folder.path());
    let (anna, bert) = (crew.joins("anna", Role::Engineer), crew.joins("bert", Role::Engineer));
    let path = "assay.toml";
    let before = read(&folder, path).replacen("statement-days = 365", "statement-days = 365  # a year", 1);
    std::fs::write(file(&folder, path), &before).unwrap();
    let at = format!("{AT}/product");
    let of = fields(&anna.get(&at).await.text, &at);
    assert!(of.iter().all(|(name, _)| !name.ends_with(".version")), "a version is not typed");
    let (mut hers, mut his, mut other, mut none) = (of.clone(), of.clone(), of.clone(), of);
    set(&mut hers, "policy.statement-days", "180");
    set(&mut his, "policy.statement-days", "90");
    set(&mut other, "product.hardware", "revision <C>\u{202e}");
    set(&mut none, "policy.guessing-days", "<ten>");
    assert_eq!(send(&anna, &at, &hers).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send(&bert, &at, &other).await.status, StatusCode::SEE_OTHER);
    let both = before.replacen("statement-days = 365", "statement-days = 180", 1);
    let both = both.replacen("revision B", "revision <C>\u{202e}", 1);
    assert_eq!(read(&folder, path), both);
    let refused = send(&bert, &at, &his).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text.contains("<p class=\"quoted\">180</p>"), "{}", refused.text);
    assert_eq!(get(&fields(&refused.text, &at), "policy.statement-days"), "90");
    let refused = send(&bert, &at, &none).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let beside =
        refused.text.split_once("value=\"&lt;ten&gt;\" ").unwrap().1.split("<div class=\"field").next().unwrap();
    assert!(beside.contains("<code>&lt;ten&gt;</code> is no whole number"), "{beside}");
    assert_eq!(read(&folder, path), both);
    assert_eq!(records(folder.path())[..2], ["saved by bert Person", "saved by anna Person"]);
    let people = format!("{AT}/people");
    let changes = [
        ("person.firmware.contact", "fw@lumen.invalid"),
        ("responsible.5.6-4B.role", ""),
        ("responsible.6.role", "firmware"),
    ];
    assert_eq!(change(&anna, &people, &changes).await.headers["location"], format!("{people}?saved=3"));
    let after = both.replacen("\"firmware@lumen", "\"fw@lumen", 1);
    let after = after.replacen("\n[[responsible]]\nfor = \"5.6-4B\"\nrole = \"hardware\"\n", "", 1);
    let after = after.replacen("for = \"6\"\nrole = \"data protection\"", "for = \"6\"\nrole = \"firmware\"", 1);
    assert_eq!(read(&folder, path), after);
}

#[tokio::test]
async fn people_responsibilities_and_services_are_added() {
    let folder = sample();
    let open = Open::alone(folder.path());
    support::dossier(&folder.path().join("lamp"), "Lamp");
    let none = open.get("/p/lamp/dossier/services").await.text;
    assert!(none.contains("None is declared.") && !none.contains("Save</button>"), "{none}");
    let (people, services) = (format!("{AT}/people"), format!("{AT}/services"));
    let before = read(&folder, "assay.toml");
    let person = format!("{people}/add");
    let added = open.post(&people, &person, &[("role", " pilot <b> ")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let place = format!("{people}/responsible");
    let added = open.post(&people, &place, &[("for", "5.1-2A"), ("role", "pilot <b>")]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.text);
    let service = format!("{services}/add");
    assert_eq!(open.post(&services, &service, &[("id", "mirror")]).await.status, StatusCode::SEE_OTHER);
    let (old, new) = (read(&folder, "assay.toml"), before.clone());
    let laboratory = "contact = \"laboratory@lumen.invalid\"\n";
    let new = new.replacen(laboratory, &format!("{laboratory}\n[[person]]\nrole = \"pilot <b>\"\n"), 1);
    let clause = "for = \"5.1\"\nrole = \"firmware\"\n";
    let row = "\n[[responsible]]\nfor = \"5.1-2A\"\nrole = \"pilot <b>\"\n";
    let new = new.replacen(clause, &format!("{clause}{row}"), 1);
    let endpoints = "\"mqtts://cloud.lumen.invalid:28883\"]\n";
    let new = new.replacen(endpoints, &format!("{endpoints}\n[[service]]\nid = \"mirror\"\n"), 1);
    assert_eq!(old, new);
    assert_eq!(records(folder.path())[..3], ["saved by Lena Vogt"; 3]);
    let page = open.get(&people).await.text;
    assert!(page.contains("pilot &lt;b&gt;</h2>") || page.contains("pilot &lt;b&gt; </h2>"), "{page}");
    assert_eq!(get(&fields(&page, &people), "responsible.5.1-2A.role"), "pilot <b>");
    for (to, from, sent, status) in [
        (&person, &people, vec![("role", "Firmware")], 422),
        (&person, &people, vec![("role", " ")], 422),
        (&place, &people, vec![("for", "5.1-2A"), ("role", "firmware")], 422),
        (&place, &people, vec![("for", "5.99"), ("role", "firmware")], 404),
        (&place, &people, vec![("for", "5.1-3"), ("role", "nobody's")], 404),
        (&service, &services, vec![("id", "cloud")], 422),
    ] {
        let refused = open.post(from, to, &sent).await;
        assert_eq!(refused.status.as_u16(), status, "{sent:?} {}", refused.text);
        assert!(sent.iter().all(|(_, value)| value.trim().is_empty() || plain(&refused.text).contains(value)));
    }
    assert_eq!(read(&folder, "assay.toml"), new);
}
