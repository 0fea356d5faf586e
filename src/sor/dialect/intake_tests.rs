//! What a dialect reads out of calls that say next to nothing, or too much, is what the intake takes.

use bytes::Bytes;

use super::*;
use crate::sor::catalogue::{Catalogues, Route};

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);
const BODIES: [&[u8]; 5] = [
    b"",
    b"{}",
    br#"{"accountId":"","phone":"","status":"resolved"}"#,
    br#"{"filenumber":"1","status":"","phonenumber":"2125550123"}"#,
    b"\xff\xfe",
];
const ANSWERS: [&[u8]; 3] = [
    b"",
    br#"{"data":{"accountId":""}}"#,
    br#"{"accountId":"A-1"}"#,
];

fn taken(what: &str, mut line: Line) {
    let checked = crate::wire::ingest::check(&mut line);
    assert!(checked.is_ok(), "{what}: {checked:?} of {line:?}");
}

#[test]
fn what_is_tapped_is_what_the_intake_takes() {
    let shipped = Catalogues::read(None).unwrap();
    let of = |system| Arc::new(shipped.of(system).clone());
    let dialects: [Box<dyn Dialect>; 3] = [
        Box::new(Whl::new(of(System::Whl)).unwrap()),
        Box::new(Scollect::new(of(System::Scollect)).unwrap()),
        Box::new(Portal::new(of(System::Portal))),
    ];
    let too_long = "9".repeat(300);
    let mut restricted = 0;
    for dialect in &dialects {
        let catalogue = of(dialect.system());
        for route in catalogue.routes() {
            for query in ["", "A-1", "%00", "%20", "7=7", &too_long] {
                restricted += tapped_with(&**dialect, route, query);
            }
        }
    }
    assert!(restricted > 0, "no call restricted anything");
}

/// Takes what every body and answer leaves of a call of a route; how many restrictions there were.
fn tapped_with(dialect: &dyn Dialect, route: &Route, query: &str) -> usize {
    let Some(duty) = route.duty else { return 0 };
    let params: Vec<_> = route.names().map(|name| (name, query)).collect();
    let mut restricted = 0;
    for body in BODIES {
        let call = Call {
            system: dialect.system(),
            duty,
            template: &route.template,
            params: &params,
            query,
            content_type: "application/json",
            body,
            public: route.public,
            now: NOW,
        };
        let what = format!("{:?} {} {query:?}", call.system, route.template);
        let mut all = vec![dialect.tapped(&call)];
        all.extend(ANSWERS.map(|answer| {
            let body = Bytes::from_static(answer);
            dialect.tapped_after(&call, &Heard { status: 200, body })
        }));
        for tapped in all {
            restricted += tapped.restrict.len();
            let lines = tapped.restrict.into_iter().flat_map(|change| {
                let Change { apply, undo } = change;
                std::iter::once(apply).chain(undo)
            });
            for line in lines.chain(tapped.permit) {
                taken(&what, line);
            }
        }
    }
    restricted
}
