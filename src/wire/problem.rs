//! Errors of every route but the gate's: RFC 9457 problem documents.

use super::field::FieldError;
use super::json_text::{push_number, push_string};
use super::reply::{PROBLEM_JSON, Reply};

/// A problem to tell a caller about. Holds nothing of the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Status code, 400..=599.
    pub status: u16,
    /// Machine code, also the end of the problem's `type`.
    pub code: &'static str,
    /// One sentence, the same for every occurrence of the code.
    pub title: &'static str,
    /// The field, header or parameter at fault.
    pub field: Option<&'static str>,
}

impl Problem {
    /// A problem without a field.
    pub const fn new(status: u16, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            field: None,
        }
    }

    /// A refused body or header: 422.
    pub const fn of_field(error: FieldError) -> Self {
        Self {
            status: 422,
            code: error.code.as_str(),
            title: error.code.message(),
            field: error.field,
        }
    }

    /// The answer.
    pub fn reply(&self, request_id: &str) -> Reply {
        self.reply_naming(self.field, request_id)
    }

    /// The answer with a field whose path is known only now.
    pub fn reply_naming(&self, field: Option<&str>, request_id: &str) -> Reply {
        let mut body = Vec::with_capacity(256);
        body.extend_from_slice(b"{\"type\":\"urn:dialgate:problem:");
        body.extend_from_slice(self.code.to_ascii_lowercase().as_bytes());
        body.extend_from_slice(b"\",\"title\":");
        push_string(&mut body, self.title);
        body.extend_from_slice(b",\"status\":");
        push_number(&mut body, u64::from(self.status));
        body.extend_from_slice(b",\"code\":");
        push_string(&mut body, self.code);
        if let Some(field) = field {
            body.extend_from_slice(b",\"field\":");
            push_string(&mut body, field);
        }
        body.extend_from_slice(b",\"request_id\":");
        push_string(&mut body, request_id);
        body.push(b'}');
        Reply {
            content_type: PROBLEM_JSON,
            ..Reply::json(self.status, body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::field::FieldCode;

    #[test]
    fn a_problem_document_byte_for_byte() {
        let plain = Problem::new(404, "NOT_FOUND", "There is no such route.").reply("r-1");
        assert_eq!(plain.status, 404);
        assert_eq!(plain.content_type, "application/problem+json");
        assert_eq!(
            std::str::from_utf8(&plain.body),
            Ok(concat!(
                r#"{"type":"urn:dialgate:problem:not_found","title":"There is no such route.","#,
                r#""status":404,"code":"NOT_FOUND","request_id":"r-1"}"#
            ))
        );
        let refused = FieldError::of("outcome", FieldCode::UnknownWord);
        assert_eq!(
            std::str::from_utf8(&Problem::of_field(refused).reply("\"").body),
            Ok(concat!(
                r#"{"type":"urn:dialgate:problem:unknown_word","#,
                r#""title":"The word is not one of the published ones.","#,
                r#""status":422,"code":"UNKNOWN_WORD","field":"outcome","request_id":"\""}"#
            ))
        );
    }
}
