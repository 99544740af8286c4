//! Routes that were found where a service is offered, and that no entry declares.
//!
//! One that changes what a declared request changes fails the service. Any other that lets in whoever should stay outside
//! may or may not belong to it: nothing passes before somebody has declared what it is.

use dossier::{Entry, InterfaceFacts, SoftServFacts};
use model::{Access, Credential};

use crate::judgement::{Judgement, Next};
use crate::view::View;

use super::super::seen::{Sight, key, port_text};
use super::Function;

impl Function<'_> {
    /// What the routes that were found add to the judgement of this service.
    pub(super) fn found_ones(&self, view: &View<'_>) -> Vec<Judgement> {
        let mut parts: Vec<Judgement> = Vec::new();
        let mut told: Vec<&str> = Vec::new();
        for (sight, access) in &self.tried {
            let is_here = self.ports.iter().any(|port| port.at == key(&access.endpoint));
            let is_outside = !matches!(access.credential, Credential::Valid | Credential::LowPrivilege);
            let counts = access.found.is_some() && access.granted && is_outside && is_here;
            if counts
                && !told.contains(&access.function.as_str())
                && !is_declared(view, access)
                && !self.is_anothers(view, &access.function)
            {
                told.push(&access.function);
                parts.push(self.found_one(sight, access));
            }
        }
        parts
    }

    /// Whether the path is that of a request of other services, and of none of this one.
    fn is_anothers(&self, view: &View<'_>, function: &str) -> bool {
        let entries = view.entries("SoftServ").iter();
        let mut owners = entries.filter(|entry| requests(entry).any(|own| path(own) == path(function))).peekable();
        owners.peek().is_some() && owners.all(|entry| entry.id.value != self.service.id.value)
    }

    fn found_one(&self, sight: &Sight<'_>, access: &Access) -> Judgement {
        let (name, id) = (&access.function, &self.service.id.value);
        let with = match &access.credential {
            Credential::None => "without a credential".to_owned(),
            Credential::Expired => "with a session that has ended".to_owned(),
            Credential::Altered(how) => format!("with an altered session ({how})"),
            _ => "with a wrong credential".to_owned(),
        };
        let at = port_text(key(&access.endpoint));
        let seen = format!("{name} {with} at {at}: {}", access.told_by);
        let changes = self.requests.iter().filter(|request| request.writes);
        let same = changes.filter(|_| !is_read(name)).find(|r| path(&r.text.value) == path(name));
        match same {
            Some(request) => Judgement::fail(format!("{name}, which nobody declares, can be used {with}"))
                .declared(request.text.span, format!("{} as declared", request.text.value)),
            None => Judgement::inconclusive(
                format!("{name} at {at} can be used {with}, and nobody declares it"),
                Next::Declare {
                    place: "SoftServ".to_owned(),
                    entry: Some(id.clone()),
                    what: format!("{name} among its requests, or in `public-paths` of the interface"),
                },
            ),
        }
        .on(sight.ground(seen))
    }
}

fn is_read(function: &str) -> bool {
    function.split_whitespace().next().is_some_and(|method| matches!(method, "GET" | "HEAD" | "OPTIONS"))
}

/// The path of a request, without its query.
fn path(function: &str) -> Option<&str> {
    function.split_whitespace().nth(1)?.split('?').next()
}

/// Every request that a service declares.
fn requests(service: &Entry) -> impl Iterator<Item = &str> {
    let lists = service.facts::<SoftServFacts>().map(|facts| [&facts.read_requests, &facts.write_requests]);
    let lists = lists.into_iter().flatten().filter_map(|list| list.as_ref());
    lists.flat_map(|list| list.value.iter().map(|request| request.value.as_str()))
}

/// Whether some service declares the request, or an interface its path as public.
fn is_declared(view: &View<'_>, access: &Access) -> bool {
    let same = |text: &str| text.split_whitespace().eq(access.function.split_whitespace());
    if view.entries("SoftServ").iter().flat_map(requests).any(same) {
        return true;
    }
    let Some(path) = path(&access.function).filter(|_| is_read(&access.function)) else { return false };
    let interfaces = ["LogIntf", "Intf"].into_iter().flat_map(|table| view.entries(table));
    let mut public = interfaces
        .filter(|entry| super::super::interfaces::port_of(entry) == Some(key(&access.endpoint)))
        .filter_map(|entry| entry.facts::<InterfaceFacts>()?.public_paths.as_ref());
    public.any(|paths| paths.value.iter().any(|own| is_at_or_below(path, &own.value)))
}

/// Whether a path is a public one, or lies below it.
fn is_at_or_below(path: &str, public: &str) -> bool {
    let folder = public.trim_end_matches('/');
    path == public || (!folder.is_empty() && path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_public_folder_is_public_and_below_the_start_page_nothing() {
        assert!(is_at_or_below("/files/manual.txt", "/files") && is_at_or_below("/", "/"));
        assert!(!is_at_or_below("/config", "/") && !is_at_or_below("/filesystem", "/files"));
    }
}
