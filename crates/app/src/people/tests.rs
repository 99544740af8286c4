use tempfile::TempDir;

use super::*;
use crate::keys;
use model::Timestamp;

const GOOD: &str = "kettle marble oboe";
const OTHER: &str = "lantern gravel fugue";
const HOUR: i64 = 3_600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_790_000_000 + seconds)
}

fn account(name: &str) -> AccountName {
    name.parse().unwrap()
}

fn knock<'a>(name: &'a str, password: &'a str) -> Knock<'a> {
    Knock { name, password, source: "192.0.2.1", browser: "a browser" }
}

fn newcomer(name: &str, person: &str, role: Role) -> Newcomer {
    Newcomer { account: account(name), person: person.into(), role, product: None }
}

fn joined(team: &Team, name: &str, person: &str, role: Role) -> Secret {
    let link = team.invite(&newcomer(name, person, role), "O. Wner", at(0)).unwrap();
    team.accept(&link.secret, GOOD, "192.0.2.1", "a browser", at(1)).unwrap()
}

fn team() -> (TempDir, Team) {
    let folder = tempfile::tempdir().unwrap();
    let team = Team::open(folder.path()).unwrap();
    joined(&team, "olga", "O. Wner", Role::Owner);
    (folder, team)
}

/// Every byte of every file below a folder.
fn bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let at = entry.unwrap().path();
        all.extend(if at.is_dir() { bytes(&at) } else { std::fs::read(at).unwrap() });
    }
    all
}

#[test]
fn a_link_opens_once_and_what_it_made_is_a_session() {
    let (_folder, team) = team();
    let link = team.invite(&newcomer("anna", "A. Nna", Role::Tester), "O. Wner", at(10)).unwrap();
    assert_eq!(team.invitation(&link.secret, at(11)).unwrap().person, "A. Nna");
    let weak = team.accept(&link.secret, "password1234", "s", "b", at(11));
    assert!(matches!(weak, Err(PeopleError::Weak(_))), "{weak:?}");
    let session = team.accept(&link.secret, GOOD, "s", "b", at(12)).unwrap();
    assert_eq!(team.session(&session, at(13)).unwrap().unwrap().person.name, "A. Nna");
    assert!(matches!(team.accept(&link.secret, OTHER, "s", "b", at(14)), Err(PeopleError::Link)));
    assert!(team.sign_in(&knock("Anna", GOOD), at(15)).is_ok());
}

#[test]
fn a_link_ends_by_itself_and_by_the_next_one() {
    let (_folder, team) = team();
    let first = team.invite(&newcomer("anna", "A. Nna", Role::Tester), "O. Wner", at(0)).unwrap();
    let second = team.renew(&account("anna"), "O. Wner", at(1)).unwrap();
    assert!(matches!(team.invitation(&first.secret, at(2)), Err(PeopleError::Link)));
    assert!(team.invitation(&second.secret, at(7 * 24 * HOUR)).is_ok());
    assert!(matches!(team.invitation(&second.secret, at(7 * 24 * HOUR + 2)), Err(PeopleError::Link)));
}

#[test]
fn an_unknown_name_an_invited_one_and_a_wrong_password_get_one_answer() {
    let (_folder, team) = team();
    team.invite(&newcomer("anna", "A. Nna", Role::Tester), "O. Wner", at(0)).unwrap();
    for (name, password) in [("olga", OTHER), ("nobody", GOOD), ("anna", GOOD), ("not a name!", GOOD), ("", "")] {
        let refused = team.sign_in(&knock(name, password), at(1)).unwrap_err();
        assert!(matches!(refused, SignInError::Wrong), "{name}: {refused}");
    }
}

#[test]
fn guessing_has_to_wait_and_says_how_long() {
    let (_folder, team) = team();
    let outcomes: Vec<SignInError> =
        (0..7).map(|_| team.sign_in(&knock("olga", OTHER), at(10)).unwrap_err()).collect();
    let waits = outcomes.iter().filter(|e| matches!(e, SignInError::Wait(_))).count();
    assert_eq!(waits, 2, "{outcomes:?}");
    assert!(outcomes[6].to_string().ends_with("try again in 10 seconds"), "{}", outcomes[6]);
    // The right one is not looked at meanwhile, from a place that is not known.
    let elsewhere = Knock { source: "198.51.100.9", ..knock("olga", GOOD) };
    assert!(matches!(team.sign_in(&elsewhere, at(10)), Err(SignInError::Wait(_))));
    assert!(team.sign_in(&elsewhere, at(20)).is_ok());
}

