//! Where another tool's output says otherwise than a measurement, and what that does to a judgement.
//!
//! One place for all rules. A dispute is about one port, seen from one place with the product in one state. A rule is
//! asked again as if one side were right and as if the other were; a decided outcome that depends on it is inconclusive,
//! with both sides shown. The time of either does not settle it: only measuring again with the same tool does.

mod certificates;
mod suites;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::{Endpoint, Fact, Level, Outcome, PortState, TlsVersion, Transport};

use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::{Evidence, Recorded, View};

use super::seen::{Record, Seen, Sight, asked_over, is_replaced_at, key, port_text};

/// Ports whose disputes are told apart; those of the others are taken together.
const MOST_APART: usize = 20;
/// Protocols whose names all tools agree on.
const SAME_NAMES: [&str; 9] = ["dns", "ftp", "http", "imap", "mqtt", "rtsp", "smtp", "ssh", "telnet"];

/// What is in dispute at an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Open,
    Tls,
    Protocol,
    Version(TlsVersion),
    /// By number: those of which the same records say the same.
    Suites(TlsVersion, Vec<u16>),
    Certificate,
    SshList(String),
}

/// Everything that records say, by what it is about.
type Said<'a> = BTreeMap<(Spot, About), Vec<Says<'a>>>;

/// What one record says of it.
#[derive(Debug, Clone, PartialEq)]
struct Says<'a> {
    record: Record<'a>,
    word: String,
}

/// Statements that contradict each other, at one endpoint.
#[derive(Debug, Clone)]
struct Dispute<'a> {
    target: String,
    endpoint: Endpoint,
    about: About,
    sides: Vec<Says<'a>>,
}

impl Dispute<'_> {
    fn line(&self) -> String {
        let side = |says: &Says<'_>| format!("{} (record {}) {}", name(says.record), says.record.seq, says.word);
        let sides: Vec<String> = self.sides.iter().map(side).collect();
        format!("{}: {}", port_text(key(&self.endpoint)), sides.join(", "))
    }
}

/// The tool that a record is by, as a reader knows it.
fn name(record: Record<'_>) -> String {
    match &record.body.source {
        Some(source) => source.to_string(),
        None => record.body.run.probe.clone(),
    }
}

fn is_imported(record: Record<'_>) -> bool {
    record.body.level == Some(Level::Imported)
}

/// Disputes at one port, and the evidence as it would be if each of the tools were right.
struct Group {
    line: String,
    grounds: Vec<Ground>,
    next: Next,
    variants: Vec<Evidence>,
}

/// What a rule says of an entry by the current evidence, with the disputes in it settled. [`crate::judge`] does the same
/// for every rule, and looks for disputes once.
pub fn ruled(view: &View<'_>, rule: &crate::rule::UnitRule, entry: Option<&dossier::Entry>) -> Judgement {
    let again = |evidence: &Evidence| (rule.judge)(&View { evidence, ..*view }, entry);
    Disputes::of(view).settle((rule.judge)(view, entry), &again)
}

/// Everything in dispute in a view, and what its imports alone say.
pub(crate) struct Disputes {
    groups: Vec<Group>,
    /// The evidence of the level on which a pass may rest; none where all of it is.
    strong: Option<Evidence>,
    weakest: Level,
}

impl Disputes {
    /// Looks through a view. Without imports there is nothing to settle.
    pub(crate) fn of(view: &View<'_>) -> Self {
        let weakest = crate::policy::pass_level(view.dossier);
        let all = &view.evidence.observations;
        let is_strong = |o: &Recorded<model::Observation>| o.body.level.unwrap_or(Level::Reproducible) <= weakest;
        let strong = all.iter().any(|o| !is_strong(o)).then(|| {
            let observations = all.iter().filter(|o| is_strong(o)).cloned().collect();
            Evidence { observations, ..view.evidence.clone() }
        });
        let groups = if all.iter().any(is_imported) { groups(view) } else { Vec::new() };
        Self { groups, strong, weakest }
    }

