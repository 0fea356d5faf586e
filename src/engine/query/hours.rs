//! Whether the hours let a call be made, for a place instead of an account.
//!
//! TIMING is asked about an account made up for the purpose: open, of a person nothing is known of,
//! with this number and address. What it says is what it would say of a new account there.

use crate::domain::case::Case;
use crate::domain::facts::{Account, Phone};
use crate::domain::gates::timing;
use crate::domain::ids::{AccountNo, DebtNo, NameNo, PersonNo, Sym, TenantNo};
use crate::domain::intent::{Asked, ContactPoint, Intent};
use crate::domain::phone::PhoneNumber;
use crate::domain::place::{JurisdictionSet, Places, StateCode, Zip5};
use crate::domain::time::{LocalTime, UnixSeconds, ZoneId};
use crate::domain::verdict::{Findings, Gate};
use crate::domain::words::{AccountStatus, Action, AddressStatus, Channel, Purpose};
use crate::engine::Engine;
use crate::engine::draft::{blank, blank_account};

/// What suggests the place; at least one is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlaceAsked {
    /// A number.
    pub phone: Option<PhoneNumber>,
    /// A state.
    pub state: Option<StateCode>,
    /// A ZIP.
    pub zip: Option<Zip5>,
}

/// What TIMING says of an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// What closes it; nothing: a call may be made.
    pub findings: Findings,
    /// When it opens, if it is closed and time opens it.
    pub next: Option<UnixSeconds>,
}

/// One suggested zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneHours {
    /// Its name in the time-zone database.
    pub zone: Box<str>,
    /// What its clocks show.
    pub local: LocalTime,
    /// Seconds they are ahead of UTC.
    pub offset_s: i32,
    /// The hours by this zone alone.
    pub opening: Opening,
}

/// What TIMING says of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceHours {
    /// Every zone suggested, in order of number; all of them bind.
    pub zones: Vec<ZoneHours>,
    /// States and cities whose rules bind.
    pub jurisdictions: JurisdictionSet,
    /// The hours in all zones at once.
    pub opening: Opening,
}

impl Engine {
    /// What TIMING says of a call to this place now; `None` when the tenant is not known.
    pub(super) fn place_hours(
        &self,
        tenant: TenantNo,
        asked: PlaceAsked,
        now: UnixSeconds,
    ) -> Option<PlaceHours> {
        let table = self.pack.places();
        let all = table.suggest(asked.zip, asked.state, None, asked.phone);
        let opening = self.opening(tenant, asked, &all, now)?;
        let mut zones = Vec::with_capacity(all.zones().len());
        for zone in all.zones() {
            let alone = Places::new(vec![*zone], all.jurisdictions(), all.residence());
            zones.push(ZoneHours {
                zone: self.zones.name(*zone).into(),
                local: self.zones.local(*zone, now),
                offset_s: self.offset(*zone, now),
                opening: self.opening(tenant, asked, &alone, now)?,
            });
        }
        Some(PlaceHours {
            zones,
            jurisdictions: all.jurisdictions(),
            opening,
        })
    }

    fn offset(&self, zone: ZoneId, now: UnixSeconds) -> i32 {
        self.zones.offset(zone, now)
    }

    fn opening(
        &self,
        tenant: TenantNo,
        asked: PlaceAsked,
        places: &Places,
        now: UnixSeconds,
    ) -> Option<Opening> {
        let tenant_row = self.tenant(tenant)?;
        let world = self.world();
        let (account, person) = (account(tenant, asked), blank(tenant, Sym::NONE));
        let intent = call(asked);
        let debts = [DebtNo(0)];
        let case = Case {
            world,
            rules: tenant_row
                .rules
                .as_deref()
                .unwrap_or_else(|| world.pack.rules()),
            policy: &tenant_row.policy,
            kills: &tenant_row.kills,
            intent: &intent,
            source: NameNo::NONE,
            now,
            account_no: AccountNo(u32::MAX),
            account: &account,
            person_no: account.consumer,
            person: &person,
            consumer: &person,
            others: &[],
            sharers: &[],
            phone: account.phones.first(),
            email: None,
            number: None,
            places,
            debts: &debts,
            account_debts: &debts,
            kin: &[],
            unknown_debt: false,
            closed_debt: false,
            unknown_person: false,
            named_person: None,
        };
        let mut findings = Findings::default();
        timing::ask(&case, &mut findings);
        findings.asked(Gate::Timing);
        let next = timing::next_allowed_at(&case, &findings);
        Some(Opening { findings, next })
    }
}

fn account(tenant: TenantNo, asked: PlaceAsked) -> Account {
    let consumer = PersonNo(u32::MAX);
    let phone = asked.phone.map(|number| Phone::of(number, consumer));
    Account {
        zip: asked.zip.map_or(0, Zip5::number),
        state: asked.state,
        address: AddressStatus::OnFile,
        phones: phone.into_iter().collect::<Vec<_>>().into(),
        ..blank_account(tenant, Sym::NONE, consumer, AccountStatus::Open)
    }
}

fn call(asked: PlaceAsked) -> Intent {
    Intent {
        account_id: "".into(),
        person_id: None,
        contact: asked
            .phone
            .map_or(ContactPoint::Absent, ContactPoint::Phone),
        channel: Some(Channel::Phone),
        action: Some(Action::Call),
        source_system: "".into(),
        role: Asked::Absent,
        dial_mode: Asked::Absent,
        purpose: Purpose::Collection,
        in_response_to: None,
        to_place: Asked::Absent,
        debt_ids: Vec::new(),
        dry_run: true,
        exception_scope: false,
    }
}
