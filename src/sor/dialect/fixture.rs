//! Calls and answers for tests of every dialect.

use bytes::Bytes;

use crate::domain::time::UnixSeconds;
use crate::sor::call::{Call, Heard};
use crate::sor::catalogue::{Catalogue, Lookup};

/// 2026-05-05T18:00:00Z.
pub(super) const NOW: UnixSeconds = UnixSeconds(1_778_004_000);

/// Finds the route of a call (method, path and query, JSON body) and hands the call over.
pub(super) fn call<T>(
    catalogue: &Catalogue,
    (method, target, body): (&str, &str, &str),
    then: impl FnOnce(&Call<'_>) -> T,
) -> T {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Lookup::Match(found) = catalogue.find(method, path) else {
        panic!("{method} {path} is no route");
    };
    then(&Call {
        system: catalogue.system,
        duty: found.route.duty.unwrap(),
        template: &found.route.template,
        params: found.params.as_slice(),
        query,
        content_type: "application/json; charset=utf-8",
        body: body.as_bytes(),
        public: found.route.public,
        now: NOW,
    })
}

/// An answer.
pub(super) fn heard(status: u16, body: &str) -> Heard {
    Heard {
        status,
        body: Bytes::from(body.to_owned()),
    }
}
