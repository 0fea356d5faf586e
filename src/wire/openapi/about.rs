//! What each route of the table says of itself: one line, its parameters, its body, its answer.

use serde_json::{Value, json};

use super::bodies::{self, CURSOR, Field, LIMIT};
use super::kinds::Kind;
use super::{Schemas, reference};
use crate::domain::outcome::Reported;
use crate::domain::record::FactKind;
use crate::domain::verdict::{Code, Gate};
use crate::domain::words::{Channel, DialMode, Purpose};
use crate::wire::audit::{AckAnswer, CallLogItem, Event, RowAnswer, StatsAnswer, TrailItem};
use crate::wire::compliance::check::Check;
use crate::wire::compliance::file::FactsOf;
use crate::wire::compliance::hours::TimeCheck;
use crate::wire::compliance::law::StateRules;
use crate::wire::compliance::risk::RiskScore;
use crate::wire::compliance::summary::Summary;
use crate::wire::dialer::{DialersShown, MappingAnswer, WebhookAnswer};
use crate::wire::do_not_call::{FactTaken, ListingAnswer, NumberTaken};
use crate::wire::floor;
use crate::wire::marks::{EventKind, RowKind};
use crate::wire::monitoring::{ErrorsPage, LatencyPage, Overview, VolumePage};
use crate::wire::native::Native;
use crate::wire::outbox::{OutboxPage, RetryAnswer};

/// A schema, put where it belongs and referred to.
pub(super) type Shape = fn(&mut Schemas) -> Value;

/// The body of a good answer.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Json(Shape),
    /// Text of this content type.
    Text(&'static str),
}

/// What is said of a route.
pub(super) struct About {
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) segment: Kind,
    pub(super) query: &'static [Field],
    pub(super) headers: &'static [Field],
    pub(super) body: Option<Shape>,
    pub(super) answer: Answer,
    /// Statuses it refuses with beyond those every such route does.
    pub(super) statuses: &'static [u16],
}

impl About {
    const fn new(tag: &'static str, summary: &'static str, answer: Shape) -> Self {
        Self {
            tag,
            summary,
            segment: Kind::None,
            query: &[],
            headers: &[],
            body: None,
            answer: Answer::Json(answer),
            statuses: &[],
        }
    }

    const fn segment(self, segment: Kind) -> Self {
        Self { segment, ..self }
    }

    const fn query(self, query: &'static [Field]) -> Self {
        Self { query, ..self }
    }

    const fn takes(self, body: Shape) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    const fn also(self, statuses: &'static [u16]) -> Self {
        Self { statuses, ..self }
    }
}

const CHANNELS: Kind = Kind::Words(|| bodies::all(Channel::ALL, Channel::as_str));
const OUTCOMES: Kind = Kind::Words(|| bodies::all(Reported::ALL, Reported::as_str));
const CODES: Kind = Kind::Words(|| bodies::all(Code::ALL, Code::as_str));
const GATES: Kind = Kind::Words(|| bodies::all(&Gate::ALL, Gate::as_str));
const FROM: Field = ("from", Kind::Instant);
const TO: Field = ("to", Kind::Instant);
const RANGE: [Field; 1] = [("range", Kind::Words(ranges))];

/// What is said of a route.
pub(super) fn of(does: Native) -> About {
    match does {
        Native::AccountOutcome
        | Native::WidgetOutcome
        | Native::DialerOutcome
        | Native::RecordAttempt => outcomes(does),
        Native::WebhookFive9
        | Native::WebhookConvoso
        | Native::WebhookGeneric
        | Native::WebhookOf
        | Native::CallLog
        | Native::DialerConfig
        | Native::PutDialerConfig => dialers(does),
        Native::DncAdd
        | Native::DncRemove
        | Native::DncCheck
        | Native::StateFact
        | Native::FactsOf => facts(does),
        Native::AuditTrail | Native::AuditStats | Native::AuditRow => audit(does),
        Native::FloorEvents => floor_events(),
        Native::MonitoringOverview
        | Native::MonitoringDashboard
        | Native::MonitoringVolume
        | Native::MonitoringLatency
        | Native::MonitoringErrors => monitoring(does),
        Native::SorOutbox => About::new(
            "house",
            "How telling the tenant's system of record stands.",
            Schemas::of::<OutboxPage>,
        )
        .query(&[("from", Kind::Number(0, u64::MAX >> 11))])
        .also(&[404]),
        Native::SorOutboxRetry => About::new(
            "house",
            "Letters that were given up, tried again.",
            Schemas::of::<RetryAnswer>,
        )
        .takes(|schemas| {
            let fields = [("row_id", Kind::Number(1, u64::MAX >> 11))];
            schemas.put("RetryRequest", bodies::object(&fields, &[]))
        })
        .also(&[404]),
        Native::OpenApi => About::new("house", "This document.", |_| json!({ "type": "object" })),
        Native::Docs | Native::Redoc => About {
            answer: Answer::Text("text/html"),
            ..About::new("house", "This document as a page.", |_| json!({}))
        },
        _ => compliance(does),
    }
}

