//! News of an account, told apart from what its own file says.

use super::record::AccountRecord;

impl AccountRecord {
    /// Whether it is news about an account and nothing that the account's own file would say: no word
    /// that the rest is current.
    pub fn is_news_alone(&self) -> bool {
        let Self {
            account_id: _,
            reason: _,
            facts,
            attempts,
            address,
            collector_role,
            creditor,
            debts,
            emails,
            parties,
            person_id,
            phones,
            portfolio,
            state,
            status,
            zip,
        } = self;
        let file = address.is_some()
            || collector_role.is_some()
            || creditor.is_some()
            || person_id.is_some()
            || portfolio.is_some()
            || state.is_some()
            || status.is_some()
            || zip.is_some()
            || !debts.is_empty()
            || !emails.is_empty()
            || !parties.is_empty()
            || !phones.is_empty();
        let news = !facts.is_empty() || !attempts.is_empty();
        news && !file
    }
}
