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

/// A request whose fields could be read and still say nothing that HTTP/3 permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// How long a request's body is to be, if that is said.
///
/// # Errors
/// The request is malformed (RFC 9114, 4.1.2 and 4.2).
pub(super) fn announced(request: &Request<()>) -> Result<Option<u64>, Malformed> {
    let headers = request.headers();
    let foreign = |name: &HeaderName| headers.contains_key(name);
    let trailers = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"trailers");
    let uri = request.uri();
    let nowhere = uri.path_and_query().is_none() || uri.scheme().is_none();
    if OF_OTHER_VERSIONS.iter().any(foreign)
        || !headers.get_all(TE).iter().all(trailers)
        || (nowhere && request.method() != Method::CONNECT)
    {
        return Err(Malformed);
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    match (lengths.next(), lengths.next()) {
        (None, _) => Ok(None),
        (Some(length), None) => digits(length).map(Some).ok_or(Malformed),
        (Some(_), Some(_)) => Err(Malformed),
    }
}

/// A number of nothing but digits: a sign is read by some and not by others.
fn digits(value: &HeaderValue) -> Option<u64> {
    let text = value.to_str().ok()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
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
    ) -> Result<Option<u64>, Malformed> {
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.uri_mut() = uri.parse().unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_static(name);
            request
                .headers_mut()
                .append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        announced(&request)
    }

    const HERE: &str = "https://gate/api/version";

    #[test]
    fn lengths_are_digits_and_said_once() {
        let length = |value| asked(Method::POST, HERE, &[("content-length", value)]);
        assert_eq!(length("0"), Ok(Some(0)));
        assert_eq!(length("65536"), Ok(Some(65_536)));
        for odd in [
            "",
            "+1",
            "-1",
            "1, 1",
            "0x1",
            "99999999999999999999",
            "\u{e9}",
        ] {
            assert_eq!(length(odd), Err(Malformed), "{odd}");
        }
        let twice = [("content-length", "1"), ("content-length", "1")];
        assert_eq!(asked(Method::POST, HERE, &twice), Err(Malformed));
        assert_eq!(asked(Method::POST, HERE, &[]), Ok(None));
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
            assert_eq!(
                asked(Method::GET, HERE, &[(name, "x")]),
                Err(Malformed),
                "{name}"
            );
        }
        assert_eq!(asked(Method::GET, HERE, &[("te", "gzip")]), Err(Malformed));
        assert_eq!(asked(Method::GET, HERE, &[("te", "trailers")]), Ok(None));
    }

    #[test]
    fn a_request_says_where_it_goes() {
        assert_eq!(asked(Method::GET, "gate:443", &[]), Err(Malformed));
        assert_eq!(asked(Method::GET, "/api/version", &[]), Err(Malformed));
        assert_eq!(asked(Method::CONNECT, "gate:443", &[]), Ok(None));
    }

    #[test]
    fn a_date_is_made_once_a_second() {
        let dates = Dates::default();
        let at = dates.at(UnixSeconds(784_111_777)).unwrap();
        assert_eq!(at, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(dates.at(UnixSeconds(-1)), None);
    }
}
