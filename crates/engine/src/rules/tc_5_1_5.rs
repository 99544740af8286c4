//! Test group 5.1-5: network-based mechanisms are declared, and wrong guesses meet the described prevention.
//!
//! A lockout is compared with the declared one, to the attempt; without one, the measured rate decides.

use dossier::{AuthMechFacts, Entry};
use model::{Fact, Guessing};

use crate::judgement::{Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::guessing::practicable;
use super::login_evidence::reached;
use super::probe_names::{AUTH_GUESSING, DUT, HTTP_SURFACE, SERVICES, TCP_PORTS, UDP_SERVICES};
use super::said::{about, declare};
use super::seen::{Look, Seen, ground, key, port_text};
use super::together::together;
use super::{BOTH, measured, undeclared, undeclared_logins};

pub(super) const RULES: &[UnitRule] = &[
    measured("5.1-5-2a", BOTH, nothing_undeclared, &[TCP_PORTS, UDP_SERVICES, SERVICES, HTTP_SURFACE]),
    measured("5.1-5-2b", BOTH, guesses_are_stopped, &[AUTH_GUESSING]),
];

fn nothing_undeclared(view: &View<'_>, _: Option<&Entry>) -> Judgement {
    undeclared::judge(view, undeclared_logins::find(view, |_| true), "authentication mechanism", true)
}

fn guesses_are_stopped(view: &View<'_>, entry: Option<&Entry>) -> Judgement {
    about(entry, "AuthMech", |mechanism| {
        let reached = reached(view, mechanism);
        let seen = Seen::of(view, DUT);
        let runs = seen.facts();
        let mut parts: Vec<Judgement> = Vec::new();
        for port in &reached.ports {
            let mine = runs.iter().filter_map(|sight| match sight.fact {
                Fact::Guessing(run) if reached.is_at(key(&run.endpoint), run.scheme) => Some((sight, run)),
                _ => None,
            });
            let before = parts.len();
            for (sight, run) in mine.filter(|(_, run)| key(&run.endpoint) == port.at) {
                let text = format!(
                    "{} attempts, {} evaluated, {} in parallel, {}",
                    run.attempts,
                    run.evaluated,
                    run.parallel,
                    run.blocked_after.map_or("never blocked".to_owned(), |n| format!("blocked after {n}")),
                );
                parts.push(judge_run(view, mechanism, run).on(sight.ground(text)));
            }
            if parts.len() == before {
                parts.push(not_tried(&seen, port.at));
            }
        }
        parts.extend(reached.open);
        together(parts, "no place to guess at is declared", declare(mechanism, "interface"))
    })
}

fn not_tried(seen: &Seen<'_>, at: super::seen::PortKey) -> Judgement {
    let next = Next::Observe { probe: AUTH_GUESSING.to_owned(), target: DUT.to_owned() };
    match seen.look(AUTH_GUESSING, "guessing", at) {
        Look::Short(record, short) => {
            Judgement::inconclusive(format!("guessing at {}: {}", port_text(at), short.text), next)
                .on(ground(record, short.text.clone()))
        }
        _ => Judgement::open(format!("no wrong credential was tried at {}", port_text(at)), next),
    }
}

fn judge_run(view: &View<'_>, mechanism: &Entry, run: &Guessing) -> Judgement {
    let id = &mechanism.id.value;
    let Some(facts) = mechanism.facts::<AuthMechFacts>() else {
        return super::said::missing(mechanism, "lockout-after");
    };
    if let Some(declared) = &facts.lockout_after {
        let limit = declared.value;
        let judgement = match run.blocked_after {
            Some(after) if after <= limit => within(facts, mechanism, run, after),
            Some(after) => Judgement::fail(format!("{id} is blocked after {after} attempts, declared {limit}")),
            None if run.evaluated > limit => {
                Judgement::fail(format!("{id} evaluated {} guesses, declared lockout after {limit}", run.evaluated))
            }
            None => Judgement::inconclusive(
                format!("{} guesses were evaluated, too few to reach the lockout after {limit}", run.evaluated),
                Next::Prepare { what: format!("`attempts` above {limit} in `[limits]`") },
            ),
        };
        return judgement.declared(declared.span, format!("`lockout-after = {limit}`"));
    }
    let weighed = practicable(view.dossier, facts, run.guesses_per_hour);
    let judgement = if weighed.yes {
        Judgement::fail(format!("guessing at {id} is practicable: {}", weighed.text))
    } else {
        Judgement::pass(format!("guessing at {id} is impracticable: {}", weighed.text))
    };
    judgement.on(weighed.policy).declared(mechanism.span, format!("{id} declares no lockout"))
}

/// Blocked in time; the block also has to last as long as declared, where both are known.
fn within(facts: &AuthMechFacts, mechanism: &Entry, run: &Guessing, after: u32) -> Judgement {
    let id = &mechanism.id.value;
    match (&facts.lockout_seconds, run.blocked_millis) {
        (Some(declared), Some(millis)) if millis < u64::from(declared.value) * 1000 => {
            Judgement::fail(format!("{id} is blocked for {millis} ms, declared {} s", declared.value))
                .declared(declared.span, format!("`lockout-seconds = {}`", declared.value))
        }
        _ => Judgement::pass(format!("{id} is blocked after {after} wrong attempts, as declared")),
    }
}
