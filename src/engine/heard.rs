//! A report that states something, sent again: a late copy imposes nothing anew, whatever somebody
//! who answers for it has lifted meanwhile.
//!
//! Known by its call's id, its word and what it states, among the newest of a tenant; and only while
//! the copy says nothing new of the call itself, so an id used again for another call is another
//! call. As with reports of accounts nobody knows it is rebuilt from rows and in no snapshot: what is
//! forgotten binds again, which only restricts.

use super::Engine;
use super::commands::Report;
use super::effect::Effect;
use crate::domain::hash::stable_hash;
use crate::domain::ids::TenantNo;

/// What names a report that stated something: account, call, word, facts and their texts. `None`
/// without a call's id.
pub(super) fn name(
    (account, call, word): (&str, &str, &str),
    (facts, texts): (&[u8], &[u8]),
) -> Option<u64> {
    let parts = [account.as_bytes(), call.as_bytes(), word.as_bytes()];
    (!call.is_empty()).then(|| stable_hash(&[parts[0], parts[1], parts[2], facts, texts]))
}

fn name_of(report: &Report) -> Option<u64> {
    let said = &report.said;
    let account = said.account_id.as_deref().unwrap_or_default();
    let call = said.call_id.as_deref().unwrap_or_default();
    let stated = report.facts.as_ref();
    let stated = stated.map(|facts| (&*facts.body, &*facts.subject.bytes));
    let named = (account, call, said.outcome.as_str());
    name(named, stated.unwrap_or_default())
}

impl Effect<'_> {
    /// Whether it does something besides counting a contact.
    pub(super) fn states(&self) -> bool {
        let binds = !self.facts.is_empty() || self.unusable || self.located;
        binds || self.inbound.is_some()
    }
}

impl Engine {
    /// Takes from an effect what the very same report has done before.
    pub(super) fn pass_over_copies(&self, report: &Report, effect: &mut Effect<'_>) {
        let counts = effect.place.as_ref().is_some_and(|place| place.changed);
        let known =
            |tenant: &super::Tenant| name_of(report).is_some_and(|name| tenant.heard.has(name));
        if !counts && self.tenant(report.tenant).is_some_and(known) {
            effect.facts = &[];
            (effect.unusable, effect.located, effect.inbound) = (false, false, None);
        }
    }

    /// Remembers a report that was applied.
    pub(super) fn hear(&mut self, report: &Report, effect: &Effect<'_>) {
        self.remember_heard(report.tenant, effect, name_of(report));
    }

    /// The same of what names one.
    pub(super) fn remember_heard(
        &mut self,
        tenant: TenantNo,
        effect: &Effect<'_>,
        name: Option<u64>,
    ) {
        let name = name.filter(|_| effect.states());
        let tenant = self.tenants.get_mut(usize::from(tenant.0));
        if let (Some(tenant), Some(name)) = (tenant, name) {
            tenant.heard.add(name);
        }
    }
}
