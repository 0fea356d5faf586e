//! What a decision leaves in the ledger: the bytes of its row.

use super::{Decided, posting};
use crate::domain::facts::ContactKey;
use crate::domain::hex::push_hex;
use crate::domain::ids::{DebtNo, PersonNo};
use crate::engine::Engine;
use crate::engine::commands::{Ask, Decision, RowSink};

/// Debts of a reservation that its row names as numbers; more stand there in hex, which is shorter,
/// so that the row stays within [`DECISION_BYTES_MAX`].
const DEBTS_IN_NUMBERS_MAX: usize = 16;
/// Chained bytes of a decision at most, while chains are shorter than 10^15 rows.
#[cfg(test)]
pub(super) const DECISION_BYTES_MAX: usize = 640;

impl Engine {
    /// Writes the row of a decision.
    pub(super) fn write_decision(
        &mut self,
        ask: &Ask,
        decision: &Decision,
        decided: &Decided,
        replaced: Option<(PersonNo, u64)>,
        rows: &mut impl RowSink,
    ) {
        let Some(tenant) = self.tenants.get(usize::from(ask.tenant.0)) else {
            return;
        };
        let (f, t) = (&decision.findings, decided.target.as_ref());
        let reserves = decision.allow() && !decision.dry_run;
        let body = &mut self.body;
        body.begin();
        if let Some(t) = t {
            body.int("a", t.account.0);
        }
        if reserves {
            body.int("af", decided.attempt_flags);
        }
        body.int("b", f.blocked_bits());
        body.ints("c", f.list().iter().map(|f| u64::from(f.code.number())));
        body.ints("cr", f.list().iter().map(|f| u64::from(f.rule.0)));
        let debts = t.filter(|_| reserves).map(|t| t.debts.as_slice());
        let debts = debts.unwrap_or_default();
        if debts.len() <= DEBTS_IN_NUMBERS_MAX {
            body.ints("d", debts.iter().map(|d| u64::from(d.0)));
        }
        body.int_unless_zero("dr", u64::from(decision.dry_run));
        if debts.len() > DEBTS_IN_NUMBERS_MAX {
            body.raw("dx", |out| push_debts(out, debts));
        }
        body.int("e", decision.evaluation_id);
        body.int_unless_zero("ex", u64::from(ask.intent.exception_scope));
        body.ints("f", f.flags().iter().map(|rule| u64::from(rule.0)));
        body.int("g", f.evaluated_bits());
        if let Some(slot) = t.and_then(|t| t.phone_slot) {
            body.int("h", slot as u64);
        }
        body.ints("i", crate::engine::words::pack(&ask.intent));
        body.raw("k", |out| out.extend_from_slice(b"\"d\""));
        if let Some(slot) = t.and_then(|t| t.email_slot) {
            body.int("m", slot as u64);
        }
        if let Some(t) = t {
            body.int("p", t.person.0);
        }
        body.int("q", decision.audit_id);
        if let Some((person, audit)) = replaced {
            body.ints("rp", [u64::from(person.0), audit]);
        }
        body.digests([&ask.subject.digest]);
        body.int("t", decision.decided_at.0);
        if decision.allow() {
            body.int("u", decision.use_by.0);
        }
        body.int("v", tenant.activated_at);
        if let (Some(consumed), true) = (decided.consumed, reserves) {
            body.ints("w", crate::engine::consume::pack(consumed));
        }
        if let Some(next) = decision.next_allowed_at {
            body.int("x", next.0);
        }
        let keys = [
            posting(decided.account_hash),
            t.filter(|t| t.contact != ContactKey::NONE)
                .map_or(0, |t| posting(t.contact_hash)),
        ];
        rows.row(
            ask.tenant,
            decision.audit_id,
            body.end(),
            &[&ask.subject],
            keys,
        );
    }
}

/// Debts in eight hex digits each, as a text.
pub(super) fn push_debts(out: &mut Vec<u8>, debts: &[DebtNo]) {
    out.push(b'"');
    for debt in debts {
        push_hex(out, &debt.0.to_be_bytes());
    }
    out.push(b'"');
}

/// The debts of such a text; `None` when it is none.
pub(in crate::engine) fn read_debts(text: &str) -> Option<Vec<DebtNo>> {
    let (debts, rest) = text.as_bytes().as_chunks::<8>();
    // A sign is no digit, though the parser takes one.
    let one = |digits: &[u8; 8]| {
        let text = std::str::from_utf8(digits).ok()?;
        let hex = digits.iter().all(u8::is_ascii_hexdigit);
        let value = u32::from_str_radix(text, 16).ok();
        value.filter(|_| hex).map(DebtNo)
    };
    rest.is_empty().then(|| debts.iter().map(one).collect())?
}
