//! What the supplier's answer to a provision (the ICS row) amounts to, once applicability is computed.
//!
//! It judges the answer, not the product: whether a claim is true is decided by the tests.

use catalogue::Provision;
use dossier::{IcsRow, Located, Support};
use model::Outcome;
use serde::Serialize;

use crate::applies::{Applies, applies};
use crate::judgement::{Judgement, Next};
use crate::view::View;

/// Where a provision stands after its answer has been weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Answered Y: its tests decide.
    Claimed,
    /// Mandatory, applies, answered N: not conformant whatever the tests say.
    NotSupported,
    /// A recommendation answered N or N/A with a justification.
    NotClaimed,
    /// A recommendation answered N or N/A without one.
    Unjustified,
    /// Answered N/A although it applies: counts as applying until it is answered.
    Refused,
    /// Does not apply, computed.
    NotApplicable,
    /// Not answered, or answered for another edition and not confirmed: counts as claimed, open.
    Unanswered,
}

impl Standing {
    /// The words as tables print them.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Claimed => "claimed",
            Standing::NotSupported => "not supported",
            Standing::NotClaimed => "not claimed",
            Standing::Unjustified => "not claimed, unjustified",
            Standing::Refused => "N/A refused",
            Standing::NotApplicable => "not applicable",
            Standing::Unanswered => "not answered",
        }
    }

    /// Whether the tests of the provision are carried out.
    pub fn is_tested(self) -> bool {
        matches!(self, Standing::Claimed | Standing::NotSupported | Standing::Refused | Standing::Unanswered)
    }
}

/// A provision's applicability and answer, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) applies: Applies,
    pub(crate) standing: Standing,
    /// What the answer itself comes to: pass for a claim, fail for an unmet mandatory provision.
    pub(crate) judgement: Judgement,
}

impl Answer {
    /// The judgement of every instance when the tests are not carried out.
    pub(crate) fn untested(&self) -> Option<Judgement> {
        match self.standing {
            Standing::NotApplicable => self.applies.judgement(),
            Standing::NotClaimed | Standing::Unjustified => {
                let mut judgement = Judgement::not_applicable("the recommendation is not claimed");
                judgement.grounds.clone_from(&self.judgement.grounds);
                Some(judgement)
            }
            _ => None,
        }
    }
}

/// Weighs the supplier's answer to a provision.
pub(crate) fn answer(view: &View<'_>, provision: &Provision) -> Answer {
    let applies = applies(view, provision);
    let row = view.dossier.answer(provision.id.as_str());
    if let Some(judgement) = applies.judgement() {
        return Answer { applies, standing: Standing::NotApplicable, judgement };
    }
    let (standing, judgement) = weigh(provision, row);
    let mut judgement = match row {
        Some(row) => judgement.declared(row.span, said(row)),
        None => judgement,
    };
    if let Applies::Unknown(gaps) = &applies {
        judgement.gaps.extend(gaps.iter().cloned());
        if judgement.outcome == Outcome::Pass {
            judgement.outcome = Outcome::Open;
            judgement.because = format!("{}, but it is not declared whether it applies", judgement.because);
        }
    }
    Answer { applies, standing, judgement }
}

fn weigh(provision: &Provision, row: Option<&Located<IcsRow>>) -> (Standing, Judgement) {
    let id = provision.id.as_str();
    let declare =
        |what: &str| Next::Declare { place: "ics".into(), entry: Some(id.to_owned()), what: what.to_owned() };
    let Some((row, support)) = row.and_then(|row| Some((row, row.support.as_ref()?.value))) else {
        let missing = format!("provision {id} is not answered in the ICS");
        return (Standing::Unanswered, Judgement::open(missing, declare("support")));
    };
    if let Some(carried) = row.unconfirmed() {
        let missing =
            format!("the answer to {id} was given for {} and nobody has confirmed it", carried.value.trim());
        return (Standing::Unanswered, Judgement::open(missing, declare("support, without `carried`")));
    }
    let justified = filled(row.justification.as_ref()) || filled(row.detail.as_ref());
    match support {
        Support::Yes => (Standing::Claimed, Judgement::pass("claimed")),
        Support::No if provision.is_mandatory() => {
            (Standing::NotSupported, Judgement::fail("mandatory, applies, and answered N"))
        }
        Support::NotApplicable if provision.is_mandatory() => (
            Standing::Refused,
            Judgement::open(
                "answered N/A, but what is declared does not make it inapplicable",
                declare("support"),
            ),
        ),
        Support::No | Support::NotApplicable if justified => {
            (Standing::NotClaimed, Judgement::not_applicable("recommendation not claimed, with a justification"))
        }
        Support::No | Support::NotApplicable => (
            Standing::Unjustified,
            Judgement::open(
                format!("recommendation answered {} without a justification", support.as_str()),
                declare("justification"),
            ),
        ),
    }
}

fn said(row: &IcsRow) -> String {
    let text = |part: Option<&Located<String>>| part.map(|p| p.value.trim().to_owned()).filter(|t| !t.is_empty());
    let why = text(row.justification.as_ref()).or_else(|| text(row.detail.as_ref()));
    let support = row.support.as_ref().map_or("no answer", |s| s.value.as_str());
    match why {
        Some(why) => format!("{support}: {why}"),
        None => support.to_owned(),
    }
}

pub(crate) fn filled(text: Option<&Located<String>>) -> bool {
    text.is_some_and(|t| !t.value.trim().is_empty())
}
