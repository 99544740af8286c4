use super::*;

fn account(name: &str) -> AccountName {
    name.parse().unwrap()
}

fn invited(name: &str, person: &str, role: Role) -> Event {
    Event::Invited { account: account(name), person: person.into(), product: None, role, by: "O. Wner".into() }
}

fn joined(name: &str) -> Event {
    Event::Joined { account: account(name) }
}

fn removed(name: &str) -> Event {
    Event::Removed { account: account(name), by: "O. Wner".into() }
}

fn given(name: &str, product: Option<&str>, role: Role) -> Event {
    Event::Given { account: account(name), product: product.map(Into::into), role, by: "O. Wner".into() }
}

fn all(events: Vec<Event>) -> Events {
    Events { at: Timestamp::from_seconds(10), events }
}

fn with_owner() -> People {
    let mut people = People::default();
    people.take(&all(vec![invited("olga", "O. Wner", Role::Owner), joined("olga")])).unwrap();
    people
}

#[test]
fn the_last_owner_stays_whatever_is_tried() {
    let mut people = with_owner();
    let last = Err(Refused::LastOwner(account("olga")));
    assert_eq!(people.take(&all(vec![removed("olga")])), last);
    assert_eq!(people.take(&all(vec![given("olga", None, Role::Engineer)])), last);
    let taken = Event::Taken { account: account("olga"), product: None, by: "O. Wner".into() };
    assert_eq!(people.take(&all(vec![taken])), last);
    // Somebody who was only invited cannot sign in yet, and so leaves nobody in charge.
    people.take(&all(vec![invited("anna", "A. Nna", Role::Owner)])).unwrap();
    assert_eq!(people.take(&all(vec![removed("olga")])), last);
    people.take(&all(vec![joined("anna")])).unwrap();
    people.take(&all(vec![removed("olga")])).unwrap();
    assert_eq!(people.owners().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["A. Nna"]);
}

#[test]
fn nobody_may_anything_before_they_joined_and_after_they_were_removed() {
    let mut people = with_owner();
    people.take(&all(vec![invited("anna", "A. Nna", Role::Engineer)])).unwrap();
    let may = |people: &People| {
        Permission::all().filter(|p| people.get(&account("anna")).unwrap().may(*p, None)).count()
    };
    assert_eq!(may(&people), 0);
    people.take(&all(vec![joined("anna")])).unwrap();
    assert!(may(&people) > 0);
    people.take(&all(vec![removed("anna")])).unwrap();
    assert_eq!(may(&people), 0);
}

#[test]
fn a_role_for_a_product_goes_before_the_one_in_the_workspace_and_can_be_less() {
    let mut people = with_owner();
    let events = vec![
        invited("anna", "A. Nna", Role::Tester),
        joined("anna"),
        given("anna", Some("lamp"), Role::Laboratory),
        given("anna", Some("lock"), Role::Engineer),
    ];
    people.take(&all(events)).unwrap();
    let anna = people.get(&account("anna")).unwrap();
    assert!(anna.may(Permission::SeeVerdicts, None) && anna.may(Permission::SeeVerdicts, Some("plug")));
    assert!(!anna.may(Permission::SeeVerdicts, Some("lamp")), "blind there, although a tester elsewhere");
    assert!(anna.may(Permission::EditDossier, Some("lock")) && !anna.may(Permission::EditDossier, Some("plug")));
    assert!(!anna.may_everywhere(Permission::SeeVerdicts), "what looks over all products would show that one");
    assert!(anna.may_everywhere(Permission::SeeDeclared));
    assert!(anna.may_somewhere(Permission::EditDossier) && !anna.may(Permission::EditDossier, None));
}

#[test]
fn somebody_who_is_there_for_one_product_has_no_role_anywhere_else() {
    let mut people = with_owner();
    let event = Event::Invited {
        account: account("sup"),
        person: "S. Upplier".into(),
        product: Some("lamp".into()),
        role: Role::Supplier,
        by: "O. Wner".into(),
    };
    people.take(&all(vec![event, joined("sup")])).unwrap();
    let sup = people.get(&account("sup")).unwrap();
    assert!(sup.may(Permission::Answer, Some("lamp")) && !sup.may(Permission::Answer, Some("lock")));
    assert!(sup.may(Permission::OwnAccount, None) && !sup.may(Permission::Answer, None));
    assert!(sup.may_somewhere(Permission::Answer));
}

#[test]
fn a_name_tells_one_person_from_every_other_for_ever() {
    let mut people = with_owner();
    let same = people.take(&all(vec![invited("olga2", "o wner", Role::Tester)]));
    assert!(matches!(same, Err(Refused::SameName { .. })), "{same:?}");
    people.take(&all(vec![invited("anna", "A. Nna", Role::Tester), removed("anna")])).unwrap();
    let others = people.take(&all(vec![invited("anna", "B. Eate", Role::Tester)]));
    assert!(matches!(others, Err(Refused::Others { .. })), "{others:?}");
    people.take(&all(vec![invited("anna", "A. Nna", Role::Reviewer)])).unwrap();
    assert_eq!(people.get(&account("anna")).unwrap().standing, Standing::Invited);
}

#[test]
fn what_is_refused_changes_nothing_and_every_change_names_who_made_it() {
    let mut people = with_owner();
    let before = people.clone();
    assert!(people.take(&all(vec![invited("anna", "A. Nna", Role::Tester), joined("bert")])).is_err());
    let nobody = Event::Given { account: account("olga"), product: None, role: Role::Owner, by: " ".into() };
    assert!(matches!(people.take(&all(vec![nobody])), Err(Refused::Text(_))));
    let hostile = invited("mal", "M\u{1b}[2J", Role::Tester);
    assert!(matches!(people.take(&all(vec![hostile])), Err(Refused::Text(_))));
    assert_eq!(people, before);
}

#[test]
fn an_event_reads_as_it_was_written() {
    let events = all(vec![invited("anna", "A. Nna", Role::Reviewer), given("anna", Some("lamp"), Role::Tester)]);
    let text = serde_json::to_string(&events).unwrap();
    assert!(text.contains(r#""event":"invited","account":"anna""#), "{text}");
    assert_eq!(serde_json::from_str::<Events>(&text).unwrap(), events);
}
