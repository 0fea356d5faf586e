//! An account put together from the reads of it.
//!
//! All of them have to be readable: what is missing from one might be the attempt that makes the
//! seventh, or the alert that forbids.

use std::collections::HashMap;

use super::Scollect;
use super::attempts::{self, AGE_MAX_S};
use super::columns;
use super::conditions::{Condition, stated};
use super::emails;
use super::envelope::{Row, Rows, rows};
use super::fields::{Fields, TEXT_BYTES_MAX, canonical};
use super::numbers::{Number, Standing};
use super::words::Words;
use crate::domain::record::{
    AccountRecord, AttemptRecord, EmailRecord, FactKind, FactRecord, Line, Personal,
};
use crate::domain::time::{UnixSeconds, ZoneId};
use crate::sor::call::{Heard, Request};
use crate::sor::dialect::Hydrated;
use crate::sor::dialect::formats::{Said, Spoken, date, phone};
use crate::sor::dialect::whereabouts::Whereabouts;
use crate::sor::route::Duty;
use crate::wire::ingest;
use crate::wire::ingest::limits::{EMAILS_MAX, FACTS_MAX, PHONES_MAX};

/// Dead numbers that are forbidden by facts of their own; further ones are marked wrong, because a
/// record has room for so many facts.
const DEAD_NUMBERS_MAX: usize = 16;

/// Attempts of one reading: the newest, so that a record fits its row. More than these within the longest
/// window are beyond every cap.
const ATTEMPTS_MAX: usize = 64;

/// What an account is read by.
const READS: [Duty; 6] = [
    Duty::AccountCard,
    Duty::Phones,
    Duty::Attempts,
    Duty::Emails,
    Duty::Notes,
    Duty::Payments,
];

/// The reads, in the order in which [`account`] takes their answers. Without one of them the account
/// cannot be read.
pub(super) fn reads(scollect: &Scollect, account: &str) -> Vec<Request> {
    let read = |duty: &Duty| scollect.request(*duty, &[account]);
    READS.iter().filter_map(read).collect()
}

/// What the answers say.
pub(super) fn account(
    account: &str,
    heard: &[Heard],
    words: &Words,
    (zone, now): (Option<ZoneId>, UnixSeconds),
) -> Hydrated {
    let [
        of_account,
        of_phones,
        of_attempts,
        of_emails,
        of_notes,
        of_payments,
    ] = heard
    else {
        return Hydrated::Unreadable;
    };
    // `r1000` opens the file of `R1000`; an account of its own would have counts of its own.
    if canonical(account).as_deref() != Some(account) {
        return Hydrated::NoSuchAccount;
    }
    let base = match rows(of_account) {
        Rows::Found(rows) => rows,
        Rows::Empty => return Hydrated::NoSuchAccount,
        Rows::Unreadable => return Hydrated::Unreadable,
    };
    let base: Vec<Fields<'_>> = base.iter().map(Fields::of).collect();
    if !base.iter().all(|row| is_about(account, row)) {
        return Hydrated::Unreadable;
    }
    let others = [of_phones, of_attempts, of_emails, of_notes, of_payments].map(listed);
    let [
        Some(phones),
        Some(tries),
        Some(mails),
        Some(notes),
        Some(payments),
    ] = &others
    else {
        return Hydrated::Unreadable;
    };
    let mut file = File::of(account, words, now);
    let mut places = Whereabouts::default();
    for row in &base {
        file.base(row);
        row.text("state").iter().for_each(|text| places.state(text));
        row.text("zip").iter().for_each(|text| places.zip(text));
        let unread = |name: &&str| row.said(&[name]) == Said::Unreadable;
        if ["state", "zip"].iter().any(unread) {
            places.unread();
        }
    }
    file.place(&places);
    file.numbers(&base, phones);
    file.attempts(tries, zone);
    file.emails(mails, zone);
    file.notes(notes);
    file.promise(payments);
    file.closed()
}

/// A row without a file number is about the account that was asked for.
fn is_about(account: &str, row: &Fields<'_>) -> bool {
    match row.file_number() {
        Some(named) => *named == *account,
        None => !row.has_any(&["filenumber", "filename"]),
    }
}