    /// A rule's judgement, held against what is in dispute and against the level that a pass needs.
    pub(crate) fn settle(&self, now: Judgement, again: &dyn Fn(&Evidence) -> Judgement) -> Judgement {
        if !now.outcome.is_decided() {
            return now;
        }
        let depends = |group: &&Group| group.variants.iter().any(|one| again(one).outcome != now.outcome);
        let matter: Vec<&Group> = self.groups.iter().filter(depends).collect();
        if let Some(first) = matter.first() {
            let because = format!("two tools disagree: {}", first.line);
            let gap = |group: &Group| Gap { missing: group.line.clone(), next: group.next.clone() };
            let mut grounds = now.grounds;
            grounds.extend(matter.iter().flat_map(|group| group.grounds.iter().cloned()));
            let gaps = matter.iter().map(|group| gap(group)).collect();
            return Judgement { outcome: Outcome::Inconclusive, because, grounds, gaps };
        }
        if let (Outcome::Pass, Some(strong)) = (now.outcome, &self.strong) {
            let own = again(strong);
            if own.outcome != Outcome::Pass {
                let because = format!(
                    "only evidence weaker than `{}` says so: {}; by the rest: {}",
                    self.weakest, now.because, own.because
                );
                let next = Next::State { what: format!("whether it holds: {}", now.because) };
                let gaps = match own.gaps.is_empty() {
                    true => vec![Gap { missing: because.clone(), next }],
                    false => own.gaps,
                };
                return Judgement { outcome: Outcome::Inconclusive, because, grounds: now.grounds, gaps };
            }
        }
        now
    }
}

fn groups(view: &View<'_>) -> Vec<Group> {
    let mut targets: Vec<&str> = view.evidence.observations.iter().map(|o| o.body.run.target.as_str()).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut by_port: BTreeMap<(String, Transport, u16), Vec<Dispute<'_>>> = BTreeMap::new();
    for target in targets {
        for dispute in disputes(view, target) {
            let (transport, port) = key(&dispute.endpoint);
            // Beyond so many ports, one number stands for the rest.
            let port = if by_port.len() < MOST_APART { port } else { 0 };
            by_port.entry((target.to_owned(), transport, port)).or_default().push(dispute);
        }
    }
    by_port.into_values().map(|disputes| group(view, &disputes)).collect()
}

fn group(view: &View<'_>, disputes: &[Dispute<'_>]) -> Group {
    let mut sources: Vec<u64> = disputes.iter().flat_map(|d| d.sides.iter().map(|says| says.record.seq)).collect();
    sources.sort_unstable();
    sources.dedup();
    let variants = sources.iter().map(|trusted| variant(view.evidence, disputes, *trusted)).collect();
    let side = |d: &Dispute<'_>, says: &Says<'_>| {
        let text = format!("{}: {} {}", port_text(key(&d.endpoint)), name(says.record), says.word);
        super::seen::ground(says.record, text)
    };
    let mut grounds: Vec<Ground> = Vec::new();
    for dispute in disputes {
        for says in &dispute.sides {
            let ground = side(dispute, says);
            if !grounds.contains(&ground) {
                grounds.push(ground);
            }
        }
    }
    let lines: Vec<String> = disputes.iter().take(5).map(Dispute::line).collect();
    let own = disputes.iter().flat_map(|d| &d.sides).find(|says| !is_imported(says.record));
    let target = disputes.first().map_or_else(String::new, |d| d.target.clone());
    let next = match own {
        Some(says) => Next::Observe { probe: says.record.body.run.probe.clone(), target },
        None => Next::State { what: format!("which of the tools is right: {}", lines.join("; ")) },
    };
    Group { line: lines.join("; "), grounds, next, variants }
}

