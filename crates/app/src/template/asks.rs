//! Requests for evidence in a template: what was asked for, taken from one product and asked of the next.
//!
//! Neither answers nor links are taken over. A request is known by its kind, what it has to show and what it is about.

use dossier::{Dossier, Located};
use model::{Period, Timestamp};
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};
use workflow::people::folded;

use super::{Becomes, Line, TemplateError};
use crate::requests::{self, Ask, Listed, Request, State};

/// The table of a template, and what its lines name as their file.
pub(super) const TABLE: &str = "request";
const PLACE: &str = "requests";
const DAY: i64 = 86_400_000;
/// The most days within which something is to be answered.
const LONGEST: i64 = 3650;
const KEYS: [&str; 8] = ["scope", "kind", "about", "accept-when", "period", "role", "of", "days"];

/// The requests of a product as rows, each once; withdrawn ones are not taken.
pub(super) fn save(dossier: &Dossier, listed: &Listed) -> Option<Item> {
    let mut rows = ArrayOfTables::new();
    let mut known: Vec<&Ask> = Vec::new();
    for request in listed.requests.iter().filter(|one| one.state() != State::Withdrawn) {
        let ask = &request.ask;
        if known.iter().any(|other| is_same(other, ask)) {
            continue;
        }
        known.push(ask);
        rows.push(row(dossier, request));
    }
    (!rows.is_empty()).then_some(Item::ArrayOfTables(rows))
}

fn row(dossier: &Dossier, request: &Request) -> Table {
    let ask = &request.ask;
    let mut row = Table::new();
    row.decor_mut().set_prefix("\n");
    let lines = |all: &[String]| value(all.iter().collect::<Array>());
    row.insert("scope", value(&ask.scope));
    row.insert("kind", value(&ask.kind));
    if !ask.about.is_empty() {
        row.insert("about", lines(&ask.about));
    }
    if !ask.criterion.is_empty() {
        row.insert("accept-when", lines(&ask.criterion));
    }
    if let Some(period) = ask.period {
        row.insert("period", value(period.to_string()));
    }
    match role_of(dossier, &ask.of) {
        Some(role) => row.insert("role", value(role)),
        None => row.insert("of", value(&ask.of)),
    };
    // A part of a day is one: asking takes a moment, too.
    let days = ask.due.millis().saturating_sub(request.asked.millis()).max(1).saturating_add(DAY - 1) / DAY;
    row.insert("days", value(days.min(LONGEST)));
    row
}

/// Holds the requests of a template against those of a product; what comes back is to be asked, due from `at` on.
pub(super) fn compare(
    template: &DocumentMut,
    same_edition: bool,
    dossier: &Dossier,
    listed: &Listed,
    lines: &mut Vec<Line>,
) -> Result<Vec<Ask>, TemplateError> {
    let Some(given) = template.get(TABLE) else { return Ok(Vec::new()) };
    let Item::ArrayOfTables(given) = given else {
        return Err(TemplateError::NoTemplate(format!("`{TABLE}` is no table of the form `[[{TABLE}]]`")));
    };
    let mut look = Look { dossier, listed, same_edition, lines };
    let mut asks: Vec<Ask> = Vec::new();
    let mut met: Vec<&Request> = Vec::new();
    for (number, row) in given.iter().enumerate() {
        let Some(ask) = look.read(row, number + 1)? else { continue };
        match look.here(&ask) {
            Some(request) => {
                met.push(request);
                look.differs(request, &ask);
            }
            None if asks.iter().any(|other| is_same(other, &ask)) => {}
            None => {
                look.say(&ask, "", Becomes::Added, "", &told(&ask));
                asks.push(ask);
            }
        }
    }
    let only = listed.requests.iter().filter(|one| is_of_now(one, dossier) && !met.iter().any(|m| m.id == one.id));
    for request in only {
        look.say(&request.ask, "", Becomes::OnlyHere, "", "");
    }
    Ok(asks)
}

struct Look<'a> {
    dossier: &'a Dossier,
    listed: &'a Listed,
    same_edition: bool,
    lines: &'a mut Vec<Line>,
}

