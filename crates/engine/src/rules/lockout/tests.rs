//! Doors of many kinds, measured at many speeds: one that keeps its lockout never breaks it, whatever time does.

use model::{AuthScheme, Endpoint};

use super::*;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most.max(1)
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// A door: when it locks, for how long, and how it counts and speaks.
#[derive(Debug, Clone)]
struct Door {
    after: usize,
    lock_millis: u64,
    grows: bool,
    /// Counts on behind a block, or from nothing.
    keeps_count: bool,
    /// Wrong guesses older than this no longer count.
    memory_millis: u64,
    /// Measures time in whole seconds.
    coarse: bool,
    /// Says that it blocks; otherwise it refuses everything alike.
    tells: bool,
    /// Added to the seconds it says, and whether it says any.
    says: Option<i64>,
    counted: Vec<u64>,
    locked_until: u64,
    locks: u32,
}

impl Door {
    /// A credential evaluated at a moment.
    fn hears(&mut self, right: bool, at: u64) -> (Did, Option<u64>) {
        let now = if self.coarse { at / 1000 * 1000 } else { at };
        if now < self.locked_until {
            let left = (self.locked_until - now) as i64;
            let says = self.says.map(|more| ((left + more) / 1000 * 1000).max(0) as u64);
            return if self.tells { (Did::Blocked, says) } else { (Did::Refused, None) };
        }
        if right {
            self.counted.clear();
            self.locks = 0;
            return (Did::LetIn, None);
        }
        self.counted.retain(|then| now - then < self.memory_millis);
        self.counted.push(now);
        if self.counted.len() >= self.after {
            let factor = if self.grows { 1 << self.locks.min(4) } else { 1 };
            self.locked_until = now + self.lock_millis * factor;
            self.locks += 1;
            if !self.keeps_count {
                self.counted.clear();
            }
        }
        (Did::Refused, None)
    }
}

/// Measures as the probe does: a wrong one, the right one, guesses, one wait for a block, and the right one at the end.
struct Bench<'a> {
    dice: &'a mut Dice,
    clock: u64,
    slowness: u64,
    tries: Vec<Tried>,
}

impl Bench<'_> {
    fn give(&mut self, door: &mut Door, right: bool) -> Tried {
        self.clock += self.dice.below(self.slowness);
        let began = self.clock;
        let evaluated = began + self.dice.below(self.slowness);
        let (did, blocked_millis) = door.hears(right, evaluated);
        self.clock = evaluated + self.dice.below(self.slowness);
        let tried = Tried { right, blocked_millis, ..tried(began, self.clock, did) };
        self.tries.push(tried.clone());
        tried
    }

    fn measure(mut self, door: &mut Door, guesses: usize) -> Guessing {
        self.give(door, false);
        self.give(door, true);
        let mut waited = false;
        for _ in 0..guesses {
            let tried = self.give(door, false);
            if tried.did == Did::Blocked {
                let Some(millis) = tried.blocked_millis.filter(|_| !waited) else { break };
                waited = true;
                self.clock += millis + 250;
            }
        }
        for wait in [0, 2000, 4000, 16_000, 64_000] {
            self.clock += wait;
            if self.give(door, true).did == Did::LetIn {
                break;
            }
        }
        run(self.tries)
    }
}

fn run(tries: Vec<Tried>) -> Guessing {
    Guessing {
        endpoint: Endpoint::tcp("192.0.2.7".parse().unwrap(), 80),
        scheme: AuthScheme::HttpJson,
        path: None,
        evaluated: 0,
        attempts: 0,
        millis: 0,
        blocked_after: None,
        blocked_millis: None,
        parallel: 1,
        guesses_per_hour: 0,
        block_reaches: None,
        around_another_login: false,
        across: Vec::new(),
        elsewhere: None,
        told_by: String::new(),
        tries,
    }
}

/// A door that keeps what is declared: no later, no shorter, whatever else it does.
fn honest(dice: &mut Dice, lockout: Lockout) -> Door {
    let seconds = u64::from(lockout.seconds.unwrap());
    // A second measured in whole seconds may be no time at all: that door keeps nothing.
    let coarse = dice.below(2) == 0 && seconds > 1;
    Door {
        after: usize::try_from(1 + dice.below(u64::from(lockout.after))).unwrap(),
        lock_millis: seconds * 1000 * (1 + dice.below(2)),
        grows: dice.below(2) == 0,
        keeps_count: dice.below(2) == 0,
        memory_millis: seconds * 1000 * dice.one_of(&[1, 2, 900]),
        coarse,
        tells: dice.below(3) > 0,
        says: dice.one_of(&[None, Some(0), Some(999), Some(-1000)]),
        counted: Vec::new(),
        locked_until: 0,
        locks: 0,
    }
}

fn lockout(dice: &mut Dice) -> Lockout {
    Lockout { after: dice.one_of(&[1, 2, 3, 5, 10]), seconds: Some(dice.one_of(&[1, 2, 5, 60])) }
}

