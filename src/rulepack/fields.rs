//! Reads TOML tables field by field, so that every fault is found and none stops the reading.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{RuleProblem, one_of};
use super::hours::day_window;
use super::source::Source;
use crate::domain::rules::DayWindow;
use crate::domain::time::{CivilDate, SECONDS_PER_DAY, UnixSeconds};

/// One table under reading. Call [`Fields::finish`] last: it reports keys that nobody asked for.
pub(super) struct Fields<'f> {
    source: &'f Source<'f>,
    table: &'f DeTable<'f>,
    at: Range<usize>,
    path: String,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'f> Fields<'f> {
    pub(super) fn new(
        source: &'f Source<'f>,
        table: &'f DeTable<'f>,
        at: Range<usize>,
        path: &str,
    ) -> Self {
        Self {
            source,
            table,
            at,
            path: path.to_owned(),
            asked: RefCell::default(),
        }
    }

    fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn raw(&self, key: &'static str) -> Option<&'f Spanned<DeValue<'f>>> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    /// Notes a fault at a key, or at the table if the key is absent.
    pub(super) fn fault(&self, key: &str, problem: RuleProblem) {
        let at = self
            .table
            .get(key)
            .map_or(self.at.start, |value| value.span().start);
        self.source.fault(at, &self.name(key), problem);
    }

    fn typed<T>(
        &self,
        key: &'static str,
        wanted: &'static str,
        read: impl FnOnce(&'f DeValue<'f>) -> Option<T>,
    ) -> Option<T> {
        let value = self.raw(key)?;
        let found = read(value.get_ref());
        if found.is_none() {
            self.fault(key, RuleProblem::WrongType(wanted));
        }
        found
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.table.contains_key(key)
    }

    /// `value`, or a fault if the key is absent. A key that is there and wrong has its fault.
    pub(super) fn required<T>(&self, key: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(key) {
            self.fault(key, RuleProblem::Missing);
        }
        value
    }

    /// A text that may be absent.
    pub(super) fn opt_text(&self, key: &'static str) -> Option<&'f str> {
        let text = self.typed(key, "a text", |value| value.as_str())?;
        if text.trim().is_empty() {
            self.fault(
                key,
                RuleProblem::Unparsable {
                    found: text.to_owned(),
                    wanted: "a text",
                },
            );
            return None;
        }
        Some(text)
    }

    /// A text.
    pub(super) fn text(&self, key: &'static str) -> Option<&'f str> {
        let text = self.opt_text(key);
        self.required(key, text)
    }

    /// A text that `read` understands.
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        wanted: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let value = read(text);
        if value.is_none() {
            self.fault(
                key,
                RuleProblem::Unparsable {
                    found: text.to_owned(),
                    wanted,
                },
            );
        }
        value
    }

    /// Whether the key holds exactly this text.
    pub(super) fn is_text(&self, key: &'static str, text: &str) -> bool {
        self.raw(key).and_then(|value| value.get_ref().as_str()) == Some(text)
    }

    /// ISO weekdays as bits, bit 0 = Monday.
    pub(super) fn weekdays(&self, key: &'static str) -> Option<u8> {
        let days = self.typed(key, "a list of ISO weekdays, 1 to 7", |value| {
            value.as_array()?.iter().try_fold(0_u8, |bits, item| {
                let day: u8 = item.get_ref().as_integer()?.as_str().parse().ok()?;
                (1..=7).contains(&day).then(|| bits | 1 << (day - 1))
            })
        });
        self.required(key, days)
    }

    /// A text that names one of `all`.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(key)?;
        self.chosen(key, text, all, name)
    }

    fn chosen<T: Copy>(
        &self,
        key: &str,
        text: &str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        one_of(all, name, text)
            .map_err(|problem| self.fault(key, problem))
            .ok()
    }

    /// A list of texts that each name one of `all`; none twice, at least one.
    pub(super) fn choices<T: Copy + PartialEq>(
        &self,
        key: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<Vec<T>> {
        let mut found: Vec<T> = Vec::new();
        for text in self.texts(key)? {
            let one = self.chosen(key, text, all, name)?;
            if found.contains(&one) {
                self.fault(key, RuleProblem::Duplicate(text.to_owned()));
                return None;
            }
            found.push(one);
        }
        Some(found)
    }

    /// A list of texts, not empty.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<&'f str>> {
        let list = self.typed(key, "a list of texts", |value| {
            let items = value.as_array()?;
            let texts: Option<Vec<&str>> =
                items.iter().map(|item| item.get_ref().as_str()).collect();
            texts.filter(|texts| !texts.is_empty())
        });
        self.required(key, list)
    }

    /// A whole number within bounds that may be absent.
    pub(super) fn opt_number<T: TryFrom<i64>>(
        &self,
        key: &'static str,
        min: i64,
        max: i64,
    ) -> Option<T> {
        let number = self.typed(key, "a whole number", |value| {
            let number = value.as_integer()?;
            i64::from_str_radix(number.as_str(), number.radix()).ok()
        })?;
        let kept = if (min..=max).contains(&number) {
            T::try_from(number).ok()
        } else {
            None
        };
        if kept.is_none() {
            self.fault(key, RuleProblem::OutOfRange { min, max });
        }
        kept
    }

    /// A whole number within bounds.
    pub(super) fn number<T: TryFrom<i64>>(
        &self,
        key: &'static str,
        min: i64,
        max: i64,
    ) -> Option<T> {
        let number = self.opt_number(key, min, max);
        self.required(key, number)
    }

    /// A truth value; absent = false.
    pub(super) fn flag(&self, key: &'static str) -> bool {
        self.typed(key, "true or false", DeValue::as_bool)
            .unwrap_or(false)
    }

    /// A truth value.
    pub(super) fn truth(&self, key: &'static str) -> Option<bool> {
        let truth = self.typed(key, "true or false", DeValue::as_bool);
        self.required(key, truth)
    }

    /// A local date that may be absent.
    pub(super) fn opt_date(&self, key: &'static str) -> Option<CivilDate> {
        self.typed(key, "a date without time, YYYY-MM-DD", |value| {
            let stamp = value.as_datetime()?;
            let date = stamp
                .date
                .filter(|_| stamp.time.is_none() && stamp.offset.is_none())?;
            CivilDate::from_ymd(i32::from(date.year), date.month, date.day)
        })
    }

    /// A local date.
    pub(super) fn date(&self, key: &'static str) -> Option<CivilDate> {
        let date = self.opt_date(key);
        self.required(key, date)
    }

    /// An instant that may be absent: a date and time with offset, or a date, which begins at
    /// midnight UTC, before it begins anywhere in the contiguous United States.
    pub(super) fn opt_instant(&self, key: &'static str) -> Option<UnixSeconds> {
        self.typed(key, "a date, or a date and time with offset", |value| {
            let stamp = value.as_datetime()?;
            let date = stamp.date?;
            match (stamp.time.is_some(), stamp.offset.is_some()) {
                (false, false) => {
                    let date = CivilDate::from_ymd(i32::from(date.year), date.month, date.day)?;
                    Some(UnixSeconds(i64::from(date.days()) * SECONDS_PER_DAY))
                }
                (true, true) => UnixSeconds::parse(&stamp.to_string()).ok(),
                _ => None,
            }
        })
    }

    /// A span of a day, `["HH:MM", "HH:MM"]`, that may be absent; `24:00` is the day's end.
    pub(super) fn opt_day_window(&self, key: &'static str) -> Option<DayWindow> {
        if !self.has(key) {
            return None;
        }
        let texts = self.texts(key)?;
        let window = match texts.as_slice() {
            [open, close] => day_window(open, close),
            _ => None,
        };
        if window.is_none() {
            let found = texts.join(" ");
            let wanted = "two times of day HH:MM, the later one last";
            self.fault(key, RuleProblem::Unparsable { found, wanted });
        }
        window
    }

    /// A table that may be absent.
    pub(super) fn opt_table(&self, key: &'static str) -> Option<Self> {
        let value = self.raw(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.fault(key, RuleProblem::WrongType("a table"));
            return None;
        };
        Some(Self::new(self.source, table, value.span(), &self.name(key)))
    }

    /// A table.
    pub(super) fn table(&self, key: &'static str) -> Option<Self> {
        let table = self.opt_table(key);
        self.required(key, table)
    }

    /// A list of tables (`[[key]]`), at least one.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Self> {
        let list = self.typed(key, "a list of tables", |value| {
            let items = value.as_array()?;
            let tables: Option<Vec<_>> = items
                .iter()
                .map(|item| item.get_ref().as_table().map(|table| (table, item.span())))
                .collect();
            tables.filter(|tables| !tables.is_empty())
        });
        let path = self.name(key);
        self.required(key, list)
            .unwrap_or_default()
            .into_iter()
            .map(|(table, at)| Self::new(self.source, table, at, &path))
            .collect()
    }

    /// The keys that stand in the table, in order, each with its offset in the file.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'f str, usize)> {
        self.table
            .iter()
            .map(|(key, _)| (key.get_ref().as_ref(), key.span().start))
    }

    /// Reports keys that were never asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for (key, at) in self.keys().filter(|(key, _)| !asked.contains(key)) {
            self.source
                .fault(at, &self.name(key), RuleProblem::UnknownKey);
        }
    }
}
