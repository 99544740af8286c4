//! Contradictions around 7-UpdMech and 6-SoftComp.

use dossier::{Actor, Checking, InterfaceFacts, Located, Note, SoftCompFacts, UpdMechFacts};

use super::super::look::{Look, is_off, listed, no, yes};
use super::super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for (_, f) in look.with_facts::<UpdMechFacts>(&["UpdMech"]) {
        checking(f, notes);
        switches(f, notes);
        verification(f, notes);
        delivery(look, f, notes);
    }
    for (_, f) in look.with_facts::<SoftCompFacts>(&["SoftComp"]) {
        component(f, notes);
    }
}

fn checking(f: &UpdMechFacts, notes: &mut Vec<Note>) {
    let nobody = f.checked_by.filter(|b| b.value == Actor::Nobody);
    let never = f.checking.as_ref().filter(|c| c.value.iter().all(|x| matches!(x, Checking::Never)));
    if let Some(automatic) = f.automatic.filter(|a| a.value)
        && let Some(at) = never.map(|c| c.span).or(nobody.map(|b| b.span))
    {
        notes.push(
            note(
                "automatic-never-checks",
                at,
                "an automatic update has to learn that an update exists",
                "nothing looks for updates",
            )
            .also(automatic.span, "declared automatic"),
        );
    }
    if let Some(checking) = &f.checking {
        let (some, none) =
            (checking.value.iter().any(|x| *x != Checking::Never), checking.value.contains(&Checking::Never));
        if some && none {
            let message = "`never` stands alone: either updates are looked for, or not";
            notes.push(note("checking-contradicts", checking.span, message, "`never` beside other words"));
        }
        if let Some(by) = nobody.filter(|_| some) {
            notes.push(
                note("checking-contradicts", by.span, "whoever looks for updates is somebody", "nobody")
                    .also(checking.span, "and yet they are looked for"),
            );
        }
    }
    if let (Some(notifies), Some(never)) = (f.notifies.filter(|n| n.value), never)
        && !yes(&f.automatic)
    {
        notes.push(
            note(
                "notifies-never-checks",
                never.span,
                "a notice of updates has to learn that one exists",
                "nothing looks for updates",
            )
            .also(notifies.span, "the user is notified"),
        );
    }
}

/// Switches of something that is declared absent.
fn switches(f: &UpdMechFacts, notes: &mut Vec<Note>) {
    let mut absent = |absent: Option<Located<bool>>, what: &str, switches: &[(&str, &Option<Located<bool>>)]| {
        let Some(absent) = absent.filter(|a| !a.value) else { return };
        for (key, switch) in switches {
            if let Some(at) = switch.filter(|s| s.value) {
                notes.push(
                    note(
                        "switch-without-function",
                        at.span,
                        format!("`{key}` speaks of {what}, and there is none"),
                        "declared true",
                    )
                    .also(absent.span, "declared absent"),
                );
            }
        }
    };
    absent(
        f.automatic,
        "automatic installation",
        &[
            ("user-can-enable", &f.user_can_enable),
            ("user-can-disable", &f.user_can_disable),
            ("on-by-default", &f.on_by_default),
            ("consent-enables", &f.consent_enables),
        ],
    );
    absent(
        f.notifies,
        "a notification",
        &[
            ("notification-can-enable", &f.notification_can_enable),
            ("notification-can-disable", &f.notification_can_disable),
            ("notification-can-postpone", &f.notification_can_postpone),
            ("notification-on-by-default", &f.notification_on_by_default),
        ],
    );
}

fn verification(f: &UpdMechFacts, notes: &mut Vec<Note>) {
    let Some(signature) = &f.signature else { return };
    if let Some(by) = f.authenticity_by.filter(|b| b.value == Actor::Nobody) {
        notes.push(
            note(
                "signature-unverified",
                by.span,
                "a signature protects only when somebody verifies it",
                "nobody verifies authenticity",
            )
            .also(signature.span, "updates are signed"),
        );
    }
}

fn delivery(look: &Look<'_>, f: &UpdMechFacts, notes: &mut Vec<Note>) {
    for id in listed(&f.interface) {
        let Some((target, interface)) = look.interface(&id.value) else { continue };
        contradicts(f.network, id, interface, notes);
        if is_off(&interface.status) {
            notes.push(
                note(
                    "disabled-interface-used",
                    id.span,
                    format!("`{}` is disabled", id.value),
                    "updates are to arrive through it",
                )
                .also(target.id.span, "declared here"),
            );
        }
    }
}

fn contradicts(
    network: Option<Located<bool>>,
    id: &Located<String>,
    interface: &InterfaceFacts,
    notes: &mut Vec<Note>,
) {
    let (Some(network), Some(other)) = (network, interface.network) else { return };
    if !network.value && other.value {
        notes.push(
            note(
                "update-delivery-contradicts",
                network.span,
                "updates through a network interface arrive over a network",
                "declared otherwise",
            )
            .also(id.span, "a network interface"),
        );
    }
}

fn component(f: &SoftCompFacts, notes: &mut Vec<Note>) {
    if let (Some(updatable), Some(because)) = (f.updatable.filter(|u| u.value), &f.immutable_because) {
        notes.push(
            note(
                "immutable-and-updatable",
                because.span,
                "a component is either immutable or updatable",
                "a reason to be immutable",
            )
            .also(updatable.span, "declared updatable"),
        );
    }
    if let Some(considered) = f.side_effects_considered.filter(|c| c.value)
        && no(&f.cryptography)
    {
        let message = "side effects of replacing cryptography are those of a component that uses some";
        notes.push(note(
            "switch-without-function",
            considered.span,
            message,
            "the component uses no cryptography",
        ));
    }
}
