//! Snapshots: the whole state at one row, taken in slices while decisions go on, and put back.

use serde::{Deserialize, Serialize};

use super::Engine;
use super::keys::KeyRow;
use super::persist::{self, PageDamage, PageImage, TableId};
use crate::domain::facts::{Account, NumberFacts, Person};
use crate::domain::hex::{hex, unhex};
use crate::domain::ids::{DebtNo, NameNo};
use crate::domain::place::{JurisdictionSet, Places, PlacesTable, StateCode};
use crate::domain::policy::{KillSwitches, TenantPolicy};
use crate::domain::time::{UnixSeconds, ZoneId};

/// How far the running snapshot has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    running: Option<Cursor>,
}

#[derive(Debug, Clone, Copy)]
struct Cursor {
    step: u8,
    page: usize,
}

/// Raised whenever a row of the tables is laid out otherwise: pages of another layout are not read.
const LAYOUT: u32 = 7;

/// What of the state is not in pages: small, and copied when a snapshot starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misc {
    /// How rows are laid out in pages.
    layout: u32,
    /// Engine time.
    pub last: i64,
    /// SHA-256 of the pack that placed the accounts; another one places them anew.
    pub pack: String,
    /// The pack the newest activation row named, hex; empty before the first.
    #[serde(default)]
    named: String,
    /// Version of the time-zone data; rows name zones by its numbers.
    pub zones: String,
    names: Vec<String>,
    groups: Vec<(u64, u32)>,
    further_debts: u32,
    next_key: u32,
    debt_chunks: usize,
    /// Interned places in order: zones, and jurisdictions suggested and of residence as bits.
    places: Vec<(Vec<u16>, String, String)>,
    tenants: Vec<TenantImage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TenantImage {
    name: String,
    seq: u64,
    evaluations: u64,
    activated_at: u64,
    restricted: u64,
    activation: [Vec<u8>; 3],
    semantics: u32,
    /// A pack announced for later: its hash in hex, and from when.
    #[serde(default)]
    announced: Option<(String, i64)>,
    kill_tenant: bool,
    kill_portfolios: Vec<u16>,
    kill_states: Vec<StateCode>,
    kill_channels: u8,
}

/// Why a snapshot cannot be used: recovery then starts from the first row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageDamage {
    /// A page does not read back.
    #[error(transparent)]
    Page(#[from] PageDamage),
    /// A table number nobody knows.
    #[error("snapshot holds a table nobody knows")]
    Table,
    /// A page in the middle is short.
    #[error("snapshot lacks rows")]
    Short,
    /// The part that is not in pages does not read back.
    #[error("snapshot head does not read back")]
    Misc,
    /// Pages hold rows laid out by other code.
    #[error("snapshot was taken by code that lays rows out otherwise")]
    OtherLayout,
    /// Rows name zones of other time-zone data.
    #[error("snapshot was taken with other time-zone data")]
    OtherZones,
}

/// A page read back, not put into its table yet: so that threads may read pages side by side.
#[derive(Debug)]
pub struct RestoredPage {
    at: usize,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    Accounts(Vec<Account>),
    Persons(Vec<Person>),
    Contacts(Vec<NumberFacts>),
    Keys(Vec<KeyRow>),
    Strings(Vec<u8>),
    DebtSets(Vec<Box<[DebtNo]>>),
}

impl RestoredPage {
    /// Reads a page.
    ///
    /// # Errors
    /// [`ImageDamage`] when it does not read.
    pub fn read(table: u8, page: u32, bytes: &[u8]) -> Result<Self, ImageDamage> {
        let rows = match TableId::from_number(table).ok_or(ImageDamage::Table)? {
            TableId::Accounts => Rows::Accounts(persist::read_accounts(page, bytes)?),
            TableId::Persons => Rows::Persons(persist::read_persons(page, bytes)?),
            TableId::Contacts => Rows::Contacts(persist::read_contacts(page, bytes)?),
            TableId::Keys => Rows::Keys(persist::read_keys(page, bytes)?),
            TableId::Strings => Rows::Strings(bytes.to_vec()),
            TableId::DebtSets => Rows::DebtSets(persist::read_debt_sets(page, bytes)?),
        };
        let at = page as usize;
        Ok(Self { at, rows })
    }
}

