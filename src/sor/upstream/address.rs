//! Where a system of record listens.

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};

/// One address: `http://host:port` or `https://host:port`, and the path everything lies under, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Whether TLS is spoken.
    pub https: bool,
    /// Name or number, IPv6 without brackets.
    pub host: Box<str>,
    /// The port.
    pub port: u16,
    /// What every path is put behind: empty, or begins with a slash and ends without one.
    pub base: Box<str>,
    authority: Authority,
    host_header: HeaderValue,
}

/// Why a text is no address. Holds nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("needs http:// or https://, a host, and no query, user or fragment")]
pub struct NoAddress;

impl std::str::FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        if text.contains('#') {
            return Err(NoAddress);
        }
        let uri: Uri = text.parse().map_err(|_no_uri| NoAddress)?;
        let https = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(NoAddress),
        };
        let authority = uri.authority().ok_or(NoAddress)?.clone();
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        if uri.query().is_some() || authority.as_str().contains('@') || host.is_empty() {
            return Err(NoAddress);
        }
        let default = if https { 443 } else { 80 };
        let text = authority.as_str();
        let behind = text.rsplit_once(']').map_or(text, |(_host, behind)| behind);
        // A port that is no number is a fault, never the default one.
        let port = match behind.rsplit_once(':') {
            Some((_host, port)) => port.parse().map_err(|_no_port| NoAddress)?,
            None => default,
        };
        let host_header = HeaderValue::from_str(authority.as_str());
        Ok(Self {
            https,
            host: host.into(),
            port,
            base: uri.path().trim_end_matches('/').into(),
            host_header: host_header.map_err(|_odd| NoAddress)?,
            authority,
        })
    }
}

impl Address {
    /// What its `Host` header says.
    pub fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }

    /// Host and port as they were written.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_scheme_host_port_and_base() {
        let read = |text: &str| text.parse::<Address>().unwrap();
        let plain = read("http://10.0.0.7:9133");
        assert_eq!(
            (plain.https, &*plain.host, plain.port, &*plain.base),
            (false, "10.0.0.7", 9133, "")
        );
        assert_eq!(plain.host_header(), "10.0.0.7:9133");
        let deep = read("https://sor.example/base/v2/");
        assert_eq!(
            (deep.https, deep.port, &*deep.base),
            (true, 443, "/base/v2")
        );
        assert_eq!(deep.to_string(), "https://sor.example/base/v2");
        let six = read("http://[::1]:8080");
        assert_eq!((&*six.host, six.port), ("::1", 8080));
        assert_eq!(six.host_header(), "[::1]:8080");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "sor.example:80",
            "ftp://sor.example",
            "http://",
            "http://user@sor.example",
            "http://sor.example/?a=b",
            "http://sor.example/#f",
            "http://sor.example:99999",
            "/only/a/path",
            "*",
        ] {
            assert_eq!(text.parse::<Address>(), Err(NoAddress), "{text}");
        }
    }
}
