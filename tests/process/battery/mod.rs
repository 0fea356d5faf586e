//! One battery, every protocol: the same stories told over HTTP/1.1, HTTP/2, HTTP/3, frames and
//! NDJSON get the same answers, the same rows, the same errors and the same limits.
//!
//! Each protocol has a tenant of its own, and all of them have the same policy, accounts and
//! numbers: so everything may be compared, positions in the chain included. What a protocol cannot
//! tell is said in [`stories`], with the reason, and nowhere else.

mod drain;
mod edges;
mod frames;
mod http;
mod http3;
mod limits;
mod lines;
mod restart;
mod site;
mod speaker;
mod stories;
mod told;

use std::rc::Rc;

use serde_json::{Value, json};

use self::site::Site;
use self::speaker::{Protocol, Speaker, Token};
use self::stories::{Step, Story};
use self::told::Told;

/// One protocol and its tenant.
struct Voice {
    speaker: Box<dyn Speaker>,
    protocol: Protocol,
}

/// What became of a step; nothing where the protocol cannot tell it.
type Heard = Vec<Option<Told>>;

impl Voice {
    /// Tells a story; one answer a step, of a batch one an element.
    fn tell(&mut self, site: &Site, story: &Story) -> Vec<Heard> {
        let mut heard = Vec::new();
        let mut rows = Vec::new();
        for step in &story.steps {
            let told = match step {
                Step::Facts(records) => {
                    site.bring(self.protocol, records);
                    Vec::new()
                }
                Step::Ask(token, intent) => {
                    vec![Some(
                        self.speaker
                            .ask(&Site::token(self.protocol, *token), intent),
                    )]
                }
                Step::Batch(intents) => {
                    let told = self
                        .speaker
                        .ask_all(&Site::token(self.protocol, Token::Good), intents);
                    told.into_iter().map(Some).collect()
                }
                Step::Raw(body) => {
                    let token = Site::token(self.protocol, Token::Good);
                    vec![self.speaker.ask_raw(&token, body)]
                }
                Step::Report(token, said) => {
                    let token = Site::token(self.protocol, *token);
                    vec![Some(self.speaker.report(&token, &settled(said, &rows)))]
                }
            };
            rows.extend(told.iter().flatten().filter_map(Told::row));
            heard.push(told);
        }
        heard
    }
}

/// The report, about the decision it settles: `"audit_id": -1` is the story's last.
fn settled(said: &Value, rows: &[u64]) -> Value {
    let mut said = said.clone();
    if said["audit_id"] == json!(-1) {
        said["audit_id"] = json!(rows.last());
    }
    said
}

#[test]
fn every_story_is_the_same_over_every_protocol() {
    let site = Rc::new(Site::start(&[]));
    let mut voices: Vec<Voice> = Protocol::ALL
        .into_iter()
        .map(|protocol| Voice {
            speaker: protocol.speaker(&site),
            protocol,
        })
        .collect();
    let mut faults = Vec::new();
    for story in stories::all() {
        let mut first = Vec::new();
        for voice in &mut voices {
            let (name, protocol) = (story.name, voice.protocol);
            let heard: Heard = voice.tell(&site, &story).into_iter().flatten().collect();
            let said =
                |told: &Option<Told>| told.as_ref().map_or_else(|| "-".to_owned(), Told::summary);
            let said: Vec<String> = heard.iter().map(said).collect();
            let expected = story.expected(protocol);
            if said != expected {
                faults.push(format!(
                    "{name}, {protocol:?}: {said:#?}, not {expected:#?}"
                ));
            }
            if protocol == Protocol::Http1 {
                first = heard;
                continue;
            }
            // Where it answers as the others do, to the last field.
            for (n, (mine, first)) in heard.iter().zip(&first).enumerate() {
                let usual = expected.get(n) == story.expected(Protocol::Http1).get(n);
                if usual && mine != first {
                    faults.push(format!(
                        "{name}, {n}, {protocol:?}: {mine:#?}, over HTTP/1.1 {first:#?}"
                    ));
                }
            }
        }
    }
    drop(voices);
    let rows = Rc::into_inner(site).unwrap().rows();
    for (protocol, rows_of) in &rows[1..] {
        for (n, (mine, first)) in rows_of.iter().zip(&rows[0].1).enumerate() {
            if mine != first {
                faults.push(format!(
                    "row {n}, {protocol:?}: {mine:#}, over HTTP/1.1 {first:#}"
                ));
                break;
            }
        }
        if rows_of.len() != rows[0].1.len() {
            let (mine, first) = (rows_of.len(), rows[0].1.len());
            faults.push(format!("{protocol:?}: {mine} rows, over HTTP/1.1 {first}"));
        }
    }
    assert!(rows[0].1.len() > 30, "the stories left rows");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
