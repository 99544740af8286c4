//! Notes on the laboratory: consent, targets, ports, limits, identity, accounts and how secrets are given.

use std::collections::BTreeMap;
use std::net::IpAddr;

use dossier::{Account, AuthMechFacts, Bench, Located, Means, Note, Origin, SecretRef, Span, Standing, nearest};

use super::look::Look;
use super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let Some(bench) = &look.dossier.bench else { return };
    consent(bench, notes);
    targets(look, bench, notes);
    second_source(bench, notes);
    limits(bench, notes);
    for expected in &bench.identity {
        if expected.means.is_none() || expected.value.value.is_none() {
            let message = "a proof of identity says by what means and what has to be seen";
            notes.push(note("identity-incomplete", expected.span, message, "`means` and `value` are both needed"));
        }
        if let Some(around) = &expected.firmware
            && let Err(why) = firmware_place(&around.value, expected.means.as_ref().map(|m| m.value))
        {
            notes.push(
                note(
                    "firmware-place",
                    around.span,
                    "`firmware` shows where a page or a banner tells the version",
                    why,
                )
                .hint("write the text around it with one `*` in its place, for example `\"version\":\"*\"`"),
            );
        }
    }
    if bench.identity.is_empty()
        && let Some(target) = bench.targets.first()
    {
        notes.push(
            note(
                "identity-missing",
                target.span,
                "a bench shows that the product at the address is the DUT",
                "nothing shows it",
            )
            .consequence("no step above passive is taken before the identity is proven")
            .hint("add `[[identity]]` with `means` and `value`"),
        );
    }
    for account in &bench.accounts {
        self::account(look, account, notes);
    }
}

/// What is wrong with the text around a firmware's version, if anything.
fn firmware_place(around: &str, means: Option<Means>) -> Result<(), &'static str> {
    match (around.matches('*').count(), means) {
        (_, Some(Means::TlsCertificate)) => Err("a certificate tells no version of firmware"),
        (0, _) => Err("no `*` in the version's place"),
        (1, _) if around.trim_start().starts_with('*') => Err("nothing stands before the version"),
        (1, _) => Ok(()),
        _ => Err("more than one `*`"),
    }
}

fn consent(bench: &Bench, notes: &mut Vec<Note>) {
    let Some(consent) = &bench.consent else {
        if let Some(target) = bench.targets.first() {
            notes.push(
                note(
                    "consent-missing",
                    target.span,
                    "measuring needs the operator's consent",
                    "a target, and no `[consent]`",
                )
                .consequence("nothing is sent to it")
                .hint("add `[consent]` with `touches`, `by` and `until`"),
            );
        }
        return;
    };
    let lacking: Vec<&str> = [
        ("touches", consent.touches.is_none()),
        ("by", consent.by.as_ref().is_none_or(|b| b.value.trim().is_empty())),
        ("until", consent.until.is_none()),
    ]
    .into_iter()
    .filter_map(|(key, absent)| absent.then_some(key))
    .collect();
    if !lacking.is_empty() {
        let message = "consent says how far it goes, who gave it and until when";
        notes.push(note("consent-incomplete", consent.span, message, format!("no {}", lacking.join(", no "))));
    }
}

