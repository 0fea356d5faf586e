//! Answers to reports. Those to questions are tested with the verdicts that are made of them.

use super::*;
use crate::client::disposition::{ReportError, Reported};
use crate::client::verdict::ErrorCode;

const DONE: &str = "{\"account_id\":\"A-1\",\"audit_id\":7,\"outcome\":\"no_answer\",\"row_id\":8,\
                    \"unchanged\":false,\"kept\":false,\"clock_ahead\":false}";

fn told(status: u16, body: &str) -> Result<Reported, ReportError> {
    report(&HeardReport {
        account_id: "A-1",
        outcome: "no_answer",
        status,
        body: body.as_bytes(),
    })
}

#[test]
fn a_report_is_on_disk_when_the_answer_is_about_it() {
    let reported = Reported {
        row_id: Some(8),
        audit_id: Some(7),
        kept: false,
        clock_ahead: false,
    };
    assert_eq!(told(200, DONE), Ok(reported));
    let unheard = |reason| Err(ReportError::Unheard(reason));
    let other = DONE.replace("A-1", "A-2");
    assert_eq!(told(200, &other), unheard(Reason::Mismatch));
    let other = DONE.replace("no_answer", "voicemail");
    assert_eq!(told(200, &other), unheard(Reason::Mismatch));
    assert_eq!(told(200, "{}"), unheard(Reason::Garbled(Garbled::Form)));
}

#[test]
fn what_may_pass_is_unheard_and_the_rest_is_refused() {
    let problem = "{\"code\":\"UNKNOWN_DECISION\"}";
    let code = || ErrorCode::read("UNKNOWN_DECISION");
    for status in [400, 404, 409, 422] {
        let refused = ReportError::Refused {
            status,
            code: code(),
        };
        assert_eq!(told(status, problem), Err(refused));
    }
    for status in [401, 429, 500, 503] {
        let unheard = Reason::Refused {
            status,
            code: code(),
        };
        assert_eq!(told(status, problem), Err(ReportError::Unheard(unheard)));
    }
    let Err(ReportError::Refused { code, .. }) = told(422, "{\"code\":\"+1 818 555 1234\"}") else {
        panic!("not refused");
    };
    assert_eq!(code.as_str(), "UNKNOWN", "somebody's data is not kept");
}
