//! Where each IXIT entry of a dossier goes in the other edition, and under which id.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Bridge, Catalogue, Table};
use dossier::{ComMechFacts, Dossier, Entry, InterfaceFacts, InterfaceKind, SecureProtocol};
use model::Edition;

/// An entry: name of its table without number, and its id.
pub(super) type Place = (String, String);

/// One entry and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) from: Place,
    /// Places in the other edition; none when it has no place there.
    pub(super) to: Vec<Place>,
    /// Why it has no place, or why it has the one it has, where that is not plain.
    pub(super) why: Option<&'static str>,
}

/// Every entry with where it goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Moves {
    all: Vec<Move>,
}

impl Moves {
    /// Follows every entry of a dossier to the other edition.
    pub(super) fn of(dossier: &Dossier, to: Edition) -> Self {
        let bridge = Bridge::built_in();
        let (here, there) = (Catalogue::of(to.other()), Catalogue::of(to));
        let mut taken: BTreeSet<Place> = BTreeSet::new();
        let mut all = Vec::new();
        for written in &dossier.tables {
            let Some(table) = here.table_named(&written.name) else { continue };
            let targets: Vec<&Table> = bridge.tables(&table.id).iter().filter_map(|id| there.table(id)).collect();
            for entry in &written.entries {
                let (targets, why) = chosen(entry, &targets);
                let mut places = Vec::new();
                for target in targets {
                    let id = free(&taken, target, new_id(table, target, &entry.id.value), &entry.id.value);
                    taken.insert((target.name.clone(), id.clone()));
                    places.push((target.name.clone(), id));
                }
                all.push(Move { from: (table.name.clone(), entry.id.value.clone()), to: places, why });
            }
        }
        Self { all }
    }

    /// Every move, in the order of the dossier.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Move> {
        self.all.iter()
    }

    /// Where an entry of a table goes.
    pub(super) fn of_entry(&self, table: &str, id: &str) -> Option<&Move> {
        self.all.iter().find(|m| m.from.0.eq_ignore_ascii_case(table) && m.from.1 == id)
    }

    /// Where a reference leads in the other edition: entries of this id, whatever table they stood in.
    pub(super) fn lead(&self, id: &str) -> Vec<&Move> {
        self.all.iter().filter(|m| m.from.1 == id).collect()
    }

    /// Ids that change, for words in prose: an id that stands in two tables and leads to two names is left alone.
    pub(super) fn renamed(&self) -> BTreeMap<String, String> {
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for step in self.all.iter().filter(|m| m.from.0 != m.from.1) {
            // Of two halves the logical one is meant more often: it is what programs and people speak to.
            if let Some((_, id)) = step.to.last() {
                names.entry(&step.from.1).or_default().insert(id);
            }
        }
        let single = names.into_iter().filter_map(|(from, to)| {
            let to = to.first().filter(|_| to.len() == 1)?;
            (*to != from).then(|| (from.to_owned(), (*to).to_owned()))
        });
        single.collect()
    }
}

/// The tables that take an entry, where its own table leads to several or only a part of its entries is wanted there.
fn chosen<'a>(entry: &Entry, targets: &[&'a Table]) -> (Vec<&'a Table>, Option<&'static str>) {
    let named = |name: &str| targets.iter().copied().filter(|t| t.name == name).collect::<Vec<_>>();
    if targets.iter().any(|t| t.name == "SecComMech") {
        let clear = entry.facts::<ComMechFacts>().and_then(|f| f.protocol);
        if clear.is_some_and(|p| p.value == SecureProtocol::None) {
            return (Vec::new(), Some("11-SecComMech lists secured communication only"));
        }
    }
    if targets.is_empty() {
        return (Vec::new(), Some("the other edition has no such table"));
    }
    if targets.len() < 2 {
        return (targets.to_vec(), None);
    }
    match layer(entry) {
        Layer::Physical => (named("PhyIntf"), None),
        Layer::Logical => (named("LogIntf"), None),
        Layer::Both => (targets.to_vec(), Some("its type is physical and logical: an entry for each")),
        Layer::Unknown => {
            (named("PhyIntf"), Some("nothing says whether it is physical or logical: check the table"))
        }
    }
}

