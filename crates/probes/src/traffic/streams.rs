//! TCP connections in a capture: who opened them, what was carried, whether they failed.

use wire::overheard::{Dialogue, Guard, Side};
use wire::packet::{Segment, tcp_flag};
use wire::tcp::{Direction, Piece};

use super::ear::{Ear, Kept};
use super::search::Search;
use super::table::{Entry, Socket};

/// A connection.
#[derive(Debug)]
pub(super) struct Stream {
    /// The sides as they were taken when it was first heard; its content may turn them around.
    client: Socket,
    server: Socket,
    product_is_client: bool,
    /// The number of the SYN that opened it.
    opened: Option<u32>,
    /// Whether the other side agreed, or went on as if it had.
    pub(super) agreed: bool,
    /// Reset by the other side than the one that opened it, or told to be out of reach, before it was agreed.
    pub(super) refused: bool,
    pub(super) closed: bool,
    finished: [bool; 2],
    directions: [Direction; 2],
    pub(super) dialogue: Dialogue,
    pub(super) kept: Kept,
    /// Octets of payload: from the client, from the server.
    octets: [u64; 2],
    pub(super) gaps: bool,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Entry for Stream {
    fn last(&self) -> u64 {
        self.last
    }
}

impl Stream {
    /// A connection at its first segment, from one socket to another; `known` says which of the two, if one, has been
    /// seen to serve.
    pub(super) fn new(
        from: Socket,
        to: Socket,
        from_product: bool,
        known: Option<Socket>,
        segment: &Segment<'_>,
        at: u64,
    ) -> Self {
        let is = |flag: u8| segment.flags & flag != 0;
        let opens = is(tcp_flag::SYN) && !is(tcp_flag::ACK);
        let answers = is(tcp_flag::SYN) && is(tcp_flag::ACK);
        // Without the opening it is whoever has served before, else the lower port, until the content says otherwise.
        let from_client = match known {
            _ if opens || answers => opens,
            Some(server) => server == to,
            None => to.1 <= from.1,
        };
        let (client, server) = if from_client { (from, to) } else { (to, from) };
        let late = !opens && !answers;
        Self {
            client,
            server,
            product_is_client: from_client == from_product,
            opened: opens.then_some(segment.sequence).or(answers.then(|| segment.acknowledgement.wrapping_sub(1))),
            agreed: late || answers,
            refused: false,
            closed: false,
            finished: [false; 2],
            directions: [Direction::default(), Direction::default()],
            dialogue: if late { Dialogue::joined_late() } else { Dialogue::default() },
            kept: Kept::default(),
            octets: [0; 2],
            gaps: late,
            first: at,
            last: at,
        }
    }

    /// Whether this segment opens another connection between the same sockets.
    pub(super) fn is_another(&self, from: Socket, segment: &Segment<'_>) -> bool {
        let opens = segment.flags & (tcp_flag::SYN | tcp_flag::ACK) == tcp_flag::SYN;
        opens && (self.opened != Some(segment.sequence) || from != self.client)
    }

    /// Hears a segment; `cut` bytes of it are not in the capture.
    #[inline]
    pub(super) fn hear(&mut self, from: Socket, segment: &Segment<'_>, cut: usize, at: u64, search: &mut Search) {
        self.last = self.last.max(at);
        self.first = self.first.min(at);
        let (own, other) = if from == self.client { (0, 1) } else { (1, 0) };
        let side = if own == 0 { Side::Client } else { Side::Server };
        let is = |flag: u8| segment.flags & flag != 0;
        let mut number = segment.sequence;
        if is(tcp_flag::SYN) {
            self.directions[own].begin(segment.sequence);
            number = number.wrapping_add(1);
            self.agreed |= is(tcp_flag::ACK);
        }
        if is(tcp_flag::RST) {
            self.refused |= !self.agreed && own == 1;
            self.closed = true;
        } else if !is(tcp_flag::SYN) && own == 0 && !self.agreed {
            // The answer to the opening is not in the capture, but the client goes on.
            self.agreed = true;
            self.gaps = true;
        }
        let Self { directions, dialogue, kept, octets, gaps, .. } = self;
        if !segment.payload.is_empty() || cut > 0 {
            directions[own].segment(number, segment.payload, cut, &mut |piece| {
                take(piece, side, dialogue, kept, &mut octets[own], gaps, search, at);
            });
        }
        if is(tcp_flag::ACK) && directions[other].is_waiting() {
            directions[other].acknowledged(segment.acknowledgement, &mut |piece| {
                take(piece, side.other(), dialogue, kept, &mut octets[other], gaps, search, at);
            });
        }
        if is(tcp_flag::FIN) {
            self.finished[own] = true;
            self.closed |= self.finished == [true, true];
        }
    }

