//! The stories, and what every protocol must answer.
//!
//! | what cannot be told alike | where | why |
//! |---|---|---|
//! | bytes that are no JSON | frames | their payload is no JSON; one that is no archive ends the stream (`BAD_PAYLOAD`) |
//! | a field of the wrong type | frames | a frame's fields have the types they have |
//! | a body that is too large | frames | the same bound by another name: `FRAME_TOO_LARGE` |
//! | no token | frames | whoever says nothing of itself is asked for its hello: `HELLO_EXPECTED` |
//! | which field named the key | frames, NDJSON | there is no `Idempotency-Key` but `request_id`; one request over HTTP names the header |
//! | an empty body | NDJSON | an empty line is no line |
//! | a batch that is too long | NDJSON | a stream has no end that could be too far: its window fills, and nothing more is read |
//! | an empty batch | NDJSON | no line, no answer |

use serde_json::{Value, json};

use super::speaker::{Protocol, Token};
use crate::words::{account, intent};

/// One thing that is said.
pub(crate) enum Step {
    /// Records, brought over HTTP/1.1.
    Facts(Value),
    /// An intent.
    Ask(Token, Value),
    /// Many.
    Batch(Vec<Value>),
    /// Bytes.
    Raw(Vec<u8>),
    /// A report; `audit_id` -1 is the story's last decision.
    Report(Token, Value),
}

/// A story.
pub(crate) struct Story {
    pub(crate) name: &'static str,
    pub(crate) steps: Vec<Step>,
    /// One an answer; of a batch one an element.
    expected: Vec<String>,
    /// What a protocol answers in its own way; `-` where it cannot tell a step.
    own: Vec<(Protocol, Vec<String>)>,
}

impl Story {
    pub(crate) fn expected(&self, protocol: Protocol) -> Vec<String> {
        let own = self.own.iter().find(|(known, _)| *known == protocol);
        own.map_or_else(|| self.expected.clone(), |(_, own)| own.clone())
    }

    fn but(mut self, protocol: Protocol, expected: &[&str]) -> Self {
        let expected = expected.iter().map(|text| (*text).to_owned()).collect();
        self.own.push((protocol, expected));
        self
    }
}

fn story(name: &'static str, steps: Vec<(Step, &[&str])>) -> Story {
    let mut all = Story {
        name,
        steps: Vec::new(),
        expected: Vec::new(),
        own: Vec::new(),
    };
    for (step, expected) in steps {
        all.steps.push(step);
        all.expected
            .extend(expected.iter().map(|text| (*text).to_owned()));
    }
    all
}

/// Names of accounts, and each one's number.
struct Cast(u32);

impl Cast {
    /// An account of its own.
    fn person(&mut self) -> (String, String) {
        self.0 += 1;
        (
            format!("ACC-{:03}", self.0),
            format!("+1818555{:04}", self.0),
        )
    }
}

fn ask(intent: Value) -> Step {
    Step::Ask(Token::Good, intent)
}

fn with(mut intent: Value, field: &str, value: Value) -> Value {
    intent[field] = value;
    intent
}

fn without(mut intent: Value, field: &str) -> Value {
    intent.as_object_mut().unwrap().remove(field);
    intent
}

pub(crate) fn all() -> Vec<Story> {
    let mut cast = Cast(0);
    let mut all = vec![plain(&mut cast)];
    all.extend(gates(&mut cast));
    all.extend(misspelt(&mut cast));
    all.extend(large(&mut cast));
    all.extend(batches(&mut cast));
    all.extend(keys(&mut cast));
    all.extend(credentials(&mut cast));
    all.extend(reports(&mut cast));
    all
}

fn plain(cast: &mut Cast) -> Story {
    let (id, phone) = cast.person();
    story(
        "a call is allowed, and a dry run leaves nothing behind",
        vec![
            (Step::Facts(json!([account(&id, &phone)])), &[]),
            (
                ask(with(intent(&id, &phone), "dry_run", json!(true))),
                &["ALLOW"],
            ),
            (ask(intent(&id, &phone)), &["ALLOW"]),
            (ask(intent("NOBODY", &phone)), &["BLOCK UNKNOWN_ACCOUNT"]),
        ],
    )
}

