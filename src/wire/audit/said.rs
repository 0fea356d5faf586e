//! A caller's words beside a decision, an outcome or an act: every field may be missing.

use serde::Deserialize;

/// See the file's own page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Said {
    /// Account.
    pub account_id: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// Agent.
    pub agent_id: Option<String>,
    /// The dialer's call.
    pub call_id: Option<String>,
    /// Campaign.
    pub campaign_id: Option<String>,
    /// Debts.
    pub debt_ids: Vec<String>,
    /// Address.
    pub email: Option<String>,
    /// What was noted with an acknowledgement.
    pub note: Option<String>,
    /// Person.
    pub person_id: Option<String>,
    /// Number as given.
    pub phone: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Request.
    pub request_id: Option<String>,
    /// System that asked or reported; of an outcome, the dialer.
    pub source_system: Option<String>,
}

impl Said {
    /// Reads a subject; `None` when it is another kind of one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if let Ok([reason]) = serde_json::from_slice::<[String; 1]>(bytes) {
            // The reason of a kill switch.
            return Some(Self {
                reason: Some(reason),
                ..Self::default()
            });
        }
        // Any other list would be taken for the fields above by their order.
        let named = bytes.starts_with(b"{");
        named.then(|| serde_json::from_slice(bytes).ok()).flatten()
    }
}
