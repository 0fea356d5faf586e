//! What sending a letter comes to, against a scripted system.

use std::time::Duration;

use super::post::told;
use crate::gateway::sor::ask::Unheard;
use crate::gateway::sor::hydrate::tests::{Plain, Scripted, heard};
use crate::sor::call::{Heard, Request};
use crate::sor::outbox::{Job, Told};

fn send(answer: Result<Heard, Unheard>) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let to = Scripted::of([answer]);
    let job = Job {
        id: (7, 0),
        letter: 0,
        request: Request::get("/x"),
    };
    runtime.block_on(told(&to, &Plain, "t", &job, Duration::from_secs(1)))
}

#[test]
fn only_the_dialects_word_is_a_confirmation_or_a_refusal() {
    assert_eq!(send(Ok(heard(200, ""))), Told::Done);
    assert_eq!(send(Ok(heard(422, ""))), Told::Refused);
    assert_eq!(send(Ok(heard(500, ""))), Told::Unsure);
    assert_eq!(send(Err(Unheard::Lost)), Told::Unsure);
    assert_eq!(send(Err(Unheard::Unsendable)), Told::Unsendable);
}

/// A key that is wrong, or a system that is busy, must not bury what is to be told.
#[test]
fn what_is_about_who_asks_or_when_refuses_no_letter() {
    for status in [401, 403, 407] {
        assert_eq!(send(Ok(heard(status, ""))), Told::Unsure, "{status}");
    }
    for status in [408, 425, 429, 503] {
        assert_eq!(send(Ok(heard(status, ""))), Told::Silent, "{status}");
    }
    assert_eq!(send(Err(Unheard::Unsent)), Told::Silent);
}
