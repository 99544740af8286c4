//! What an SSH server offers, against what is declared.

use dossier::{ComMechFacts, Entry};
use model::Fact;

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::crypto_ciphers::{broken_ssh, is_ssh_marker};
use super::crypto_offer::Place;
use super::probe_names::SERVICES;
use super::said::declare;
use super::seen::{Seen, key, port_text};

/// Judges one server end. Without a declared list only a broken algorithm decides.
pub(super) fn judge(view: &View<'_>, mechanism: &Entry, facts: &ComMechFacts, place: &Place) -> Judgement {
    let id = &mechanism.id.value;
    let seen = Seen::of(view, &place.target);
    let offer = seen.facts().into_iter().find_map(|sight| match sight.fact {
        Fact::SshOffer { endpoint, lists } if key(endpoint) == place.at => Some((sight, lists)),
        _ => None,
    });
    let Some((sight, lists)) = offer else {
        return Judgement::open(
            format!("what SSH at {} offers is not measured", port_text(place.at)),
            Next::Observe { probe: SERVICES.to_owned(), target: place.target.clone() },
        );
    };
    let offered = || lists.iter().flat_map(|(list, names)| names.iter().map(move |n| (list.as_str(), n.as_str())));
    let observed = sight.ground(format!("{} offers {} algorithms", port_text(place.at), offered().count()));
    let judgement = match &facts.suites {
        Some(suites) => {
            let known = |name: &str| suites.iter().any(|s| s.eq_ignore_ascii_case(name));
            let surplus =
                offered().find(|(list, name)| !list.contains("compress") && !is_ssh_marker(name) && !known(name));
            match surplus {
                Some((_, name)) => Judgement::fail(format!("{id}: {name} is offered and not declared")),
                None => Judgement::pass(format!("{id} offers no algorithm beyond the declared ones")),
            }
            .declared(suites.span, format!("{} declared algorithms", suites.len()))
        }
        None => match offered().find_map(|(list, name)| Some((name, broken_ssh(list, name)?))) {
            Some((name, why)) => Judgement::fail(format!("{id} offers {name}: {why}")),
            None => Judgement::inconclusive(
                format!("{id} lists no algorithms to compare the offer with"),
                declare(mechanism, "suites"),
            ),
        }
        .declared(mechanism.span, format!("{id} declares SSH")),
    };
    judgement.on(observed)
}
