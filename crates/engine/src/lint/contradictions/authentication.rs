//! Contradictions around 1-AuthMech.

use dossier::{AuthMechFacts, Entry, Factor, Note, Origin, Subject, Support};
use model::AuthScheme;

use super::super::look::{Look, denies, listed, said};
use super::super::note;

pub(super) fn check(look: &Look<'_>, notes: &mut Vec<Note>) {
    for (entry, f) in look.with_facts::<AuthMechFacts>(&["AuthMech"]) {
        fixed(entry, f, notes);
        universal(look, f, notes);
        guessing(entry, f, notes);
        lockout(f, notes);
        scheme(f, notes);
        machines(look, f, notes);
        unchangeable(look, f, notes);
        reach(entry, f, notes);
    }
}

fn is_password(f: &AuthMechFacts) -> bool {
    listed(&f.factors).iter().any(|x| matches!(x, Factor::Password | Factor::Pin))
}

fn fixed(entry: &Entry, f: &AuthMechFacts, notes: &mut Vec<Note>) {
    let (Some(value), Some(origin)) = (&f.fixed_value, f.origin) else { return };
    if origin.value == Origin::Universal {
        return;
    }
    let message =
        format!("the value of `{}` cannot be fixed and {} at the same time", entry.id.value, origin.value);
    notes.push(
        note("password-fixed-and-unique", value.span, message, "the same on every unit")
            .also(origin.span, format!("declared `{}`", origin.value))
            .consequence("a value that all units share is a universal default"),
    );
}

fn universal(look: &Look<'_>, f: &AuthMechFacts, notes: &mut Vec<Note>) {
    let Some(origin) = f.origin.filter(|o| o.value == Origin::Universal && is_password(f)) else { return };
    let beyond = f.states.as_ref().is_none_or(|s| s.value.iter().any(|x| *x != dossier::State::FactoryDefault));
    if let Some(answer) = look.dossier.answer("5.1-1").and_then(|r| r.support)
        && answer.value == Support::Yes
        && beyond
    {
        notes.push(
            note(
                "universal-password",
                origin.span,
                "provision 5.1-1 asks for passwords that differ per device or are set by the user",
                "a password that units share",
            )
            .also(answer.span, "5.1-1 is answered Y"),
        );
    }
}

fn guessing(entry: &Entry, f: &AuthMechFacts, notes: &mut Vec<Note>) {
    let Some(network) = f.network else { return };
    match (network.value, said(entry, "Brute Force Prevention")) {
        (true, None) => notes.push(
            note(
                "guessing-unprevented",
                entry.id.span,
                format!("`{}` is addressable over a network and says nothing on guessing", entry.id.value),
                "no `Brute Force Prevention`",
            )
            .also(network.span, "declared here")
            .hint("add `\"Brute Force Prevention\" = \"…\"`"),
        ),
        (true, Some((text, at))) if denies(&text) => notes.push(
            note(
                "guessing-unprevented",
                at,
                format!("`{}` is addressable over a network and nothing prevents guessing", entry.id.value),
                "nothing",
            )
            .also(network.span, "addressable over a network"),
        ),
        _ => {}
    }
}

fn lockout(f: &AuthMechFacts, notes: &mut Vec<Note>) {
    if let (Some(seconds), None) = (f.lockout_seconds, f.lockout_after) {
        let message = "a lockout says after how many attempts it comes and for how long";
        notes.push(
            note("lockout-incomplete", seconds.span, message, "no `lockout-after`")
                .consequence("the rate of guessing cannot be computed"),
        );
    }
    if let Some(after) = f.lockout_after.filter(|a| a.value == 0) {
        let message = "a lockout after no attempt would lock everyone out";
        notes.push(note("lockout-incomplete", after.span, message, "zero attempts"));
    }
}

fn scheme(f: &AuthMechFacts, notes: &mut Vec<Note>) {
    let (Some(scheme), Some(factors)) = (f.scheme, &f.factors) else { return };
    let needs: &[Factor] = match scheme.value {
        AuthScheme::TlsClientCertificate => &[Factor::Certificate],
        AuthScheme::SshPublicKey => &[Factor::Key, Factor::Certificate],
        AuthScheme::HttpBearer => &[Factor::Token, Factor::Key, Factor::Password, Factor::Pin],
        _ => &[Factor::Password, Factor::Pin, Factor::Token],
    };
    if !factors.value.iter().any(|x| needs.contains(x)) && !factors.value.is_empty() {
        let words: Vec<&str> = needs.iter().map(|n| n.as_str()).collect();
        notes.push(
            note(
                "scheme-contradicts-factor",
                scheme.span,
                format!("`{}` authenticates by {}", scheme.value.as_str(), words.join(" or ")),
                "declared as the way the credential is given",
            )
            .also(factors.span, "factors declared here"),
        );
    }
}

/// V3.1.3, 5.1-2A: machines do not authenticate by password.
fn machines(look: &Look<'_>, f: &AuthMechFacts, notes: &mut Vec<Note>) {
    let Some(answer) = look.dossier.answer("5.1-2A").and_then(|r| r.support) else { return };
    let Some(serves) = f.serves.as_ref().filter(|s| s.value.contains(&Subject::Machine)) else { return };
    if answer.value == Support::Yes && is_password(f) && !serves.value.contains(&Subject::User) {
        notes.push(
            note(
                "machine-password",
                serves.span,
                "provision 5.1-2A asks that machines do without passwords",
                "a machine that authenticates by password",
            )
            .also(answer.span, "5.1-2A is answered Y"),
        );
    }
}

fn unchangeable(look: &Look<'_>, f: &AuthMechFacts, notes: &mut Vec<Note>) {
    let Some(answer) = look.dossier.answer("5.1-4").and_then(|r| r.support) else { return };
    let serves_users = listed(&f.serves).contains(&Subject::User);
    if let Some(changeable) = f.changeable.filter(|c| !c.value)
        && serves_users
        && answer.value == Support::Yes
    {
        notes.push(
            note(
                "unchangeable-value",
                changeable.span,
                "provision 5.1-4 asks that the authentication value can be changed",
                "declared unchangeable",
            )
            .also(answer.span, "5.1-4 is answered Y"),
        );
    }
}

/// A network facility of a mechanism that is not addressable over a network.
fn reach(entry: &Entry, f: &AuthMechFacts, notes: &mut Vec<Note>) {
    if let (Some(scheme), Some(network)) = (f.scheme, f.network.filter(|n| !n.value)) {
        notes.push(
            note(
                "local-mechanism-with-scheme",
                scheme.span,
                format!("`{}` is declared not addressable over a network", entry.id.value),
                "a way to give the credential over a network",
            )
            .also(network.span, "declared here"),
        );
    }
}
