//! Single bytes: at random everywhere, and each that gives the file its form.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::verify::{Against, verify_source};
use ledger::bundle::{BLOCK, Bundle, LIMITS, Source, SourceError};

use crate::real::{REAL, is_in_log};

/// Changes of single bytes that this test tries.
const TRIED: usize = 10_000;

/// The bytes of a bundle with one of them changed, without a copy of all the others.
struct Flipped<'a> {
    bytes: &'a [u8],
    at: usize,
    by: u8,
}

impl Source for Flipped<'_> {
    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read(&self, at: u64, into: &mut [u8]) -> Result<(), SourceError> {
        self.bytes.read(at, into)?;
        let at = usize::try_from(at)?;
        if (at..at + into.len()).contains(&self.at) {
            into[self.at - at] ^= self.by;
        }
        Ok(())
    }
}

/// A piece of a bundle, and how a change in it has to be named.
struct Piece {
    range: Range<usize>,
    named: Box<dyn Fn(usize) -> Vec<String> + Sync + Send>,
}

/// Contents, headers and what fills blocks, in their order.
#[expect(clippy::ptr_arg, reason = "a slice has no size, and so is no `dyn Source`")]
fn pieces(bytes: &Vec<u8>) -> Vec<Piece> {
    let bundle = Bundle::open(bytes, LIMITS).unwrap();
    let mut pieces = Vec::new();
    let mut lines = 0;
    for (_, member) in bundle.files() {
        let (begin, size) = (usize::try_from(member.at).unwrap(), usize::try_from(member.size).unwrap());
        let (header, end) = (begin - BLOCK as usize, begin + size);
        let path = member.path.clone();
        // A changed path or size can still be a sound header of another file only together with its checksum.
        let item = format!("the header at byte {header}");
        pieces.push(Piece { range: header..begin, named: Box::new(move |_| vec![item.clone()]) });
        let content = bytes[begin..end].to_vec();
        let named: Box<dyn Fn(usize) -> Vec<String> + Sync + Send> = if path.starts_with("leaves/") {
            let first = lines;
            lines += content.iter().filter(|byte| **byte == b'\n').count();
            Box::new(move |at| {
                let line = first + content[..at - begin].iter().filter(|byte| **byte == b'\n').count();
                // The end of a line that is lost joins two records; the last one is the file's.
                vec![format!("record {line}"), path.clone()]
            })
        } else {
            Box::new(move |_| match path.as_str() {
                "manifest.json" => vec![path.clone(), "manifest.dsse.json".to_owned()],
                _ => vec![path.clone()],
            })
        };
        pieces.push(Piece { range: begin..end, named });
        let path = member.path.clone();
        let filled = end.next_multiple_of(BLOCK as usize);
        pieces.push(Piece { range: end..filled, named: Box::new(move |_| vec![path.clone()]) });
    }
    pieces.sort_by_key(|piece| piece.range.start);
    let end = pieces.last().unwrap().range.end;
    let named = move |at: usize| {
        let block = format!("the header at byte {end}");
        // The first of the two blocks at the end would be a header; the second is nothing at all.
        if at < end + BLOCK as usize { vec![block] } else { vec!["the end of the bundle".to_owned()] }
    };
    pieces.push(Piece { range: end..bytes.len(), named: Box::new(named) });
    pieces
}

/// Numbers that look like chance and are the same in every run (xorshift64*).
fn chance(seed: &mut u64) -> usize {
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    usize::try_from(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11).unwrap()
}

#[test]
fn no_change_of_a_byte_goes_unnoticed_or_unnamed() {
    let bytes = &REAL.second;
    let pieces = pieces(bytes);
    let mut seed = 0x00a5_5a1e_5eed_u64;
    let mut places: Vec<(usize, u8)> = Vec::new();
    let mut add = |at: usize, seed: &mut u64| places.push((at, u8::try_from(1 + chance(seed) % 255).unwrap()));
    for piece in pieces.iter().filter(|piece| !piece.range.is_empty()) {
        // The form: both ends of each piece, and every fifth byte of a header.
        add(piece.range.start, &mut seed);
        add(piece.range.end - 1, &mut seed);
        let is_header = piece.range.len() == BLOCK as usize;
        piece.range.clone().step_by(5).filter(|_| is_header).for_each(|at| add(at, &mut seed));
    }
    let small = ["manifest.json", "manifest.dsse.json", "checkpoint.txt", "keys.json"];
    let bundle = Bundle::open(bytes, LIMITS).unwrap();
    for (_, member) in bundle.files() {
        let (begin, size) = (usize::try_from(member.at).unwrap(), usize::try_from(member.size).unwrap());
        if small.contains(&member.path.as_str()) || member.path.starts_with("keys/") {
            (begin..begin + size).step_by(7).for_each(|at| add(at, &mut seed));
        }
        if is_in_log(&member.path) {
            (0..400).for_each(|_| {
                let at = begin + chance(&mut seed) % size;
                add(at, &mut seed);
            });
        }
    }
    while places.len() < TRIED {
        let at = chance(&mut seed) % bytes.len();
        places.push((at, u8::try_from(1 + chance(&mut seed) % 255).unwrap()));
    }
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((at, by)) = places.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                    if let Err(why) = named(bytes, &pieces, at, by) {
                        wrong.lock().unwrap().push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(places.len() >= TRIED);
    assert!(wrong.is_empty(), "{} of {}, the first: {}", wrong.len(), places.len(), wrong[0]);
}

/// Verifies with one byte changed, and compares the item that is named with the place of the change.
fn named(bytes: &[u8], pieces: &[Piece], at: usize, by: u8) -> Result<(), String> {
    let piece = &pieces[pieces.partition_point(|piece| piece.range.end <= at)];
    let told = format!("byte {at} by {by:#04x}");
    match verify_source(&Flipped { bytes, at, by }, &Against::default()) {
        Ok(verification) => match verification.failed {
            None => Err(format!("{told} went unnoticed")),
            Some(failed) if (piece.named)(at).contains(&failed.item) => Ok(()),
            Some(failed) => Err(format!("{told}: {failed}; it is in {:?}", (piece.named)(at))),
        },
        Err(error) => Err(format!("{told}: {error}")),
    }
}
