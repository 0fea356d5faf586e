//! Headers on their way through: those about one connection end with it, those about where a request
//! came from are written here.

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, FORWARDED,
    HOST, HeaderName, TE, TRANSFER_ENCODING, UPGRADE, VIA,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Version};
use hyper::body::Frame;

use super::origin::Origin;
use super::trace::Traces;
use crate::transport::refusal::Refusal;
use crate::transport::request_id::X_REQUEST_ID;
use crate::wire::other_method::{self, Scanner};

/// About one connection, whatever `Connection` lists (RFC 9110, 7.6.1; RFC 9112, 9.6).
const OF_THE_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("proxy-authorization"),
    HeaderName::from_static("proxy-authenticate"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("http2-settings"),
];
/// About the message, whatever `Connection` lists (RFC 9110, 7.6.1): what was looked at by these is what
/// the system reads by them.
const OF_THE_MESSAGE: [HeaderName; 3] = [AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE];
/// Not to stand behind a body (RFC 9110, 6.5.1): some systems join trailers to the head.
const NOT_IN_TRAILERS: [HeaderName; 10] = [
    AUTHORIZATION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    FORWARDED,
    HOST,
    VIA,
    X_FORWARDED_FOR,
    X_FORWARDED_HOST,
    X_FORWARDED_PROTO,
];
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// The expectation is met here: a body is asked for when the system takes it.
const MET_HERE: [HeaderName; 1] = [EXPECT];
/// What others say of where a request came from: nobody's word is taken.
const SAID_BY_CLIENTS: [HeaderName; 3] = [
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-prefix"),
];
/// By these some systems take a request for one of another method than the one that was looked up.
const OTHER_METHOD: [HeaderName; 3] = [
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
];
/// By these some systems take a request for one of another path than the one that was looked up.
const OTHER_PATH: [HeaderName; 4] = [
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-original-uri"),
    HeaderName::from_static("x-rewrite-url"),
    HeaderName::from_static("x-forwarded-uri"),
];
const OURSELVES: HeaderValue = HeaderValue::from_static("1.1 dialgate");
const TRAILERS: HeaderValue = HeaderValue::from_static("trailers");
const UPGRADES: HeaderValue = HeaderValue::from_static("upgrade");
/// All that a connection may become: what else there is (`h2c`) carries requests, and past it nobody looks
/// at them.
pub(super) const WEBSOCKET: HeaderValue = HeaderValue::from_static("websocket");

/// The host a request is for: the one thing it says of it.
///
/// # Errors
/// The refusal of a request that two readers could take for two different ones.
pub(super) fn host(head: &Parts) -> Result<HeaderValue, Refusal> {
    let headers = &head.headers;
    let count = |name: HeaderName| headers.get_all(name).iter().take(2).count();
    let chunked = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"chunked");
    let codings = count(TRANSFER_ENCODING);
    let lengths = count(CONTENT_LENGTH);
    let coded = headers.get(TRANSFER_ENCODING).is_none_or(chunked);
    if codings > 1 || lengths > 1 || codings + lengths > 1 || !coded {
        return Err(Refusal::FRAMING);
    }
    let named = head.uri.authority().map(http::uri::Authority::as_str);
    let hosts = count(HOST);
    let missing = hosts == 0 && named.is_none() && head.version == Version::HTTP_11;
    if hosts > 1 || missing {
        return Err(Refusal::HOST);
    }
    let told = headers.get(HOST).cloned();
    let other = |host: &HeaderValue| {
        named.is_some_and(|named| !host.as_bytes().eq_ignore_ascii_case(named.as_bytes()))
    };
    // RFC 9113, 8.3.1; RFC 9114, 4.3.1.
    if head.version >= Version::HTTP_2 && told.as_ref().is_some_and(other) {
        return Err(Refusal::HOST);
    }
    match named {
        // The request line's word counts (RFC 9112, 3.2.2).
        Some(named) => HeaderValue::from_str(named).map_err(|_odd| Refusal::HOST),
        None => Ok(told.unwrap_or(HeaderValue::from_static(""))),
    }
}

/// Nothing but its first line says which method a request is of: its query names none, and how its body
/// is to be read, where another might be named, is said once.
///
/// # Errors
/// [`Refusal::OTHER_METHOD`]; [`Refusal::ENCODED`] for a body that cannot be looked at.
pub(super) fn method(head: &Parts) -> Result<(), Refusal> {
    let kinds = head.headers.get_all(CONTENT_TYPE).iter().take(2).count();
    let named = head.uri.query().is_some_and(other_method::in_query);
    if named || kinds > 1 {
        return Err(Refusal::OTHER_METHOD);
    }
    let kind = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let looked_at = head.method == Method::POST && Scanner::of(kind).is_some();
    let mut codings = head.headers.get_all(CONTENT_ENCODING).iter();
    let encoded = codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if looked_at && encoded {
        return Err(Refusal::ENCODED);
    }
    Ok(())
}

