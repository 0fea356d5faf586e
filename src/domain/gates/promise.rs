//! G10 PROMISE: while a promise to pay or a plan is current, nobody collects.
//!
//! Agency policy. Current through its last local date, in the place where that day ends last. The
//! reminder the plan asked for passes, and so does a contact that is not collection and rests on its
//! fact (an answer, a notice the law asks for).

use super::purpose;
use crate::domain::case::Case;
use crate::domain::verdict::{Code, Findings};

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    let promise = case.extras().and_then(|extras| extras.promise.as_ref());
    let is_current = promise.is_some_and(|promise| case.local_dates().0 <= promise.until);
    if is_current && !purpose::is_excepted(case) {
        found.block(Code::PromiseCurrent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::Promise;
    use crate::domain::gates::fixture::{Fixture, at, date, places};
    use crate::domain::words::Purpose;

    fn promised() -> Fixture {
        let mut fixture = Fixture::neutral();
        fixture.extras().promise = Some(Promise {
            until: date("2026-05-05"),
            reminder: true,
            reminder_used: false,
        });
        fixture
    }

    #[test]
    fn the_last_day_belongs_to_the_promise_where_it_ends_last() {
        let mut fixture = promised();
        for (now, expected) in [
            ("2026-05-06T06:59:59Z", vec![Code::PromiseCurrent]),
            ("2026-05-06T07:00:00Z", vec![]),
        ] {
            fixture.now = at(now);
            assert_eq!(fixture.ask(ask), expected, "{now}");
        }
        fixture.places = places("CA", &["America/Los_Angeles", "Pacific/Honolulu"]);
        assert_eq!(fixture.ask(ask), [Code::PromiseCurrent]);
    }

    #[test]
    fn only_the_reminder_the_plan_asked_for_passes_and_only_once() {
        let mut fixture = promised();
        fixture.intent.purpose = Purpose::Reminder;
        assert_eq!(fixture.ask(ask), []);
        fixture.intent.exception_scope = false;
        assert_eq!(fixture.ask(ask), [Code::PromiseCurrent]);
        fixture.intent.exception_scope = true;
        for (reminder, used) in [(false, false), (true, true)] {
            let promise = fixture.extras().promise.as_mut().unwrap();
            (promise.reminder, promise.reminder_used) = (reminder, used);
            assert_eq!(fixture.ask(ask), [Code::PromiseCurrent]);
        }
    }
}