impl<'a> Look<'a> {
    /// A row as a request; none where nothing that it is about is here.
    fn read(&mut self, row: &Table, number: usize) -> Result<Option<Ask>, TemplateError> {
        let wrong = |why: String| TemplateError::NoTemplate(format!("`[[{TABLE}]]` {number}: {why}"));
        if let Some((key, _)) = row.iter().find(|(key, _)| !KEYS.contains(key)) {
            return Err(wrong(format!("nothing reads its key `{key}`")));
        }
        let text = |key: &str| row.get(key).and_then(Item::as_str).unwrap_or_default().trim().to_owned();
        let list = |key: &str| -> Vec<String> {
            let array = row.get(key).and_then(Item::as_array);
            array.into_iter().flatten().filter_map(|one| one.as_str()).map(|one| one.trim().to_owned()).collect()
        };
        let period = match text("period") {
            none if none.is_empty() => None,
            period => Some(Period::parse(&period).map_err(|e| wrong(format!("its `period` does not read: {e}")))?),
        };
        let of = match (text("role"), text("of")) {
            (role, of) if role.is_empty() => of,
            (role, _) => person_of(self.dossier, &role).unwrap_or(role),
        };
        let due = match row.get("days").map(Item::as_integer) {
            None => requests::due_in(self.dossier, self.listed.at),
            Some(Some(days @ 1..=LONGEST)) => Timestamp::from_millis(self.listed.at.millis() + days * DAY),
            Some(_) => return Err(wrong(format!("`days` is a number from 1 to {LONGEST}"))),
        };
        let mut ask = Ask {
            kind: text("kind"),
            scope: text("scope"),
            period,
            about: Vec::new(),
            criterion: list("accept-when"),
            of,
            due,
            task: None,
        };
        let wanted = list("about");
        for one in &wanted {
            // An entry's own name is of this dossier; a provision's or a unit's is of its edition.
            let numbered = one.starts_with(|c: char| c.is_ascii_digit());
            let why = match crate::attach::about(self.dossier, one) {
                _ if numbered && !self.same_edition => "the template is of another edition".to_owned(),
                Ok(known) => {
                    ask.about.push(known);
                    continue;
                }
                Err(_) => "this dossier has nothing of that name".to_owned(),
            };
            self.say(&ask, one, Becomes::LeftOut, "", &why);
        }
        if ask.about.is_empty() && !wanted.is_empty() {
            return Ok(None);
        }
        // What could not be asked is refused before anything is written.
        requests::checked(self.dossier, &ask).map(Some).map_err(|e| wrong(e.to_string()))
    }

    /// The request that asks for the same: one of this release, or an open one.
    fn here(&self, ask: &Ask) -> Option<&'a Request> {
        let mut all = self.listed.requests.iter().filter(|one| is_of_now(one, self.dossier));
        all.find(|one| is_same(&one.ask, ask))
    }

    fn differs(&mut self, request: &Request, ask: &Ask) {
        let period = |ask: &Ask| ask.period.map(|period| period.to_string()).unwrap_or_default();
        let here = &request.ask;
        let parts = [
            ("of", here.of.clone(), ask.of.clone()),
            ("accept-when", here.criterion.join("; "), ask.criterion.join("; ")),
            ("period", period(here), period(ask)),
        ];
        for (key, here, template) in parts {
            if !(here.is_empty() && template.is_empty()) {
                let becomes = if here == template { Becomes::Same } else { Becomes::Kept };
                self.say(ask, key, becomes, &here, &template);
            }
        }
    }

    fn say(&mut self, ask: &Ask, key: &str, becomes: Becomes, here: &str, template: &str) {
        let (row, key, here, template) = (ask.scope.clone(), key.to_owned(), here.to_owned(), template.to_owned());
        self.lines.push(Line { file: PLACE, table: TABLE, row, key, becomes, here, template });
    }
}

fn is_of_now(request: &Request, dossier: &Dossier) -> bool {
    request.release == dossier.release_version() || request.state().is_open()
}

/// Whether two ask for the same thing.
fn is_same(one: &Ask, other: &Ask) -> bool {
    let about = |ask: &Ask| {
        let mut all = ask.about.clone();
        all.sort();
        all
    };
    let scope = |ask: &Ask| ask.scope.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    one.kind == other.kind && scope(one) == scope(other) && about(one) == about(other)
}

fn told(ask: &Ask) -> String {
    let mut parts = vec![ask.kind.clone(), format!("of {}", ask.of)];
    if !ask.about.is_empty() {
        parts.push(format!("about {}", ask.about.join(", ")));
    }
    parts.join(", ")
}

/// The role of a person whom the dossier names.
fn role_of(dossier: &Dossier, name: &str) -> Option<String> {
    let is = |text: &Option<Located<String>>| text.as_ref().is_some_and(|t| folded(&t.value) == folded(name));
    let person = dossier.people.iter().find(|person| is(&person.name))?;
    person.role.as_ref().map(|role| role.value.clone())
}

/// The name of whoever has a role.
fn person_of(dossier: &Dossier, role: &str) -> Option<String> {
    let has = |person: &&Located<dossier::Person>| {
        person.role.as_ref().is_some_and(|known| known.value.eq_ignore_ascii_case(role))
    };
    let name = dossier.people.iter().find(has)?.name.as_ref()?.value.trim().to_owned();
    (!name.is_empty()).then_some(name)
}
