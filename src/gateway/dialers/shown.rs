//! Dialers as their tenant sees them.

use std::collections::BTreeMap;

use super::Dialers;
use super::dialer::Dialer;
use crate::domain::time::{UnixSeconds, Zones};
use crate::domain::words::Channel;
use crate::wire::dialer::{
    Carrier, CredentialPlace, CredentialShown, DialerField, DialerShown, DialersShown, FieldPath,
    FilesShown, Meaning, Meant, Names,
};
use crate::wire::disposition::Direction;

impl Dialers {
    /// A tenant's dialers.
    pub fn shown(&self, tenant: &str) -> DialersShown {
        let set = self.in_force();
        let own = set.all().iter().filter(|dialer| dialer.tenant() == tenant);
        let (state, since) = self.files();
        DialersShown {
            dialers: own.map(|dialer| self.one_shown(dialer)).collect(),
            files: FilesShown { state, since },
        }
    }

    /// One dialer.
    pub fn one_shown(&self, dialer: &Dialer) -> DialerShown {
        let mapping = &dialer.mapping;
        let (mut unmapped, unmapped_others) = self.unmapped.of(dialer.tenant(), &dialer.id);
        // A name mapped since is no longer one to be looked at.
        unmapped.retain(|seen| {
            if seen.field == DialerField::Channel.as_str() {
                mapping.channel_named(&seen.name).is_none()
            } else {
                mapping.outcomes.find(&seen.name).is_none()
            }
        });
        let places = |places: &[FieldPath]| places.iter().map(|p| p.as_str().to_owned()).collect();
        let fields = mapping.fields.iter();
        DialerShown {
            dialer_id: dialer.id.to_string(),
            kind: mapping.kind,
            state: if dialer.is_open() { "open" } else { "closed" },
            webhooks: vec![
                format!("/api/dialer/webhook/{}", mapping.kind.as_str()),
                format!("/api/connectors/dialer/{}/webhook", dialer.id),
            ],
            credential: mapping.credential.as_ref().map(credential),
            channel: mapping.channel,
            direction: mapping.direction,
            occurred_at_format: mapping.measures.instants,
            time_zone: Zones::bundled().name(mapping.measures.zone),
            duration_unit: mapping.measures.durations,
            conversation_after_s: mapping.conversation_after_s,
            fields: fields
                .map(|(field, p)| (field.as_str(), places(p)))
                .collect(),
            outcomes: lists(&mapping.outcomes, Meaning::as_str),
            channels: lists(&mapping.channels, Channel::as_str),
            directions: lists(&mapping.directions, Direction::as_str),
            causes: lists(&mapping.causes, Carrier::as_str),
            unmapped,
            unmapped_others,
        }
    }

    /// Counts the names of a call that nobody mapped.
    pub fn note_unmapped(&self, dialer: &Dialer, meant: &Meant, now: UnixSeconds) {
        for (field, name) in [
            (DialerField::Disposition, &meant.unmapped),
            (DialerField::Channel, &meant.unmapped_channel),
        ] {
            if let Some(name) = name {
                let whose = (dialer.tenant(), &*dialer.id);
                self.unmapped.note(whose, (field, name), now);
            }
        }
    }
}

fn lists<T: Copy>(
    names: &Names<T>,
    word: fn(T) -> &'static str,
) -> BTreeMap<&'static str, Vec<String>> {
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let all = names.by_meaning(word).into_iter();
    all.map(|(word, names)| (word, owned(names))).collect()
}

fn credential(place: &CredentialPlace) -> CredentialShown {
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    CredentialShown {
        kind: place.kind,
        header: text(&place.header),
        query: text(&place.query),
        user: text(&place.user),
        secrets: place.secrets.len(),
    }
}
