//! What of a request goes on, and what comes back.

use std::net::IpAddr;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Version};
use hyper::body::Frame;

use super::headers::{host, method, outbound, strip, strip_trailers};
use super::{Origin, Traces};
use crate::transport::refusal::Refusal;

fn head(version: Version, target: &str, lines: &[(&str, &str)]) -> Parts {
    let mut request = Request::post(target).version(version);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// FORWARD-4: by a header of another name, or of the same name as CGI folds it.
#[test]
fn no_other_path_and_no_folded_name_goes_on() {
    let all = [
        ("x-original-url", "/x"),
        ("x-rewrite-url", "/x"),
        ("x_api_key", "k"),
        ("content_type", "x"),
        ("x-kept", "1"),
    ];
    let mut behind = Frame::<Bytes>::trailers(map(&all));
    strip_trailers(&mut behind);
    for left in [sent(&all), behind.into_trailers().unwrap()] {
        for (name, _) in all {
            assert_eq!(left.contains_key(name), name == "x-kept", "{name}");
        }
    }
}

fn map(lines: &[(&str, &str)]) -> HeaderMap {
    head(Version::HTTP_11, "/", lines).headers
}

/// What goes on of a request from 192.0.2.7 over TLS, to the host `gw.example`.
fn sent(lines: &[(&str, &str)]) -> HeaderMap {
    let mut head = head(Version::HTTP_11, "/", lines);
    let address: IpAddr = "192.0.2.7".parse().unwrap();
    let (origin, traces) = (Origin::new(address, true), Traces::new());
    let (host, id) = ["gw.example", "r-1"].map(HeaderValue::from_static).into();
    outbound(&mut head, (&origin, &traces), (&host, &id));
    head.headers
}

fn host_of(version: Version, target: &str, lines: &[(&str, &str)]) -> Result<String, Refusal> {
    let host = host(&head(version, target, lines))?;
    Ok(host.to_str().unwrap().to_owned())
}

/// FORWARD-1: a request says once whom it is for. Of what HTTP/1.1 says in two lines the first counts,
/// by its rules; what later versions say in two ways is refused.
#[test]
fn a_request_is_for_one_host() {
    let (one, two, three) = (Version::HTTP_11, Version::HTTP_2, Version::HTTP_3);
    let absolute = "https://gw.example/x";
    let (ours, other) = (("host", "GW.example"), ("host", "other"));
    for (version, target, lines, is_one) in [
        (one, "/x", &[ours][..], true),
        (one, absolute, &[other], true),
        (two, absolute, &[], true),
        (two, absolute, &[ours], true),
        (two, "/x", &[ours], true),
        (two, absolute, &[other], false),
        (three, absolute, &[("host", "gw.example:1")], false),
        (one, "/x", &[], false),
        (one, "/x", &[ours, ours], false),
    ] {
        let found = host_of(version, target, lines).map(|host| host.to_lowercase());
        let expected = if is_one {
            Ok("gw.example".to_owned())
        } else {
            Err(Refusal::HOST)
        };
        assert_eq!(found, expected, "{version:?} {target} {lines:?}");
    }
}

/// FORWARD-1: and it says in one way where it ends.
#[test]
fn a_request_has_one_end() {
    let length = ("content-length", "1");
    let coded = |coding| ("transfer-encoding", coding);
    for (lines, is_one) in [
        (&[][..], true),
        (&[length], true),
        (&[coded("Chunked")], true),
        (&[length, length], false),
        (&[length, coded("chunked")], false),
        (&[coded("chunked"), coded("chunked")], false),
        (&[coded("gzip, chunked")], false),
        (&[coded("xchunked")], false),
    ] {
        let lines = [&[("host", "a")], lines].concat();
        let expected = if is_one {
            Ok("a".to_owned())
        } else {
            Err(Refusal::FRAMING)
        };
        assert_eq!(
            host_of(Version::HTTP_11, "/x", &lines),
            expected,
            "{lines:?}"
        );
    }
}

/// FORWARD-2: what is about a connection, and what `Connection` lists, ends with it.
#[test]
fn what_is_about_a_connection_goes_no_further() {
    const OWN: [(&str, &str); 9] = [
        ("connection", "close, x-own"),
        ("connection", "X-More"),
        ("keep-alive", "timeout=9"),
        ("proxy-connection", "keep-alive"),
        ("proxy-authorization", "Basic x"),
        ("proxy-authenticate", "Basic"),
        ("te", "gzip"),
        ("x-own", "1"),
        ("x-more", "1"),
    ];
    let mut all = OWN.to_vec();
    all.extend([("transfer-encoding", "chunked"), ("upgrade", "echo")]);
    all.push(("http2-settings", "AAMAAABk"));
    all.push(("x-kept", "1"));
    let mut answer = map(&all);
    strip(&mut answer);
    let request = sent(&all);
    let mut behind = Frame::<Bytes>::trailers(map(&all));
    strip_trailers(&mut behind);
    let behind = behind.into_trailers().unwrap();
    for left in [answer, request, behind] {
        for (name, _) in &all {
            assert_eq!(left.contains_key(*name), *name == "x-kept", "{name}");
        }
    }
}

/// FORWARD-2, FORWARD-3: behind a body stands nothing that belongs into a head.
#[test]
fn trailers_add_nothing_to_a_head() {
    let kept = ("x-checksum", "1");
    let mut behind = Frame::<Bytes>::trailers(map(&[
        ("content-length", "1"),
        ("content-type", "text/plain"),
        ("host", "a"),
        ("authorization", "x"),
        ("forwarded", "for=1.2.3.4"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-real-ip", "1.2.3.4"),
        ("x-http-method-override", "DELETE"),
        kept,
    ]));
    strip_trailers(&mut behind);
    assert_eq!(behind.into_trailers().unwrap(), map(&[kept]));
}

/// FORWARD-3: nobody's word of where a request came from is taken.
#[test]
fn where_a_request_came_from_is_what_was_seen() {
    let said = [
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-for", "10.0.0.2"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "elsewhere"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-prefix", "/p"),
        ("x-real-ip", "10.0.0.1"),
        ("forwarded", "for=10.0.0.1;host=elsewhere"),
        ("via", "1.1 elsewhere"),
        ("x-request-id", "another"),
    ];
    let left = sent(&said);
    let all = |name: &'static str| {
        let all = left.get_all(HeaderName::from_static(name)).iter();
        all.map(|one| one.to_str().unwrap()).collect::<Vec<_>>()
    };
    let forwarded = "for=192.0.2.7;proto=https;host=\"gw.example\"";
    for (name, expected) in [
        ("x-forwarded-for", &["192.0.2.7"][..]),
        ("x-forwarded-proto", &["https"]),
        ("x-forwarded-host", &["gw.example"]),
        ("x-forwarded-port", &[]),
        ("x-forwarded-prefix", &[]),
        ("x-real-ip", &[]),
        ("forwarded", &[forwarded]),
        ("via", &["1.1 dialgate"]),
        ("x-request-id", &["r-1"]),
    ] {
        assert_eq!(all(name), expected, "{name}");
    }
}

/// FORWARD-4: headers that name another method are left out; what a body was looked at by is what the
/// system reads it by, also where `Connection` lists it.
#[test]
fn no_header_names_another_method_or_hides_a_body() {
    for name in [
        "x-http-method-override",
        "x-http-method",
        "x-method-override",
    ] {
        assert!(!sent(&[(name, "DELETE")]).contains_key(name), "{name}");
    }
    let hidden = [
        (
            "connection",
            "Content-Type, content-encoding, authorization",
        ),
        ("content-type", "text/plain"),
        ("content-encoding", "identity"),
        ("authorization", "Bearer x"),
    ];
    let left = sent(&hidden);
    for (name, value) in &hidden[1..] {
        assert_eq!(left.get(*name).unwrap(), value, "{name}");
    }
    let is_refused = |target: &str, lines: &[(&str, &str)]| {
        method(&head(Version::HTTP_11, target, lines)).is_err()
    };
    assert!(is_refused("/?_method=PUT", &[]));
    assert!(is_refused(
        "/",
        &[("content-type", "text/plain"), ("content-type", "a/b")]
    ));
    assert!(is_refused("/", &[("content-encoding", "gzip")]));
    assert!(!is_refused("/?method=PUT", &[("content-type", "a/b")]));
}
