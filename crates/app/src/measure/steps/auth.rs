//! Parameters of the probes that log in: defaults, guesses, sessions, a change of the credential.

use std::collections::BTreeSet;

use dossier::{SoftServFacts, Standing};
use model::{AuthScheme, Endpoint, Fact, Touches};
use serde_json::{Value, json};

use super::super::setup::Credential;
use super::Lookup;

impl Lookup<'_> {
    /// Logins that hand out sessions and have a right credential, each with a page behind it.
    pub(super) fn sessions(&self) -> Result<Value, String> {
        let mut logins = Vec::new();
        for (entry, facts) in self.mechanisms() {
            let by_login = |scheme| matches!(scheme, AuthScheme::HttpForm | AuthScheme::HttpJson);
            if !self.scheme(entry, facts).is_some_and(by_login) {
                continue;
            }
            let Some(login) = self.login(&entry.id.value, Standing::Valid) else { continue };
            let logout = facts.logout_request.as_ref().map(|request| &request.value);
            logins.push(json!({"login": login, "guarded": self.guarded_by(&entry.id.value), "logout": logout}));
        }
        if logins.is_empty() {
            return Err("no login that hands out sessions has a right credential in bench.toml".to_owned());
        }
        Ok(json!({"logins": logins}))
    }

    /// Credentials that a declared request changes, each with the other mechanisms that take it, too.
    pub(super) fn changes(&self) -> Result<Value, String> {
        let mut changes = Vec::new();
        for (entry, facts) in self.mechanisms() {
            let (Some(request), Some(body)) = (&facts.change_request, &facts.change_body) else { continue };
            let id = entry.id.value.as_str();
            let Some(login) = self.login(id, Standing::Valid) else { continue };
            changes.push(json!({
                "login": login, "request": request.value, "body": body.value,
                "guarded": self.guarded_by(id), "also": self.also(id),
            }));
        }
        if changes.is_empty() {
            return Err(
                "1-AuthMech declares no `change-request` and `change-body` with a right credential".to_owned()
            );
        }
        Ok(json!({"changes": changes}))
    }

    /// Logins of the other mechanisms that take the same credential.
    pub(super) fn also(&self, id: &str) -> Vec<Value> {
        let own = self.setup.account(id, Standing::Valid).or_else(|| self.setup.account(id, Standing::Default));
        let also = self.mechanisms().filter(|(other, _)| other.id.value != id).filter_map(|(other, _)| {
            let name = other.id.value.as_str();
            let account = self.setup.account(name, Standing::Valid)?;
            let same =
                |own: &Credential| own.user == account.user && own.secret.reveal() == account.secret.reveal();
            own.is_some_and(same).then(|| self.login(name, Standing::Valid))?
        });
        also.collect()
    }

    /// A page that a mechanism guards: the first declared read of a service that refers to it.
    pub(super) fn guarded_by(&self, mechanism: &str) -> Option<Value> {
        self.dossier.entries("SoftServ").iter().find_map(|entry| {
            let guards = match &entry.field("Authentication Mechanism")?.value {
                dossier::FieldValue::List(list) => list.iter().any(|id| id.value == mechanism),
                dossier::FieldValue::Text(text) => text.split(',').any(|id| id.trim() == mechanism),
            };
            let facts = entry.facts::<SoftServFacts>().filter(|_| guards)?;
            let (port, tls) = self.interface(facts.interface.as_ref())?;
            let reads = facts.read_requests.as_ref()?.value.iter();
            let path =
                reads.filter_map(|request| request.value.trim().strip_prefix("GET ")).map(str::trim).next()?;
            Some(json!({"server": self.server(port, tls), "path": path}))
        })
    }

    pub(super) fn defaults(&self) -> Result<Value, String> {
        let (mut doors, mut own) = (Vec::new(), Vec::new());
        let mut budget = 4;
        // A declared mechanism is tried at the first address alone: it counts wrong credentials, wherever they come in.
        let declared = self.mechanisms().filter(|_| !self.target.further);
        for (entry, facts) in declared {
            let Some(door) = self.door(entry, facts) else { continue };
            if !self.scheme(entry, facts).is_some_and(AuthScheme::takes_password) {
                continue;
            }
            // One below the lockout that the operator's file knows of, so that nobody is locked out by the search.
            if let Some(after) = &facts.lockout_after {
                budget = budget.min(after.value.saturating_sub(1).max(1));
            }
            let credential = |a: &Credential, label: &str| json!({"door": doors.len(), "credential": label, "user": a.user, "secret": a.secret.reveal()});
            if let Some(account) = self.setup.account(&entry.id.value, Standing::Default) {
                own.push(credential(account, "declared-default"));
            } else if let Some(account) = self.setup.account(&entry.id.value, Standing::Valid) {
                own.push(credential(account, "valid"));
            }
            doors.push(door);
        }
        for (endpoint, scheme, path) in self.undeclared_prompts() {
            let tls = self.speaks_tls(endpoint);
            let mut door = self.door_at(endpoint.port, tls, scheme, path.as_deref());
            door["endpoint"] = json!(endpoint);
            if !doors.contains(&door) {
                doors.push(door);
            }
        }
        if doors.is_empty() {
            return Err("nothing was found that takes a password".to_owned());
        }
        Ok(json!({"doors": doors, "own": own, "budget": budget}))
    }

    /// Prompts seen at ports where no declared mechanism of that scheme is.
    pub(super) fn undeclared_prompts(&self) -> BTreeSet<(Endpoint, AuthScheme, Option<String>)> {
        let declared: BTreeSet<u16> = self
            .mechanisms()
            .filter_map(|(_, f)| self.interface(f.interface.as_ref()))
            .map(|(port, _)| port)
            .collect();
        let prompt = |fact: &Fact| match fact {
            Fact::AuthPrompt { endpoint, scheme, path, .. }
                if scheme.takes_password()
                    && endpoint.address == self.target.address
                    && !declared.contains(&endpoint.port) =>
            {
                Some((*endpoint, *scheme, path.clone()))
            }
            _ => None,
        };
        self.seen.iter().filter_map(prompt).collect()
    }

    pub(super) fn speaks_tls(&self, endpoint: Endpoint) -> bool {
        self.seen.iter().any(|f| matches!(f, Fact::Service(s) if s.endpoint == endpoint && s.tls))
    }

    pub(super) fn guessing(&self) -> Result<Value, String> {
        let mut doors = Vec::new();
        let mut longest = 0;
        for (entry, facts) in self.mechanisms() {
            let Some(door) = self.door(entry, facts) else { continue };
            let Some(scheme) = self.scheme(entry, facts).filter(|s| s.takes_password()) else {
                continue;
            };
            if scheme == AuthScheme::SnmpCommunity {
                continue;
            }
            let id = &entry.id.value;
            let account = [Standing::Valid, Standing::Default].into_iter().find_map(|s| self.setup.account(id, s));
            let user = account.map_or("admin", |a| a.user.as_str());
            longest = longest.max(facts.lockout_seconds.as_ref().map_or(0, |s| s.value));
            let other = self.setup.account(id, Standing::LowPrivilege).filter(|other| other.user != user);
            let other = other.map(|other| json!({"user": other.user, "secret": other.secret.reveal()}));
            doors.push(json!({
                "door": door, "user": user, "secret": account.map(|a| a.secret.reveal()), "other": other,
                "doors": self.also(id).into_iter().map(|login| login["door"].clone()).collect::<Vec<_>>(),
            }));
        }
        if doors.is_empty() {
            return Err("1-AuthMech declares nothing that takes a password over the network".to_owned());
        }
        // What changes the credential has to try the old value and the new one, and each beside a wrong one.
        // So does every door that is tried while another one is blocked; and defaults were tried before.
        let kept = if self.changes().is_ok() && self.setup.consent >= Touches::Destructive { 12 } else { 0 };
        let guesses = self.setup.limits.attempts.saturating_sub(kept).max(1);
        // Waiting for a block to end is worth a minute; longer blocks are left to end by themselves.
        let recover = if longest <= 60 { 60 } else { 0 };
        let parallel = self.setup.limits.parallel;
        let mut found =
            json!({"doors": doors, "guesses": guesses, "parallel": parallel, "recover_seconds": recover});
        if let Some(source) = self.setup.second_source {
            found["second_source"] = json!(source);
        }
        Ok(found)
    }
}