fn outcomes(does: Native) -> About {
    let about = About::new("outcomes", "What became of a contact.", |schemas| {
        schemas.put("OutcomeTaken", outcome_taken())
    });
    let about = about.takes(bodies::outcome).also(&[404, 409]);
    match does {
        Native::RecordAttempt => about,
        Native::DialerOutcome => about.segment(Kind::Segment),
        _ => about.segment(Kind::Segment).takes(bodies::outcome_of_path),
    }
}

fn outcome_taken() -> Value {
    json!({
        "type": "object",
        "required": ["account_id", "audit_id", "outcome", "row_id", "unchanged"],
        "properties": {
            "account_id": { "type": ["string", "null"] },
            "audit_id": { "type": ["integer", "null"] },
            "outcome": { "type": "string" },
            "row_id": { "type": ["integer", "null"] },
            "unchanged": { "type": "boolean" },
        },
    })
}

fn dialers(does: Native) -> About {
    let webhook = || {
        let about = About::new(
            "dialers",
            "What a dialer reports by itself.",
            Schemas::of::<WebhookAnswer>,
        );
        about.takes(|_| json!({ "type": "object" }))
    };
    match does {
        Native::WebhookOf => webhook().segment(Kind::Segment),
        Native::CallLog => About::new("dialers", "Outcomes, newest first.", page_of::<CallLogItem>)
            .query(&[
                ("dialer", Kind::Name),
                ("agent", Kind::Name),
                ("phone", Kind::Phone),
                ("account", Kind::Name),
                ("outcome", OUTCOMES),
                FROM,
                TO,
                CURSOR,
                LIMIT,
            ]),
        Native::DialerConfig => About::new(
            "dialers",
            "The tenant's dialers.",
            Schemas::of::<DialersShown>,
        ),
        Native::PutDialerConfig => About::new(
            "dialers",
            "Puts a dialer's mapping in force.",
            Schemas::of::<MappingAnswer>,
        )
        .takes(|_| json!({ "type": "object", "required": ["dialer_id"] }))
        .also(&[404, 409]),
        _ => webhook(),
    }
}

fn facts(does: Native) -> About {
    match does {
        Native::DncAdd | Native::DncRemove => {
            let about = About::new("facts", "Numbers on and off the do-not-call list.", |s| {
                let one = s.of::<NumberTaken>();
                json!({ "anyOf": [one, reference("Ingested")] })
            });
            about.takes(listing).also(&[404, 412])
        }
        Native::DncCheck => About::new(
            "facts",
            "How a number stands on the list.",
            Schemas::of::<ListingAnswer>,
        )
        .segment(Kind::Phone),
        Native::StateFact => About::new(
            "facts",
            "States or lifts one fact.",
            Schemas::of::<FactTaken>,
        )
        .takes(fact)
        .also(&[404]),
        _ => About::new(
            "facts",
            "What the gate holds of an account, and whence.",
            Schemas::of::<FactsOf>,
        )
        .segment(Kind::Segment),
    }
}

fn listing(schemas: &mut Schemas) -> Value {
    let about = [
        ("reason", Kind::Name),
        ("source", Kind::Name),
        ("actor", Kind::Name),
        ("expires_at", Kind::Instant),
    ];
    let both = |name: &str, kind: Value| {
        let mut one = bodies::object(&about, &["reason"]);
        if let Some(properties) = one.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(name.to_owned(), kind);
        }
        if let Some(required) = one.get_mut("required").and_then(Value::as_array_mut) {
            required.push(name.into());
        }
        one
    };
    let many = json!({
        "type": "array", "items": Kind::Phone.schema(), "minItems": 1, "maxItems": 1000,
    });
    let (one, list) = (both("phone", Kind::Phone.schema()), both("phones", many));
    schemas.put("NumberList", json!({ "oneOf": [one, list] }))
}

fn fact(schemas: &mut Schemas) -> Value {
    let fields = [
        ("account_id", Kind::Name),
        (
            "fact",
            Kind::Words(|| bodies::all(FactKind::ALL, FactKind::as_str)),
        ),
        ("actor", Kind::Name),
        ("document_id", Kind::Name),
        ("at", Kind::Instant),
        ("reason", Kind::Name),
        ("lifted", Kind::Flag),
    ];
    schemas.put("FactStated", bodies::object(&fields, &["fact"]))
}

fn audit(does: Native) -> About {
    match does {
        Native::AuditTrail => About::new("audit", "Rows, newest first.", page_of::<TrailItem>)
            .query(&[
                ("account", Kind::Name),
                ("phone", Kind::Phone),
                ("decision", Kind::Words(|| vec!["ALLOW", "BLOCK"])),
                (
                    "kind",
                    Kind::Words(|| bodies::all(RowKind::ALL, RowKind::as_str)),
                ),
                ("code", CODES),
                FROM,
                TO,
                CURSOR,
                LIMIT,
            ]),
        Native::AuditStats => {
            About::new("audit", "Figures of the chain.", Schemas::of::<StatsAnswer>)
        }
        _ => About::new(
            "audit",
            "One row, its hash and what it says.",
            Schemas::of::<RowAnswer>,
        )
        .segment(Kind::Number(1, u64::MAX >> 11)),
    }
}

