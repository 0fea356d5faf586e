//! Names of another method, in every way a body or query may say them.

use super::*;

/// Looks at a body whole and byte by byte.
fn finds(kind: &str, body: &[u8]) -> bool {
    let mut whole = Scanner::of(Some(kind.as_bytes())).unwrap();
    whole.push(body);
    let mut cut = Scanner::of(Some(kind.as_bytes())).unwrap();
    for byte in body {
        cut.push(&[*byte]);
    }
    let (whole, cut) = (whole.end(), cut.end());
    assert_eq!(whole, cut, "{kind}: {}", String::from_utf8_lossy(body));
    whole
}

const NAMED: [&str; 12] = [
    "_method=DELETE",
    "a=b&_method=DELETE",
    "a=b;_method=DELETE",
    "_METHOD=put",
    "_method",
    "%5Fmethod=DELETE",
    "_m%65thod=DELETE",
    "++%20_method=DELETE",
    ".method=DELETE",
    "%5bmethod=DELETE",
    "_method%00x=DELETE",
    "_method[]=DELETE",
];
const OTHERS: [&str; 9] = [
    "",
    "a=b",
    "payment_method=card",
    "method=call",
    "_methods=x",
    "a=_method",
    "a=%26_method=x",
    "x_method=1&__method=2",
    "a[_method]=DELETE",
];

#[test]
fn a_query_or_a_form_that_names_another_method_is_found() {
    for text in NAMED {
        assert!(in_query(text), "{text}");
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        assert!(finds(kind, text.as_bytes()), "{text}");
    }
    for text in OTHERS {
        assert!(!in_query(text), "{text}");
        assert!(
            !finds("application/x-www-form-urlencoded", text.as_bytes()),
            "{text}"
        );
    }
    // Spaces without end before it, and a long name.
    assert!(in_query(&format!("{}_method=x", "+".repeat(1_000))));
    assert!(!in_query(&format!("{}_method=x", "a".repeat(1_000))));
}

#[test]
fn an_object_that_names_it_at_its_top_is_found() {
    for text in [
        r#"{"_method":"DELETE"}"#,
        r#" { "a" : [ {"b": "}"} , 2 ] , "_method" : "DELETE" }"#,
        r#"{"\u005fmethod":"DELETE"}"#,
        r#"{"_m\u0065thod":"DELETE"}"#,
        r#"{"a\"":1,"_Method":2}"#,
    ] {
        assert!(finds("application/json", text.as_bytes()), "{text}");
        assert!(finds("application/vnd.x+json", text.as_bytes()), "{text}");
    }
    for text in [
        r#"{"method":"DELETE","payment_method":"card"}"#,
        r#"{"a":"_method"}"#,
        r#"{"a":{"_method":"DELETE"}}"#,
        r#"["_method"]"#,
        r#"{"a":"\",\"_method\":1"}"#,
        "",
    ] {
        assert!(!finds("application/json", text.as_bytes()), "{text}");
    }
}

#[test]
fn a_part_that_is_named_so_is_found() {
    let form = |line: &str| format!("--X\r\n{line}\r\n\r\nDELETE\r\n--X--\r\n");
    for line in [
        r#"Content-Disposition: form-data; name="_method""#,
        "content-disposition: form-data; name=_method",
        r#"Content-Type: text/plain\r\nContent-Disposition: form-data; NAME = "_method"; x=y"#,
        "Content-Disposition: form-data;\r\n name=\"_method\"",
        r#"Content-Disposition: form-data; name="\_method""#,
        "Content-Disposition: form-data; name*=utf-8''%5Fmethod",
        r#"Content-Disposition: form-data; filename="a;b"; name="_method""#,
        "Content-Disposition: form-data; name='_method'",
    ] {
        let line = line.replace("\\r\\n", "\r\n");
        let body = form(&line);
        assert!(
            finds("multipart/form-data; boundary=X", body.as_bytes()),
            "{body}"
        );
    }
    for line in [
        r#"Content-Disposition: form-data; name="payment_method""#,
        r#"Content-Disposition: form-data; name="file"; filename="_method""#,
        r#"Content-Disposition: form-data; filename="; name=_method""#,
        "X-Other: name=_method",
    ] {
        let body = form(line);
        assert!(
            !finds("multipart/form-data; boundary=X", body.as_bytes()),
            "{body}"
        );
    }
    // A line of a part's head that is too long to be looked at is not let through.
    let long = format!("Content-Disposition: form-data; x={}", "y".repeat(20_000));
    assert!(finds("multipart/form-data", form(&long).as_bytes()));
}

#[test]
fn only_what_systems_read_names_in_is_looked_at() {
    assert!(Scanner::of(None).is_some());
    for kind in ["application/octet-stream", "text/csv", "application/pdf"] {
        assert!(Scanner::of(Some(kind.as_bytes())).is_none(), "{kind}");
    }
}