/// A host's name without its port, as tenants are found by it.
pub(super) fn name_of(host: &HeaderValue) -> Box<str> {
    let host = host.to_str().unwrap_or_default();
    let end = match host.rfind(':') {
        Some(colon) if !host.ends_with(']') => colon,
        _ => host.len(),
    };
    host.get(..end).unwrap_or_default().into()
}

/// Whether a request wants its connection to become a WebSocket's, and may.
pub(super) fn upgrades(head: &Parts) -> bool {
    head.version == Version::HTTP_11
        && names_websocket(&head.headers)
        && listed(&head.headers).any(|name| name.eq_ignore_ascii_case(b"upgrade"))
}

/// Whether WebSocket is named to change to, and nothing else.
pub(super) fn names_websocket(headers: &HeaderMap) -> bool {
    let mut named = headers.get_all(UPGRADE).iter();
    let first = named.next();
    first.is_some_and(|one| one.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && named.next().is_none()
}

/// Every word of every `Connection` header.
fn listed(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let all = headers.get_all(CONNECTION).iter();
    let words = all.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    words.map(<[u8]>::trim_ascii)
}

/// Takes out what was about the connection a message came by.
pub(super) fn strip(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let names = listed(headers).filter_map(|name| HeaderName::from_bytes(name).ok());
        let names = names.filter(|name| !OF_THE_MESSAGE.contains(name));
        for name in names.collect::<Vec<_>>() {
            headers.remove(name);
        }
    }
    remove(headers, &OF_THE_CONNECTION);
}

/// Takes out of what stands behind a body all that a head is written anew with, or that ends with the
/// connection.
pub(super) fn strip_trailers(frame: &mut Frame<Bytes>) {
    if let Some(trailers) = frame.trailers_mut() {
        strip(trailers);
        remove(trailers, &NOT_IN_TRAILERS);
        remove(trailers, &SAID_BY_CLIENTS);
        remove(trailers, &OTHER_METHOD);
        remove(trailers, &OTHER_PATH);
        remove_folded(trailers);
    }
}

/// Takes out what has one of these names. Most messages have few headers and none of these, and looking
/// through the few costs less than a look-up of each name.
fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    if headers.keys().any(|name| names.contains(name)) {
        for name in names {
            headers.remove(name);
        }
    }
}

/// Takes out what a system behind CGI or its like could take for a header of another name, which has `-`
/// where this has `_`: one that was taken out, or that is written here.
fn remove_folded(headers: &mut HeaderMap) {
    let folded = headers.keys().filter(|name| name.as_str().contains('_'));
    for name in folded.cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
}

/// Makes a client's headers those of a request to a system.
pub(super) fn outbound(
    head: &mut Parts,
    (origin, traces): (&Origin, &Traces),
    (host, id): (&HeaderValue, &HeaderValue),
) {
    let upgrades = upgrades(head);
    let headers = &mut head.headers;
    let trailers = headers.get(TE).is_some_and(|te| {
        let mut words = te.as_bytes().split(|byte| *byte == b',');
        words.any(|word| word.trim_ascii().eq_ignore_ascii_case(b"trailers"))
    });
    strip(headers);
    remove(headers, &MET_HERE);
    remove(headers, &SAID_BY_CLIENTS);
    remove(headers, &OTHER_METHOD);
    remove(headers, &OTHER_PATH);
    remove_folded(headers);
    headers.insert(X_FORWARDED_FOR, origin.address.clone());
    headers.insert(X_FORWARDED_PROTO, origin.proto.clone());
    headers.insert(X_FORWARDED_HOST, host.clone());
    headers.insert(FORWARDED, origin.forwarded(host));
    headers.insert(VIA, OURSELVES);
    headers.insert(X_REQUEST_ID, id.clone());
    traces.set(headers);
    if trailers && !upgrades {
        headers.insert(TE, TRAILERS);
        headers.insert(CONNECTION, TE_LISTED);
    }
    if upgrades {
        headers.insert(UPGRADE, WEBSOCKET);
        headers.insert(CONNECTION, UPGRADES);
    }
}

const TE_LISTED: HeaderValue = HeaderValue::from_static("TE");
