//! The bytes of a request: built once, then patched in place for each account.
//!
//! Account ids and phones have fixed widths, so `content-length` never changes and an ask costs
//! the client two short copies.

use anyhow::Context;

use crate::drive::Target;
use crate::drive::protocol::{Protocol, pg_call, resp_call};
use crate::portfolio::{Account, Portfolio};
use crate::random::SplitMix64;
use crate::reply::find;

/// Route of the question.
pub(crate) const GATE_PATH: &str = "/api/gate/contact-intent";
/// Route of many questions at once.
pub(crate) const BATCH_PATH: &str = "/api/gate/contact-intents";
/// Questions of one batch at most.
pub(crate) const BATCH_MAX: usize = 1_000;
/// Bytes of a phone as a dialer writes it, `(212) 555-0100`.
const PHONE_BYTES: usize = 14;

/// An endless supply of requests about accounts chosen uniformly at random.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    portfolio: Portfolio,
    random: SplitMix64,
    bytes: Vec<u8>,
    /// Where an account's digits and its phone stand, for each question of a request.
    places: Vec<(usize, usize)>,
    /// Where the digits of a call's id stand, if there are any.
    call_at: Option<usize>,
    /// Where the digits of an agent stand, if there are any, and how many agents there are.
    agent: Option<(usize, u64)>,
    /// What else is sent, in [`SHARES`] with the questions.
    beside: Vec<Self>,
}

/// Of twenty requests of a mixture: questions, outcomes, reads.
const SHARES: [u64; 3] = [10, 9, 1];
/// Digits of a call's id.
const CALL_DIGITS: usize = 16;
/// Route of an outcome that names its account in the body.
const OUTCOME_PATH: &str = "/api/compliance/record-attempt";

impl Requests {
    /// Requests of `size` questions each, on the route for batches, over HTTP.
    pub(crate) fn batches(portfolio: Portfolio, target: &Target, seed: u64, size: usize) -> Self {
        let mut one = Self::new(portfolio, target, seed);
        let size = size.clamp(1, BATCH_MAX);
        let head = find(&one.bytes, b"\r\n\r\n").map_or(0, |at| at + 4);
        let question = one.bytes.split_off(head);
        let mut body = Vec::with_capacity(size * (question.len() + 1) + 1);
        for n in 0..size {
            body.push(if n == 0 { b'[' } else { b',' });
            body.extend_from_slice(&question);
        }
        body.push(b']');
        let bytes = http(target, BATCH_PATH, &body);
        let shift = bytes.len() - body.len() + 1;
        let first = one.places.first().copied().unwrap_or_default();
        let place = |n: usize| {
            let at = shift + n * (question.len() + 1);
            (at + first.0 - head, at + first.1 - head)
        };
        Self {
            places: (0..size).map(place).collect(),
            bytes,
            ..one
        }
    }

    /// Requests to `target`; `seed` chooses the accounts.
    pub(crate) fn new(portfolio: Portfolio, target: &Target, seed: u64) -> Self {
        Self::for_agents(portfolio, target, seed, None)
    }

    /// The same, each question for one of so many agents (see [`agent_id`]), chosen evenly, if any.
    pub(crate) fn for_agents(
        portfolio: Portfolio,
        target: &Target,
        seed: u64,
        agents: Option<u64>,
    ) -> Self {
        let digits = portfolio.account(0).digits;
        let account = format!("ACC-{}", "#".repeat(digits));
        let phone = "#".repeat(PHONE_BYTES);
        let mut bytes = match target.protocol {
            Protocol::Http => {
                let agent = agents.map(|_| agent_id(0));
                let body = question(&account, &phone, agent.as_deref());
                http(target, GATE_PATH, body.as_bytes())
            }
            Protocol::Redis => resp_call(&account, &phone),
            Protocol::Postgres => pg_call(&account, &phone),
        };
        let account_at = find(&bytes, account.as_bytes()).map_or(0, |at| at + "ACC-".len());
        if let Some(place) = bytes.get_mut(account_at..account_at + digits) {
            place.fill(b'0');
        }
        let phone_at = find(&bytes, phone.as_bytes()).unwrap_or(0);
        let agent_at = find(&bytes, agent_id(0).as_bytes()).map(|at| at + AGENT.len());
        Self {
            portfolio,
            random: SplitMix64::new(seed),
            bytes,
            places: vec![(account_at, phone_at)],
            call_at: None,
            agent: agent_at.zip(agents),
            beside: Vec::new(),
        }
    }

