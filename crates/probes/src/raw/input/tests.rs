use super::*;
use crate::scripted::ScriptedBench;

const FRAME: [&str; 4] = ["bytes 7e", "length 1", "number 1 level 0..100 = 50", "text name ..8 = plug"];

/// The answer of a service that takes exactly what is described.
fn strict(heard: &[u8]) -> Vec<u8> {
    match heard {
        [0x7e, length, level, name @ ..]
            if usize::from(*length) == name.len() + 1
                && *level <= 100
                && name.len() <= 8
                && name.iter().all(u8::is_ascii_graphic) =>
        {
            b"OK".to_vec()
        }
        _ => b"NO".to_vec(),
    }
}

fn measured(service: impl FnMut(&[u8]) -> Option<Vec<u8>> + 'static) -> Reading {
    let mut bench = ScriptedBench::refusing().answering_datagrams(9999, service);
    let parameters = Parameters {
        services: vec![Service {
            endpoint: Endpoint::udp(bench.device(), 9999),
            tls: false,
            host: None,
            name: "SET".to_owned(),
            frame: FRAME.map(str::to_owned).to_vec(),
            refusals: vec!["NO".to_owned()],
        }],
    };
    let log = gather(&parameters, &mut bench);
    interpret(&serde_json::from_slice(&serde_json::to_vec(&log).unwrap()).unwrap())
}

fn noticed(reading: &Reading) -> Vec<(String, String, String)> {
    let told = |fact: &Fact| match fact {
        Fact::Input { target, violation, result, .. } if !["rejected", "ignored"].contains(&result.as_str()) => {
            Some((target.clone(), violation.clone(), result.clone()))
        }
        _ => None,
    };
    reading.facts.iter().filter_map(told).collect()
}

fn owned(target: &str, violation: &str, result: &str) -> (String, String, String) {
    (target.to_owned(), violation.to_owned(), result.to_owned())
}

#[test]
fn a_strict_service_turns_everything_away_and_every_violation_has_a_class() {
    let reading = measured(|heard| Some(strict(heard)));
    assert_eq!(noticed(&reading), []);
    assert!(reading.facts.len() > 25 && reading.shortfalls.is_empty(), "{}", reading.facts.len());
    let mut classes = std::collections::BTreeSet::new();
    for fact in &reading.facts {
        let Fact::Input { violation, .. } = fact else { continue };
        classes.insert(model::input_class(violation).unwrap());
    }
    assert_eq!(classes, ["encoding", "injection", "length", "order", "range", "structure"].into());
    let covered: Vec<_> = reading.coverage.iter().map(|coverage| coverage.of.as_str()).collect();
    assert_eq!(covered, ["input", "input SET"]);
}

#[test]
fn what_the_description_forbids_and_the_service_takes_is_told_with_the_command_to_send_it_again() {
    let reading = measured(|heard| {
        let mut heard = heard.to_vec();
        if heard.len() > 2 && heard[2] == 101 {
            heard[2] = 100;
        }
        Some(strict(&heard))
    });
    assert_eq!(noticed(&reading), [owned("SET level", "out-of-range", "accepted")]);
    let told = reading.facts.iter().find_map(|fact| match fact {
        Fact::Input { reproduction, .. } if !reproduction.is_empty() => Some(reproduction.clone()),
        _ => None,
    });
    let told = told.unwrap();
    assert!(told.contains("bytes.fromhex(\"7e0565706c7567\")") && told.contains("nc -u -w1"), "{told}");
}

#[test]
fn a_service_that_falls_silent_after_a_length_is_a_crash() {
    let mut dead = false;
    let reading = measured(move |heard| {
        dead |= matches!(heard, [0x7e, 100..=255, 50, b'p', b'l', b'u', b'g']);
        if dead { None } else { Some(strict(heard)) }
    });
    assert!(
        noticed(&reading).contains(&owned("SET length 2", "wrong-length", "crash")),
        "{:?}",
        noticed(&reading)
    );
    assert_eq!(reading.shortfalls.len(), 1, "it never came back");
}

#[test]
fn silence_a_refused_good_message_and_a_broken_description_prove_nothing() {
    for reading in [measured(|_| None), measured(|_| Some(b"NO".to_vec()))] {
        assert!(reading.facts.is_empty() && reading.coverage.is_empty() && reading.shortfalls.len() == 1);
    }
}

#[test]
fn an_answer_that_is_neither_good_nor_a_refusal_is_for_a_person() {
    let reading = measured(|heard| Some(if strict(heard) == b"OK" { b"OK".to_vec() } else { b"??".to_vec() }));
    assert!(noticed(&reading).iter().all(|(_, _, result)| result == "unclear"));
    assert!(!noticed(&reading).is_empty());
}
