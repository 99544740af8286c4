//! What an SSH server offers, against what is declared and the cryptography policy.

use std::collections::{BTreeMap, BTreeSet};

use dossier::{ComMechFacts, CryptoKind, Entry};
use model::Fact;

use crate::crypto_policy::{Ruling, is_named, ruling, size_ruling};
use crate::judgement::{Gap, Ground, Judgement, Next};
use crate::view::View;

use super::crypto_offer::{Place, policy_ground};
use super::probe_names::SERVICES;
use super::seen::{Seen, Sight, key, port_text};

type Lists = BTreeMap<String, Vec<String>>;

/// Judges one server end: by the declared list where there is one, else by the policy; host keys always by the policy.
pub(super) fn judge(view: &View<'_>, mechanism: &Entry, facts: &ComMechFacts, place: &Place) -> Judgement {
    let id = &mechanism.id.value;
    let seen = Seen::of(view, &place.target);
    let here: Vec<Sight<'_>> =
        seen.facts().into_iter().filter(|s| s.fact.endpoint().is_some_and(|e| key(e) == place.at)).collect();
    let offer = here.iter().find_map(|sight| match sight.fact {
        Fact::SshOffer { lists, .. } => Some((sight, lists)),
        _ => None,
    });
    let Some((sight, lists)) = offer else {
        return Judgement::open(
            format!("what SSH at {} offers is not measured", port_text(place.at)),
            observe(place),
        );
    };
    let offered = lists.values().flatten().count();
    let observed = sight.ground(format!("{} offers {offered} algorithms", port_text(place.at)));
    let declared = match &facts.suites {
        Some(suites) => {
            Ground::Declared { span: suites.span, text: format!("{} declared algorithms", suites.len()) }
        }
        None => Ground::Declared { span: mechanism.span, text: format!("{id} declares SSH") },
    };
    let mut all: Vec<(String, Ruling)> = match &facts.suites {
        Some(suites) => {
            let known = |name: &str| suites.iter().any(|s| s.eq_ignore_ascii_case(name));
            let surplus =
                algorithms(lists).find(|(kind, name)| *kind != CryptoKind::SshCompression && !known(name));
            surplus
                .map(|(_, name)| (format!("{name} is offered and not declared"), Ruling::Refused(String::new())))
                .into_iter()
                .collect()
        }
        None => {
            algorithms(lists).map(|(kind, name)| (format!("offers {name}"), ruling(view, kind, name))).collect()
        }
    };
    all.extend(traits(lists, &here).into_iter().filter_map(|what| {
        let named = is_named(view, CryptoKind::SshTrait, what);
        named.then(|| (format!("shows {what}"), ruling(view, CryptoKind::SshTrait, what)))
    }));
    all.extend(host_keys(view, &here));
    all.extend(groups(view, &here));
    let grounds = [declared, policy_ground(view), observed];
    let mut judgement = decided(mechanism, place, lists, all, &here);
    judgement.grounds.splice(0..0, grounds);
    judgement
}

fn observe(place: &Place) -> Next {
    Next::Observe { probe: SERVICES.to_owned(), target: place.target.clone() }
}