/// The rows of a list; none is a list, too.
fn listed(heard: &Heard) -> Option<Vec<Row>> {
    match rows(heard) {
        Rows::Found(rows) => Some(rows),
        Rows::Empty => Some(Vec::new()),
        Rows::Unreadable => None,
    }
}

/// The record while it is being written.
struct File<'w> {
    words: &'w Words,
    account: Box<str>,
    now: UnixSeconds,
    record: AccountRecord,
    facts: Vec<FactRecord>,
}

impl<'w> File<'w> {
    fn of(account: &str, words: &'w Words, now: UnixSeconds) -> Self {
        let record = AccountRecord {
            account_id: Some(Personal::from(account)),
            ..AccountRecord::default()
        };
        Self {
            words,
            account: account.into(),
            now,
            record,
            facts: Vec::new(),
        }
    }

    fn state(&mut self, fact: FactRecord) {
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    /// The columns of the account itself.
    fn base(&mut self, row: &Fields<'_>) {
        let own = ["deceased", "deceaseddate", "birthdate"];
        let all = own
            .iter()
            .chain(&columns::ATTORNEY)
            .chain(&columns::BANKRUPTCY);
        for name in all.chain(&columns::WORDY) {
            let value = row.text(name).unwrap_or_default();
            for fact in columns::restrictions(name, &value, self.words, self.now) {
                self.state(fact);
            }
        }
        for name in ["statusname", "closedreason", "dateclosed", "currentbalance"] {
            let value = row.text(name).unwrap_or_default();
            // The first that says so: a status says more than a balance.
            self.record.status = self
                .record
                .status
                .or_else(|| columns::closed(name, &value, self.words));
        }
        self.record.address = self.record.address.or_else(|| columns::address_status(row));
        for name in ["clientname", "portfolio", "emailaddress"] {
            let value = row.text(name).unwrap_or_default();
            if let Some(told) = columns::plain(name, &value) {
                self.record.creditor = self.record.creditor.take().or(told.creditor);
                self.record.portfolio = self.record.portfolio.take().or(told.portfolio);
                told.emails.into_iter().for_each(|email| self.email(email));
            }
        }
    }

    /// Where the consumer is; an account that is held goes by its facts.
    fn place(&mut self, places: &Whereabouts) {
        places.put(&mut self.record);
        for fact in std::mem::take(&mut self.record.facts) {
            self.state(fact);
        }
    }

    fn email(&mut self, email: EmailRecord) {
        let emails = &mut self.record.emails;
        let same = emails
            .iter()
            .position(|known| known.address == email.address);
        match same {
            None if emails.len() < EMAILS_MAX => emails.push(email),
            None => {}
            Some(at) => {
                if let Some(known) = emails.get_mut(at) {
                    known.wrong = known.wrong.or(email.wrong);
                }
            }
        }
    }

    /// Every number once: those of the list, and those of columns.
    fn numbers(&mut self, base: &[Fields<'_>], rows: &[Row]) {
        let first_names: Vec<String> = base.iter().filter_map(|row| first_name(row)).collect();
        let mut known: Vec<Number> = Vec::new();
        let mut note = |number: Number| {
            let same = known.iter_mut().find(|known| known.phone == number.phone);
            match same {
                Some(same) => same.join(&number),
                None => known.push(number),
            }
        };
        for row in rows.iter().map(Fields::of) {
            let text = |name: &str| row.text(name).unwrap_or_default();
            let Some(number) = phone(&text("phonenumber")).known() else {
                continue;
            };
            let mut number = Number::read(
                number,
                &text("phonetype"),
                &text("phonestatus"),
                &text("isagoodnumber"),
            );
            // A name that is not the consumer's is another's.
            number.is_others |= first_name(&row)
                .is_some_and(|name| !first_names.is_empty() && !first_names.contains(&name));
            note(number);
        }
        for row in base {
            for name in ["primaryphone", "cellphone", "workphone"] {
                let value = row.text(name).unwrap_or_default();
                columns::number(name, &value)
                    .into_iter()
                    .for_each(&mut note);
            }
        }
        self.file_numbers(known);
    }

    fn file_numbers(&mut self, mut known: Vec<Number>) {
        // Where there are too many, those that may be called are kept: one off the file never is.
        known.sort_by_key(|number| number.standing);
        let mut dead = 0;
        for mut number in known {
            if number.standing == Standing::Dead {
                dead += 1;
                if dead > DEAD_NUMBERS_MAX {
                    number.standing = Standing::Wrong;
                }
            }
            for fact in number.facts() {
                self.state(fact);
            }
            if number.is_filed() && self.record.phones.len() < PHONES_MAX {
                self.record.phones.push(number.record());
            }
        }
    }

    fn attempts(&mut self, rows: &[Row], zone: Option<ZoneId>) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let account = self.account.clone();
        for row in rows.iter().map(Fields::of) {
            let same_before = |key: &str| {
                let count = seen.entry(key.to_owned()).or_insert(0);
                *count += 1;
                *count - 1
            };
            let attempt = attempts::listed(&account, &row, (zone, self.now), same_before);
            if let Some(attempt) = attempt {
                self.record.attempts.push(attempt.record);
                let facts = self
                    .words
                    .conditions(&attempt.dispo)
                    .into_iter()
                    .map(Condition::fact);
                facts.for_each(|fact| self.state(fact));
            }
        }
    }

    fn emails(&mut self, rows: &[Row], zone: Option<ZoneId>) {
        let read = emails::read(&self.account, rows, zone, self.now);
        read.addresses
            .into_iter()
            .for_each(|email| self.email(email));
        read.facts.into_iter().for_each(|fact| self.state(fact));
        self.record.attempts.extend(read.attempts);
    }

    /// Alerts alone: what else agents write, no machine reads reliably.
    fn notes(&mut self, rows: &[Row]) {
        for row in rows.iter().map(Fields::of) {
            let message = row.text("logmessage").unwrap_or_default();
            if Spoken::of(&message).says("ADDED ALERT") {
                let said = self.words.conditions(&message);
                said.into_iter()
                    .map(Condition::fact)
                    .for_each(|fact| self.state(fact));
            }
        }
    }

    /// A payment that is yet to come stands for a promise until its day; the next after it for the next.
    fn promise(&mut self, rows: &[Row]) {
        // Yesterday in UTC is today somewhere.
        let today = self.now.utc_date().plus_days(-1);
        let dates = rows.iter().map(Fields::of);
        let dates = dates.filter_map(|row| date(&row.text("paymentdate")?).known());
        if let Some(next) = dates.filter(|date| *date >= today).min() {
            self.state(FactRecord {
                until_date: Some(next),
                ..stated(FactKind::Promise)
            });
        }
    }

    /// The record within its bounds and in its normal form.
    fn closed(mut self) -> Hydrated {
        let now = self.now;
        let at = |attempt: &AttemptRecord| attempt.at.unwrap_or(now);
        self.record
            .attempts
            .retain(|attempt| now.since(at(attempt)) <= AGE_MAX_S);
        self.record
            .attempts
            .sort_by_key(|attempt| std::cmp::Reverse(at(attempt)));
        self.record.attempts.truncate(ATTEMPTS_MAX);
        // What speaks of the person goes first; each of the rest forbids one number.
        self.facts
            .sort_by_key(|fact| fact.phone.is_some() || fact.address.is_some());
        self.facts.truncate(FACTS_MAX);
        self.record.facts = self.facts;
        let mut line = Line::Account(Box::new(self.record));
        match (ingest::check(&mut line), line) {
            (Ok(()), Line::Account(record)) => Hydrated::Known(record),
            _ => Hydrated::Unreadable,
        }
    }
}

fn first_name(row: &Fields<'_>) -> Option<String> {
    let name = row.text("firstname")?;
    (name.len() <= TEXT_BYTES_MAX).then(|| name.to_uppercase())
}

/// The numbers a record files.
#[cfg(test)]
pub(super) fn filed(record: &AccountRecord) -> Vec<crate::domain::phone::PhoneNumber> {
    let numbers = record
        .phones
        .iter()
        .filter_map(|phone| phone.number.as_ref());
    numbers
        .filter_map(crate::domain::record::phone_of)
        .collect()
}