fn floor_events() -> About {
    let about = About::new(
        "events",
        "Decisions, outcomes and facts as they become durable.",
        |_| json!({}),
    );
    About {
        answer: Answer::Text("text/event-stream"),
        headers: &[("Last-Event-ID", Kind::Number(0, u64::MAX >> 11))],
        ..about
    }
    .query(&[
        (
            "types",
            Kind::Words(|| bodies::all(floor::EventKind::ALL, floor::EventKind::as_str)),
        ),
        ("account", Kind::Name),
        ("channel", CHANNELS),
        ("source_system", Kind::Name),
        ("agent", Kind::Name),
        ("campaign", Kind::Name),
        ("gate", GATES),
        ("code", CODES),
        ("outcome", OUTCOMES),
    ])
}

fn monitoring(does: Native) -> About {
    let about = match does {
        Native::MonitoringVolume => {
            About::new("monitoring", "What was asked.", Schemas::of::<VolumePage>)
        }
        Native::MonitoringDashboard => About {
            answer: Answer::Text("text/html"),
            ..About::new("monitoring", "The overview as a page.", |_| json!({}))
        },
        Native::MonitoringLatency => About::new(
            "monitoring",
            "How long answers took.",
            Schemas::of::<LatencyPage>,
        ),
        Native::MonitoringErrors => About::new(
            "monitoring",
            "Answers that were faults.",
            Schemas::of::<ErrorsPage>,
        ),
        _ => About::new(
            "monitoring",
            "The most important at a glance.",
            Schemas::of::<Overview>,
        ),
    };
    about.query(&RANGE)
}

fn ranges() -> Vec<&'static str> {
    vec![
        "1m", "5m", "15m", "30m", "60m", "1h", "2h", "6h", "12h", "24h", "start",
    ]
}

const STATES: Kind = Kind::Words(|| vec!["CA", "NY", "TX", "WA", "MA"]);
const EVENTS: [Field; 7] = [
    (
        "kind",
        Kind::Words(|| bodies::all(EventKind::ALL, EventKind::as_str)),
    ),
    ("account", Kind::Name),
    ("acknowledged", Kind::Flag),
    FROM,
    TO,
    CURSOR,
    LIMIT,
];
const CHECK: [Field; 7] = [
    ("channel", CHANNELS),
    ("phone", Kind::Phone),
    ("email", Kind::Email),
    ("person_id", Kind::Name),
    (
        "purpose",
        Kind::Words(|| bodies::all(Purpose::ALL, Purpose::as_str)),
    ),
    (
        "dial_mode",
        Kind::Words(|| bodies::all(DialMode::ALL, DialMode::as_str)),
    ),
    ("source_system", Kind::Name),
];

fn compliance(does: Native) -> About {
    match does {
        Native::ComplianceEvents => {
            About::new("compliance", "Events, newest first.", page_of::<Event>).query(&EVENTS)
        }
        Native::Unmatched => About::new(
            "compliance",
            "Outcomes of accounts nobody knows.",
            page_of::<CallLogItem>,
        )
        .query(&[FROM, TO, CURSOR, LIMIT]),
        Native::ComplianceSummary => About::new(
            "compliance",
            "The tenant in figures.",
            Schemas::of::<Summary>,
        ),
        Native::ComplianceCheck => About::new(
            "compliance",
            "Every gate for an account now.",
            Schemas::of::<Check>,
        )
        .segment(Kind::Segment)
        .query(&CHECK),
        Native::TimeCheck => About::new(
            "compliance",
            "Whether a call may be made there now.",
            Schemas::of::<TimeCheck>,
        )
        .query(&[
            ("phone", Kind::Phone),
            ("state", STATES),
            ("zip", Kind::Words(|| vec!["91502", "10001", "73301"])),
        ]),
        Native::StateRules => About::new(
            "compliance",
            "The rules of a state.",
            Schemas::of::<StateRules>,
        )
        .segment(STATES),
        Native::RiskScore => About::new(
            "compliance",
            "A score of 0 to 100 and its parts.",
            Schemas::of::<RiskScore>,
        )
        .segment(Kind::Segment),
        _ => About::new(
            "compliance",
            "Acknowledges events.",
            Schemas::of::<AckAnswer>,
        )
        .takes(acknowledgement)
        .also(&[404]),
    }
}

fn acknowledgement(schemas: &mut Schemas) -> Value {
    let fields = [
        ("event_id", Kind::Number(1, u64::MAX >> 11)),
        ("actor", Kind::Name),
        ("note", Kind::Note),
    ];
    schemas.put(
        "Acknowledgement",
        bodies::object(&fields, &["event_id", "actor"]),
    )
}

/// A page of items of a type.
fn page_of<T: utoipa::ToSchema>(schemas: &mut Schemas) -> Value {
    let item = schemas.of::<T>();
    let name = format!("{}Page", T::name());
    schemas.put(
        &name,
        json!({
            "type": "object", "required": ["items", "next_cursor"],
            "properties": {
                "items": { "type": "array", "items": item },
                "next_cursor": { "type": ["string", "null"] },
            },
        }),
    )
}