/// One block of each gate that an intent or a fact provokes by itself.
#[expect(clippy::too_many_lines, reason = "a list")]
fn gates(cast: &mut Cast) -> Vec<Story> {
    let mut all = Vec::new();
    let mut by_fact = |name, fact: Value, code: &'static [&'static str]| {
        let (id, phone) = cast.person();
        let fact = json!([{ "account_id": id, "facts": [fact] }]);
        all.push(story(
            name,
            vec![
                (Step::Facts(json!([account(&id, &phone)])), &[]),
                (Step::Facts(fact), &[]),
                (ask(intent(&id, &phone)), code),
            ],
        ));
    };
    by_fact(
        "STRATEGY",
        json!({ "fact": "hold", "hold": "creditor" }),
        &["BLOCK CREDITOR_HOLD"],
    );
    by_fact("COMPLIANCE", json!({ "fact": "cease" }), &["BLOCK CEASE"]);
    by_fact(
        "ESCALATION",
        json!({ "fact": "escalation", "escalation": "complaint" }),
        &["BLOCK COMPLAINT"],
    );
    by_fact(
        "TIMING",
        json!({ "fact": "inconvenient_time", "periods": [{ "days": [2] }] }),
        &["BLOCK INCONVENIENT_TIME"],
    );
    by_fact(
        "PROMISE",
        json!({ "fact": "promise", "until_date": "2026-05-05" }),
        &["BLOCK PROMISE_CURRENT"],
    );
    by_fact(
        "CHANNEL",
        json!({ "fact": "medium_opt_out", "medium": "phone" }),
        &["BLOCK MEDIUM_OPT_OUT"],
    );
    by_fact(
        "several gates at once",
        json!({ "fact": "attorney" }),
        &["BLOCK ATTORNEY"],
    );
    let mut by_intent = |name, field, value: Value, code: &'static [&'static str]| {
        let (id, phone) = cast.person();
        all.push(story(
            name,
            vec![
                (Step::Facts(json!([account(&id, &phone)])), &[]),
                (ask(with(intent(&id, &phone), field, value)), code),
            ],
        ));
    };
    by_intent(
        "ACCOUNT",
        "phone",
        json!("+18185559999"),
        &["BLOCK UNKNOWN_PHONE"],
    );
    by_intent(
        "ACCOUNT, by a party",
        "person_id",
        json!("X"),
        &["BLOCK UNKNOWN_PERSON"],
    );
    by_intent(
        "AUTHORITY",
        "dial_mode",
        json!("robot"),
        &["BLOCK AUTODIAL_CONSENT UNKNOWN_DIAL_MODE"],
    );
    by_intent(
        "CHANNEL, by the words",
        "action_type",
        json!("shout"),
        &["BLOCK UNKNOWN_ACTION"],
    );
    by_intent(
        "CONSENT",
        "dial_mode",
        json!("prerecorded"),
        &["BLOCK PREREC_CONSENT"],
    );
    all
}

