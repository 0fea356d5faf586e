//! Rows in fixed pages: growing never moves a row, and a running snapshot sees each page as it was.
//!
//! Invariants
//! - TABLE-1: a page that a running snapshot still needs is copied out before it changes.
//! - TABLE-2: row numbers are dense and never reused.

/// Rows in a page.
pub(super) const PAGE_ROWS: usize = 32;

/// A table of rows numbered from 0.
#[derive(Debug)]
pub(super) struct Table<T> {
    pages: Vec<Page<T>>,
    len: usize,
}

#[derive(Debug)]
struct Page<T> {
    rows: Vec<T>,
    dirty: bool,
    pending: bool,
}

/// Receives pages as they were when the running snapshot started.
pub(super) trait PageSink<T> {
    /// One page's rows.
    #[expect(
        clippy::ptr_arg,
        reason = "rkyv archives a Vec; a slice has no archived form"
    )]
    fn page(&mut self, page: u32, rows: &Vec<T>);
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Table<T> {
    /// A table whose page list has room for `rows` without moving.
    pub(super) fn with_room_for(rows: usize) -> Self {
        Self {
            pages: Vec::with_capacity(rows / PAGE_ROWS + 1),
            len: 0,
        }
    }

    /// Rows in the table.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Pages in the table.
    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// A row.
    pub(super) fn get(&self, row: u32) -> Option<&T> {
        self.pages
            .get(row as usize / PAGE_ROWS)?
            .rows
            .get(row as usize % PAGE_ROWS)
    }

    /// Appends a row and gives its number.
    pub(super) fn push(&mut self, value: T, sink: &mut impl PageSink<T>) -> u32 {
        if self.len.is_multiple_of(PAGE_ROWS) {
            let rows = Vec::with_capacity(PAGE_ROWS);
            self.pages.push(Page {
                rows,
                dirty: true,
                pending: false,
            });
        }
        let number = self.len;
        let index = u32::try_from(number / PAGE_ROWS).unwrap_or(u32::MAX);
        if let Some(page) = self.pages.last_mut() {
            page.about_to_change(index, sink);
            page.rows.push(value);
        }
        self.len += 1;
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// A row about to be changed.
    pub(super) fn get_mut(&mut self, row: u32, sink: &mut impl PageSink<T>) -> Option<&mut T> {
        let index = row as usize / PAGE_ROWS;
        let page = self.pages.get_mut(index)?;
        page.about_to_change(u32::try_from(index).unwrap_or(u32::MAX), sink);
        page.rows.get_mut(row as usize % PAGE_ROWS)
    }

    /// Every row with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let rows = self.pages.iter().flat_map(|page| page.rows.iter());
        rows.enumerate()
            .map(|(n, row)| (u32::try_from(n).unwrap_or(u32::MAX), row))
    }

    /// Marks changed pages as pending for a snapshot that starts now.
    pub(super) fn begin_snapshot(&mut self) {
        for page in &mut self.pages {
            page.pending = std::mem::take(&mut page.dirty);
        }
    }

    /// Counts every page as changed: the snapshot that had marked them clean was given up.
    pub(super) fn dirty_all(&mut self) {
        for page in &mut self.pages {
            page.dirty = true;
        }
    }

    /// Takes one page if the running snapshot still needs it.
    pub(super) fn take_pending(&mut self, index: usize) -> Option<&Vec<T>> {
        let page = self.pages.get_mut(index)?;
        std::mem::take(&mut page.pending).then_some(&page.rows)
    }

    /// Puts a page back from a snapshot. Pages arrive in any order; [`Table::seal_restored`] ends it.
    pub(super) fn restore_page(&mut self, index: usize, mut rows: Vec<T>) {
        if self.pages.len() <= index {
            let empty = || Page {
                rows: Vec::new(),
                dirty: false,
                pending: false,
            };
            self.pages.resize_with(index + 1, empty);
        }
        if let Some(page) = self.pages.get_mut(index) {
            rows.reserve_exact(PAGE_ROWS.saturating_sub(rows.len()));
            page.rows = rows;
        }
    }

    /// Counts restored rows. `false` when a page in the middle is short: the snapshot is damaged.
    pub(super) fn seal_restored(&mut self) -> bool {
        self.len = self.pages.iter().map(|page| page.rows.len()).sum();
        let full = self.pages.len().saturating_sub(1);
        self.pages
            .iter()
            .take(full)
            .all(|page| page.rows.len() == PAGE_ROWS)
    }
}

impl<T> Page<T> {
    fn about_to_change(&mut self, index: u32, sink: &mut impl PageSink<T>) {
        if self.pending {
            sink.page(index, &self.rows);
            self.pending = false;
        }
        self.dirty = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Copies(Vec<(u32, Vec<u32>)>);
    impl PageSink<u32> for Copies {
        fn page(&mut self, page: u32, rows: &Vec<u32>) {
            self.0.push((page, rows.clone()));
        }
    }

    /// TABLE-1.
    #[test]
    fn table_1_a_running_snapshot_sees_pages_as_they_were() {
        let mut table = Table::default();
        let mut copies = Copies::default();
        for n in 0..70 {
            assert_eq!(table.push(n, &mut copies), n);
        }
        table.begin_snapshot();
        if let Some(row) = table.get_mut(33, &mut copies) {
            *row = 1000;
        }
        table.push(70, &mut copies);
        let old: Vec<u32> = (32..64).collect();
        assert_eq!(copies.0, vec![(1, old), (2, (64..70).collect())]);
        assert!(table.take_pending(0).is_some());
        assert!(table.take_pending(1).is_none());
        assert_eq!(table.get(33), Some(&1000));
        assert_eq!(table.len(), 71);
    }

    /// TABLE-2: a restored table goes on where it was.
    #[test]
    fn table_2_numbers_are_dense_and_go_on_after_a_restore() {
        let (mut table, mut copies) = (Table::default(), Copies::default());
        for n in 0..70 {
            assert_eq!(table.push(n, &mut copies), n);
        }
        let mut again = Table::default();
        for index in [2, 0, 1] {
            again.restore_page(index, table.pages[index].rows.clone());
        }
        assert!(again.seal_restored());
        assert_eq!(again.push(70, &mut copies), 70);
        let rows = again.iter().map(|(n, row)| (n, *row));
        assert!(rows.eq((0..71).map(|n| (n, n))));
        assert_eq!((again.get(70), again.get(71)), (Some(&70), None));
    }

    #[test]
    fn a_restored_table_knows_a_short_page() {
        let mut table = Table::default();
        table.restore_page(1, vec![1_u32]);
        table.restore_page(0, (0..32).collect());
        assert!(table.seal_restored());
        table.restore_page(0, vec![1]);
        assert!(!table.seal_restored());
    }
}