/// The evidence as it would be if one record were right in everything that these disputes are about.
fn variant(evidence: &Evidence, disputes: &[Dispute<'_>], trusted: u64) -> Evidence {
    let mut evidence = evidence.clone();
    for dispute in disputes {
        let Some(right) = dispute.sides.iter().find(|says| says.record.seq == trusted) else { continue };
        let of_right = right.record.body.reading.facts.iter().filter(|fact| is_at(fact, &dispute.endpoint));
        let of_right: Vec<&Fact> = of_right.collect();
        for says in dispute.sides.iter().filter(|says| says.record.seq != trusted) {
            let wrong = evidence.observations.iter_mut().find(|o| o.seq == says.record.seq);
            let Some(wrong) = wrong else { continue };
            amend(&mut wrong.body.reading.facts, dispute, &of_right);
        }
    }
    evidence
}

/// Makes facts say what the record says that is taken to be right.
fn amend(facts: &mut Vec<Fact>, dispute: &Dispute<'_>, right: &[&Fact]) {
    let here = dispute.endpoint;
    match &dispute.about {
        About::Open if right.iter().any(|fact| is_open(fact)) => {
            facts.push(Fact::Port { endpoint: here, state: PortState::Open, background: false });
            return;
        }
        About::Open => return facts.retain(|fact| !is_at(fact, &here)),
        About::Suites(version, suites) => return suites::amend(facts, &here, *version, suites, right),
        About::Certificate => return certificates::amend(facts, &here, right),
        About::Version(version) if refuses(right, *version) => {
            // Whoever refuses a version takes nothing in it.
            facts.retain(|fact| !(is_at(fact, &here) && is_taken_in(fact, *version)));
        }
        About::Version(_) | About::Tls | About::Protocol | About::SshList(_) => {}
    }
    for fact in facts.iter_mut().filter(|fact| is_at(fact, &here)) {
        for theirs in right {
            match (&mut *fact, theirs, &dispute.about) {
                (Fact::Service(ours), Fact::Service(theirs), About::Tls) => ours.tls = theirs.tls,
                (Fact::Service(ours), Fact::Service(theirs), About::Protocol) => {
                    ours.protocol.clone_from(&theirs.protocol);
                }
                (
                    Fact::TlsVersion { version: ours, accepted, .. },
                    Fact::TlsVersion { version: theirs, accepted: is, .. },
                    About::Version(version),
                ) if ours == version && theirs == version => *accepted = *is,
                (
                    Fact::SshOffer { lists: ours, .. },
                    Fact::SshOffer { lists: theirs, .. },
                    About::SshList(list),
                ) => {
                    if let Some(theirs) = theirs.get(list) {
                        ours.insert(list.clone(), theirs.clone());
                    }
                }
                _ => {}
            }
        }
    }
}

fn refuses(facts: &[&Fact], of: TlsVersion) -> bool {
    let refuses =
        |fact: &&&Fact| matches!(fact, Fact::TlsVersion { version, accepted: false, .. } if *version == of);
    facts.iter().any(|fact| refuses(&fact))
}

/// What was taken of an offer in one version.
fn is_taken_in(fact: &Fact, of: TlsVersion) -> bool {
    match fact {
        Fact::TlsSuite { version, .. } | Fact::TlsGroup { version, .. } | Fact::TlsTrait { version, .. } => {
            *version == of
        }
        _ => false,
    }
}

fn is_at(fact: &Fact, spot: &Endpoint) -> bool {
    fact.endpoint().is_some_and(|e| key(e) == key(spot) && e.address.is_ipv4() == spot.address.is_ipv4())
}

fn is_open(fact: &Fact) -> bool {
    matches!(fact, Fact::Port { state: PortState::Open, .. } | Fact::Service(_))
}

/// A fact's words on what tools can contradict each other in.
fn words(fact: &Fact) -> Vec<(About, String)> {
    match fact {
        Fact::Port { state: PortState::Open, .. } => vec![(About::Open, "says that it is open".to_owned())],
        Fact::Service(service) => {
            let tls = if service.tls { "says that it speaks TLS" } else { "says that it speaks in clear" };
            let mut words = vec![(About::Open, "says that it is open".to_owned())];
            if service.protocol != "unknown" {
                words.push((About::Tls, tls.to_owned()));
            }
            if SAME_NAMES.contains(&service.protocol.as_str()) {
                words.push((About::Protocol, format!("says that it speaks {}", service.protocol)));
            }
            words
        }
        Fact::TlsVersion { version, accepted, .. } => {
            let word = if *accepted { "accepted" } else { "refused" };
            vec![(About::Version(*version), format!("says that {version} is {word}"))]
        }
        Fact::SshOffer { lists, .. } => {
            let said = |names: &Vec<String>| {
                let mut names = names.clone();
                // Not every tool lists what is no algorithm but a signal.
                names.retain(|name| !super::crypto_ssh::is_marker(name));
                names.sort_unstable();
                names.dedup();
                format!("lists {} {}", names.len(), names.join(","))
            };
            lists.iter().map(|(list, names)| (About::SshList(list.clone()), said(names))).collect()
        }
        _ => Vec::new(),
    }
}

fn disputes<'a>(view: &View<'a>, target: &str) -> Vec<Dispute<'a>> {
    let seen = Seen::of(view, target);
    let facts = seen.facts();
    let mut said = Said::new();
    for sight in &facts {
        for (about, word) in words(sight.fact) {
            let Some(endpoint) = sight.fact.endpoint() else { continue };
            let says = said.entry((Spot::of(sight.record, *endpoint), about)).or_default();
            let one = Says { record: sight.record, word };
            if !says.contains(&one) {
                says.push(one);
            }
        }
    }
    closed(&seen, &facts, &mut said);
    suites::add(&facts, &mut said);
    certificates::add(&facts, &mut said);
    let contradicts = |sides: &[Says<'_>]| {
        let mut words: Vec<&str> = sides.iter().map(|says| says.word.as_str()).collect();
        words.dedup();
        words.len() > 1 && sides.iter().any(|says| is_imported(says.record))
    };
    let disputed = said.into_iter().filter(|(_, sides)| contradicts(sides));
    disputed
        .map(|((spot, about), sides)| Dispute { target: target.to_owned(), endpoint: spot.endpoint, about, sides })
        .filter(|dispute| between_import_and_another(dispute))
        .collect()
}

