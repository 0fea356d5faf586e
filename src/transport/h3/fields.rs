//! Fields of requests and answers, where HTTP/3 wants something else of them than hyper already saw to.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use http::header::{CONNECTION, CONTENT_LENGTH, DATE, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use hyper::body::Body as _;

use crate::domain::time::UnixSeconds;
use crate::transport::events::AnswerBody;

/// About one connection, which HTTP/3 has no words for (RFC 9114, 4.2).
const OF_OTHER_VERSIONS: [HeaderName; 5] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TRANSFER_ENCODING,
    UPGRADE,
];

/// How long a request's body is to be, if that is said. `None` for a request that is malformed though its
/// fields could be read (RFC 9114, 4.1.2 and 4.2).
pub(super) fn announced(request: &Request<()>) -> Option<Option<u64>> {
    let headers = request.headers();
    let foreign = OF_OTHER_VERSIONS
        .iter()
        .any(|name| headers.contains_key(name));
    let trailers = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"trailers");
    let uri = request.uri();
    let nowhere = uri.path_and_query().is_none() || uri.scheme().is_none();
    if foreign
        || !headers.get_all(TE).iter().all(trailers)
        || (nowhere && request.method() != Method::CONNECT)
    {
        return None;
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = lengths.next() else {
        return Some(None);
    };
    let digits = length.to_str().ok()?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let length = digits.parse().ok().filter(|_| plain)?;
    lengths.next().is_none().then_some(Some(length))
}

/// `Date` of the last second in which there was an answer. One a connection.
#[derive(Default)]
pub(super) struct Dates {
    last: RefCell<Option<(UnixSeconds, HeaderValue)>>,
}

impl Dates {
    fn at(&self, now: UnixSeconds) -> Option<HeaderValue> {
        let mut last = self.last.borrow_mut();
        if last.as_ref().is_none_or(|(at, _)| *at != now) {
            let since = Duration::from_secs(u64::try_from(now.0).ok()?);
            let text = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since);
            *last = Some((now, HeaderValue::from_str(&text).ok()?));
        }
        last.as_ref().map(|(_, text)| text.clone())
    }
}

/// What hyper does to answers of the other versions.
pub(super) fn complete(
    headers: &mut HeaderMap,
    body: &AnswerBody,
    dates: &Dates,
    now: UnixSeconds,
) {
    for name in &OF_OTHER_VERSIONS {
        headers.remove(name);
    }
    if let (AnswerBody::Whole(_), Some(length)) = (body, body.size_hint().exact()) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if !headers.contains_key(DATE)
        && let Some(date) = dates.at(now)
    {
        headers.insert(DATE, date);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(
        method: Method,
        uri: &'static str,
        headers: &[(&'static str, &'static str)],
    ) -> Option<Option<u64>> {
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = uri.parse().unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_static(name);
            request
                .headers_mut()
                .append(name, HeaderValue::from_static(value));
        }
        announced(&request)
    }

    const HERE: &str = "https://gate/api/version";

    #[test]
    fn lengths_are_digits_and_said_once() {
        let length = |value| asked(Method::POST, HERE, &[("content-length", value)]);
        assert_eq!(length("0"), Some(Some(0)));
        assert_eq!(length("65536"), Some(Some(65_536)));
        for odd in [
            "",
            "+1",
            "-1",
            "1, 1",
            "0x1",
            "99999999999999999999",
            "\u{e9}",
        ] {
            assert_eq!(length(odd), None, "{odd}");
        }
        let twice = [("content-length", "1"), ("content-length", "1")];
        assert_eq!(asked(Method::POST, HERE, &twice), None);
        assert_eq!(asked(Method::POST, HERE, &[]), Some(None));
    }

    #[test]
    fn what_is_about_a_connection_is_malformed() {
        for name in [
            "connection",
            "keep-alive",
            "proxy-connection",
            "transfer-encoding",
            "upgrade",
        ] {
            assert_eq!(asked(Method::GET, HERE, &[(name, "x")]), None, "{name}");
        }
        assert_eq!(asked(Method::GET, HERE, &[("te", "gzip")]), None);
        assert_eq!(asked(Method::GET, HERE, &[("te", "trailers")]), Some(None));
    }

    #[test]
    fn a_request_says_where_it_goes() {
        assert_eq!(asked(Method::GET, "gate:443", &[]), None);
        assert_eq!(asked(Method::GET, "/api/version", &[]), None);
        assert_eq!(asked(Method::CONNECT, "gate:443", &[]), Some(None));
    }

    #[test]
    fn a_date_is_made_once_a_second() {
        let dates = Dates::default();
        let at = dates.at(UnixSeconds(784_111_777)).unwrap();
        assert_eq!(at, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(dates.at(UnixSeconds(-1)), None);
    }
}
