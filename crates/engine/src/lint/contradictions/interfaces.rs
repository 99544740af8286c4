//! Contradictions around interfaces and software services.

use std::collections::BTreeMap;

use dossier::{
    AuthMechFacts, Disclosed, Entry, Exposure, InterfaceFacts, InterfaceKind, Located, Note, Reach, SoftServFacts,
    Status, UserIntfFacts,
};

use super::super::look::{INTERFACES, Look, denies, ids, is_off, is_on, listed, yes};
use super::super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    let interfaces = look.with_facts::<InterfaceFacts>(INTERFACES);
    for (entry, f) in &interfaces {
        debug(f, notes);
        exposure(f, notes);
        reach(f, notes);
        endpoint(f, notes);
        outgoing(f, notes);
        kind(entry, f, notes);
        discloses(f, notes);
        through(look, entry, f, notes);
    }
    twice(&interfaces, notes);
    for (entry, f) in look.with_facts::<SoftServFacts>(&["SoftServ"]) {
        service(look, entry, f, notes);
    }
    for (entry, f) in look.with_facts::<AuthMechFacts>(&["AuthMech"]) {
        for id in listed(&f.interface) {
            disabled(look, id, &format!("`{}` is to guard it", entry.id.value), notes);
        }
    }
    for (_, f) in look.with_facts::<UserIntfFacts>(&["UserIntf"]) {
        user_interface(look, f, notes);
    }
}

fn debug(f: &InterfaceFacts, notes: &mut Vec<Note>) {
    let Some(debug) = f.debug.filter(|d| d.value) else { return };
    if let Some(status) = f.status.filter(|s| s.value == Status::Enabled)
        && !yes(&f.protected)
    {
        notes.push(
            note(
                "debug-enabled",
                status.span,
                "a debug interface is disabled or protected",
                "enabled, and no protection declared",
            )
            .also(debug.span, "can serve as a debug interface")
            .hint("where access control protects it, declare `protected = true`"),
        );
    }
}

fn exposure(f: &InterfaceFacts, notes: &mut Vec<Note>) {
    if let (Some(never), Some(status)) =
        (f.exposure.filter(|e| e.value == Exposure::Never), f.status.filter(|s| s.value == Status::Enabled))
    {
        notes.push(
            note(
                "never-needed-enabled",
                status.span,
                "an interface that never needs exposure is not in use",
                "enabled",
            )
            .also(never.span, "never needed"),
        );
    }
}

fn reach(f: &InterfaceFacts, notes: &mut Vec<Note>) {
    let (Some(network), Some(reach)) = (f.network, f.reach) else { return };
    let local = reach.value == Reach::Local;
    if network.value == local {
        let message = "an interface reaches a network exactly when it is a network interface";
        notes.push(
            note("reach-contradicts-network", reach.span, message, format!("`{}`", reach.value))
                .also(network.span, format!("`network = {}`", network.value)),
        );
    }
}

fn outgoing(f: &InterfaceFacts, notes: &mut Vec<Note>) {
    let Some(outgoing) = f.outgoing.filter(|o| o.value) else { return };
    let port = f.port.as_ref().map(|p| (p.span, "answers at a port"));
    let paths = f.public_paths.as_ref().map(|p| (p.span, "answers at paths"));
    for (span, label) in [port, paths].into_iter().flatten() {
        notes.push(
            note("outgoing-answers", span, "what only opens connections answers nowhere at the product", label)
                .also(outgoing.span, "only opens connections")
                .consequence("the port counts, and `outgoing` does not")
                .hint("the port of a peer belongs to 11-SecComMech; split the entry where it does both"),
        );
    }
}

fn endpoint(f: &InterfaceFacts, notes: &mut Vec<Note>) {
    match (f.transport, f.port) {
        (Some(_), None) if f.outgoing.is_some_and(|o| o.value) => {}
        (Some(transport), None) => {
            let message = "an endpoint has a transport and a port";
            notes.push(
                note("endpoint-incomplete", transport.span, message, "no `port`")
                    .consequence("probes cannot tell whether what they find is declared"),
            );
        }
        (None, Some(port)) => {
            let message = "an endpoint has a transport and a port";
            notes.push(
                note("endpoint-incomplete", port.span, message, "no `transport`")
                    .consequence("probes cannot tell whether what they find is declared"),
            );
        }
        (Some(_), Some(port)) if port.value == 0 => {
            notes.push(note("port-zero", port.span, "port 0 cannot be reached", "not a port"));
        }
        (Some(_), Some(port)) => {
            if let Some(network) = f.network.filter(|n| !n.value) {
                notes.push(
                    note("port-without-network", port.span, "a port is reachable over a network", "a port")
                        .also(network.span, "declared not reachable over one"),
                );
            }
        }
        (None, None) => {}
    }
}

