//! A system of record that keeps what it is sent, byte for byte: no HTTP library between the socket
//! and the record, so that nothing is repaired on the way.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// Marks the requests of this test: whatever else the gateway asks of its own accord has none.
pub(crate) const MARK: &str = "x-contract";

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The request line without its end.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// A header's values; names as they were sent.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// What a system answers to a request that is not marked: path and query, or `None`.
pub(crate) type Own = fn(&Seen) -> Option<Value>;

/// The listening system.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Recorder {
    /// Listens until the test ends. `own` answers what the gateway asks for itself.
    pub(crate) fn start(own: Own) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let recorder = Self {
            address,
            seen: Arc::default(),
        };
        let kept = recorder.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (recorder, stream) = (kept.clone(), stream.unwrap());
                std::thread::spawn(move || {
                    // A connection that ends, ends.
                    drop(recorder.serve(&stream, own));
                });
            }
        });
        recorder
    }

    /// Every marked request since the last time.
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    fn serve(&self, stream: &TcpStream, own: Own) -> io::Result<()> {
        let mut from = BufReader::new(stream);
        while let Some(seen) = read(&mut from)? {
            let answer = if seen.header(MARK).is_empty() {
                own(&seen).map_or_else(|| (404, json!({})), |body| (200, body))
            } else {
                let body = answer_to(&seen);
                self.seen.lock().unwrap().push(seen);
                (200, body)
            };
            write(stream, &answer)?;
        }
        Ok(())
    }
}

/// A body that each dialect takes for success, and that no two requests share.
pub(crate) fn answer_to(seen: &Seen) -> Value {
    json!({ "result": { "success": true }, "state": "SUCCESS", "mark": seen.header(MARK) })
}

fn write(mut stream: &TcpStream, (status, body): &(u16, Value)) -> io::Result<()> {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} Recorded\r\ncontent-type: application/json\r\nx-recorder: yes\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())
}

/// One request; `None` when the connection ended before one.
fn read(from: &mut BufReader<&TcpStream>) -> io::Result<Option<Seen>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        from.read_line(&mut header)?;
        let header = header.trim_end_matches("\r\n");
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut seen = Seen {
        line: line.trim_end_matches("\r\n").to_owned(),
        headers,
        body: Vec::new(),
    };
    let length = seen
        .header("content-length")
        .first()
        .map(|n| n.parse::<usize>());
    if !seen.header("transfer-encoding").is_empty() {
        seen.body = chunks(from)?;
    } else if let Some(length) = length {
        seen.body = vec![0; length.map_err(|_odd| io::ErrorKind::InvalidData)?];
        from.read_exact(&mut seen.body)?;
    }
    Ok(Some(seen))
}

fn chunks(from: &mut BufReader<&TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        from.read_line(&mut size)?;
        let size =
            usize::from_str_radix(size.trim(), 16).map_err(|_odd| io::ErrorKind::InvalidData)?;
        let start = body.len();
        body.resize(start + size, 0);
        from.read_exact(&mut body[start..])?;
        let mut end = String::new();
        from.read_line(&mut end)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
