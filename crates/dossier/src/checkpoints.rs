//! `[[checkpoint]]` of `assay.toml`: the points that a release passes on its way out, and what must hold at each.
//!
//! Whether it holds is not its business. A dossier without any has the usual ones.

use crate::Dossier;
use crate::decode::{facts, words};
use crate::source::{Located, Span};

words! {
    /// What must hold at a checkpoint.
    Holds {
        /// The dossier has no errors.
        Dossier = "dossier",
        /// Every provision that is to be answered has an answer.
        Answered = "answered",
        /// Nothing has to be declared or prepared before everything can be settled.
        Planned = "planned",
        /// Nothing is open that a probe settles.
        Measured = "measured",
        /// Nothing is stale.
        Current = "current",
        /// No mandatory provision is open or inconclusive.
        Decided = "decided",
        /// An assessment is recorded, and judging gives the same now.
        Assessed = "assessed",
        /// The reviews that the policy asks for are signed, over these verdicts.
        Reviewed = "reviewed",
        /// No request for evidence of this release is open: each is accepted or withdrawn.
        Requests = "requests",
        /// Every mandatory provision passes.
        Mandatory = "mandatory",
        /// No claimed recommendation fails.
        Recommended = "recommended",
        /// Every recommendation is implemented or justified.
        Should = "should",
        /// No justification, consent or key has expired.
        Unexpired = "unexpired",
    }
}

facts! {
    /// A checkpoint of the product's releases.
    Checkpoint in "a `[[checkpoint]]`" {
        /// Its name.
        name: String = "name",
        /// What must hold before it is signed off.
        holds: Vec<Located<Holds>> = "holds",
        /// Role of the `[[person]]` who signs it off; without it, anybody who is no author of what is signed off.
        role: String = "role",
    }
}

/// A checkpoint as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// What must hold, each once.
    pub holds: Vec<Holds>,
    /// Who signs it off, where that is said.
    pub role: Option<String>,
    /// Where it was written; none of the usual ones was.
    pub span: Option<Span>,
}

/// The usual checkpoints: where a dossier has none of its own.
pub const USUAL: [(&str, &[Holds]); 6] = [
    ("declared", &[Holds::Dossier, Holds::Answered]),
    ("planned", &[Holds::Planned]),
    ("measured", &[Holds::Measured, Holds::Current]),
    ("judged", &[Holds::Decided, Holds::Assessed]),
    ("reviewed", &[Holds::Reviewed, Holds::Requests]),
    ("released", &[Holds::Mandatory, Holds::Recommended, Holds::Should, Holds::Unexpired]),
];

impl Dossier {
    /// The checkpoints of a release, in their order: those of the dossier, or the usual ones.
    ///
    /// One without a name is left out, and so is a second one of the same name.
    pub fn checkpoints(&self) -> Vec<Asked> {
        if self.checkpoints.is_empty() {
            let usual = |(name, holds): &(&str, &[Holds])| Asked {
                name: (*name).to_owned(),
                holds: holds.to_vec(),
                role: None,
                span: None,
            };
            return USUAL.iter().map(usual).collect();
        }
        let mut all: Vec<Asked> = Vec::new();
        for row in &self.checkpoints {
            let text = |text: &Option<Located<String>>| {
                text.as_ref().map(|t| t.value.trim().to_owned()).filter(|t| !t.is_empty())
            };
            let Some(name) = text(&row.name) else { continue };
            if all.iter().any(|known| known.name == name) {
                continue;
            }
            let mut holds: Vec<Holds> = Vec::new();
            for one in row.holds.iter().flat_map(|list| &list.value) {
                if !holds.contains(&one.value) {
                    holds.push(one.value);
                }
            }
            all.push(Asked { name, holds, role: text(&row.role), span: Some(row.span) });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use crate::{Holds, SourceText, read};

    fn names(text: &str) -> (Vec<String>, Vec<&'static str>) {
        let (dossier, notes) = read(vec![SourceText { path: "assay.toml".into(), text: text.into() }]);
        let told = |asked: crate::Asked| {
            let holds: Vec<&str> = asked.holds.iter().map(|h| h.as_str()).collect();
            format!("{}: {} by {}", asked.name, holds.join(" "), asked.role.unwrap_or_default())
        };
        (dossier.checkpoints().into_iter().map(told).collect(), notes.iter().map(|n| n.code).collect())
    }

    #[test]
    fn without_any_of_its_own_a_dossier_has_the_usual_ones() {
        let (told, _) = names("edition = \"3.1.3\"\n");
        let first: Vec<&str> = told.iter().filter_map(|t| t.split(':').next()).collect();
        assert_eq!(first, ["declared", "planned", "measured", "judged", "reviewed", "released"]);
        let mut used: Vec<Holds> = crate::USUAL.iter().flat_map(|(_, holds)| holds.iter().copied()).collect();
        used.sort_unstable();
        assert_eq!(used, Holds::ALL, "every word is used once");
    }

    #[test]
    fn those_of_the_dossier_stand_in_their_place_in_the_order_written() {
        let text = "[[checkpoint]]\nname = \" ready \"\nholds = [\"measured\", \"current\", \"measured\"]\nrole = \"lab\"\n\
                    [[checkpoint]]\nname = \"out\"\n[[checkpoint]]\nname = \"ready\"\n[[checkpoint]]\n";
        assert_eq!(names(text).0, ["ready: measured current by lab", "out:  by "]);
    }

    #[test]
    fn a_word_that_nothing_knows_is_noted_and_the_list_does_not_count() {
        let (told, notes) = names("[[checkpoint]]\nname = \"x\"\nholds = [\"measurd\", \"current\"]\n");
        assert_eq!((told.as_slice(), notes.as_slice()), (&["x:  by ".to_owned()][..], &["unknown-value"][..]));
    }
}
