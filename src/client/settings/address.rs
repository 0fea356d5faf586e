//! Where the gateway is, and what is spoken with it.

use std::fmt;

use http::Uri;

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1: a question at a time on each connection.
    Http1,
    /// HTTP/2: up to a window of questions on each connection.
    Http2,
    /// The frames of ALPN `dialgate/1` over QUIC (`docs/frames.md`).
    Frames,
}

/// A gateway's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) struct Address {
    pub(in crate::client) host: Box<str>,
    pub(in crate::client) port: u16,
    pub(in crate::client) tls: bool,
    pub(in crate::client) protocol: Protocol,
}

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected http://HOST:PORT, https://HOST:PORT or quic://HOST:PORT, and nothing after it")]
pub struct NotAnAddress;

impl Address {
    /// Reads `http`, `https` (HTTP/2) or `quic` (frames), a host and a port. `chosen` speaks another
    /// protocol than the scheme's own.
    pub(super) fn read(url: &str, chosen: Option<Protocol>) -> Result<Self, NotAnAddress> {
        let uri: Uri = url
            .trim_end_matches('/')
            .parse()
            .map_err(|_no| NotAnAddress)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        let (tls, usual, port) = match uri.scheme_str() {
            Some("http") => (false, Protocol::Http1, 80),
            Some("https") => (true, Protocol::Http2, 443),
            Some("quic") => (true, Protocol::Frames, 443),
            _ => return Err(NotAnAddress),
        };
        let protocol = chosen.unwrap_or(usual);
        let fits = (protocol == Protocol::Frames) == (usual == Protocol::Frames);
        let host = uri.host().filter(|host| !host.is_empty());
        let named = uri
            .authority()
            .is_some_and(|all| !all.as_str().contains('@'));
        match host {
            Some(host) if bare && fits && named => Ok(Self {
                host: host.into(),
                port: uri.port_u16().unwrap_or(port),
                tls,
                protocol,
            }),
            _ => Err(NotAnAddress),
        }
    }

    /// The host as certificates and look-ups name it: an IPv6 address without its brackets.
    pub(in crate::client) fn name(&self) -> &str {
        let inner = self.host.strip_prefix('[');
        inner
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(&self.host)
    }
}

/// The URL of the origin, as HTTP names it.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_says_what_is_spoken_unless_another_is_chosen() {
        let read = |url, chosen| Address::read(url, chosen).map(|at| (at.to_string(), at.protocol));
        let known = |url: &str, protocol| Ok((url.to_owned(), protocol));
        assert_eq!(
            read("http://127.0.0.1:9033", None),
            known("http://127.0.0.1:9033", Protocol::Http1)
        );
        assert_eq!(
            read("https://gate.test/", None),
            known("https://gate.test:443", Protocol::Http2)
        );
        assert_eq!(
            read("https://gate.test", Some(Protocol::Http1)),
            known("https://gate.test:443", Protocol::Http1)
        );
        assert_eq!(
            read("quic://[::1]:9033", None),
            known("https://[::1]:9033", Protocol::Frames)
        );
        assert_eq!(Address::read("quic://[::1]:1", None).unwrap().name(), "::1");
        for bad in [
            "",
            "gate.test",
            "ftp://gate.test",
            "http://",
            "http://gate.test/x",
            "http://gate.test?x",
            "http://u:p@gate.test",
        ] {
            assert_eq!(read(bad, None), Err(NotAnAddress), "{bad}");
        }
        assert_eq!(read("http://h", Some(Protocol::Frames)), Err(NotAnAddress));
        assert_eq!(read("quic://h", Some(Protocol::Http2)), Err(NotAnAddress));
    }
}
