//! Test group 5.1-5: network-based mechanisms are declared, and wrong guesses meet the described prevention.
//!
//! A lockout is compared with the declared one, to the attempt and with the time that each guess took, one after the
//! other and over several sessions at once; without one, the faster of the two measured rates decides.

use dossier::{AuthMechFacts, Entry, Located, LockoutCount};
use model::{Across, AuthScheme, Did, Fact, Guessing, ShortfallKind};

use crate::judgement::{Ground, Judgement, Next};
use crate::rule::UnitRule;
use crate::view::View;

use super::guessing::{over_sources, practicable, while_locked};
use super::lockout::{Doubt, Lockout, Shown, opened_after, tells_blocks};
use super::login_evidence::reached;
use super::probe_names::{AUTH_GUESSING, DUT, HTTP_SURFACE, SERVICES, TCP_PORTS, UDP_SERVICES};
use super::said::{about, declare};
use super::seen::{Look, Seen, Sight, ground, key, port_text};
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
        let facts = seen.facts();
        let mut parts: Vec<Judgement> = Vec::new();
        for port in &reached.ports {
            let here = facts.iter().filter_map(|sight| match sight.fact {
                Fact::Guessing(run) if key(&run.endpoint) == port.at && reached.is_at(port.at, run.scheme) => {
                    Some(Run { sight: *sight, run })
                }
                _ => None,
            });
            let runs: Vec<Run<'_>> = here.collect();
            parts.extend(runs.iter().map(|run| {
                let beside = runs.iter().filter(|other| other.is_at_the_door_of(run));
                let tells = beside.map(|other| other.run).any(tells_blocks);
                let judgement = judge_run(view, mechanism, run, tells).on(run.sight.ground(run.text()));
                from_elsewhere(view, mechanism, run).into_iter().fold(judgement, Judgement::on)
            }));
            parts.extend(runs.iter().flat_map(|run| ways_around(view, mechanism, run)));
            let alone = runs
                .iter()
                .filter(|run| !run.run.around_another_login)
                .filter(|run| !runs.iter().any(|other| other.run.parallel > 1 && other.is_at_the_door_of(run)));
            parts.extend(alone.map(not_tried_beside));
            parts.extend(runs.iter().filter(|run| run.lacks_a_claim(mechanism)).map(|_| not_claimed(mechanism)));
            if runs.is_empty() {
                parts.push(not_tried(&seen, port.at));
            }
        }
        parts.extend(reached.open);
        together(parts, "no place to guess at is declared", declare(mechanism, "interface"))
    })
}

/// A run of guesses and the record it stands in.
struct Run<'a> {
    sight: Sight<'a>,
    run: &'a Guessing,
}

impl Run<'_> {
    /// Whether both were measured at one door, in one record.
    fn is_at_the_door_of(&self, other: &Run<'_>) -> bool {
        let door = |run: &Run<'_>| (run.sight.record.seq, run.run.scheme, run.run.path.clone());
        door(self) == door(other)
    }

    /// Whether a web login blocked as declared, and nobody tried whether a claimed source passes that.
    fn lacks_a_claim(&self, mechanism: &Entry) -> bool {
        let declares = mechanism.facts::<AuthMechFacts>().is_some_and(|facts| facts.lockout_after.is_some());
        let is_first = declares && self.run.parallel <= 1 && !self.run.around_another_login;
        let is_web = matches!(
            self.run.scheme,
            AuthScheme::HttpBasic | AuthScheme::HttpDigest | AuthScheme::HttpForm | AuthScheme::HttpJson
        );
        is_first && is_web && tells_blocks(self.run) && !self.run.tries.iter().any(|one| one.forwarded)
    }

    fn text(&self) -> String {
        let run = self.run;
        let blocked = run.blocked_after.map_or("never blocked".to_owned(), |n| format!("blocked after {n}"));
        format!("{} attempts, {} evaluated, {} in parallel, {blocked}", run.attempts, run.evaluated, run.parallel)
    }

    /// Whether refused guesses were evaluated, as far as a right credential behind them shows it.
    fn is_proven(&self) -> bool {
        if !self.run.tries.is_empty() {
            return opened_after(self.run);
        }
        // A record without times says beside the fact when no right credential was there.
        let reading = &self.sight.record.body.reading;
        !reading.shortfalls.iter().any(|s| s.of == "guessing" && s.endpoint == Some(self.run.endpoint))
    }
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

/// A door at which guesses were given one after the other alone: what several at once do is not known.
fn not_tried_beside(run: &Run<'_>) -> Judgement {
    let observe = Next::Observe { probe: AUTH_GUESSING.to_owned(), target: DUT.to_owned() };
    let reading = &run.sight.record.body.reading;
    let is_here = |e: &Option<model::Endpoint>| *e == Some(run.run.endpoint);
    match reading.shortfalls.iter().find(|short| short.of == "guessing-side-by-side" && is_here(&short.endpoint)) {
        Some(short) => {
            let next = match short.kind {
                ShortfallKind::Limit => {
                    Next::Prepare { what: "more `parallel` or `attempts` in `[limits]`".to_owned() }
                }
                _ => observe,
            };
            Judgement::inconclusive(short.text.clone(), next).on(ground(run.sight.record, short.text.clone()))
        }
        None => Judgement::inconclusive("guesses in several sessions at once were not tried", observe),
    }
}