#[expect(clippy::too_many_lines, reason = "a list")]
fn misspelt(cast: &mut Cast) -> Vec<Story> {
    let (id, phone) = cast.person();
    let good = intent(&id, &phone);
    let mut all = Vec::new();
    for field in [
        "account_id",
        "phone",
        "channel",
        "action_type",
        "source_system",
    ] {
        let expected: &[&str] = match field {
            "account_id" => &["ERROR MISSING account_id"],
            "phone" => &["ERROR MISSING phone"],
            "channel" => &["ERROR MISSING channel"],
            "action_type" => &["ERROR MISSING action_type"],
            _ => &["ERROR MISSING source_system"],
        };
        all.push(story(
            "a field is missing",
            vec![(ask(without(good.clone(), field)), expected)],
        ));
    }
    all.push(story(
        "a field is empty, another too long",
        vec![
            (
                ask(with(good.clone(), "request_id", json!(""))),
                &["ERROR EMPTY request_id"],
            ),
            (
                ask(with(good.clone(), "agent_id", json!("x".repeat(65)))),
                &["ERROR TOO_LONG agent_id"],
            ),
        ],
    ));
    all.push(
        story(
            "a field has the wrong type",
            vec![(
                ask(with(good, "phone", json!(7))),
                &["ERROR WRONG_TYPE phone"],
            )],
        )
        .but(Protocol::Frames, &["ERROR MISSING phone"]),
    );
    all.push(
        story(
            "what is no JSON is refused, and the next question is answered",
            vec![
                (Step::Raw(b"{".to_vec()), &["ERROR INVALID_JSON -"]),
                (Step::Raw(b"[]".to_vec()), &["ERROR NOT_AN_OBJECT -"]),
                (ask(intent("NOBODY", &phone)), &["BLOCK UNKNOWN_ACCOUNT"]),
            ],
        )
        .but(
            Protocol::Frames,
            &[
                "ERROR BAD_PAYLOAD -",
                "ERROR BAD_PAYLOAD -",
                "BLOCK UNKNOWN_ACCOUNT",
            ],
        ),
    );
    all.push(
        story(
            "no bytes at all",
            vec![(Step::Raw(Vec::new()), &["ERROR INVALID_JSON -"])],
        )
        .but(Protocol::Frames, &["ERROR BAD_PAYLOAD -"])
        .but(Protocol::Lines, &["-"]),
    );
    all
}

fn large(cast: &mut Cast) -> Vec<Story> {
    let (_, phone) = cast.person();
    // Without an account: what is read leaves no row, and what is not neither.
    let body = |bytes: usize| {
        let text = without(intent("", &phone), "account_id").to_string();
        let rest = " ".repeat(bytes - text.len());
        format!("{text}{rest}").into_bytes()
    };
    let max = 64 * 1024;
    vec![
        story(
            "the largest body is read, a byte more is not",
            vec![
                (Step::Raw(body(max)), &["ERROR MISSING account_id"]),
                (Step::Raw(body(max + 1)), &["ERROR BODY_TOO_LARGE -"]),
                (ask(intent("NOBODY", &phone)), &["BLOCK UNKNOWN_ACCOUNT"]),
            ],
        )
        .but(
            Protocol::Frames,
            &[
                "ERROR BAD_PAYLOAD -",
                "ERROR FRAME_TOO_LARGE -",
                "BLOCK UNKNOWN_ACCOUNT",
            ],
        ),
    ]
}

fn batches(cast: &mut Cast) -> Vec<Story> {
    let (id, phone) = cast.person();
    let many = |count: usize| {
        let one = with(intent("NOBODY", &phone), "dry_run", json!(true));
        Step::Batch(vec![one; count])
    };
    vec![
        story(
            "a batch in which one is bad",
            vec![
                (Step::Facts(json!([account(&id, &phone)])), &[]),
                (
                    Step::Batch(vec![
                        intent("NOBODY", &phone),
                        without(intent(&id, &phone), "channel"),
                        intent(&id, &phone),
                        with(intent(&id, &phone), "dial_mode", json!("robot")),
                    ]),
                    &[
                        "BLOCK UNKNOWN_ACCOUNT",
                        "ERROR MISSING channel",
                        "ALLOW",
                        "BLOCK AUTODIAL_CONSENT UNKNOWN_DIAL_MODE",
                    ],
                ),
            ],
        ),
        story(
            "a batch of nothing",
            vec![(Step::Batch(Vec::new()), &["ERROR EMPTY_BATCH -"])],
        )
        .but(Protocol::Lines, &[]),
        story(
            "a batch as long as frames permit",
            vec![(many(256), &["BLOCK UNKNOWN_ACCOUNT"; 256])],
        ),
        story(
            "a batch that is too long",
            vec![(
                Step::Batch(vec![json!({}); 1001]),
                &["ERROR TOO_MANY_INTENTS -"],
            )],
        )
        .but(Protocol::Lines, &["ERROR MISSING account_id"; 1001]),
    ]
}