fn decided(
    mechanism: &Entry,
    place: &Place,
    lists: &Lists,
    all: Vec<(String, Ruling)>,
    here: &[Sight<'_>],
) -> Judgement {
    let id = &mechanism.id.value;
    let mut gaps = Vec::new();
    for (what, said) in all {
        match said {
            Ruling::Refused(why) if why.is_empty() => return Judgement::fail(format!("{id}: {what}")),
            Ruling::Refused(why) => return Judgement::fail(format!("{id} {what}: {why}")),
            Ruling::Open(why) => {
                let next = Next::State { what: format!("whether {id} may be used: it {what}") };
                gaps.push(Gap { missing: format!("{id} {what}: {why}"), next });
            }
            Ruling::Fine | Ruling::Until(_) => {}
        }
    }
    let rsa = |name: &str| name.contains("rsa");
    let is_sized = here.iter().any(|s| matches!(s.fact, Fact::SshHostKey { algorithm, .. } if rsa(algorithm)));
    if !is_sized && algorithms(lists).any(|(kind, name)| kind == CryptoKind::SshHostKey && rsa(name)) {
        let missing = format!("the size of the RSA host key of {id} is not measured");
        gaps.push(Gap { missing, next: observe(place) });
    }
    let asks_sizes = |(kind, name): (CryptoKind, &str)| {
        kind == CryptoKind::SshKeyExchange && name.starts_with("diffie-hellman-group-exchange-")
    };
    if algorithms(lists).any(asks_sizes) && !small_groups_told(here) {
        let missing = format!("how small the groups are that {id} gives out on demand is not measured");
        gaps.push(Gap { missing, next: observe(place) });
    }
    let mut judgement = match gaps.first() {
        None => Judgement::pass(format!("{id} offers no algorithm beyond what is declared or recommended")),
        Some(gap) => Judgement::inconclusive(gap.missing.clone(), gap.next.clone()),
    };
    judgement.gaps = gaps;
    judgement
}

/// Every algorithm offered, with the list of the policy that speaks of it.
fn algorithms(lists: &Lists) -> impl Iterator<Item = (CryptoKind, &str)> {
    let kind = |list: &str| match list {
        list if list.contains("compress") => CryptoKind::SshCompression,
        list if list.contains("host-key") => CryptoKind::SshHostKey,
        list if list.contains("mac") => CryptoKind::SshMac,
        list if list.contains("encryption") || list.contains("cipher") => CryptoKind::SshCipher,
        _ => CryptoKind::SshKeyExchange,
    };
    let named =
        lists.iter().flat_map(move |(list, names)| names.iter().map(move |name| (kind(list), name.as_str())));
    named.filter(|(_, name)| !is_marker(name))
}

/// Whether a name marks an extension of the protocol and no algorithm.
pub(super) fn is_marker(name: &str) -> bool {
    name.starts_with("ext-info-") || name.starts_with("kex-strict-") || name.starts_with("kexguess2@")
}

/// What the server shows beside its algorithms, as the policy names it.
fn traits(lists: &Lists, here: &[Sight<'_>]) -> Vec<&'static str> {
    let mut found = Vec::new();
    let names = || lists.values().flatten().map(String::as_str);
    // Only these let somebody cut packets off the start unseen (CVE-2023-48795).
    let is_open = |name: &str| name.starts_with("chacha20-poly1305");
    let by_cbc = names().any(|name| name.ends_with("-cbc")) && names().any(|name| name.contains("-etm@"));
    if (names().any(is_open) || by_cbc) && !names().any(|name| name.starts_with("kex-strict-s")) {
        found.push("strict-key-exchange=missing");
    }
    if here.iter().any(|s| matches!(s.fact, Fact::Service(service) if service.banner.starts_with("SSH-1."))) {
        found.push("protocol-1=offered");
    }
    found
}

fn host_keys(view: &View<'_>, here: &[Sight<'_>]) -> Vec<(String, Ruling)> {
    let one = |sight: &Sight<'_>| {
        let Fact::SshHostKey { algorithm, bits, .. } = sight.fact else { return None };
        let kind = match algorithm.as_str() {
            name if name.contains("rsa") => CryptoKind::RsaBits,
            name if name.contains("dss") => CryptoKind::DsaBits,
            _ => CryptoKind::EcBits,
        };
        Some((format!("has a host key {algorithm} of {bits} bits"), size_ruling(view, kind, *bits)))
    };
    here.iter().filter_map(one).collect()
}

fn groups(view: &View<'_>, here: &[Sight<'_>]) -> Vec<(String, Ruling)> {
    let given = |sight: &Sight<'_>| match sight.fact {
        Fact::SshGroup { bits: Some(bits), .. } => Some(*bits),
        _ => None,
    };
    let sizes: BTreeSet<u32> = here.iter().filter_map(given).collect();
    let said = |bits| (format!("gives out a group of {bits} bits"), size_ruling(view, CryptoKind::DhBits, bits));
    sizes.into_iter().map(said).collect()
}

/// Whether small groups were asked for both ways: taking no larger one, and taking whatever comes next in size.
fn small_groups_told(here: &[Sight<'_>]) -> bool {
    let told = |is_open: bool| {
        here.iter().any(|sight| match sight.fact {
            Fact::SshGroup { asked, most, .. } => *asked <= 1024 && (*most >= 2048) == is_open,
            _ => false,
        })
    };
    told(false) && told(true)
}
