//! From where a request comes, as sign-ins are counted.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::doors::Doors;
use crate::site::Site;
use crate::trouble::Trouble;

/// From where a request comes, and in which browser.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The address; of IPv6 its network of 64 bits, which one household has to itself.
    pub(crate) address: String,
    /// What the browser calls itself.
    pub(crate) browser: String,
}

impl FromRequestParts<Site> for Source {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Trouble> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let browser = parts.headers.get(axum::http::header::USER_AGENT).and_then(|v| v.to_str().ok());
        let browser = browser.unwrap_or_default().to_owned();
        Ok(Self { address: address(site.doors(), peer, &parts.headers), browser })
    }
}

fn address(doors: &Doors, peer: Option<IpAddr>, headers: &HeaderMap) -> String {
    // The last hop is what the proxy itself saw; everything before it anybody could have written.
    let told = headers.get_all("x-forwarded-for").iter().next_back().and_then(|v| v.to_str().ok());
    let told = told.and_then(|line| line.rsplit(',').next()).and_then(|hop| hop.trim().parse::<IpAddr>().ok());
    match (peer, told) {
        (Some(peer), Some(told)) if doors.believes(peer) => network(told),
        (Some(peer), _) => network(peer),
        (None, _) => "unknown".to_owned(),
    }
}

fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn only_a_proxy_that_was_named_is_believed_and_only_its_own_word() {
        let folder = tempfile::tempdir().unwrap();
        let team = Arc::new(app::people::Team::open(folder.path()).unwrap());
        let proxy: IpAddr = "192.0.2.7".parse().unwrap();
        let doors = Doors::team(team, "https://assay.example.org", vec![proxy]).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9, 198.51.100.4".parse().unwrap());
        assert_eq!(address(&doors, Some(proxy), &headers), "198.51.100.4");
        assert_eq!(address(&doors, Some("192.0.2.8".parse().unwrap()), &headers), "192.0.2.8");
        headers.insert("x-forwarded-for", "nonsense".parse().unwrap());
        assert_eq!(address(&doors, Some(proxy), &headers), "192.0.2.7");
    }

    #[test]
    fn a_network_of_ipv6_is_one_source_and_a_mapped_address_is_that_of_ipv4() {
        assert_eq!(
            network("2001:db8:1:2:3::4".parse().unwrap()),
            network("2001:db8:1:2:ffff::1".parse().unwrap())
        );
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1");
    }
}
