//! What every keeper of documents promises, as tests that any backend runs.

use store::{Document, Documents, StoreError};

/// How many times the suite asks for a new one.
pub(crate) const MADE: u64 = 8;

/// Runs the whole suite; `make` gives a new, empty keeper each time.
pub(crate) fn contract(make: impl Fn() -> Box<dyn Documents>) {
    nothing_is_there_at_first(make());
    documents_come_back_as_they_were_put(make());
    only_who_knows_the_present_version_changes_a_document(make());
    a_version_is_never_given_twice(make());
    collections_are_listed_in_order_and_apart(make());
    of_writers_at_once_each_change_is_one_persons(make());
    documents_of_another_keeper_replace_all(make(), make());
}

fn nothing_is_there_at_first(mut documents: Box<dyn Documents>) {
    assert_eq!(documents.get("people", "anna").unwrap(), None);
    assert_eq!(documents.list("people").unwrap(), []);
    let refused = documents.put("people", "anna", b"{}", Some(1));
    assert!(matches!(refused, Err(StoreError::Conflict { expected: Some(1), found: None, .. })), "{refused:?}");
    let refused = documents.delete("people", "anna", 1);
    assert!(matches!(refused, Err(StoreError::Conflict { expected: Some(1), found: None, .. })), "{refused:?}");
    assert_eq!(documents.list("people").unwrap(), []);
}

fn documents_come_back_as_they_were_put(mut documents: Box<dyn Documents>) {
    let large = vec![7; 3_000_000];
    for (key, bytes) in [("", b"".as_slice()), ("a/b 'ü' %", b"{\"n\": 1}\0\xff"), ("large", &large)] {
        let version = documents.put("drafts", key, bytes, None).unwrap();
        let document = Document { key: key.to_owned(), version, bytes: bytes.to_vec() };
        assert_eq!(documents.get("drafts", key).unwrap().as_ref(), Some(&document));
        assert_eq!(documents.another().unwrap().get("drafts", key).unwrap(), Some(document));
        assert_eq!(documents.get("other", key).unwrap(), None);
    }
}

fn only_who_knows_the_present_version_changes_a_document(mut documents: Box<dyn Documents>) {
    let first = documents.put("people", "anna", b"1", None).unwrap();
    let second = documents.put("people", "anna", b"2", Some(first)).unwrap();
    assert_ne!(first, second);
    for stale in [None, Some(first), Some(second + 1)] {
        let refused = documents.put("people", "anna", b"3", stale).unwrap_err();
        let StoreError::Conflict { collection, key, expected, found } = &refused else { panic!("{refused}") };
        assert_eq!((collection.as_str(), key.as_str()), ("people", "anna"));
        assert_eq!((*expected, *found), (stale, Some(second)));
    }
    assert!(matches!(documents.delete("people", "anna", first), Err(StoreError::Conflict { .. })));
    assert_eq!(documents.get("people", "anna").unwrap().unwrap().bytes, b"2");
    documents.delete("people", "anna", second).unwrap();
    assert_eq!(documents.get("people", "anna").unwrap(), None);
}

fn a_version_is_never_given_twice(mut documents: Box<dyn Documents>) {
    let mut given = Vec::new();
    for _ in 0..3 {
        let version = documents.put("people", "anna", b"made", None).unwrap();
        given.push(version);
        given.push(documents.put("people", "anna", b"changed", Some(version)).unwrap());
        documents.delete("people", "anna", given[given.len() - 1]).unwrap();
    }
    assert!(given.is_sorted_by(|one, next| one < next), "{given:?}");
    let refused = documents.put("people", "anna", b"late", Some(given[0]));
    assert!(matches!(refused, Err(StoreError::Conflict { found: None, .. })), "{refused:?}");
}

fn collections_are_listed_in_order_and_apart(mut documents: Box<dyn Documents>) {
    for key in ["b", "a", "ä", "Z", "a-", "aa"] {
        documents.put("one", key, key.as_bytes(), None).unwrap();
    }
    documents.put("two", "c", b"c", None).unwrap();
    let keys = |collection| -> Vec<String> {
        documents.list(collection).unwrap().into_iter().map(|document| document.key).collect()
    };
    assert_eq!(keys("one"), ["Z", "a", "a-", "aa", "b", "ä"]);
    assert_eq!(keys("two"), ["c"]);
    assert_eq!(keys("three"), [""; 0]);
    assert!(documents.list("one").unwrap().iter().all(|document| document.bytes == document.key.as_bytes()));
}

/// Four threads add one to the same number: every addition counts.
fn of_writers_at_once_each_change_is_one_persons(mut documents: Box<dyn Documents>) {
    documents.put("counts", "n", b"0", None).unwrap();
    let writers: Vec<_> = (0..4).map(|_| documents.another().unwrap()).collect();
    let threads = writers.into_iter().map(|mut writer| {
        std::thread::spawn(move || {
            for _ in 0..5 {
                while !add_one(writer.as_mut()) {}
            }
        })
    });
    let threads: Vec<_> = threads.collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(documents.get("counts", "n").unwrap().unwrap().bytes, b"20");
}

fn add_one(documents: &mut dyn Documents) -> bool {
    let held = documents.get("counts", "n").unwrap().unwrap();
    let number: u32 = String::from_utf8(held.bytes).unwrap().parse().unwrap();
    match documents.put("counts", "n", (number + 1).to_string().as_bytes(), Some(held.version)) {
        Ok(_) => true,
        Err(StoreError::Conflict { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

fn documents_of_another_keeper_replace_all(mut from: Box<dyn Documents>, mut to: Box<dyn Documents>) {
    to.put("people", "gone", b"gone", None).unwrap();
    let anna = from.put("people", "anna", b"1", None).unwrap();
    for number in 0..5 {
        from.put("drafts", &number.to_string(), b"{}", None).unwrap();
    }
    let anna = from.put("people", "anna", b"2", Some(anna)).unwrap();
    let all = from.everything().unwrap();
    assert_eq!(all.len(), 6);
    assert!(all.iter().any(|(collection, document)| collection == "people" && document.version == anna));
    for _ in 0..2 {
        to.replace_everything(&all).unwrap();
        assert_eq!(to.everything().unwrap(), all);
    }
    let refused = to.put("people", "anna", b"3", Some(anna - 1));
    assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    assert!(to.put("people", "anna", b"3", Some(anna)).unwrap() > anna);
    to.replace_everything(&[]).unwrap();
    assert_eq!(to.everything().unwrap(), []);
    assert!(to.put("people", "anna", b"4", None).unwrap() > anna);
}