fn keys(cast: &mut Cast) -> Vec<Story> {
    let (id, phone) = cast.person();
    let named = with(intent(&id, &phone), "request_id", json!("R-1"));
    let other = with(named.clone(), "agent_id", json!("7"));
    let by_request_id = [
        "ALLOW",
        "ALLOW",
        "ERROR IDEMPOTENCY_KEY_REUSED request_id",
        "ALLOW",
        "ERROR IDEMPOTENCY_KEY_REUSED request_id",
        "ALLOW",
    ];
    vec![
        story(
            "a request_id twice is one decision, with another content none",
            vec![
                (Step::Facts(json!([account(&id, &phone)])), &[]),
                (ask(named.clone()), &["ALLOW"]),
                (ask(named.clone()), &["ALLOW"]),
                (
                    ask(other.clone()),
                    &["ERROR IDEMPOTENCY_KEY_REUSED Idempotency-Key"],
                ),
                (
                    Step::Batch(vec![named.clone(), other, named]),
                    &["ALLOW", "ERROR IDEMPOTENCY_KEY_REUSED request_id", "ALLOW"],
                ),
            ],
        )
        .but(Protocol::Frames, &by_request_id)
        .but(Protocol::Lines, &by_request_id),
    ]
}

fn credentials(cast: &mut Cast) -> Vec<Story> {
    let (id, phone) = cast.person();
    let good = || intent(&id, &phone);
    let report = || json!({ "account_id": id, "phone": phone, "outcome": "busy" });
    vec![
        story(
            "without a good token nothing is asked",
            vec![
                (
                    Step::Ask(Token::Narrow, good()),
                    &["ERROR SCOPE_MISSING scope"],
                ),
                (
                    Step::Ask(Token::Expired, good()),
                    &["ERROR TOKEN_EXPIRED exp"],
                ),
                (
                    Step::Ask(Token::Undeclared, good()),
                    &["ERROR TENANT_UNDECLARED tenant_id"],
                ),
                (
                    Step::Ask(Token::Forged, good()),
                    &["ERROR TOKEN_FORGED Authorization"],
                ),
            ],
        ),
        story(
            "without a token nothing is asked",
            vec![(
                Step::Ask(Token::Absent, good()),
                &["ERROR NO_TOKEN Authorization"],
            )],
        )
        .but(Protocol::Frames, &["ERROR HELLO_EXPECTED -"]),
        story(
            "without its scope nothing is reported",
            vec![(
                Step::Report(Token::Narrow, report()),
                &["403 SCOPE_MISSING scope"],
            )],
        ),
    ]
}

fn reports(cast: &mut Cast) -> Vec<Story> {
    let (id, phone) = cast.person();
    let (other, its_phone) = cast.person();
    let report = |said: Value| Step::Report(Token::Good, said);
    vec![
        story(
            "a report changes the very next answer",
            vec![
                (Step::Facts(json!([account(&id, &phone)])), &[]),
                (ask(intent(&id, &phone)), &["ALLOW"]),
                (
                    report(json!({ "account_id": id, "audit_id": -1, "outcome": "conversation" })),
                    &["200 conversation"],
                ),
                (ask(intent(&id, &phone)), &["BLOCK CALL_AFTER_CONVERSATION"]),
            ],
        ),
        story(
            "a report of an account nobody knows binds its number",
            vec![
                (Step::Facts(json!([account(&other, &its_phone)])), &[]),
                (
                    report(
                        json!({ "account_id": "NOBODY", "phone": its_phone, "outcome": "wrong_number" }),
                    ),
                    &["404 UNKNOWN_ACCOUNT -"],
                ),
                (ask(intent(&other, &its_phone)), &["BLOCK WRONG_NUMBER"]),
            ],
        ),
        story(
            "a report that is wrong changes nothing",
            vec![
                (
                    report(
                        json!({ "account_id": other, "phone": its_phone, "outcome": "pending" }),
                    ),
                    &["422 UNKNOWN_WORD outcome"],
                ),
                (
                    report(json!({ "account_id": other, "phone": its_phone })),
                    &["422 MISSING outcome"],
                ),
            ],
        ),
    ]
}