#[test]
fn a_door_that_keeps_its_lockout_never_breaks_it_at_whatever_speed() {
    let mut dice = Dice(1);
    let (mut held, mut unsure) = (0, 0);
    for round in 0..60_000 {
        let declared = lockout(&mut dice);
        let mut door = honest(&mut dice, declared);
        let (slowness, guesses) = (dice.one_of(&[1, 5, 100, 700, 3000]), dice.one_of(&[4, 12, 30]));
        let clock = dice.below(5000);
        let before = door.clone();
        let run = Bench { dice: &mut dice, clock, slowness, tries: Vec::new() }.measure(&mut door, guesses);
        match declared.shown(&run, tells_blocks(&run)) {
            Shown::Broken(text) => panic!("round {round}: {text}\n{declared:?}\n{before:?}\n{:#?}", run.tries),
            Shown::Held(after) => {
                assert!(after <= declared.after);
                held += 1;
            }
            Shown::Unsure(..) => unsure += 1,
            Shown::TooFew(_) => {}
        }
    }
    // The test would say nothing if hardly any run were decided.
    assert!(held > 15_000, "held {held}, unsure {unsure}");
}

#[test]
fn a_door_without_a_lockout_measured_fast_always_breaks_it_and_measured_slowly_never_keeps_it() {
    let mut dice = Dice(2);
    for _ in 0..5000 {
        let declared = Lockout { after: dice.one_of(&[1, 2, 5, 10]), seconds: Some(dice.one_of(&[2, 5, 60])) };
        let mut door = Door { after: usize::MAX, ..honest(&mut dice, declared) };
        let slowness = dice.one_of(&[1, 5, 20, 700, 3000]);
        let run = Bench { dice: &mut dice, clock: 0, slowness, tries: Vec::new() }.measure(&mut door, 12);
        let shown = declared.shown(&run, tells_blocks(&run));
        assert!(!matches!(shown, Shown::Held(_)), "{declared:?} {shown:?}");
        if slowness <= 20 {
            assert!(matches!(shown, Shown::Broken(_)), "{declared:?} {shown:?} {:#?}", run.tries);
        }
    }
}

#[test]
fn a_lockout_one_guess_late_or_much_too_short_is_never_kept() {
    let mut dice = Dice(3);
    let mut broken = 0;
    for _ in 0..20_000 {
        let declared = Lockout { after: dice.one_of(&[2, 5]), seconds: Some(dice.one_of(&[10, 60])) };
        let late = dice.below(2) == 0;
        let kept = honest(&mut dice, declared);
        let mut door = match late {
            true => Door { after: declared.after as usize + 1, memory_millis: 900_000, ..kept },
            false => Door { after: declared.after as usize, lock_millis: 1000, grows: false, ..kept },
        };
        door.tells = true;
        let slowness = dice.one_of(&[1, 5, 100, 700]);
        let run = Bench { dice: &mut dice, clock: 0, slowness, tries: Vec::new() }.measure(&mut door, 12);
        let shown = declared.shown(&run, tells_blocks(&run));
        assert!(!matches!(shown, Shown::Held(_)), "{declared:?} {shown:?} {:#?}", run.tries);
        broken += u32::from(matches!(shown, Shown::Broken(_)));
    }
    assert!(broken > 15_000, "{broken}");
}

/// Gives so many wrong ones at once, each evaluated at some moment until it is answered; the right one before and behind.
fn at_once(
    dice: &mut Dice,
    slowness: u64,
    guesses: u64,
    mut hears: impl FnMut(bool, u64) -> (Did, Option<u64>),
) -> Guessing {
    let opened = Tried { right: true, ..tried(0, 1, hears(true, 0).0) };
    let mut spans: Vec<(u64, u64, u64)> = Vec::new();
    for number in 0..guesses {
        let began = 1 + number / 4;
        let evaluated = began + dice.below(slowness);
        spans.push((evaluated, began, evaluated + dice.below(slowness)));
    }
    spans.sort_unstable();
    let mut tries: Vec<Tried> = Vec::new();
    for (evaluated, began, ended) in spans {
        let (did, blocked_millis) = hears(false, evaluated);
        tries.push(Tried { blocked_millis, ..tried(began, ended, did) });
    }
    tries.sort_by_key(|one| one.began);
    let mut now = tries.iter().map(|one| one.ended).max().unwrap();
    tries.insert(0, opened);
    for wait in [0, 2000, 8000, 64_000] {
        now += wait;
        let (did, blocked_millis) = hears(true, now);
        tries.push(Tried { right: true, blocked_millis, ..tried(now, now + 1, did) });
        if did == Did::LetIn {
            break;
        }
    }
    Guessing { parallel: u32::try_from(guesses).unwrap(), ..run(tries) }
}

