//! Whatever a system is called with and whatever it answers, through every dialect: no panic; what is
//! tapped is what the intake takes; a public route permits nothing; and an account that is read is the
//! one that was asked for.

#![no_main]

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use dialgate::domain::record::Line;
use dialgate::domain::time::UnixSeconds;
use dialgate::sor::call::{Call, Heard, Request};
use dialgate::sor::catalogue::{Catalogue, Catalogues};
use dialgate::sor::dialect::{Dialect, Hydrated, Place, Portal, Scollect, Whl};
use dialgate::sor::route::System;
use libfuzzer_sys::fuzz_target;

struct Known {
    catalogue: Arc<Catalogue>,
    dialect: Box<dyn Dialect>,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let shipped = Catalogues::read(None).expect("what ships is right");
    let of = |system| Arc::new(shipped.of(system).clone());
    let (whl, portal) = (of(System::Whl), of(System::Portal));
    let scollect = of(System::Scollect);
    let spoken = Scollect::new(scollect.clone()).expect("what ships is right");
    let dialect: Box<dyn Dialect> = Box::new(Whl::new(whl.clone()).expect("what ships is right"));
    vec![
        Known {
            dialect,
            catalogue: whl,
        },
        Known {
            dialect: Box::new(spoken),
            catalogue: scollect,
        },
        Known {
            dialect: Box::new(Portal::new(portal.clone())),
            catalogue: portal,
        },
    ]
});

const NOW: UnixSeconds = UnixSeconds(1_778_004_000);
const KINDS: [&str; 4] = [
    "application/json",
    "",
    "application/x-www-form-urlencoded",
    "x/y",
];

fuzz_target!(|asked: (u16, u8, u16, &str, &[u8], &[u8])| {
    let (at, kind, status, query, body, answer) = asked;
    for Known { catalogue, dialect } in &*KNOWN {
        let heard = Heard {
            status,
            body: Bytes::copy_from_slice(answer),
        };
        let routes = catalogue.routes();
        let route = &routes[usize::from(at) % routes.len()];
        let params: Vec<(&str, &str)> = route.names().map(|name| (name, query)).collect();
        if let Some(duty) = route.duty {
            let call = Call {
                system: dialect.system(),
                duty,
                template: &route.template,
                params: &params,
                query,
                content_type: KINDS[usize::from(kind) % KINDS.len()],
                body,
                public: route.public,
                now: NOW,
            };
            dialect.contacts(&call);
            let before = dialect.tapped(&call);
            let after = dialect.tapped_after(&call, &heard);
            assert!(!route.public || (before.permit.is_empty() && after.permit.is_empty()));
            for change in before.restrict.into_iter().chain(after.restrict) {
                for mut line in [Some(change.apply), change.undo].into_iter().flatten() {
                    assert!(dialgate::wire::ingest::check(&mut line).is_ok());
                }
            }
            for mut line in before.permit.into_iter().chain(after.permit) {
                assert!(dialgate::wire::ingest::check(&mut line).is_ok());
            }
        }
        dialect.verdict(&heard);
        dialect.token(&heard);
        dialect.named_in(&Request::get("/x?search=a%40b.co"), &heard);
        let step = dialect.step(&Place::default(), &heard, None, NOW);
        for mut line in step.into_iter().flat_map(|step| step.lines) {
            assert!(dialgate::wire::ingest::check(&mut line).is_ok());
        }
        let mut answers = vec![heard.clone(); dialect.reads("A-1").len()];
        for other in answers.iter_mut().skip(1) {
            other.status = 200 + u16::from(kind);
        }
        if let Hydrated::Known(record) = dialect.account("A-1", &answers, None, NOW) {
            assert_eq!(
                record.account_id.as_ref().map(|id| id.as_str()),
                Some("A-1")
            );
            assert!(dialgate::wire::ingest::check(&mut Line::Account(record)).is_ok());
        }
    }
});
