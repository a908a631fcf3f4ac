//! Who asks, and for whom.

use std::net::IpAddr;

/// Is a `Host` a name of this server: an address, or `localhost`? With `loopback` only addresses that do not leave the machine
/// are. A name that leads here by somebody else's will is none: that is how a foreign page would pass for an own one.
pub fn is_own(host: &str, loopback: bool) -> bool {
    let name = name(host);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| !loopback || address.is_loopback())
}

/// Is an `Origin` the page of this `Host`?
pub fn is_same(origin: &str, host: &str) -> bool {
    let page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    page.is_some_and(|page| !host.is_empty() && page.eq_ignore_ascii_case(host))
}

/// A `Host` without its port.
fn name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names() {
        for host in ["127.0.0.1:8080", "127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]", "127.9.9.9:1"]
        {
            assert!(is_own(host, true) && is_own(host, false), "{host}");
        }
        for host in ["192.168.1.7:8080", "[fe80::1]:80", "10.0.0.1"] {
            assert!(!is_own(host, true) && is_own(host, false), "{host}");
        }
        for host in
            ["", ":8080", "evil.example", "evil.example:8080", "localhost.evil.example:8080", "127.0.0.1.evil.example"]
        {
            assert!(!is_own(host, true) && !is_own(host, false), "{host}");
        }
    }

    #[test]
    fn same_origin() {
        assert!(is_same("http://127.0.0.1:8080", "127.0.0.1:8080") && is_same("https://localhost", "localhost"));
        for origin in
            ["", "null", "http://127.0.0.1:9999", "http://evil.example", "ftp://127.0.0.1:8080", "127.0.0.1:8080"]
        {
            assert!(!is_same(origin, "127.0.0.1:8080"), "{origin}");
        }
        assert!(!is_same("http://", ""));
    }
}