fn kind(entry: &Entry, f: &InterfaceFacts, notes: &mut Vec<Note>) {
    let Some(kind) = f.kind else { return };
    let logical = kind.value == InterfaceKind::Logical;
    let wrong = match entry.table.as_str() {
        "PhyIntf" => logical,
        "LogIntf" => !logical,
        _ => false,
    };
    if wrong {
        let message = format!("{} lists {} interfaces", entry.table, if logical { "physical" } else { "logical" });
        let there = if logical { "28-LogIntf" } else { "15-PhyIntf" };
        notes.push(
            note("kind-contradicts-table", kind.span, message, format!("`{}`", kind.value))
                .hint(format!("move the entry to {there}, or mend its kind")),
        );
    }
}

fn discloses(f: &InterfaceFacts, notes: &mut Vec<Note>) {
    for what in listed(&f.discloses) {
        if matches!(what.value, Disclosed::Key | Disclosed::Credential) {
            notes.push(
                note(
                    "secret-disclosed",
                    what.span,
                    "an interface discloses no secret to whoever asks",
                    format!("`{}` without authentication", what.value),
                )
                .consequence("provision 5.6-2 fails for this interface"),
            );
        }
    }
}

/// A logical interface in use over a physical one that is not.
fn through(look: &Look<'_>, entry: &Entry, f: &InterfaceFacts, notes: &mut Vec<Note>) {
    if !is_on(&f.status) {
        return;
    }
    for id in ids(entry, "Access") {
        disabled(look, &id, &format!("`{}` is enabled and reached through it", entry.id.value), notes);
    }
}

/// Two interfaces in use at one endpoint.
fn twice(interfaces: &[(&Entry, &InterfaceFacts)], notes: &mut Vec<Note>) {
    let mut first: BTreeMap<(&str, u16), &Entry> = BTreeMap::new();
    for (entry, f) in interfaces {
        let (Some(transport), Some(port)) = (f.transport, f.port) else { continue };
        if is_off(&f.status) || port.value == 0 {
            continue;
        }
        let name = if transport.value == model::Transport::Tcp { "tcp" } else { "udp" };
        if let Some(earlier) = first.insert((name, port.value), entry) {
            notes.push(
                note(
                    "endpoint-twice",
                    port.span,
                    format!("{name}/{} is one interface", port.value),
                    format!("declared for `{}`", entry.id.value),
                )
                .also(earlier.id.span, "and for this one"),
            );
        }
    }
}

fn disabled(look: &Look<'_>, id: &Located<String>, why: &str, notes: &mut Vec<Note>) {
    let Some((_, interface)) = look.interface(&id.value) else { return };
    if let Some(status) = interface.status.filter(|_| is_off(&interface.status)) {
        notes.push(
            note("disabled-interface-used", id.span, format!("`{}` is disabled", id.value), why)
                .also(status.span, "declared here"),
        );
    }
}

fn service(look: &Look<'_>, entry: &Entry, f: &SoftServFacts, notes: &mut Vec<Note>) {
    for id in listed(&f.interface) {
        if is_on(&f.status) {
            disabled(look, id, &format!("`{}` is enabled and offered through it", entry.id.value), notes);
        }
        let Some((_, interface)) = look.interface(&id.value) else { continue };
        if let (Some(service), Some(reached)) = (f.network, interface.network)
            && service.value != reached.value
            && (reached.value || listed(&f.interface).len() == 1)
        {
            notes.push(
                note(
                    "service-contradicts-interface",
                    service.span,
                    format!(
                        "`{}` and the interface it is offered through disagree on the network",
                        entry.id.value
                    ),
                    format!("`network = {}`", service.value),
                )
                .also(reached.span, format!("`network = {}` for `{}`", reached.value, id.value)),
            );
        }
    }
    let open = entry.field("Authentication Mechanism").is_some_and(|v| v.is_empty() || denies(&v.text()));
    if open
        && yes(&f.network)
        && let Some(configures) = f.configures.filter(|c| c.value)
        && !yes(&f.relied_upon)
    {
        notes.push(
            note(
                "configuration-unguarded",
                configures.span,
                format!("`{}` lets anyone on the network change the configuration", entry.id.value),
                "no authentication mechanism is named",
            )
            .consequence("provision 5.5-5 fails, unless the product has to rely on this protocol")
            .hint("name the mechanism in `Authentication Mechanism`, or declare `relied-upon = true`"),
        );
    }
}

fn user_interface(look: &Look<'_>, f: &UserIntfFacts, notes: &mut Vec<Note>) {
    let Some(kind) = f.kind else { return };
    for id in listed(&f.interface) {
        disabled(look, id, "users enter data through it", notes);
        let Some((target, _)) = look.interface(&id.value) else { continue };
        let logical = kind.value == InterfaceKind::Logical;
        if (target.table == "PhyIntf" && logical) || (target.table == "LogIntf" && !logical) {
            notes.push(
                note(
                    "kind-contradicts-table",
                    kind.span,
                    format!("`{}` is an entry of {}", id.value, target.table),
                    format!("`{}`", kind.value),
                )
                .also(id.span, "named here"),
            );
        }
    }
}