fn not_claimed(mechanism: &Entry) -> Judgement {
    Judgement::inconclusive(
        format!("{} was not given a guess that claims another source while it was blocked", mechanism.id.value),
        Next::Prepare { what: "more `attempts` in `[limits]`, and the guesses again".to_owned() },
    )
}

fn judge_run(view: &View<'_>, mechanism: &Entry, run: &Run<'_>, tells: bool) -> Judgement {
    let Some(facts) = mechanism.facts::<AuthMechFacts>() else {
        return super::said::missing(mechanism, "lockout-after");
    };
    match &facts.lockout_after {
        Some(after) => against_lockout(view, mechanism, facts, after, run, tells),
        None => against_rate(view, mechanism, facts, run),
    }
}

/// Ways past a block: a claimed source, and other doors that are declared to share the count.
fn ways_around(view: &View<'_>, mechanism: &Entry, run: &Run<'_>) -> Vec<Judgement> {
    let Some(facts) = mechanism.facts::<AuthMechFacts>() else { return Vec::new() };
    let (id, mut parts) = (&mechanism.id.value, Vec::new());
    let lockout = Lockout {
        after: facts.lockout_after.as_ref().map_or(0, |after| after.value),
        seconds: facts.lockout_seconds.as_ref().map(|seconds| seconds.value),
    };
    if let Some(text) = lockout.passed_by_a_claim(run.run) {
        parts.push(Judgement::fail(format!("{id} {text}")).on(run.sight.ground(text)));
    }
    if run.run.parallel > 1 || run.run.around_another_login {
        return parts;
    }
    parts.extend(counted_over_sources(id, facts, run));
    for other in facts.counted_with.iter().flat_map(|ids| &ids.value) {
        let there = view.dossier.entry("AuthMech", &other.value).map(|entry| reached(view, entry));
        let is_there = |across: &&Across| {
            there.as_ref().is_some_and(|there| there.is_at(key(&across.endpoint), across.scheme))
        };
        let judgement = match run.run.across.iter().find(is_there) {
            Some(across) => {
                let seen = format!("{} while {id} was blocked: {}", other.value, across.told_by);
                match across.evaluated {
                    true => Judgement::fail(format!("{} evaluates guesses while {id} is blocked", other.value)),
                    false => Judgement::pass(format!("{} is blocked together with {id}", other.value)),
                }
                .on(run.sight.ground(seen))
            }
            None => Judgement::inconclusive(
                format!("{} was not tried while {id} was blocked", other.value),
                Next::Observe { probe: AUTH_GUESSING.to_owned(), target: DUT.to_owned() },
            ),
        };
        parts.push(judgement.declared(other.span, format!("`counted-with` names {}", other.value)));
    }
    parts
}

/// What a second source address met while the first one was blocked, and what several of them make of it.
fn from_elsewhere(view: &View<'_>, mechanism: &Entry, run: &Run<'_>) -> Vec<Ground> {
    let Some(seen) = &run.run.elsewhere else { return Vec::new() };
    let met = if seen.evaluated { "evaluated" } else { "blocked as well" };
    let mut grounds =
        vec![run.sight.ground(format!("from {} while blocked: {met}: {}", seen.source, seen.told_by))];
    if let Some(facts) = mechanism.facts::<AuthMechFacts>().filter(|_| seen.evaluated) {
        grounds.extend(over_sources(view.dossier, facts, run.run.guesses_per_hour));
    }
    grounds
}

/// A lockout that is declared to count over all sources has to meet a second one.
fn counted_over_sources(id: &str, facts: &AuthMechFacts, run: &Run<'_>) -> Option<Judgement> {
    let counts = facts.lockout_counts.as_ref().filter(|counts| counts.value == LockoutCount::AllSources)?;
    let judgement = match &run.run.elsewhere {
        Some(seen) => {
            let told = run.sight.ground(format!("from {}: {}", seen.source, seen.told_by));
            match seen.evaluated {
                true => {
                    Judgement::fail(format!("{id} evaluates guesses from {} while it is blocked", seen.source))
                }
                false => Judgement::pass(format!("{id} is blocked for {} as well", seen.source)),
            }
            .on(told)
        }
        None => Judgement::inconclusive(
            format!("that the lockout of {id} meets a second source was not seen"),
            Next::Prepare { what: "`second-source` in bench.toml, and the guesses again".to_owned() },
        ),
    };
    Some(judgement.declared(counts.span, "`lockout-counts = \"all-sources\"`"))
}

