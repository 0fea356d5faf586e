//! What the client shows of those it asks about.

use super::intent::{Form, Question};
use super::verdict::{Times, judge};
use super::*;
use crate::client::answer::{self, Heard};
use crate::domain::time::UnixSeconds;

const SAID: [&str; 4] = ["Ann", "8185551234", "mail.example", "token-of-ours"];

/// An intent whose every text is somebody's.
fn intent() -> Intent {
    let text = |text: &str| Some(text.to_owned());
    Intent {
        request_id: text("Ann-1"),
        person_id: text("Ann"),
        campaign_id: text("Ann"),
        agent_id: text("Ann"),
        email: text("ann@mail.example"),
        debt_ids: vec!["Ann's".to_owned()],
        ..Intent::call("Ann-1047", "8185551234", "Ann's dialer")
    }
}

/// CLIENT-6: whatever of it is printed, by a caller who logs everything.
#[test]
fn nothing_printed_names_anybody() {
    let intent = intent();
    let clock = Clock::manual(UnixSeconds(1_800_000_000));
    let now = Now::read(&clock);
    let question = Question::of(&intent, Form::Json).unwrap();
    let times = Times {
        first_sent: now.run,
        sent: now.run,
        deadline: now.run + Duration::from_secs(1),
    };
    let heard = |use_by: &str| {
        Heard {
        status: 200,
        use_by: Some(use_by.into()),
        date: None,
        body: "{\"allow\":true,\"decision\":\"ALLOW\",\"blocked_by\":[],\"audit_id\":7,\
               \"account_id\":\"Ann-1047\",\"channel\":\"phone\",\"source_system\":\"Ann's dialer\",\
               \"expires_at\":\"2027-01-16T08:00:00Z\"}"
            .into(),
    }
    };
    let told = |use_by| {
        let said = answer::single(&question, &heard(use_by));
        judge(&question, said, &times, now)
    };
    let granted = told("2027-01-15T08:05:00Z");
    let shown = format!("{granted:?}");
    let spent = granted.permit().unwrap().spend(now).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let report = Disposition {
        phone: text("8185551234"),
        email: text("ann@mail.example"),
        actor: text("Ann"),
        call_id: text("Ann"),
        reason: text("Ann said so"),
        ..spent.became(Outcome::NoAnswer)
    };
    let late = told("2027-01-15T08:00:00Z");
    let expired = told("2027-01-15T08:05:00Z").permit().unwrap();
    clock.advance(Duration::from_mins(10));
    let expired = expired.spend(Now::read(&clock)).unwrap_err();
    let refused = |code: &str| ReportError::Refused {
        status: 422,
        code: ErrorCode::read(code),
    };
    let settings = Settings::new("http://127.0.0.1:9", TokenSource::fixed("token-of-ours"));
    let mut printed = vec![
        shown,
        format!("{intent:?} {report:?} {spent:?} {late:?} {expired:?} {expired}"),
        format!("{} {:?}", refused("8185551234"), refused("A8185551234")),
        format!("{settings:?}"),
        format!("{:?}", Client::new(settings).unwrap()),
    ];
    let block = late.block().unwrap();
    printed.push(format!(
        "{block} {:?} {:?}",
        block.reason(),
        block.give_back("Ann")
    ));
    assert_eq!(block.reason(), &Reason::Late);
    for shown in printed {
        assert!(!shown.is_empty());
        for said in SAID {
            assert!(!shown.contains(said), "{said}: {shown}");
        }
    }
}
