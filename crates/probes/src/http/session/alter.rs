//! Sessions made from a valid one that a server should refuse: a sign changed, a signature taken away, a role taken over.
//!
//! What is changed is what differs between two sessions of one subject; what is the same in both holds no session.

use wire::http::cookie::SetCookie;
use wire::http::token::{Jwt, with_another_sign};

use super::Session;

const BEARER: &str = "Bearer ";

/// Makes another value of a carrier's; none where it does not fit.
type Way = fn(&str) -> Option<String>;

impl Session {
    /// Whether it is held by something that the server handed out, and not by showing the credential each time.
    pub(crate) fn is_handed_out(&self) -> bool {
        !self.carriers().is_empty()
    }

    /// What it is shown by: each cookie by its name, and the token as `bearer`, with their values. A later cookie
    /// replaces an earlier one of its name.
    pub(crate) fn carriers(&self) -> Vec<(&str, &str)> {
        let is_last = |at: usize| self.cookies[at + 1..].iter().all(|later| later.name != self.cookies[at].name);
        let cookies = (0..self.cookies.len()).filter(|at| is_last(*at)).map(|at| &self.cookies[at]);
        let cookies = cookies.filter(|cookie| !cookie.value.is_empty());
        let token = self.authorization.as_deref().and_then(|value| value.strip_prefix(BEARER));
        cookies
            .map(|cookie| (cookie.name.as_str(), cookie.value.as_str()))
            .chain(token.map(|token| ("bearer", token)))
            .collect()
    }

    /// The attributes under which a cookie was set.
    pub(crate) fn cookie(&self, name: &str) -> Option<&SetCookie> {
        self.cookies.iter().rev().find(|cookie| cookie.name == name)
    }

    /// The same session, shown by this carrier alone.
    pub(crate) fn shown_by(&self, carrier: &str) -> Self {
        let cookies = self.cookies.iter().filter(|cookie| cookie.name == carrier).cloned().collect();
        let authorization = self.authorization.clone().filter(|_| carrier == "bearer");
        Self { cookies, authorization, ..Self::default() }
    }

    /// The carriers that differ from those of another session of the same subject; all where none does, or where there
    /// is no other.
    fn holding(&self, other: Option<&Session>) -> Vec<String> {
        let others = other.map(Session::carriers).unwrap_or_default();
        let own = self.carriers();
        let differing: Vec<_> = own.iter().filter(|one| !others.contains(one)).collect();
        let all: Vec<_> = own.iter().collect();
        let held = if differing.is_empty() { all } else { differing };
        held.into_iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    /// Each way of altering this session that fits it, with its name as a fact says it.
    pub(crate) fn altered_in_each_way(&self, other: Option<&Session>) -> Vec<(&'static str, Session)> {
        let holding = self.holding(other);
        let ways: [(&str, Way); 5] = [
            ("first-half", |value| with_another_sign(value, value.len() / 4)),
            ("second-half", |value| with_another_sign(value, value.len() * 3 / 4)),
            ("jwt-unsigned", |value| Some(Jwt::read(value)?.unsigned())),
            ("jwt-no-signature", |value| Some(Jwt::read(value)?.without_signature())),
            ("jwt-claims", |value| Some(Jwt::read(value)?.with_another_claim())),
        ];
        ways.into_iter().filter_map(|(name, way)| Some((name, self.with(&holding, way)?))).collect()
    }

    /// This session with the labels of a more entitled one, such as `role=admin`: cookies that are the same in two
    /// sessions of that subject and another here.
    pub(crate) fn with_the_labels_of(&self, entitled: &Session, other: &Session) -> Option<Session> {
        let holding = entitled.holding(Some(other));
        let labels = entitled.carriers().into_iter().filter(|(name, _)| !holding.iter().any(|held| held == name));
        let mut raised = Self { cookies: self.cookies.clone(), ..Self::default() };
        raised.authorization.clone_from(&self.authorization);
        let mut is_raised = false;
        for (name, value) in labels {
            for cookie in raised.cookies.iter_mut().filter(|own| own.name == name && own.value != value) {
                value.clone_into(&mut cookie.value);
                is_raised = true;
            }
        }
        is_raised.then_some(raised)
    }

    /// This session with each of these carriers altered; none where one of them cannot be.
    fn with(&self, holding: &[String], way: Way) -> Option<Session> {
        let is_held = |name: &str| holding.iter().any(|held| held == name);
        let mut cookies = self.cookies.clone();
        for cookie in cookies.iter_mut().filter(|cookie| is_held(&cookie.name) && !cookie.value.is_empty()) {
            cookie.value = way(&cookie.value)?;
        }
        let mut authorization = self.authorization.clone();
        if let Some(token) = self.authorization.as_deref().and_then(|value| value.strip_prefix(BEARER))
            && is_held("bearer")
        {
            authorization = Some(format!("{BEARER}{}", way(token)?));
        }
        Some(Self { cookies, authorization, ..Self::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(cookies: &[(&str, &str)], token: Option<&str>) -> Session {
        let cookies = cookies.iter().map(|(name, value)| SetCookie {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
            ..SetCookie::default()
        });
        Session {
            cookies: cookies.collect(),
            authorization: token.map(|token| format!("Bearer {token}")),
            ..Session::default()
        }
    }

    #[test]
    fn what_differs_between_two_sessions_is_altered_and_a_label_is_not() {
        let (one, other) = (
            session(&[("role", "admin"), ("sid", "aaaa1111")], None),
            session(&[("role", "admin"), ("sid", "bbbb2222")], None),
        );
        let altered = one.altered_in_each_way(Some(&other));
        let told: Vec<_> = altered.iter().map(|(name, session)| (*name, session.carriers())).collect();
        assert_eq!(
            told,
            [
                ("first-half", vec![("role", "admin"), ("sid", "aaba1111")]),
                ("second-half", vec![("role", "admin"), ("sid", "aaaa1121")]),
            ]
        );
    }

    #[test]
    fn a_cookie_and_a_token_for_one_session_are_altered_together() {
        let one = session(&[("sid", "aaaa1111")], Some("aaaa1111"));
        let altered = one.altered_in_each_way(None);
        assert_eq!(altered[0].1.carriers(), [("sid", "aaba1111"), ("bearer", "aaba1111")]);
    }

    #[test]
    fn a_web_token_is_altered_in_five_ways() {
        let one = session(&[], Some("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"));
        let names: Vec<_> = one.altered_in_each_way(None).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["first-half", "second-half", "jwt-unsigned", "jwt-no-signature", "jwt-claims"]);
    }

    #[test]
    fn a_role_is_taken_over_only_where_it_is_a_label_of_its_own() {
        let admin = session(&[("role", "admin"), ("sid", "aaaa1111")], None);
        let again = session(&[("role", "admin"), ("sid", "bbbb2222")], None);
        let guest = session(&[("role", "guest"), ("sid", "cccc3333")], None);
        let raised = guest.with_the_labels_of(&admin, &again).unwrap();
        assert_eq!(raised.carriers(), [("role", "admin"), ("sid", "cccc3333")]);
        let plain = session(&[("sid", "cccc3333")], None);
        assert!(plain.with_the_labels_of(&admin, &again).is_none());
        assert!(
            guest.with_the_labels_of(&session(&[("sid", "a")], None), &session(&[("sid", "b")], None)).is_none()
        );
    }
}