#[test]
fn a_session_ends_when_it_is_idle_when_it_is_old_and_when_it_is_told_to() {
    let (_folder, team) = team();
    let one = team.sign_in(&knock("olga", GOOD), at(10)).unwrap();
    let other = team.sign_in(&knock("olga", GOOD), at(10)).unwrap();
    assert_ne!(one, other);
    assert!(team.session(&one, at(2 * HOUR)).unwrap().is_some());
    assert!(team.session(&other, at(2 * HOUR + 10)).unwrap().is_none(), "idle");
    let mut now = 2 * HOUR;
    while now < 12 * HOUR {
        assert!(team.session(&one, at(now)).unwrap().is_some(), "{now}");
        now += HOUR;
    }
    assert!(team.session(&one, at(12 * HOUR + 10)).unwrap().is_none(), "old, although in use");
    let third = team.sign_in(&knock("olga", GOOD), at(10)).unwrap();
    let id = team.session(&third, at(11)).unwrap().unwrap().id;
    joined(&team, "anna", "A. Nna", Role::Tester);
    assert!(!team.end_session(&account("anna"), &id).unwrap(), "somebody else's");
    assert!(team.session(&third, at(12)).unwrap().is_some());
    assert!(team.end_session(&account("olga"), &id).unwrap());
    assert!(team.session(&third, at(12)).unwrap().is_none());
}

#[test]
fn a_new_password_ends_every_session_and_the_old_password() {
    let (_folder, team) = team();
    let before = team.sign_in(&knock("olga", GOOD), at(10)).unwrap();
    let olga = account("olga");
    assert!(matches!(team.change_password(&olga, &knock("olga", OTHER), OTHER, at(11)), Err(SignInError::Wrong)));
    let after = team.change_password(&olga, &knock("olga", GOOD), OTHER, at(12)).unwrap();
    assert!(team.session(&before, at(13)).unwrap().is_none());
    assert!(team.session(&after, at(13)).unwrap().is_some());
    assert_eq!(team.sessions(&olga, at(13)).unwrap().len(), 1);
    assert!(matches!(team.sign_in(&knock("olga", GOOD), at(13)), Err(SignInError::Wrong)));
}

#[test]
fn a_token_may_what_its_scopes_and_its_person_may_until_it_ends() {
    let (_folder, team) = team();
    joined(&team, "anna", "A. Nna", Role::Tester);
    let anna = account("anna");
    let scopes = [Permission::SeeVerdicts, Permission::ManagePeople];
    let text = team.make_token(&anna, "ci", &scopes, 30, at(0)).unwrap();
    let programme = team.token(&text, at(60)).unwrap().unwrap();
    assert!(programme.may(Permission::SeeVerdicts, None));
    assert!(!programme.may(Permission::ManagePeople, None), "its person may not");
    assert!(!programme.may(Permission::State, None), "it has no such scope");
    assert_eq!(team.tokens(&anna).unwrap()[0].1.used, Some(at(60)));
    team.give(&anna, None, Role::Supplier, "O. Wner", at(61)).unwrap();
    assert!(!team.token(&text, at(62)).unwrap().unwrap().may(Permission::SeeVerdicts, None), "nor now");
    assert!(team.token(&text, at(30 * 24 * HOUR)).unwrap().is_none());
    assert!(team.token(&text.replace("assay_", ""), at(62)).unwrap().is_none());
    for bad in [&[][..], &[Permission::OwnAccount][..]] {
        assert!(team.make_token(&anna, "ci", bad, 30, at(0)).is_err());
    }
    assert!(team.make_token(&anna, "ci", &scopes, 367, at(0)).is_err());
    let id = team.tokens(&anna).unwrap()[0].0.clone();
    assert!(!team.end_token(&account("olga"), &id).unwrap(), "somebody else's");
    assert!(team.end_token(&anna, &id).unwrap());
    assert!(team.token(&text, at(63)).unwrap().is_none());
}

