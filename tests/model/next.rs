//! The whole verdict, and the next instant by trying every instant at which anything can change.

use std::collections::BTreeSet;

use dialgate::domain::verdict::Code;

use super::case::{Case, Codes};
use super::local::DAY;
use super::story::Question;
use super::world::World;
use super::{account, channel, compliance, consent, house, timing};

/// Days after which nothing that time alone cures is left: the longest window is thirty days.
const HORIZON: i64 = 45;
/// Seconds an ALLOW may be used at most.
const USE: i64 = 300;

/// What every gate finds now.
pub(crate) fn codes(world: &World, q: &Question) -> Codes {
    let Some(case) = Case::of(world, q) else {
        return [Code::UnknownAccount].into();
    };
    let at = world.now;
    let mut found = account::account(&case, at);
    found.extend(account::strategy(&case, at));
    found.extend(compliance::codes(&case, at));
    found.extend(house::escalation(&case, at));
    found.extend(account::authority(&case, at));
    found.extend(house::fairness(&case, at));
    found.extend(timing::codes(&case, at));
    found.extend(consent::codes(&case, at));
    found.extend(channel::codes(&case, at));
    found.extend(house::promise(&case, at));
    found.extend(house::concurrency(&case, at));
    found.extend(house::infrastructure(&case, at));
    found
}

/// The earliest instant at which FAIRNESS, TIMING and CONCURRENCY all pass.
pub(crate) fn next(world: &World, q: &Question) -> Option<i64> {
    let case = Case::of(world, q)?;
    let tried = instants(&case, world.now, HORIZON);
    tried.into_iter().find(|at| passes(&case, *at))
}

fn passes(case: &Case<'_>, at: i64) -> bool {
    house::concurrency(case, at).is_empty()
        && timing::codes(case, at).is_empty()
        && house::fairness(case, at).is_empty()
}

/// The same by trying every second up to `until`.
pub(crate) fn next_by_seconds(world: &World, q: &Question, until: i64) -> Option<i64> {
    let case = Case::of(world, q)?;
    (world.now + 1..=until).find(|at| passes(&case, *at))
}

/// Until when an ALLOW of now may be used.
pub(crate) fn use_by(world: &World, q: &Question) -> Option<i64> {
    let case = Case::of(world, q)?;
    let latest = world.now + USE;
    let soon = instants(&case, world.now, 1)
        .into_iter()
        .take_while(|at| *at < latest);
    let closes = soon
        .into_iter()
        .find(|at| !timing::codes(&case, *at).is_empty());
    Some(closes.unwrap_or(latest))
}

/// Every instant after `now` and within `days` at which any of the three may change its mind.
fn instants(case: &Case<'_>, now: i64, days: i64) -> BTreeSet<i64> {
    let mut all = BTreeSet::from([now + 1]);
    let mut seconds = BTreeSet::from([0, 8 * 3_600, 21 * 3_600]);
    for stated in &case.who.inconvenient {
        all.insert(stated.since);
        for (_, from, to) in &stated.periods {
            seconds.extend([*from, *to]);
        }
    }
    let zones = case.calendars().into_iter();
    for zone in zones.chain([super::local::zone("America/New_York")]) {
        all.extend(zone.changes.iter().map(|(at, _)| *at));
        let today = zone.day(now);
        for day in today..=today + days {
            for second in &seconds {
                all.extend(zone.instants(day, *second));
            }
        }
    }
    let world = case.world;
    for attempt in &world.attempts {
        all.insert(attempt.at + 1);
        all.insert(attempt.at + world.policy.gap);
        all.extend(attempt.use_by);
    }
    if let Some(phone) = case.phone {
        all.extend(&phone.voices.given);
    }
    for consent in &case.who.prior_consents {
        all.extend([Some(consent.at), consent.until].into_iter().flatten());
    }
    for consent in &case.who.call_consents {
        all.extend(
            [Some(consent.at), Some(consent.at + 1), consent.revoked]
                .into_iter()
                .flatten(),
        );
    }
    for over in &case.account.overrides {
        all.extend([over.since, over.until]);
    }
    for (came, _) in case.who.inbound.values() {
        all.extend([
            came + world.policy.reply_age,
            came + world.policy.reply_age + 1,
        ]);
    }
    all.retain(|at| *at > now && *at <= now + days * DAY);
    all
}