fn targets(look: &Look<'_>, bench: &Bench, notes: &mut Vec<Note>) {
    let services: Vec<&str> =
        look.dossier.services.iter().filter_map(|s| s.id.as_ref()).map(|id| id.value.as_str()).collect();
    let mut first: BTreeMap<(&str, &str), Span> = BTreeMap::new();
    for target in &bench.targets {
        match &target.name {
            None => notes.push(target_incomplete(target.span, "name")),
            Some(name) => {
                if name.value != "dut" && !services.contains(&name.value.as_str()) {
                    let message =
                        format!("a target is `dut` or an associated service, and `{}` is neither", name.value);
                    let note = note("unknown-target", name.span, message, "nothing of this name");
                    let known = services.iter().copied().chain(["dut"]);
                    notes.push(match nearest(&name.value, known) {
                        Some(word) => note.hint(format!("did you mean `{word}`?")),
                        None => note.hint("use the `id` of a `[[service]]` in assay.toml"),
                    });
                }
                let place = target.place.as_ref().map_or("", |p| p.value.as_str());
                if let Some(earlier) = first.insert((&name.value, place), name.span) {
                    notes.push(
                        note("duplicate-target", name.span, "a target is named once", "named a second time")
                            .also(earlier, "first here")
                            .consequence("the first one is measured")
                            .hint("put further addresses of the product into `also`"),
                    );
                }
            }
        }
        if target.name.as_ref().is_some_and(|n| n.value == "dut")
            && target.serial.as_ref().is_none_or(|s| s.value.trim().is_empty())
        {
            notes.push(
                note(
                    "serial-missing",
                    target.span,
                    "a bench says which unit of the product it has",
                    "no `serial`",
                )
                .consequence("records cannot tell this unit from another")
                .hint("add `serial`, as on the label"),
            );
        }
        match &target.address {
            None => notes.push(target_incomplete(target.span, "address")),
            Some(address) => self::address(address, notes),
        }
        for address in target.also.iter().flat_map(|l| &l.value) {
            self::address(address, notes);
        }
        let all = target.address.iter().chain(target.also.iter().flat_map(|l| &l.value));
        let link_local = |a: &&Located<IpAddr>| matches!(a.value, IpAddr::V6(v6) if v6.is_unicast_link_local());
        if let (None, Some(address)) = (&target.interface, all.into_iter().find(link_local)) {
            notes.push(
                note(
                    "link-local-without-interface",
                    address.span,
                    "a link-local address is reached through an interface",
                    "nothing says through which",
                )
                .hint("add `interface = \"eth0\"` with the name of the bench's own interface"),
            );
        }
        for ports in [&target.tcp_ports, &target.udp_ports].into_iter().flatten() {
            if let Err(fault) = port_list(&ports.value) {
                notes.push(
                    note("bad-port-list", ports.span, "ports are numbers and ranges with commas", fault)
                        .hint("write `1-65535` or `22,80,443`"),
                );
            }
        }
    }
    if !bench.targets.is_empty() && !first.keys().any(|(name, _)| *name == "dut") {
        notes.push(
            note("no-dut", bench.targets[0].span, "a bench has a target `dut`", "only others are named")
                .consequence("nothing is measured on the product itself"),
        );
    }
}

/// Another address of the bench, from which a guess is given: one machine's, and not the product's.
fn second_source(bench: &Bench, notes: &mut Vec<Note>) {
    let Some(source) = &bench.second_source else { return };
    let own = source.value;
    let of_targets =
        bench.targets.iter().flat_map(|t| t.address.iter().chain(t.also.iter().flat_map(|l| &l.value)));
    let mut of_targets = of_targets.filter(|address| address.value == own).map(|address| address.span);
    let broadcast = matches!(own, IpAddr::V4(a) if a.is_broadcast());
    let message = "a second source is an address of the bench's own";
    let found = if own.is_unspecified() || own.is_multicast() || broadcast {
        note("bad-second-source", source.span, message, "not the address of one machine")
    } else if let Some(target) = of_targets.next() {
        note("bad-second-source", source.span, message, "that of a target").also(target, "it is here")
    } else {
        return;
    };
    notes.push(
        found
            .consequence("whether a lockout is that of one source is not seen")
            .hint("give this machine another address in the product's network and write it here"),
    );
}

fn target_incomplete(at: Span, key: &str) -> Note {
    note("target-incomplete", at, "a target has a name and an address", format!("no `{key}`"))
}

fn address(address: &Located<IpAddr>, notes: &mut Vec<Note>) {
    let one = address.value;
    let broadcast = matches!(one, IpAddr::V4(a) if a.is_broadcast());
    if one.is_unspecified() || one.is_multicast() || broadcast {
        let message = "a target is the address of one machine";
        notes.push(note("target-not-one", address.span, message, "not the address of one machine"));
    } else if !is_local(one) {
        notes.push(
            note(
                "target-public",
                address.span,
                "this address lies outside private networks",
                "measured across networks that belong to others",
            )
            .hint("make sure that its owner has agreed, and that the consent covers it"),
        );
    }
}

/// Loopback, link-local, private (RFC 1918, RFC 4193, RFC 6598) and documentation addresses.
fn is_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let [b0, b1, ..] = a.octets();
            let shared = b0 == 100 && (64..128).contains(&b1);
            a.is_loopback() || a.is_private() || a.is_link_local() || a.is_documentation() || shared
        }
        IpAddr::V6(a) => {
            let head = a.segments();
            let documentation = head[0] == 0x2001 && head[1] == 0x0db8;
            a.is_loopback() || a.is_unique_local() || a.is_unicast_link_local() || documentation
        }
    }
}

