//! The whole state of an engine as bytes, and snapshots taken piece by piece.

use std::collections::BTreeMap;

use dialgate::engine::Engine;
use dialgate::engine::persist::PageImage;

/// The state, comparable.
#[derive(Debug, PartialEq)]
pub(crate) struct Image {
    /// Pages by table and number.
    pub pages: BTreeMap<(u8, u32), Vec<u8>>,
    /// What is not in pages, without engine time: it also moves when nothing is recorded.
    pub rest: serde_json::Value,
}

/// The state of an engine. Ends a snapshot that runs.
pub(crate) fn of(engine: &mut Engine) -> Image {
    engine.image_lost();
    let misc = engine.begin_image();
    let mut out = Vec::new();
    while engine.image_slice(1_000, &mut out) {}
    let mut rest: serde_json::Value = serde_json::from_slice(&misc).expect("the head is JSON");
    rest["last"] = 0.into();
    let pages = out.into_iter().map(|p| ((p.table, p.page), p.bytes));
    Image {
        pages: pages.collect(),
        rest,
    }
}

/// What lies on disk: pages of all snapshots so far, the newest of each, and the newest head.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pages: BTreeMap<(u8, u32), Vec<u8>>,
    head: Option<(Vec<u8>, usize)>,
    running: Option<(Vec<u8>, usize, Vec<PageImage>)>,
}

impl Stored {
    /// Starts a snapshot of the state after so many rows; one that runs is given up.
    pub(crate) fn begin(&mut self, engine: &mut Engine, rows: usize) {
        self.running = Some((engine.begin_image(), rows, Vec::new()));
    }

    /// Takes a slice. A snapshot that is complete is stored, or `lost` on the way.
    pub(crate) fn slice(&mut self, engine: &mut Engine, pages_max: usize, lost: bool) {
        let Some((head, rows, mut taken)) = self.running.take() else {
            return;
        };
        if engine.image_slice(pages_max, &mut taken) {
            self.running = Some((head, rows, taken));
        } else if lost {
            engine.image_lost();
        } else {
            self.pages
                .extend(taken.into_iter().map(|p| ((p.table, p.page), p.bytes)));
            self.head = Some((head, rows));
        }
    }

    /// Puts the newest snapshot into an engine without state; the rows it spares.
    pub(crate) fn restore(&self, engine: &mut Engine) -> usize {
        let Some((head, rows)) = &self.head else {
            return 0;
        };
        super::laws::take_up_of(engine, head);
        for ((table, page), bytes) in &self.pages {
            assert_eq!(engine.restore_page(*table, *page, bytes), Ok(()));
        }
        assert_eq!(engine.finish_restore(head), Ok(()));
        *rows
    }
}
