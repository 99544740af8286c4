//! What is going on, by both ends, bounded: when there is no room, what was quiet longest is handed out.

use std::collections::HashMap;
use std::net::IpAddr;

/// An address and a port.
pub(super) type Socket = (IpAddr, u16);

/// Both ends, the lesser one first.
type Ends = (Socket, Socket);

/// Entries at most.
const MOST: usize = 16_384;
/// Bytes that all entries may hold together.
const MOST_HELD: usize = 64 * 1024 * 1024;

/// An entry.
pub(super) trait Entry {
    /// When it was heard last, in nanoseconds.
    fn last(&self) -> u64;
}

/// Entries by both ends, whichever is named first.
#[derive(Debug)]
pub(super) struct Table<T> {
    index: HashMap<Ends, usize>,
    slots: Vec<Option<(Ends, Box<T>)>>,
    free: Vec<usize>,
    /// Packets come in trains.
    recent: Option<(Ends, usize)>,
    held: usize,
    /// Entries handed out before their end for want of room.
    pub(super) evicted: u64,
}

impl<T: Entry> Table<T> {
    pub(super) fn new() -> Self {
        Self { index: HashMap::new(), slots: Vec::new(), free: Vec::new(), recent: None, held: 0, evicted: 0 }
    }

    #[inline]
    pub(super) fn get(&mut self, one: Socket, other: Socket) -> Option<&mut T> {
        let at = self.find(key(one, other))?;
        self.slots[at].as_mut().map(|(_, entry)| &mut **entry)
    }

    #[inline]
    fn find(&mut self, key: Ends) -> Option<usize> {
        if let Some((recent, at)) = self.recent
            && recent == key
        {
            return Some(at);
        }
        let at = *self.index.get(&key)?;
        self.recent = Some((key, at));
        Some(at)
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, one: Socket, other: Socket) -> Option<Box<T>> {
        let at = self.index.remove(&key(one, other))?;
        self.recent = None;
        self.free.push(at);
        self.slots[at].take().map(|(_, entry)| entry)
    }

    /// Adds an entry. Entries that have to make room are given to `out`.
    pub(super) fn insert(&mut self, one: Socket, other: Socket, entry: T, out: &mut dyn FnMut(Box<T>)) {
        if self.index.len() >= MOST {
            self.evict(out);
        }
        let key = key(one, other);
        let entry = Some((key, Box::new(entry)));
        let at = match self.free.pop() {
            Some(at) => {
                self.slots[at] = entry;
                at
            }
            None => {
                self.slots.push(entry);
                self.slots.len() - 1
            }
        };
        self.index.insert(key, at);
        self.recent = Some((key, at));
    }

    /// Notes how much more, or less, entries hold. True when it is too much.
    #[inline]
    pub(super) fn holds(&mut self, before: usize, after: usize) -> bool {
        self.held = (self.held + after).saturating_sub(before);
        self.held > MOST_HELD
    }

    /// Hands out a quarter: what was quiet longest.
    pub(super) fn evict(&mut self, out: &mut dyn FnMut(Box<T>)) {
        let mut quiet: Vec<(u64, usize)> = self
            .slots
            .iter()
            .enumerate()
            .filter_map(|(at, slot)| slot.as_ref().map(|(_, entry)| (entry.last(), at)))
            .collect();
        quiet.sort_unstable();
        quiet.truncate(quiet.len().div_ceil(4));
        for (_, at) in quiet {
            if let Some((key, entry)) = self.slots[at].take() {
                self.index.remove(&key);
                self.free.push(at);
                self.evicted += 1;
                out(entry);
            }
        }
        self.recent = None;
    }

    /// Everything, in the order of the slots.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Box<T>> {
        self.index.clear();
        self.recent = None;
        std::mem::take(&mut self.slots).into_iter().flatten().map(|(_, entry)| entry)
    }
}

#[inline]
fn key(one: Socket, other: Socket) -> Ends {
    if one <= other { (one, other) } else { (other, one) }
}
