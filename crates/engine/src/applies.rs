//! Whether a provision applies to the product, computed from the declared conditions and features.
//!
//! What the supplier typed as answer plays no part here: N/A is computed, never believed.

use catalogue::{Applicability, Provision, Unmet};
use dossier::Span;
use serde::Serialize;

use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::View;

/// Why a provision does not apply: one unmet condition or absent feature, and where that is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// One line: which condition or feature, and what it stands for.
    pub text: String,
    /// Where it is declared.
    pub span: Option<Span>,
}

/// Whether a provision applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applies {
    /// It does.
    Yes,
    /// It does not, for these reasons.
    No(Vec<Reason>),
    /// The declaration leaves it open; until these gaps are closed the provision counts as applying.
    Unknown(Vec<Gap>),
}

impl Applies {
    /// One line that says why it does not apply; nothing when it does or may.
    pub fn reason(&self) -> Option<String> {
        match self {
            Applies::No(reasons) => Some(reasons.iter().map(|r| r.text.as_str()).collect::<Vec<_>>().join("; ")),
            Applies::Yes | Applies::Unknown(_) => None,
        }
    }

    /// The judgement of everything under a provision that does not apply; nothing when it does or may.
    pub(crate) fn judgement(&self) -> Option<Judgement> {
        let Applies::No(reasons) = self else { return None };
        let judgement = Judgement::not_applicable(self.reason().unwrap_or_default());
        Some(reasons.iter().fold(judgement, |j, r| match r.span {
            Some(span) => j.declared(span, r.text.clone()),
            None => j.on(Ground::Rule(r.text.clone())),
        }))
    }
}

/// Computes whether a provision applies to the declared product.
pub fn applies(view: &View<'_>, provision: &Provision) -> Applies {
    let ics = &view.dossier.ics;
    let condition = |id: &str| ics.conditions.get(id).map(|c| c.value);
    let feature = |id: &str| ics.features.get(id).map(|f| f.value);
    match provision.applicability(condition, feature) {
        Applicability::Applies => Applies::Yes,
        Applicability::DoesNot(unmet) => Applies::No(unmet.iter().map(|u| reason(view, u)).collect()),
        Applicability::Unknown(unsaid) => Applies::Unknown(unsaid.iter().map(|u| gap(view, u)).collect()),
    }
}

fn reason(view: &View<'_>, unmet: &Unmet) -> Reason {
    let ics = &view.dossier.ics;
    let span = match unmet {
        Unmet::Condition(id) => ics.conditions.get(id).map(|c| c.span),
        Unmet::Feature(id) => ics.features.get(id).map(|f| f.span),
    };
    Reason { text: format!("{unmet} ({})", summary(view, unmet)), span }
}

fn gap(view: &View<'_>, unsaid: &Unmet) -> Gap {
    let what = match unsaid {
        Unmet::Condition(id) => format!("condition {id}"),
        Unmet::Feature(id) => format!("feature {id}"),
    };
    Gap {
        missing: format!("whether {what} holds is not declared: {}", summary(view, unsaid)),
        next: Next::Declare { place: "ics".into(), entry: None, what },
    }
}

fn summary<'a>(view: &View<'a>, unmet: &Unmet) -> &'a str {
    match unmet {
        Unmet::Condition(id) => view.catalogue.condition(id).map_or("", |c| c.summary.as_str()),
        Unmet::Feature(id) => view.catalogue.feature(id).map_or("", |f| f.summary.as_str()),
    }
    .trim_end_matches('.')
}