    /// A mixture as a floor sends it: half questions, of the rest nine in ten outcomes of calls, each
    /// with a call id of its own, the others checks of an account. Over HTTP.
    pub(crate) fn mixed(portfolio: Portfolio, target: &Target, seed: u64) -> Self {
        let questions = Self::new(portfolio, target, seed);
        let digits = portfolio.account(0).digits;
        let account = format!("ACC-{}", "#".repeat(digits));
        let (phone, call) = ("#".repeat(PHONE_BYTES), "@".repeat(CALL_DIGITS));
        let body = format!(
            "{{\"account_id\":\"{account}\",\"phone\":\"{phone}\",\"channel\":\"phone\",\
             \"outcome\":\"no_answer\",\"duration_s\":21,\"call_id\":\"{call}\"}}"
        );
        let outcome = http(target, OUTCOME_PATH, body.as_bytes());
        let Target { address, token, .. } = target;
        let read = format!(
            "GET /api/compliance/check/{account}?channel=phone HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {token}\r\n\r\n"
        );
        let template = |bytes: Vec<u8>| {
            let nowhere = bytes.len();
            let account_at = find(&bytes, account.as_bytes()).map_or(nowhere, |at| at + 4);
            let account_end = account_at + digits;
            let phone_at = bytes
                .get(account_end..)
                .and_then(|rest| find(rest, phone.as_bytes()))
                .map_or(nowhere, |at| account_end + at);
            let call_at = find(&bytes, call.as_bytes());
            Self {
                bytes,
                places: vec![(account_at, phone_at)],
                call_at,
                ..questions.clone()
            }
        };
        let beside = vec![template(outcome), template(read.into_bytes())];
        Self {
            beside,
            ..questions
        }
    }

    /// What `template` writes, each time with another account and one of its phones in it; `seed` chooses
    /// the accounts.
    ///
    /// # Errors
    /// The template wrote no account or no phone.
    pub(crate) fn patching(
        portfolio: Portfolio,
        seed: u64,
        template: Template,
    ) -> anyhow::Result<Self> {
        let digits = portfolio.account(0).digits;
        let Template(write) = template;
        let account = format!("ACC-{}", "#".repeat(digits));
        let bytes = write(&account, PHONE);
        let account_at = find(&bytes, account.as_bytes()).context("no account in a template")?;
        let phone_at = find(&bytes, PHONE.as_bytes()).context("no phone in a template")?;
        Ok(Self {
            portfolio,
            random: SplitMix64::new(seed),
            bytes,
            places: vec![(account_at + "ACC-".len(), phone_at)],
            call_at: None,
            agent: None,
            beside: Vec::new(),
        })
    }

    /// The next request; valid until the following call.
    pub(crate) fn next(&mut self) -> &[u8] {
        if !self.beside.is_empty() {
            let [questions, outcomes, reads] = SHARES;
            let drawn = self.random.below(questions + outcomes + reads);
            let other = if drawn < questions {
                None
            } else {
                Some(usize::from(drawn >= questions + outcomes))
            };
            if let Some(other) = other {
                let seed = self.random.next();
                if let Some(requests) = self.beside.get_mut(other) {
                    requests.random = SplitMix64::new(seed);
                    return requests.next();
                }
            }
        }
        if let Some(at) = self.call_at
            && let Some(place) = self.bytes.get_mut(at..at + CALL_DIGITS)
        {
            write_digits(place, self.random.next());
        }
        if let Some((at, agents)) = self.agent
            && let Some(place) = self.bytes.get_mut(at..at + AGENT_DIGITS)
        {
            write_digits(place, self.random.below(agents));
        }
        for &place in &self.places {
            let index = self.random.below(self.portfolio.accounts());
            let account = self.portfolio.account(index);
            let phone = account.phones[usize::from(self.random.next() & 1 == 1)];
            patch(&mut self.bytes, place, &account, phone);
        }
        &self.bytes
    }
}

