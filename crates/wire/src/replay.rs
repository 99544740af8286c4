//! Bytes as a command that sends exactly them again.
//!
//! Whole, however many they are: what repeats itself is counted. It says nothing of what has to come before.

/// Bytes that are repeated as one, at most.
const MOST_UNIT: usize = 16;
/// Bytes from which a repetition is worth counting.
const WORTH: usize = 48;

/// An expression in Python for the bytes: `bytes.fromhex("4001")+bytes.fromhex("61")*1280`.
#[must_use]
pub fn python(bytes: &[u8]) -> String {
    let parts: Vec<String> = parts(bytes)
        .into_iter()
        .map(|(unit, times)| match times {
            1 => format!("bytes.fromhex(\"{}\")", hex(unit)),
            _ => format!("bytes.fromhex(\"{}\")*{times}", hex(unit)),
        })
        .collect();
    if parts.is_empty() { "b\"\"".to_owned() } else { parts.join("+") }
}

/// A command for a shell that sends the bytes to an address: over UDP as one datagram.
#[must_use]
pub fn command(bytes: &[u8], host: &str, port: u16, udp: bool) -> String {
    command_for(&python(bytes), host, port, udp)
}

/// As [`command`], for bytes that [`python`] has told.
#[must_use]
pub fn command_for(told: &str, host: &str, port: u16, udp: bool) -> String {
    let option = if udp { "-u -w1" } else { "-w2" };
    format!("python3 -c 'import sys;sys.stdout.buffer.write({told})' | nc {option} {host} {port}")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Pieces in order: what is repeated, and how often.
fn parts(bytes: &[u8]) -> Vec<(&[u8], usize)> {
    let (mut found, mut plain, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let repeated = (1..=MOST_UNIT.min(rest.len())).find_map(|size| {
            let times = rest.chunks_exact(size).take_while(|chunk| *chunk == &rest[..size]).count();
            (times > 1 && times * size >= WORTH).then_some((size, times))
        });
        match repeated {
            Some((size, times)) => {
                if plain < at {
                    found.push((&bytes[plain..at], 1));
                }
                found.push((&rest[..size], times));
                at += size * times;
                plain = at;
            }
            None => at += 1,
        }
    }
    if plain < bytes.len() {
        found.push((&bytes[plain..], 1));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_itself_is_counted_and_the_whole_comes_back() {
        let long = [b"\x40\x01".as_slice(), &[b'a'; 1280], b"\xff", &b"<a>".repeat(1000), b"end"].concat();
        let text = "bytes.fromhex(\"4001\")+bytes.fromhex(\"61\")*1280+bytes.fromhex(\"ff\")\
                    +bytes.fromhex(\"3c613e\")*1000+bytes.fromhex(\"656e64\")";
        assert_eq!(python(&long), text);
        let again: Vec<u8> = parts(&long).into_iter().flat_map(|(unit, times)| unit.repeat(times)).collect();
        assert_eq!(again, long);
        assert_eq!((python(b""), python(b"ab")), ("b\"\"".to_owned(), "bytes.fromhex(\"6162\")".to_owned()));
    }

    #[test]
    fn a_command_names_address_and_transport() {
        let told = command(b"x", "192.0.2.7", 5683, true);
        assert!(told.ends_with("(bytes.fromhex(\"78\"))' | nc -u -w1 192.0.2.7 5683"), "{told}");
    }
}
