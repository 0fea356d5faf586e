//! Where a request came from, as the system of record is told.

use std::cell::RefCell;
use std::net::IpAddr;

use http::HeaderValue;

/// A connection's other end, and what is said of it. One a connection.
#[derive(Debug)]
pub(in crate::transport) struct Origin {
    /// `X-Forwarded-For`.
    pub(super) address: HeaderValue,
    /// `X-Forwarded-Proto`.
    pub(super) proto: HeaderValue,
    node: Box<str>,
    https: bool,
    /// `Forwarded` for the host that was asked for last.
    last: RefCell<Option<(HeaderValue, HeaderValue)>>,
}

impl Origin {
    /// A client at an address.
    pub(in crate::transport) fn new(address: IpAddr, https: bool) -> Self {
        let address = address.to_canonical();
        let node = match address {
            IpAddr::V4(four) => four.to_string(),
            // RFC 7239, 6: in brackets, and so in quotes.
            IpAddr::V6(six) => format!("\"[{six}]\""),
        };
        let text = HeaderValue::from_str(&address.to_string());
        Self {
            address: text.unwrap_or(HeaderValue::from_static("unknown")),
            proto: HeaderValue::from_static(if https { "https" } else { "http" }),
            node: node.into(),
            https,
            last: RefCell::new(None),
        }
    }

    /// `Forwarded` (RFC 7239) for a request to `host`.
    pub(super) fn forwarded(&self, host: &HeaderValue) -> HeaderValue {
        let mut last = self.last.borrow_mut();
        if let Some((known, value)) = &*last
            && known == host
        {
            return value.clone();
        }
        let proto = if self.https { "https" } else { "http" };
        let mut text = format!("for={};proto={proto}", self.node);
        if let Ok(name) = host.to_str()
            && name
                .bytes()
                .all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\'))
            && !name.is_empty()
        {
            text.push_str(";host=\"");
            text.push_str(name);
            text.push('"');
        }
        let value = HeaderValue::from_str(&text);
        let value = value.unwrap_or(HeaderValue::from_static("for=unknown"));
        *last = Some((host.clone(), value.clone()));
        value
    }
}
