//! A system of record that takes every call and answers none, and a crowd that calls it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::drive::Target;

/// A call of the catalogue that is forwarded.
const PATH: &str = "/api/disputes";
/// After an answer, before the next call: what is measured is waiting, not being refused.
const PAUSE: Duration = Duration::from_millis(100);
/// Between two looks whether the crowd is to stop.
const LOOK: Duration = Duration::from_millis(10);
/// Bytes looked at of an answer.
const ANSWER_BYTES: usize = 4_096;

/// A port on which connections are taken and held until this program ends.
pub(crate) fn upstream() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let named = std::thread::Builder::new().name("hanging".to_owned());
    named.spawn(move || {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            held.push(stream);
        }
    })?;
    Ok(address)
}

/// Keeps a call under way on each of `connections` until `stop`; how many were answered after all.
/// `begun` is called once every first call was sent.
pub(crate) fn call(
    target: &Target,
    connections: usize,
    stop: &AtomicBool,
    begun: impl FnOnce(),
) -> anyhow::Result<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let request = format!(
            "GET {PATH} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
            target.address, target.token
        );
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..connections {
            let mut stream = TcpStream::connect(target.address).await?;
            stream.write_all(request.as_bytes()).await?;
            calls.spawn_local(again(stream, request.clone()));
        }
        begun();
        while !stop.load(Ordering::Relaxed) {
            tokio::time::sleep(LOOK).await;
        }
        calls.abort_all();
        let mut answered = 0;
        while let Some(ended) = calls.join_next().await {
            // One that was aborted was still waiting.
            if let Ok(count) = ended {
                answered += count.context("a connection of the crowd")?;
            }
        }
        Ok(answered)
    })
}

/// Waits for an answer, and calls again. Ends only with its connection.
async fn again(mut stream: TcpStream, request: String) -> anyhow::Result<u64> {
    let (mut answered, mut buffer) = (0, [0; ANSWER_BYTES]);
    while stream.read(&mut buffer).await? > 0 {
        answered += 1;
        tokio::time::sleep(PAUSE).await;
        stream.write_all(request.as_bytes()).await?;
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{call, upstream};
    use crate::drive::Target;
    use crate::drive::protocol::Protocol;

    #[test]
    fn calls_wait_until_they_are_told_to_stop() {
        let target = Target {
            address: upstream().unwrap(),
            protocol: Protocol::Http,
            token: "t".to_owned(),
            process: None,
        };
        let stop = AtomicBool::new(false);
        let answered = call(&target, 3, &stop, || stop.store(true, Ordering::Relaxed));
        assert_eq!(answered.unwrap(), 0);
    }
}