impl Engine {
    /// Starts a snapshot of the state as it is now. Any snapshot still running is given up.
    pub fn begin_image(&mut self) -> Vec<u8> {
        if self.image.running.is_some() {
            self.image_lost();
        }
        let state = &mut self.state;
        let _given_up = state.pages.take();
        state.accounts.begin_snapshot();
        state.persons.begin_snapshot();
        state.contacts.begin_snapshot();
        state.strings.begin_snapshot();
        self.keys.rows.begin_snapshot();
        // Sets are few and append-only: all of them, at once.
        for (chunk, sets) in state.debt_sets.chunks().iter().enumerate() {
            state
                .pages
                .debt_sets(u32::try_from(chunk).unwrap_or(u32::MAX), sets);
        }
        self.image.running = Some(Cursor { step: 0, page: 0 });
        serde_json::to_vec(&self.misc()).unwrap_or_default()
    }

    /// A snapshot did not reach the disk. Its pages were marked clean; all count as changed again.
    pub fn image_lost(&mut self) {
        let state = &mut self.state;
        state.accounts.dirty_all();
        state.persons.dirty_all();
        state.contacts.dirty_all();
        state.strings.dirty_all();
        self.keys.rows.dirty_all();
    }

    /// Copies up to `pages_max` pages; `true` while the snapshot is not complete.
    pub fn image_slice(&mut self, pages_max: usize, out: &mut Vec<PageImage>) -> bool {
        let Some(mut cursor) = self.image.running else {
            return false;
        };
        let mut copied = 0;
        while copied < pages_max {
            let Some(done) = self.copy_page(cursor) else {
                cursor = Cursor {
                    step: cursor.step + 1,
                    page: 0,
                };
                if cursor.step > 4 {
                    self.image.running = None;
                    out.append(&mut self.state.pages.take());
                    return false;
                }
                continue;
            };
            copied += usize::from(done);
            cursor.page += 1;
        }
        self.image.running = Some(cursor);
        out.append(&mut self.state.pages.take());
        true
    }

    /// Copies one page if the snapshot needs it; `None` past the table's end.
    fn copy_page(&mut self, cursor: Cursor) -> Option<bool> {
        use super::table::PageSink as _;
        let state = &mut self.state;
        let number = u32::try_from(cursor.page).unwrap_or(u32::MAX);
        macro_rules! copy {
            ($table:expr) => {{
                if cursor.page >= $table.pages() {
                    return None;
                }
                let rows = $table.take_pending(cursor.page);
                rows.map(|rows| state.pages.page(number, rows)).is_some()
            }};
        }
        Some(match cursor.step {
            0 => copy!(state.accounts),
            1 => copy!(state.persons),
            2 => copy!(state.contacts),
            3 => copy!(self.keys.rows),
            _ => {
                if cursor.page >= state.strings.chunks() {
                    return None;
                }
                let bytes = state.strings.take_pending(cursor.page);
                bytes
                    .map(|bytes| state.pages.strings(number, bytes))
                    .is_some()
            }
        })
    }

    fn misc(&self) -> Misc {
        let tenants = self.tenants.iter().map(|t| TenantImage {
            name: t.name.to_string(),
            seq: t.seq,
            evaluations: t.evaluations,
            activated_at: t.activated_at,
            restricted: t.restricted,
            activation: [
                t.activation.pack.to_vec(),
                t.activation.policy.to_vec(),
                t.activation.zones.to_vec(),
            ],
            semantics: t.activation.semantics,
            announced: t.announced.map(|(pack, from)| (hex(&pack), from.0)),
            kill_tenant: t.kills.tenant,
            kill_portfolios: t.kills.portfolios.iter().map(|n| n.0).collect(),
            kill_states: t.kills.states.clone(),
            kill_channels: t.kills.channels,
        });
        Misc {
            layout: LAYOUT,
            last: self.last.0,
            pack: hex(self.pack.hash()),
            named: self
                .named
                .as_ref()
                .map(|hash| hex(hash))
                .unwrap_or_default(),
            zones: hex(self.zones.hash()),
            names: self.state.names.iter().map(ToString::to_string).collect(),
            groups: self
                .state
                .groups
                .iter()
                .map(|(hash, debt)| (*hash, debt.0))
                .collect(),
            further_debts: self.state.further_debts,
            next_key: self.keys.next,
            debt_chunks: self.state.debt_sets.chunks().len(),
            places: self.state.places.iter().map(places_image).collect(),
            tenants: tenants.collect(),
        }
    }

    /// Puts one page back.
    ///
    /// # Errors
    /// [`ImageDamage`] when it does not read.
    pub fn restore_page(&mut self, table: u8, page: u32, bytes: &[u8]) -> Result<(), ImageDamage> {
        self.restore(RestoredPage::read(table, page, bytes)?);
        Ok(())
    }