#[test]
fn a_door_that_keeps_its_lockout_over_sessions_at_once_never_breaks_it_at_whatever_speed() {
    let mut dice = Dice(4);
    let mut held = 0;
    for round in 0..30_000 {
        let declared = lockout(&mut dice);
        let mut door = honest(&mut dice, declared);
        let (slowness, guesses) = (dice.one_of(&[1, 5, 100, 700, 3000, 20_000]), 2 + dice.below(20));
        let before = door.clone();
        let run = at_once(&mut dice, slowness, guesses, |right, at| door.hears(right, at));
        let tells = before.tells || tells_blocks(&run);
        match declared.shown(&run, tells) {
            Shown::Broken(text) => panic!("round {round}: {text}\n{declared:?}\n{before:?}\n{:#?}", run.tries),
            Shown::Held(after) => {
                assert!(after <= declared.after);
                held += 1;
            }
            Shown::Unsure(..) | Shown::TooFew(_) => {}
        }
    }
    assert!(held > 7000, "held {held}");
}

#[test]
fn a_door_that_counts_after_it_has_answered_breaks_its_lockout_when_measured_fast_and_never_keeps_it() {
    let mut dice = Dice(5);
    let mut broken = 0;
    for _ in 0..5000 {
        let declared = Lockout { after: dice.one_of(&[1, 2, 5, 10]), seconds: Some(dice.one_of(&[2, 5, 60])) };
        let mut door = Door { tells: true, ..honest(&mut dice, declared) };
        let slowness = dice.one_of(&[1, 20, 400, 20_000]);
        let mut late = 0;
        // Whatever comes until the first has been answered for is let through.
        let run = at_once(&mut dice, slowness, 16, |right, at| {
            late += u32::from(!right);
            match right {
                false if late <= 16 => (Did::Refused, None),
                _ => door.hears(right, at),
            }
        });
        let shown = declared.shown(&run, true);
        assert!(!matches!(shown, Shown::Held(_) | Shown::TooFew(_)), "{declared:?} {shown:?}");
        if slowness <= 400 {
            assert!(matches!(shown, Shown::Broken(_)), "{declared:?} {shown:?} {:#?}", run.tries);
            broken += 1;
        }
    }
    assert!(broken > 3000, "{broken}");
}

#[test]
fn a_block_that_was_there_before_keeps_nothing() {
    let declared = Lockout { after: 5, seconds: Some(2) };
    let opened = |at| Tried { right: true, ..tried(at, at + 10, Did::LetIn) };
    let old = vec![tried(0, 10, Did::Blocked), opened(2300)];
    assert!(matches!(declared.shown(&run(old.clone()), true), Shown::Unsure(Doubt::Before, _)));
    let few = [old, vec![tried(2400, 2410, Did::Refused), opened(2500), tried(2600, 2610, Did::Refused)]].concat();
    assert_eq!(declared.shown(&run(few), true), Shown::TooFew(1));
}

#[test]
fn a_connection_that_ends_beside_others_is_no_lockout() {
    let declared = Lockout { after: 5, seconds: Some(2) };
    let opened = |at| Tried { right: true, ..tried(at, at + 10, Did::LetIn) };
    let ended = || vec![opened(0), tried(20, 30, Did::Refused), tried(20, 40, Did::Closed), opened(2500)];
    assert_eq!(declared.shown(&run(ended()), true), Shown::Held(1));
    let beside = Guessing { parallel: 2, ..run(ended()) };
    assert_eq!(declared.shown(&beside, true), Shown::TooFew(1));
}

fn tried(began: u64, ended: u64, did: Did) -> Tried {
    Tried {
        began,
        ended,
        session: 0,
        right: false,
        other_account: false,
        forwarded: false,
        second_source: false,
        did,
        blocked_millis: None,
    }
}

#[test]
fn what_falls_into_one_millisecond_keeps_its_order() {
    let declared = Lockout { after: 2, seconds: Some(60) };
    let tries = vec![tried(1, 1, Did::Refused), tried(1, 1, Did::Refused), tried(1, 1, Did::Blocked)];
    assert_eq!(declared.shown(&run(tries), true), Shown::Held(2));
}

#[test]
fn a_connection_refused_once_is_no_lockout_where_the_next_is_taken() {
    let declared = Lockout { after: 5, seconds: Some(60) };
    let opened = Tried { right: true, ..tried(2010, 2020, Did::LetIn) };
    let closed = vec![tried(0, 5, Did::Refused), tried(6, 9, Did::Closed)];
    assert_eq!(declared.shown(&run(closed.clone()), false), Shown::Held(1));
    let reopened = declared.shown(&run([closed, vec![opened]].concat()), false);
    assert!(matches!(reopened, Shown::Unsure(Doubt::Unanswered, _)), "{reopened:?}");
}

#[test]
fn a_length_that_is_only_said_decides_nothing() {
    let declared = Lockout { after: 2, seconds: Some(60) };
    let block = |says| Tried { blocked_millis: Some(says), ..tried(20, 30, Did::Blocked) };
    let with = |says| run(vec![tried(0, 9, Did::Refused), tried(10, 19, Did::Refused), block(says)]);
    assert!(matches!(declared.shown(&with(10_000), true), Shown::Unsure(Doubt::OnlySaid, _)));
    // What is left of a minute that began a moment ago.
    assert_eq!(declared.shown(&with(59_000), true), Shown::Held(2));
}