fn patch(bytes: &mut [u8], (account_at, phone_at): (usize, usize), account: &Account, phone: u64) {
    if let Some(id) = bytes.get_mut(account_at..account_at + account.digits) {
        write_digits(id, account.number);
    }
    if let Some(text) = bytes.get_mut(phone_at..phone_at + PHONE_BYTES) {
        text.copy_from_slice(b"(000) 000-0000");
        write_digits(&mut text[1..4], phone / 10_000_000);
        write_digits(&mut text[6..9], phone / 10_000);
        write_digits(&mut text[10..14], phone);
    }
}

/// Bytes that name an account and a phone, given how both are written.
#[derive(Clone, Copy)]
pub(crate) struct Template(pub(crate) fn(&str, &str) -> Vec<u8>);

/// Where a phone will stand.
const PHONE: &str = "@@@@@@@@@@@@@@";

/// The body of a question.
pub(crate) const BODY: Template =
    Template(|account, phone| question(account, phone, None).into_bytes());
/// A question as a line.
pub(crate) const LINE: Template =
    Template(|account, phone| (question(account, phone, None) + "\n").into_bytes());

/// What an agent's id begins with.
const AGENT: &str = "AG-";
/// Digits behind it.
const AGENT_DIGITS: usize = 4;
/// Agents there can be.
pub(crate) const AGENTS_MAX: u64 = 10_000;

/// The id of agent `number`.
pub(crate) fn agent_id(number: u64) -> String {
    format!("{AGENT}{number:0AGENT_DIGITS$}")
}

fn question(account: &str, phone: &str, agent: Option<&str>) -> String {
    let agent = agent.map_or_else(String::new, |id| format!("\"agent_id\":\"{id}\","));
    format!(
        "{{\"account_id\":\"{account}\",\"phone\":\"{phone}\",\"channel\":\"phone\",\
         \"action_type\":\"call\",{agent}\"source_system\":\"loadtest\"}}"
    )
}

