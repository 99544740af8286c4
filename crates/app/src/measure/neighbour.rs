//! The hardware address of a host on a link of this machine, and the link, as the kernel's table of neighbours has them.

use std::net::IpAddr;

/// Hardware address and index of the interface that leads to it; none where the table does not have the address.
pub(super) fn of(address: IpAddr) -> Option<([u8; 6], u32)> {
    let table = std::fs::read_to_string("/proc/net/arp").ok()?;
    let (hardware, interface) = read(&table, address)?;
    if interface.contains(['/', '.']) {
        return None;
    }
    let index = std::fs::read_to_string(format!("/sys/class/net/{interface}/ifindex")).ok()?;
    Some((hardware, index.trim().parse().ok()?))
}

/// A row of the table: address, kind, flags, hardware address, mask, interface.
fn read(table: &str, wanted: IpAddr) -> Option<([u8; 6], String)> {
    table.lines().skip(1).find_map(|line| {
        let [address, _, flags, hardware, _, interface] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            return None;
        };
        // Without the flag of a complete row the hardware address is not known.
        let complete = u32::from_str_radix(flags.trim_start_matches("0x"), 16).ok()? & 2 != 0;
        if !complete || address.parse::<IpAddr>().ok()? != wanted {
            return None;
        }
        let octets = hardware.split(':').map(|pair| u8::from_str_radix(pair, 16).ok());
        let octets: [u8; 6] = octets.collect::<Option<Vec<u8>>>()?.try_into().ok()?;
        octets.iter().any(|octet| *octet != 0).then(|| (octets, interface.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_row_is_read_and_an_incomplete_one_is_none() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
            192.0.2.7        0x1         0x2         02:00:5e:00:53:07     *        lan0\n\
            192.0.2.8        0x1         0x0         00:00:00:00:00:00     *        lan0\n";
        let found = read(table, "192.0.2.7".parse().unwrap());
        assert_eq!(found, Some(([2, 0, 0x5e, 0, 0x53, 7], "lan0".to_owned())));
        assert_eq!(read(table, "192.0.2.8".parse().unwrap()), None);
    }
}
