//! Answers to the questions that are asked about each provision, put together from what is declared, recorded and judged.
//!
//! Nothing is written for a question. Where nothing is there, the answer is that, and what would settle it.

mod cite;
mod source;

use std::path::Path;

use catalogue::{Audience, Catalogue};
use dossier::{Dossier, Support};
use engine::{Next, Standing};
use model::Timestamp;
use report::Presentation;
use report::answers::{Answers, Asked, Clause, Open, Question, Said, State};
use report::presentation::{Applies, Prose, Provision};

use crate::assess::{AssessError, Standing as Exit, assess};
use crate::tell::step;
use cite::Cites;

/// The answers about the dossier in a folder, on what its ledger holds, for a moment. Records nothing.
///
/// # Errors
/// [`AssessError`] when the dossier or its ledger cannot be read.
pub fn answers(folder: &Path, at: Timestamp) -> Result<Answers, AssessError> {
    let assessed = assess(folder, at)?;
    let presentation = assessed.presentation(&[], Exit::of(&assessed.assessment).exit());
    Ok(told(&assessed.dossier, &presentation))
}

/// The answers about a dossier beside an assessment of it that is told already.
pub fn told(dossier: &Dossier, presentation: &Presentation) -> Answers {
    let head = &presentation.head;
    let catalogue = Catalogue::of(head.edition);
    let look = Look { dossier, presentation, catalogue, cites: Cites::of(dossier, presentation) };
    let clauses = presentation.clauses.iter().map(|clause| Clause {
        id: clause.id.clone(),
        title: clause.title.clone(),
        provisions: clause.provisions.iter().map(|provision| look.asked(provision)).collect(),
    });
    Answers {
        product: head.product.clone(),
        model: head.model.clone(),
        supplier: head.supplier.clone(),
        release: head.release.clone(),
        edition: head.edition,
        at: head.at,
        ruleset: head.ruleset,
        tool: head.tool.clone(),
        ledger: head.ledger.clone(),
        clauses: clauses.filter(|clause| !clause.provisions.is_empty()).collect(),
    }
}

struct Look<'a> {
    dossier: &'a Dossier,
    presentation: &'a Presentation,
    catalogue: &'static Catalogue,
    cites: Cites<'a>,
}

/// An answer as it grows.
#[derive(Default)]
struct Answer {
    said: Vec<Said>,
    open: Vec<Open>,
}

impl Answer {
    fn says(&mut self, what: impl Into<String>, text: impl Into<String>, cites: Vec<report::answers::Cite>) {
        self.said.push(Said { what: what.into(), text: Prose(text.into()), cites });
    }

    /// Something is missing, and this would settle it.
    fn lacks(&mut self, missing: impl Into<String>, next: &Next) {
        self.open(Open { missing: missing.into(), next: Some(step(next, None)) });
    }

    fn open(&mut self, open: Open) {
        if !self.open.contains(&open) {
            self.open.push(open);
        }
    }
}

impl Look<'_> {
    fn asked(&self, provision: &Provision) -> Asked {
        let questions = self.catalogue.questions().iter().filter(|q| q.provision.as_str() == provision.id);
        Asked {
            id: provision.id.clone(),
            mandatory: provision.mandatory,
            summary: provision.summary.clone(),
            outcome: provision.outcome,
            questions: questions.map(|question| self.question(question, provision)).collect(),
        }
    }

    fn question(&self, question: &catalogue::Question, provision: &Provision) -> Question {
        let standing = provision.answer.standing.as_str();
        let not_claimed = [Standing::NotClaimed, Standing::Unjustified].iter().any(|s| standing == s.as_str());
        let mut answer = Answer::default();
        let state = if provision.applies == Applies::No {
            let reasons: Vec<String> = provision.applies_because.iter().map(cite::text).collect();
            answer.says("applicability", reasons.join("\n"), self.cites.grounds(&provision.applies_because));
            State::NotApplicable
        } else if not_claimed {
            self.not_claimed(provision, &mut answer);
            State::NotClaimed
        } else {
            for source in &question.from {
                self.source(source, provision, &mut answer);
            }
            match (answer.said.is_empty(), answer.open.is_empty()) {
                (false, true) => State::Answered,
                (false, false) => State::Partly,
                (true, _) => State::Open,
            }
        };
        Question {
            id: question.id.clone(),
            audience: match question.audience {
                Audience::Auditor => report::answers::Audience::Auditor,
                Audience::Customer => report::answers::Audience::Customer,
                Audience::Authority => report::answers::Audience::Authority,
            },
            ask: question.ask.clone(),
            state,
            said: answer.said,
            open: answer.open,
        }
    }

    /// Why a recommendation is not met, what keeps the risk down, and when that is looked at again.
    fn not_claimed(&self, provision: &Provision, answer: &mut Answer) {
        let row = &provision.answer;
        let cites = || row.at.iter().map(cite::place).collect::<Vec<_>>();
        let declare = |what: &str| Next::Declare {
            place: "ics".into(),
            entry: Some(provision.id.clone()),
            what: what.to_owned(),
        };
        let met = row.support != Support::No.as_str();
        for (what, text, key, spared) in [
            ("detail", &row.detail, "detail", !row.justification.is_empty()),
            ("rationale", &row.justification, "justification", met && !row.detail.is_empty()),
            ("compensating control", &row.compensating, "compensating", met),
        ] {
            if !text.is_empty() {
                answer.says(what, text.0.clone(), cites());
            } else if !spared {
                answer.lacks(format!("{} gives no {what}", provision.id), &declare(key));
            }
        }
        match row.review.trim() {
            "" if met => {}
            "" => {
                answer.lacks(format!("no date says when {} is looked at again", provision.id), &declare("review"))
            }
            day if self.presentation.head.at.is_after_day(day) => {
                answer.lacks(format!("it was to be looked at again by {day}"), &declare("review"));
            }
            day => answer.says("looked at again by", day, cites()),
        }
    }
}