fn http(target: &Target, path: &str, body: &[u8]) -> Vec<u8> {
    let Target { address, token, .. } = target;
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// Fills `place` with the lowest decimal digits of `number`, zeros in front.
fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::{Requests, write_digits};
    use crate::drive::Target;
    use crate::drive::protocol::Protocol;
    use crate::portfolio::Portfolio;
    use crate::reply::find;

    fn target(protocol: Protocol) -> Target {
        Target {
            address: "127.0.0.1:9033".parse().unwrap(),
            protocol,
            token: "tok".to_owned(),
            process: None,
        }
    }

    #[test]
    fn a_request_names_an_account_and_one_of_its_phones() {
        let portfolio = Portfolio::new(3, 500);
        let mut requests = Requests::new(portfolio, &target(Protocol::Http), 9);
        for _ in 0..100 {
            let text = std::str::from_utf8(requests.next()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("POST /api/gate/contact-intent HTTP/1.1\r\n"));
            assert!(head.contains("\r\nauthorization: Bearer tok\r\n"));
            assert!(head.ends_with(&format!("content-length: {}", body.len())));
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            let id = json["account_id"].as_str().unwrap();
            let index = id.strip_prefix("ACC-").unwrap().parse::<u64>().unwrap() - 1;
            let phone = json["phone"].as_str().unwrap();
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let asked: u64 = digits.parse().unwrap();
            assert!(portfolio.account(index).phones.contains(&asked), "{id}");
            assert_eq!(phone.len(), 14);
        }
    }

    #[test]
    fn a_mixture_has_its_shares_and_every_call_its_id() {
        let portfolio = Portfolio::new(3, 500);
        let mut requests = Requests::mixed(portfolio, &target(Protocol::Http), 9);
        let mut counts = [0; 3];
        let mut calls = std::collections::HashSet::new();
        for _ in 0..4_000 {
            let text = String::from_utf8(requests.next().to_vec()).unwrap();
            assert!(!text.contains('#') && !text.contains('@'), "{text}");
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            if head.starts_with("GET /api/compliance/check/ACC-") {
                counts[2] += 1;
                continue;
            }
            assert!(head.ends_with(&format!("content-length: {}", body.len())));
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            match json["call_id"].as_str() {
                None => counts[0] += 1,
                Some(call) => {
                    counts[1] += 1;
                    assert!(calls.insert(call.to_owned()), "{call} twice");
                    assert_eq!(json["phone"].as_str().unwrap().len(), 14);
                }
            }
        }
        let near = |got: i32, want: i32| (got - want).abs() < want / 3;
        assert!(near(counts[0], 2_000) && near(counts[1], 1_800) && near(counts[2], 200));
    }

    #[test]
    fn agents_are_asked_for_evenly() {
        let portfolio = Portfolio::new(3, 500);
        let mut requests = Requests::for_agents(portfolio, &target(Protocol::Http), 9, Some(12));
        let mut counts = std::collections::BTreeMap::<String, u32>::new();
        for _ in 0..2_400 {
            let text = std::str::from_utf8(requests.next()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("content-length: {}", body.len())));
            let json: serde_json::Value = serde_json::from_str(body).unwrap();
            let agent = json["agent_id"].as_str().unwrap().to_owned();
            *counts.entry(agent).or_default() += 1;
        }
        let expected: Vec<String> = (0..12).map(super::agent_id).collect();
        assert_eq!(counts.keys().cloned().collect::<Vec<_>>(), expected);
        assert!(
            counts.values().all(|n| (130..270).contains(n)),
            "{counts:?}"
        );
        let mut nobody = Requests::new(portfolio, &target(Protocol::Http), 9);
        assert_eq!(find(nobody.next(), b"agent"), None);
    }

    #[test]
    fn every_protocol_carries_the_same_questions() {
        let portfolio = Portfolio::new(3, 500);
        let mut http = Requests::new(portfolio, &target(Protocol::Http), 9);
        for protocol in [Protocol::Redis, Protocol::Postgres] {
            let mut other = Requests::new(portfolio, &target(protocol), 9);
            let mut http = http.clone();
            for _ in 0..50 {
                let asked = String::from_utf8(http.next().to_vec()).unwrap();
                let (_, body) = asked.split_once("\r\n\r\n").unwrap();
                let json: serde_json::Value = serde_json::from_str(body).unwrap();
                let bytes = other.next();
                for field in ["account_id", "phone"] {
                    let wanted = json[field].as_str().unwrap();
                    assert!(find(bytes, wanted.as_bytes()).is_some(), "{field}");
                }
                assert_eq!(find(bytes, b"#"), None);
            }
        }
        assert!(!http.next().is_empty());
    }

    #[test]
    fn a_batch_names_as_many_accounts_as_its_size() {
        let portfolio = Portfolio::new(3, 500);
        for size in [1, 2, 100] {
            let mut requests = Requests::batches(portfolio, &target(Protocol::Http), 9, size);
            for _ in 0..3 {
                let text = std::str::from_utf8(requests.next()).unwrap();
                let (head, body) = text.split_once("\r\n\r\n").unwrap();
                assert!(head.starts_with("POST /api/gate/contact-intents HTTP/1.1\r\n"));
                assert!(head.ends_with(&format!("content-length: {}", body.len())));
                let json: Vec<serde_json::Value> = serde_json::from_str(body).unwrap();
                assert_eq!(json.len(), size);
                for question in json {
                    let id = question["account_id"].as_str().unwrap();
                    let number = id.strip_prefix("ACC-").unwrap().parse::<u64>().unwrap();
                    let phone = question["phone"].as_str().unwrap();
                    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
                    let phones = portfolio.account(number - 1).phones;
                    assert!(phones.contains(&digits.parse().unwrap()), "{id} {phone}");
                }
            }
        }
    }

    #[test]
    fn digits_are_padded_and_cut_to_their_place() {
        let mut place = *b"xxxx";
        write_digits(&mut place, 42);
        assert_eq!(&place, b"0042");
        write_digits(&mut place, 123_456);
        assert_eq!(&place, b"3456");
    }
}
