//! Pages on their way into a snapshot, and back.
//!
//! A snapshot is the state at one row, exactly: see "Snapshot" in ARCHITECTURE.md.

use rkyv::util::AlignedVec;

use super::keys::KeyRow;
use super::table::PageSink;
use crate::domain::facts::{Account, NumberFacts, Person};
use crate::domain::ids::DebtNo;

/// Which table a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum TableId {
    /// Accounts.
    Accounts = 1,
    /// Persons.
    Persons = 2,
    /// Contact points.
    Contacts = 3,
    /// Idempotency keys.
    Keys = 4,
    /// Chunks of the string arena.
    Strings = 5,
    /// Chunks of interned debt sets.
    DebtSets = 6,
}

impl TableId {
    /// The table with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        [
            Self::Accounts,
            Self::Persons,
            Self::Contacts,
            Self::Keys,
            Self::Strings,
            Self::DebtSets,
        ]
        .into_iter()
        .find(|id| *id as u8 == number)
    }
}

/// One serialised page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageImage {
    /// Its table, by number.
    pub table: u8,
    /// Its position in the table.
    pub page: u32,
    /// Its rows (rkyv, or raw bytes for strings).
    pub bytes: Vec<u8>,
}

/// A page that does not read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("snapshot page {page} of table {table} does not read back")]
pub struct PageDamage {
    /// Table number.
    pub table: u8,
    /// Page number.
    pub page: u32,
}

/// Pages copied out for the running snapshot, waiting to be carried away.
#[derive(Debug, Default)]
pub struct Pages {
    out: Vec<PageImage>,
    scratch: AlignedVec,
}

impl Pages {
    /// Carries away what has been copied.
    pub fn take(&mut self) -> Vec<PageImage> {
        std::mem::take(&mut self.out)
    }

    /// Pages waiting.
    pub fn waiting(&self) -> usize {
        self.out.len()
    }

    /// A chunk of the string arena.
    pub fn strings(&mut self, chunk: u32, bytes: &[u8]) {
        self.push(TableId::Strings, chunk, bytes.to_vec());
    }

    /// A chunk of debt sets.
    pub fn debt_sets(&mut self, chunk: u32, sets: &Vec<Box<[DebtNo]>>) {
        let bytes = encode(sets, &mut self.scratch);
        self.push(TableId::DebtSets, chunk, bytes);
    }

    fn push(&mut self, table: TableId, page: u32, bytes: Vec<u8>) {
        self.out.push(PageImage {
            table: table as u8,
            page,
            bytes,
        });
    }
}

type Ser<'a> = rkyv::api::high::HighSerializer<
    AlignedVec,
    rkyv::ser::allocator::ArenaHandle<'a>,
    rkyv::rancor::Error,
>;

/// Serialises into `scratch`, which keeps its memory from page to page, and copies out what came.
fn encode<T: for<'a> rkyv::Serialize<Ser<'a>>>(rows: &T, scratch: &mut AlignedVec) -> Vec<u8> {
    let mut writer = std::mem::take(scratch);
    writer.clear();
    // Serialising owned rows into memory cannot fail; an empty page would be found on restore.
    let Ok(writer) = rkyv::api::high::to_bytes_in::<_, rkyv::rancor::Error>(rows, writer) else {
        return Vec::new();
    };
    let bytes = writer.as_slice().to_vec();
    *scratch = writer;
    bytes
}

macro_rules! paged {
    ($row:ty, $table:ident, $read:ident) => {
        impl PageSink<$row> for Pages {
            fn page(&mut self, page: u32, rows: &Vec<$row>) {
                let bytes = encode(rows, &mut self.scratch);
                self.push(TableId::$table, page, bytes);
            }
        }

        /// Reads a page back.
        ///
        /// # Errors
        /// [`PageDamage`] when the bytes are not such a page.
        pub fn $read(page: u32, bytes: &[u8]) -> Result<Vec<$row>, PageDamage> {
            rkyv::from_bytes::<Vec<$row>, rkyv::rancor::Error>(bytes).map_err(|_cause| PageDamage {
                table: TableId::$table as u8,
                page,
            })
        }
    };
}

paged!(Account, Accounts, read_accounts);
paged!(Person, Persons, read_persons);
paged!(NumberFacts, Contacts, read_contacts);
paged!(KeyRow, Keys, read_keys);

/// Reads a chunk of debt sets back.
///
/// # Errors
/// [`PageDamage`] when the bytes are not such a chunk.
pub fn read_debt_sets(page: u32, bytes: &[u8]) -> Result<Vec<Box<[DebtNo]>>, PageDamage> {
    rkyv::from_bytes::<Vec<Box<[DebtNo]>>, rkyv::rancor::Error>(bytes).map_err(|_cause| {
        PageDamage {
            table: TableId::DebtSets as u8,
            page,
        }
    })
}
