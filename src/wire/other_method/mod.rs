//! Whether a request says of itself that it is of another method than its first line's: `_method` in
//! its query or in the form or object it sends, by which systems take a POST for a DELETE. Such a
//! request would reach another route than the one that was looked up.
//!
//! Names are compared as the most liberal of those systems reads them: decoded, spaces before them
//! left out, a dot, a space or an open bracket as an underscore, up to a NUL or a bracket.

mod form;
mod object;
mod parts;

use self::form::Form;
use self::object::Object;
use self::parts::Parts;

/// What names the other method.
const NAME: &[u8] = b"_method";
/// Bytes of a name that are looked at, still encoded: a longer one is another.
const NAME_BYTES_MAX: usize = 64;

/// Whether a query names another method.
pub fn in_query(query: &str) -> bool {
    let mut form = Form::default();
    form.push(query.as_bytes());
    form.end();
    form.found
}

/// Looks for it in a body as it passes. How the body is cut changes nothing.
#[derive(Debug)]
pub struct Scanner(Kind);

#[derive(Debug)]
enum Kind {
    Form(Form),
    Object(Object),
    Parts(Parts),
}

impl Scanner {
    /// For a body of this type; without one it may be read as a form. `None` where no system looks.
    pub fn of(content_type: Option<&[u8]>) -> Option<Self> {
        let Some(kind) = content_type else {
            return Some(Self(Kind::Form(Form::default())));
        };
        let kind = kind.to_ascii_lowercase();
        let has = |word: &[u8]| kind.windows(word.len()).any(|part| part == word);
        Some(Self(if has(b"json") {
            Kind::Object(Object::default())
        } else if has(b"multipart/") {
            Kind::Parts(Parts::default())
        } else if kind.trim_ascii().is_empty() || has(b"urlencoded") {
            Kind::Form(Form::default())
        } else {
            return None;
        }))
    }

    /// Takes the next piece; whether another method has been named so far.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        match &mut self.0 {
            Kind::Form(form) => {
                form.push(bytes);
                form.found
            }
            Kind::Object(object) => {
                object.push(bytes);
                object.found
            }
            Kind::Parts(parts) => {
                parts.push(bytes);
                parts.found
            }
        }
    }

    /// Nothing more comes; whether another method was named.
    pub fn end(&mut self) -> bool {
        match &mut self.0 {
            Kind::Form(form) => {
                form.end();
                form.found
            }
            Kind::Object(object) => object.found,
            Kind::Parts(parts) => {
                parts.end();
                parts.found
            }
        }
    }
}

/// Whether a decoded name is the one.
fn is_the_name(name: &[u8]) -> bool {
    let name = name.trim_ascii_start();
    let end = |at: &usize| matches!(name[*at], 0 | b']') || (name[*at] == b'[' && *at > 0);
    let end = (0..name.len()).find(end).unwrap_or(name.len());
    let folded = name[..end].trim_ascii_end().iter().map(|byte| match byte {
        b'.' | b' ' | b'[' => b'_',
        other => other.to_ascii_lowercase(),
    });
    folded.eq(NAME.iter().copied())
}

/// Percent-encoding and pluses undone; what is broken stands for itself.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let digit = |at: usize| {
        let byte = text.get(at).copied()?;
        char::from(byte).to_digit(16)
    };
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match (byte, digit(at), digit(at + 1)) {
            (b'%', Some(high), Some(low)) => {
                plain.extend(u8::try_from(high * 16 + low));
                at += 2;
            }
            (b'+', ..) => plain.push(b' '),
            _ => plain.push(byte),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
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
}