enum Layer {
    Physical,
    Logical,
    Both,
    Unknown,
}

/// Whether an entry of 15-Intf is a physical or a logical interface: by its facts, else by its type.
fn layer(entry: &Entry) -> Layer {
    let facts = entry.facts::<InterfaceFacts>();
    let written = entry.field("Type").map(|f| f.value.text().to_lowercase()).unwrap_or_default();
    let says = |word: &str| written.split(|c: char| !c.is_alphanumeric()).any(|w| w == word);
    let physical = says("physical") || says("air");
    match facts.and_then(|f| f.kind).map(|k| k.value) {
        Some(InterfaceKind::Logical) => Layer::Logical,
        Some(InterfaceKind::Port | InterfaceKind::Air) => Layer::Physical,
        None if physical && says("logical") => Layer::Both,
        None if physical => Layer::Physical,
        None if says("logical") || facts.is_some_and(|f| f.port.is_some()) => Layer::Logical,
        None => Layer::Unknown,
    }
}

/// The id under the usual beginning of the other table: `Intf-Web` becomes `LogIntf-Web`.
fn new_id(from: &Table, to: &Table, id: &str) -> String {
    if !to.repeating || !from.repeating {
        return to.name.clone();
    }
    match id.strip_prefix(from.entry_prefix.as_str()).filter(|_| !from.entry_prefix.is_empty()) {
        Some(rest) if rest.starts_with(['-', '_', '.']) => format!("{}{rest}", to.entry_prefix),
        _ => id.to_owned(),
    }
}

/// The wanted id if the table has none of that name yet, else the one it had, else a numbered one.
fn free(taken: &BTreeSet<Place>, table: &Table, wanted: String, had: &str) -> String {
    let is_free = |id: &str| !taken.contains(&(table.name.clone(), id.to_owned()));
    if is_free(&wanted) {
        return wanted;
    }
    if is_free(had) {
        return had.to_owned();
    }
    (2..u32::MAX).map(|n| format!("{wanted}-{n}")).find(|id| is_free(id)).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use dossier::SourceText;

    use super::*;

    fn moves(ixit: &str, to: Edition) -> Vec<(String, Vec<Place>)> {
        let source = SourceText { path: "ixit/all.toml".into(), text: ixit.into() };
        let (dossier, notes) = dossier::read(vec![source]);
        assert!(notes.is_empty(), "{notes:?}");
        Moves::of(&dossier, to).iter().map(|m| (m.from.1.clone(), m.to.clone())).collect()
    }

    fn place(table: &str, id: &str) -> Place {
        (table.to_owned(), id.to_owned())
    }

    #[test]
    fn an_interface_goes_to_the_table_of_its_kind_under_its_usual_name() {
        let all = moves(
            "[[Intf]]\nID = \"Intf-Radio\"\nType = [\"network\", \"air\"]\n\
             [[Intf]]\nID = \"Intf-Web\"\n[Intf.facts]\nkind = \"logical\"\n\
             [[Intf]]\nID = \"usb\"\nType = [\"physical\", \"logical\"]\n",
            Edition::V3_1_3,
        );
        assert_eq!(all[0].1, [place("PhyIntf", "PhyIntf-Radio")]);
        assert_eq!(all[1].1, [place("LogIntf", "LogIntf-Web")]);
        assert_eq!(all[2].1, [place("PhyIntf", "usb"), place("LogIntf", "usb")]);
    }

    #[test]
    fn communication_in_clear_has_no_place_among_secured_communication() {
        let clear = "[[ComMech]]\nID = \"ComMech-HTTP\"\n[ComMech.facts]\nprotocol = \"none\"\n";
        assert_eq!(moves(clear, Edition::V3_1_3)[0].1, []);
    }

    #[test]
    fn two_interfaces_of_one_name_stay_two_when_their_tables_become_one() {
        let both = "[[PhyIntf]]\nID = \"PhyIntf-X\"\n[[LogIntf]]\nID = \"LogIntf-X\"\n";
        let all = moves(both, Edition::V2_1_1);
        assert_eq!(all[0].1, [place("Intf", "Intf-X")]);
        assert_eq!(all[1].1, [place("Intf", "LogIntf-X")]);
    }
}