fn against_lockout(
    view: &View<'_>,
    mechanism: &Entry,
    facts: &AuthMechFacts,
    after: &Located<u32>,
    run: &Run<'_>,
    tells: bool,
) -> Judgement {
    let id = &mechanism.id.value;
    let seconds = facts.lockout_seconds.as_ref();
    let lockout = Lockout { after: after.value, seconds: seconds.map(|s| s.value) };
    let judgement = match lockout.shown(run.run, tells) {
        Shown::Held(count) => {
            Judgement::pass(format!("{id} is blocked after {count} wrong attempts, as declared"))
        }
        Shown::Broken(text) => Judgement::fail(format!("{id} {text}")),
        Shown::TooFew(count) => Judgement::inconclusive(
            format!("{count} guesses were evaluated, too few to reach the lockout after {}", after.value),
            // A wrong one at first, the lockout twice over, what a first block lets through, and what other probes took.
            Next::Prepare {
                what: format!("`attempts = {}` in `[limits]`", after.value.saturating_mul(2).saturating_add(12)),
            },
        ),
        Shown::Unsure(doubt, text) => {
            Judgement::inconclusive(format!("{id}: {text}"), resolve(doubt, mechanism, lockout))
        }
    };
    let judgement = judgement.declared(after.span, format!("`lockout-after = {}`", after.value));
    let Some(seconds) = seconds else { return judgement };
    let judgement = judgement.declared(seconds.span, format!("`lockout-seconds = {}`", seconds.value));
    // Whether that is enough is asked of the description (5.1-5-1a), by a person; the numbers stand beside the lockout.
    match while_locked(view.dossier, facts, after.value, seconds.value) {
        Some(weighed) => judgement.on(Ground::Rule(weighed.text)).on(weighed.policy),
        None => judgement,
    }
}

/// What would resolve a doubt about a lockout.
fn resolve(doubt: Doubt, mechanism: &Entry, lockout: Lockout) -> Next {
    let id = &mechanism.id.value;
    let observe = || Next::Observe { probe: AUTH_GUESSING.to_owned(), target: DUT.to_owned() };
    let prepare = |what: String| Next::Prepare { what };
    match (doubt, lockout.seconds) {
        (Doubt::Elapsed, None) => declare(mechanism, "lockout-seconds"),
        (Doubt::Elapsed, Some(seconds)) => prepare(format!(
            "`per-second` and `parallel` in `[limits]` that let {} guesses fall into {seconds} s, on a quiet bench",
            lockout.after.saturating_add(1)
        )),
        (Doubt::Unproven | Doubt::OnlySaid, _) => {
            prepare(format!("an `[[account]]` of {id} whose secret is right, so that each end of a block shows"))
        }
        (Doubt::Silent, _) => prepare(format!(
            "`attempts = {}` and `parallel = 1` in `[limits]`, so that the run ends with the guess after which the \
             lockout comes; what several sessions at once do is then for a person",
            lockout.after.saturating_add(1)
        )),
        (Doubt::NoTimes | Doubt::Unanswered | Doubt::Before, _) => observe(),
    }
}

/// Without a declared lockout the rate decides. Where the run ended in a block, the rate is only bounded from above.
fn against_rate(view: &View<'_>, mechanism: &Entry, facts: &AuthMechFacts, run: &Run<'_>) -> Judgement {
    let id = &mechanism.id.value;
    let weighed = practicable(view.dossier, facts, run.run.guesses_per_hour);
    let unheard = run.run.tries.iter().filter(|one| matches!(one.did, Did::Nothing | Did::Closed)).count();
    let judgement = if run.run.evaluated == 0 {
        Judgement::inconclusive(
            format!("{id} evaluated no guess"),
            Next::Observe { probe: AUTH_GUESSING.to_owned(), target: DUT.to_owned() },
        )
    } else if !weighed.yes && run.run.parallel > 1 && unheard > 0 {
        Judgement::inconclusive(
            format!("{unheard} of {} guesses side by side at {id} were not answered", run.run.attempts),
            Next::Observe { probe: AUTH_GUESSING.to_owned(), target: DUT.to_owned() },
        )
    } else if !weighed.yes {
        Judgement::pass(format!("guessing at {id} is impracticable: {}", weighed.text))
    } else if run.run.blocked_after.is_some() {
        Judgement::inconclusive(
            format!("guessing at {id} is blocked, and its rate at most this: {}", weighed.text),
            declare(mechanism, "lockout-after and lockout-seconds"),
        )
    } else if run.is_proven() {
        Judgement::fail(format!("guessing at {id} is practicable: {}", weighed.text))
    } else {
        Judgement::inconclusive(
            format!("{id} refused every guess; that it evaluated them was not shown: {}", weighed.text),
            Next::Prepare { what: format!("an `[[account]]` of {id} whose secret is right") },
        )
    };
    judgement.on(weighed.policy).declared(mechanism.span, format!("{id} declares no lockout"))
}