/// What is wrong with a list of ports, if anything.
fn port_list(text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() {
        return Err("names none");
    }
    for part in text.split(',') {
        let mut ends = part.split('-').map(|n| n.trim().parse::<u16>().ok().filter(|n| *n > 0));
        match (ends.next(), ends.next(), ends.next()) {
            (Some(Some(_)), None, _) => {}
            (Some(Some(from)), Some(Some(to)), None) if from <= to => {}
            (Some(Some(_)), Some(Some(_)), None) => return Err("a range runs backwards"),
            _ => return Err("not a port between 1 and 65535"),
        }
    }
    Ok(())
}

fn limits(bench: &Bench, notes: &mut Vec<Note>) {
    let Some(limits) = &bench.limits else { return };
    for (key, limit) in [
        ("per-second", &limits.per_second),
        ("parallel", &limits.parallel),
        ("wait-millis", &limits.wait_millis),
        ("seconds", &limits.seconds),
    ] {
        if let Some(limit) = limit.filter(|l| l.value == 0) {
            let message = format!("with `{key} = 0` nothing can be measured");
            notes.push(note("limit-zero", limit.span, message, "leaves nothing"));
        }
    }
}

fn account(look: &Look<'_>, account: &Located<Account>, notes: &mut Vec<Note>) {
    match &account.mechanism {
        None => {
            let message = "an account names the authentication mechanism it belongs to";
            notes.push(note("account-incomplete", account.span, message, "no `mechanism`"));
        }
        Some(mechanism) => known_mechanism(look, account, mechanism, notes),
    }
    match account.secret.as_ref().map(|s| (&s.value, s.span)) {
        None => {
            let message = "an account says where its secret is";
            notes.push(
                note("account-incomplete", account.span, message, "no `secret`")
                    .hint("add `secret = { env = \"NAME\" }` or `secret = { file = \"path\" }`"),
            );
        }
        Some((SecretRef::Environment(name), at)) if !is_variable(name) => notes.push(
            note(
                "secret-looks-plain",
                at,
                "`env` is the name of an environment variable",
                "looks like the secret itself",
            )
            .consequence("a secret in the dossier is known to everyone who reads it")
            .hint("write `secret = { env = \"DUT_PASSWORD\" }`, and change the secret if this was it"),
        ),
        Some(_) => {}
    }
}

fn known_mechanism(look: &Look<'_>, account: &Account, mechanism: &Located<String>, notes: &mut Vec<Note>) {
    let Some(entry) = look.dossier.entry("AuthMech", &mechanism.value) else {
        let known: Vec<&str> = look.dossier.entries("AuthMech").iter().map(|e| e.id.value.as_str()).collect();
        let message = format!("`{}` is no entry of AuthMech", mechanism.value);
        let note = note("unknown-mechanism", mechanism.span, message, "no such mechanism")
            .consequence("the account is used for nothing");
        notes.push(match nearest(&mechanism.value, known.iter().copied()) {
            Some(word) => note.hint(format!("did you mean `{word}`?")),
            None if known.is_empty() => note,
            None => note.hint(format!("known: {}", known.join(", "))),
        });
        return;
    };
    let user_defined =
        entry.facts::<AuthMechFacts>().and_then(|f| f.origin).filter(|o| o.value == Origin::UserDefined);
    if let (Some(standing), Some(origin)) =
        (account.standing.filter(|s| s.value == Standing::Default), user_defined)
    {
        notes.push(
            note(
                "default-of-user-defined",
                standing.span,
                format!("`{}` has no pre-installed credential: the user defines it", mechanism.value),
                "a default credential",
            )
            .also(origin.span, "declared here"),
        );
    }
}

fn is_variable(name: &str) -> bool {
    let first = name.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && (name.contains('_') || !name.chars().any(|c| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_lists_are_numbers_and_ranges() {
        for good in ["80", "1-65535", "22, 80,443", "1-10,20"] {
            assert_eq!(port_list(good), Ok(()), "{good}");
        }
        for bad in ["", "0", "70000", "10-1", "a", "1-2-3", "80,", "-1", "1 - x"] {
            assert!(port_list(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_of_private_networks_are_local() {
        for local in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "192.0.2.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "2001:db8::1",
        ] {
            assert!(is_local(local.parse().unwrap()), "{local}");
        }
        for public in ["8.8.8.8", "2606:4700::1111", "100.128.0.1"] {
            assert!(!is_local(public.parse().unwrap()), "{public}");
        }
    }
}