#[test]
fn whoever_is_removed_is_out_at_once_with_everything_they_had() {
    let (folder, team) = team();
    let session = joined(&team, "anna", "A. Nna", Role::Reviewer);
    let anna = account("anna");
    let token = team.make_token(&anna, "ci", &[Permission::SeeVerdicts], 30, at(0)).unwrap();
    let person = team.people().unwrap().get(&anna).unwrap().clone();
    let key = team.key_for(&person, "lamp", folder.path(), at(2)).unwrap();
    team.remove(&anna, "O. Wner", at(3)).unwrap();
    assert!(team.session(&session, at(4)).unwrap().is_none());
    assert!(team.token(&token, at(4)).unwrap().is_none());
    assert!(matches!(team.sign_in(&knock("anna", GOOD), at(4)), Err(SignInError::Wrong)));
    assert!(!key.exists());
    let last = team.remove(&account("olga"), "O. Wner", at(5)).unwrap_err();
    assert!(matches!(last, PeopleError::Refused(Refused::LastOwner(_))), "{last}");
}

#[test]
fn two_programs_see_the_same_people() {
    let (folder, team) = team();
    let other = Team::open(folder.path()).unwrap();
    let session = joined(&other, "anna", "A. Nna", Role::Tester);
    assert!(team.session(&session, at(2)).unwrap().is_some());
    other.remove(&account("anna"), "O. Wner", at(3)).unwrap();
    assert!(team.session(&session, at(4)).unwrap().is_none());
}

#[test]
fn nothing_that_opens_a_door_is_on_the_disk_and_names_of_who_did_it_are_in_the_ledger() {
    let (folder, team) = team();
    let link = team.invite(&newcomer("anna", "A. Nna", Role::Tester), "O. Wner", at(1)).unwrap();
    let bert = joined(&team, "bert", "B. Ert", Role::Engineer);
    let token = team.make_token(&account("bert"), "ci", &[Permission::SeeVerdicts], 30, at(0)).unwrap();
    drop(team);
    let all = bytes(folder.path());
    let holds = |text: &str| all.windows(text.len()).any(|window| window == text.as_bytes());
    let secret = token.trim_start_matches(PREFIX);
    for secret in [GOOD, link.secret.text(), bert.text(), secret] {
        assert!(!holds(secret), "{secret}");
    }
    assert!(holds("argon2id"), "what was searched is what was written");
    let records = Records::open(folder.path()).unwrap();
    let history = records.history().unwrap();
    assert_eq!(history.people().len(), 5);
    let text = serde_json::to_string(&history.people()[2].body).unwrap();
    assert!(text.contains("\"by\":\"O. Wner\""), "{text}");
}

#[test]
fn a_key_is_entered_once_with_the_persons_name_and_the_role_that_fits() {
    let (folder, team) = team();
    let product = tempfile::tempdir().unwrap();
    joined(&team, "rita", "R. Eviewer", Role::Reviewer);
    joined(&team, "aud", "A. Uditor", Role::Auditor);
    let person = |name: &str| team.people().unwrap().get(&account(name)).unwrap().clone();
    let first = team.key_for(&person("rita"), "lamp", product.path(), at(2)).unwrap();
    assert_eq!(team.key_for(&person("rita"), "lamp", product.path(), at(3)).unwrap(), first);
    assert!(first.starts_with(folder.path()));
    let (keys, _) = keys::show(product.path()).unwrap();
    let of_rita: Vec<_> = keys.iter().filter(|key| key.holder.person == "R. Eviewer").collect();
    assert_eq!((keys.len(), of_rita.len(), of_rita[0].role), (2, 1, ledger::Role::Reviewer));
    assert!(matches!(team.key_for(&person("aud"), "lamp", product.path(), at(3)), Err(PeopleError::NoKey { .. })));
    // Ended in the ledger of this product: another one takes its place.
    keys::revoke(product.path(), of_rita[0].id, "lost", None, at(4)).unwrap();
    team.key_for(&person("rita"), "lamp", product.path(), at(5)).unwrap();
    let (keys, _) = keys::show(product.path()).unwrap();
    assert_eq!(keys.iter().filter(|key| key.holder.person == "R. Eviewer").count(), 2);
    // With a role for one product only, the key there is another.
    team.give(&account("rita"), Some("lamp"), Role::Laboratory, "O. Wner", at(6)).unwrap();
    let blind = team.key_for(&person("rita"), "lamp", product.path(), at(7)).unwrap();
    assert_ne!(blind, first);
}