    /// Nothing more is heard of it.
    pub(super) fn end(&mut self, search: &mut Search) {
        let at = self.last;
        let Self { directions, dialogue, kept, octets, gaps, .. } = self;
        for (own, side) in [(0, Side::Client), (1, Side::Server)] {
            directions[own]
                .finish(&mut |piece| take(piece, side, dialogue, kept, &mut octets[own], gaps, search, at));
        }
        dialogue.end(&mut Ear { kept, search, at, whole: false });
        for side in [Side::Client, Side::Server] {
            kept.finish(side, search);
        }
    }

    /// Bytes it holds.
    #[inline]
    pub(super) fn held(&self) -> usize {
        self.dialogue.held() + self.directions[0].held() + self.directions[1].held()
    }

    pub(super) fn client(&self) -> Socket {
        if self.dialogue.is_swapped() { self.server } else { self.client }
    }

    pub(super) fn server(&self) -> Socket {
        if self.dialogue.is_swapped() { self.client } else { self.server }
    }

    pub(super) fn product_is_client(&self) -> bool {
        self.product_is_client != self.dialogue.is_swapped()
    }

    /// Whether its opening was seen.
    pub(super) fn is_opened(&self) -> bool {
        self.opened.is_some()
    }

    /// Octets from the product, and to it.
    pub(super) fn octets(&self) -> (u64, u64) {
        let [client, server] = self.octets;
        if self.product_is_client { (client, server) } else { (server, client) }
    }

    /// Whether it carried nothing: refused, or never answered.
    pub(super) fn has_failed(&self) -> bool {
        self.refused || !self.agreed
    }

    /// What came of it as an attempt of the client to reach the server.
    pub(super) fn outcome(&self) -> Outcome {
        if self.refused {
            return Outcome::Failed;
        }
        if !self.agreed {
            return Outcome::Unanswered;
        }
        let told = self.dialogue.told();
        let answered = if self.dialogue.is_swapped() { self.octets[0] } else { self.octets[1] } > 0;
        match told.guard {
            _ if told.handshake_open => {
                if self.closed {
                    Outcome::Failed
                } else {
                    Outcome::Undecided
                }
            }
            Guard::Unused => Outcome::Undecided,
            _ if answered => Outcome::Reached,
            _ => Outcome::Undecided,
        }
    }
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The server answered it, inside TLS where TLS was begun.
    Reached,
    /// Refused, or the handshake did not end.
    Failed,
    /// No answer as far as the capture goes.
    Unanswered,
    /// It cannot be told.
    Undecided,
}

#[expect(clippy::too_many_arguments, reason = "the parts of one connection, borrowed one by one")]
fn take(
    piece: Piece<'_>,
    side: Side,
    dialogue: &mut Dialogue,
    kept: &mut Kept,
    octets: &mut u64,
    gaps: &mut bool,
    search: &mut Search,
    at: u64,
) {
    match piece {
        Piece::Bytes(bytes) => {
            *octets += bytes.len() as u64;
            dialogue.hear(side, bytes, &mut Ear { kept, search, at, whole: false });
        }
        Piece::Gap(count) => {
            *octets += count;
            *gaps = true;
            let spoken = if dialogue.is_swapped() { side.other() } else { side };
            kept.finish(spoken, search);
            dialogue.gap(side, &mut Ear { kept, search, at, whole: false });
        }
    }
}
