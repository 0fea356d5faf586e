//! Clients over HTTP/1.1 that end their side once they have said everything, and read on.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::client::Request;
use crate::stand_in::{House, asking, intent};
use crate::stream_client::{INTENTS, lines, opening};

/// Everything that is heard once `said` was sent and nothing more will be.
fn heard(house: &House, said: &[u8]) -> String {
    let mut socket = TcpStream::connect(house.address()).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    socket.write_all(said).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    text
}

/// One request or several, each is answered, and then the connection closes.
#[test]
fn what_was_asked_is_answered() {
    let house = House::open();
    for count in [1, 2, 5] {
        let requests = (0..count).map(|n| asking(intent(&format!("A-{count}-{n}"))).bytes());
        let text = heard(&house, &requests.flatten().collect::<Vec<_>>());
        assert_eq!(text.matches("HTTP/1.1 200 OK").count(), count, "{text}");
        for n in 0..count {
            assert!(text.contains(&format!("\"account_id\":\"A-{count}-{n}\"")));
        }
    }
}

#[test]
fn every_line_of_a_stream_is_answered() {
    let house = House::open();
    let names: Vec<String> = (0..300).map(|n| format!("A-{n}")).collect();
    let mut request = opening(INTENTS, "gate:ask");
    request.body = lines(&names).into_bytes();
    let text = heard(&house, &request.bytes());
    assert_eq!(text.matches("\"allow\":true").count(), 300, "{text}");
}

/// A body that is not all there is refused, and nobody waits for the rest.
#[test]
fn half_a_request_asks_nothing() {
    let house = House::open();
    let whole = asking(intent("A-1")).bytes();
    let text = heard(&house, &whole[..whole.len() - 3]);
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 400 "),
        "{text}"
    );
    let health = Request::new("GET", "/api/health").bytes();
    let text = heard(&house, &health[..health.len() - 2]);
    assert_eq!(text, "");
    assert!(house.gateway.asked.lock().unwrap().is_empty());
}