/// Measurements of our own that contradict each other are the rules' to weigh, not a dispute between tools.
fn between_import_and_another(dispute: &Dispute<'_>) -> bool {
    dispute
        .sides
        .iter()
        .any(|one| is_imported(one.record) && dispute.sides.iter().any(|other| other.word != one.word))
}

/// Where, from where and with the product in which state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    endpoint: Endpoint,
    place: String,
    state: Option<String>,
}

impl Spot {
    /// Addresses change between runs, so that a port over one version of the Internet Protocol is one spot.
    fn of(record: Record<'_>, mut endpoint: Endpoint) -> Self {
        let run = &record.body.run;
        endpoint.address = match endpoint.address {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        Self { endpoint, place: run.place.0.clone(), state: run.parameters.get("state").cloned() }
    }
}

/// Adds the records that looked at a port which another one saw open, and did not see it open.
fn closed<'a>(seen: &Seen<'a>, facts: &[Sight<'a>], said: &mut Said<'a>) {
    let spots: Vec<Spot> =
        said.keys().filter(|(_, about)| *about == About::Open).map(|(s, _)| s.clone()).collect();
    for spot in spots {
        for record in seen.records() {
            if Spot::of(record, spot.endpoint) != spot || !covers_closed(record, &spot.endpoint) {
                continue;
            }
            let of_it = |sight: &Sight<'_>| sight.record.seq == record.seq && is_at(sight.fact, &spot.endpoint);
            if !facts.iter().any(of_it) && !is_replaced_at(seen.records(), record, &spot.endpoint) {
                let says = Says { record, word: "says that it is closed".to_owned() };
                said.entry((spot.clone(), About::Open)).or_default().push(says);
            }
        }
    }
}

/// Whether a record looked at a port among ranges and names nothing that answers there.
fn covers_closed(record: Record<'_>, endpoint: &Endpoint) -> bool {
    let of = match endpoint.transport {
        Transport::Tcp => "tcp-ports",
        // A UDP port that gave no answer to questions is not closed.
        Transport::Udp => return false,
    };
    let over_v6 = |address: IpAddr| address.is_ipv6();
    let same_family = match asked_over(&record.body) {
        Some(family) => (family == super::seen::Family::V6) == over_v6(endpoint.address),
        None => !over_v6(endpoint.address),
    };
    let reading = &record.body.reading;
    same_family
        && reading.coverage.iter().any(|c| c.of == of && c.endpoint.is_none() && c.has_port(endpoint.port))
        && !reading.facts.iter().any(|fact| is_at(fact, endpoint))
}
