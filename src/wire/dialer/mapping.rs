//! A mapping, checked.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::field_path::FieldPath;
use super::keys::{CredentialKind, DialerField, DialerKind, NOT_A_CALL};
use super::measure::Measures;
use super::names::Names;
use crate::domain::outcome::Reported;
use crate::domain::time::Zones;
use crate::domain::words::{Channel, words};
use crate::wire::disposition::Direction;

words!(
    /// What a telephony cause says.
    Carrier {
        /// The call did not reach the number: 1006.14(b)(3)(ii).
        NotConnected = "not_connected"
    }
);

/// What a dialer's name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// An outcome.
    Outcome(Reported),
    /// No call to a consumer, an agent's call to another for instance: nothing is recorded.
    NotACall,
}

impl Meaning {
    /// The word a mapping gives it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outcome(outcome) => outcome.as_str(),
            Self::NotACall => NOT_A_CALL,
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        if text == NOT_A_CALL {
            return Some(Self::NotACall);
        }
        Reported::parse(text).map(Self::Outcome)
    }
}

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretPlace {
    /// A file. A bare name lies in the tenant's own folder of secrets; anything else is a path.
    File(Box<str>),
    /// A variable of the environment.
    Variable(Box<str>),
}

impl SecretPlace {
    /// Whether it is a file in the tenant's own folder.
    pub fn is_own(&self) -> bool {
        match self {
            Self::File(name) => !name.contains('/') && !name.starts_with('.'),
            Self::Variable(_) => false,
        }
    }
}

/// How a dialer proves who it is, and where the secrets for it lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialPlace {
    /// The kind.
    pub kind: CredentialKind,
    /// The header that holds the token, in lower case.
    pub header: Option<Box<str>>,
    /// The parameter of the query that holds the token.
    pub query: Option<Box<str>>,
    /// The user of HTTP Basic.
    pub user: Option<Box<str>>,
    /// The secrets, each as good as the others: two while one is being exchanged.
    pub secrets: Vec<SecretPlace>,
}

/// Where a dialer's bodies hold what, and what its names mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialerMapping {
    /// Whose reports they are.
    pub tenant: Box<str>,
    /// Whose product it is.
    pub kind: DialerKind,
    /// What a body speaks of that names no channel.
    pub channel: Channel,
    /// Who began a call of which the body does not say so.
    pub direction: Direction,
    /// How instants and talk times are written.
    pub measures: Measures,
    /// Under a name nobody knows, talk of this many seconds is a conversation.
    pub conversation_after_s: Option<u32>,
    /// Where each field stands: the first place that holds something.
    pub fields: BTreeMap<DialerField, Vec<FieldPath>>,
    /// What names mean.
    pub outcomes: Names<Meaning>,
    /// The dialer's names of channels, besides the published ones.
    pub channels: Names<Channel>,
    /// The dialer's names of directions, besides the published ones.
    pub directions: Names<Direction>,
    /// Telephony causes.
    pub causes: Names<Carrier>,
    /// Nothing: the dialer is closed.
    pub credential: Option<CredentialPlace>,
}

impl DialerMapping {
    /// The places of a field.
    pub fn places(&self, field: DialerField) -> &[FieldPath] {
        self.fields.get(&field).map_or(&[], Vec::as_slice)
    }

    /// The mapping as its file spells it, what is absent left out. [`DialerMapping::from_value`]
    /// reads it back. Names where secrets lie and none of them.
    pub fn form(&self) -> Value {
        let mut form = json!({
            "tenant": self.tenant,
            "kind": self.kind,
            "channel": self.channel,
            "direction": self.direction,
            "occurred_at_format": self.measures.instants,
            "time_zone": Zones::bundled().name(self.measures.zone),
            "duration_unit": self.measures.durations,
            "fields": self.fields,
            "outcomes": self.outcomes.by_meaning(Meaning::as_str),
        });
        if let Value::Object(form) = &mut form {
            if let Some(seconds) = self.conversation_after_s {
                form.insert("conversation_after_s".to_owned(), seconds.into());
            }
            let lists = [
                ("channels", json!(self.channels)),
                ("directions", json!(self.directions)),
                ("causes", json!(self.causes)),
            ];
            let some = |list: &Value| list.as_object().is_some_and(|all| !all.is_empty());
            let lists = lists.into_iter().filter(|(_, list)| some(list));
            form.extend(lists.map(|(key, list)| (key.to_owned(), list)));
            let credential = self.credential.as_ref().map(CredentialPlace::form);
            form.extend(credential.map(|form| ("credential".to_owned(), form)));
        }
        form
    }

    /// The text of a file that says the same.
    ///
    /// # Errors
    /// Never for a mapping that was read; the caller need not know why.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&self.form())
    }
}

impl CredentialPlace {
    fn form(&self) -> Value {
        let mut form = Map::new();
        form.insert("kind".to_owned(), json!(self.kind));
        for (key, text) in [
            ("header", &self.header),
            ("query", &self.query),
            ("user", &self.user),
        ] {
            form.extend(text.as_ref().map(|text| (key.to_owned(), json!(text))));
        }
        let files: Vec<&str> = self.secrets.iter().filter_map(SecretPlace::file).collect();
        if !files.is_empty() {
            form.insert("secret_files".to_owned(), json!(files));
        }
        let variable = self.secrets.iter().find_map(SecretPlace::variable);
        form.extend(variable.map(|name| ("secret_env".to_owned(), json!(name))));
        form.into()
    }
}

impl SecretPlace {
    fn file(&self) -> Option<&str> {
        match self {
            Self::File(name) => Some(name),
            Self::Variable(_) => None,
        }
    }

    fn variable(&self) -> Option<&str> {
        match self {
            Self::Variable(name) => Some(name),
            Self::File(_) => None,
        }
    }
}