    /// Puts back a page that has been read.
    pub fn restore(&mut self, page: RestoredPage) {
        let (state, at) = (&mut self.state, page.at);
        match page.rows {
            Rows::Accounts(rows) => state.accounts.restore_page(at, rows),
            Rows::Persons(rows) => state.persons.restore_page(at, rows),
            Rows::Contacts(rows) => state.contacts.restore_page(at, rows),
            Rows::Keys(rows) => self.keys.rows.restore_page(at, rows),
            Rows::Strings(bytes) => state.strings.restore_chunk(at, &bytes),
            Rows::DebtSets(sets) => state.debt_sets.restore_chunk(at, sets),
        }
    }

    /// Ends a restore: heads, indexes, places. Tenants of the snapshot are undeclared until
    /// [`Engine::declare`] names them.
    ///
    /// # Errors
    /// [`ImageDamage`]: start again from an empty engine and the first row.
    pub fn finish_restore(&mut self, misc: &[u8]) -> Result<(), ImageDamage> {
        let misc: Misc = serde_json::from_slice(misc).map_err(|_cause| ImageDamage::Misc)?;
        if misc.layout != LAYOUT {
            return Err(ImageDamage::OtherLayout);
        }
        if misc.zones != hex(self.zones.hash()) {
            return Err(ImageDamage::OtherZones);
        }
        let state = &mut self.state;
        let whole = state.accounts.seal_restored()
            && state.persons.seal_restored()
            && state.contacts.seal_restored()
            && self.keys.rows.seal_restored()
            && state.debt_sets.chunks().len() == misc.debt_chunks;
        if !whole {
            return Err(ImageDamage::Short);
        }
        state.names = misc.names.iter().map(|name| name.as_str().into()).collect();
        state.groups = misc
            .groups
            .iter()
            .map(|(hash, debt)| (*hash, DebtNo(*debt)))
            .collect();
        state.further_debts = misc.further_debts;
        self.keys.next = misc.next_key;
        self.last = UnixSeconds(misc.last);
        self.named = unhex(&misc.named);
        for image in &misc.tenants {
            self.restore_tenant(image);
        }
        self.state.reindex();
        self.keys.reindex();
        if misc.pack == hex(self.pack.hash()) {
            restore_places(&mut self.state.places, &misc.places)?;
        } else {
            self.place_all();
        }
        Ok(())
    }

    fn restore_tenant(&mut self, image: &TenantImage) {
        let mut tenant = super::Tenant::new(&image.name, TenantPolicy::defaults(&image.name));
        tenant.declared = false;
        tenant.seq = image.seq;
        tenant.evaluations = image.evaluations;
        tenant.activated_at = image.activated_at;
        tenant.restricted = image.restricted;
        let [pack, policy, zones] = &image.activation;
        let hash = |bytes: &Vec<u8>| <[u8; 32]>::try_from(bytes.as_slice()).unwrap_or_default();
        tenant.activation.pack = hash(pack);
        tenant.activation.policy = hash(policy);
        tenant.activation.zones = hash(zones);
        tenant.activation.semantics = image.semantics;
        let announced = image.announced.as_ref();
        tenant.announced =
            announced.and_then(|(pack, from)| Some((unhex(pack)?, UnixSeconds(*from))));
        tenant.kills = KillSwitches {
            tenant: image.kill_tenant,
            portfolios: image.kill_portfolios.iter().map(|n| NameNo(*n)).collect(),
            states: image.kill_states.clone(),
            channels: image.kill_channels,
        };
        self.tenants.push(tenant);
    }

    /// Places every account anew under another pack.
    pub(super) fn place_all(&mut self) {
        let state = &mut self.state;
        for row in 0..u32::try_from(state.accounts.len()).unwrap_or(u32::MAX) {
            let Some(account) = state.accounts.get(row).cloned() else {
                continue;
            };
            let places = state.suggest(&self.pack, &account);
            if places == account.places {
                continue;
            }
            if let Some(slot) = state.accounts.get_mut(row, &mut state.pages) {
                slot.places = places;
            }
        }
    }
}

fn places_image(places: &Places) -> (Vec<u16>, String, String) {
    let zones = places.zones().iter().map(|zone| zone.raw()).collect();
    let bits = |set: JurisdictionSet| set.bits().to_string();
    (
        zones,
        bits(places.jurisdictions()),
        bits(places.residence()),
    )
}

fn restore_places(
    table: &mut PlacesTable,
    images: &[(Vec<u16>, String, String)],
) -> Result<(), ImageDamage> {
    for (zones, suggested, residence) in images {
        let bits = |text: &str| {
            text.parse()
                .map(JurisdictionSet::from_bits)
                .map_err(|_cause| ImageDamage::Misc)
        };
        let zones = zones.iter().map(|zone| ZoneId::from_raw(*zone)).collect();
        let places = Places::new(zones, bits(suggested)?, bits(residence)?);
        table.intern(places).map_err(|_full| ImageDamage::Misc)?;
    }
    Ok(())
}
