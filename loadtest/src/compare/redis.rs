//! Redis with one function a request and appendfsync always.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::accounts;
use super::entrant::{self, Entrant, Start};
use crate::child::{self, Process};
use crate::drive::Target;
use crate::drive::protocol::Protocol;
use crate::portfolio::Portfolio;
use crate::server::free_address;

const FUNCTION: &str = include_str!("../../peers/gate.lua");
/// Accounts loaded before their answers are read.
const LOAD_BATCH: u64 = 2_000;

/// Starts it, its files in `dir`, and loads the portfolio.
pub(super) fn start(dir: &Path, portfolio: Portfolio) -> anyhow::Result<Start> {
    let Some(version) = entrant::version(Command::new("redis-server").arg("--version")) else {
        return Ok(Start::Skipped("redis-server is not installed".to_owned()));
    };
    println!("{version}");
    let address = free_address()?;
    let log = File::create(dir.join("redis.log"))?;
    let mut process = Process::start(
        child::command(Path::new("redis-server"))?
            .args(["--bind", "127.0.0.1", "--port"])
            .arg(address.port().to_string())
            .arg("--dir")
            .arg(dir)
            .args([
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
            ])
            .args(["--auto-aof-rewrite-percentage", "0"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log),
    )?;
    let ready = |address| TcpStream::connect(address).is_ok();
    entrant::wait(&mut process, address, ready).context("Redis")?;
    load(address, portfolio).context("loading Redis")?;
    Ok(Start::Running(vec![Entrant {
        name: "Redis + Lua, always",
        target: Target {
            address,
            protocol: Protocol::Redis,
            token: String::new(),
            process: Some(process.id()),
        },
        process: Some(process),
    }]))
}

fn load(address: SocketAddr, portfolio: Portfolio) -> anyhow::Result<()> {
    let stream = TcpStream::connect(address)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut out = BufWriter::with_capacity(1 << 20, stream);
    let function = FUNCTION.replace("@SHIFT@", &entrant::shift().to_string());
    command(&mut out, &["FUNCTION", "LOAD", &function])?;
    out.flush()?;
    expect_line(&mut answers, b'$')?;
    expect_line(&mut answers, b'g')?;
    let at = accounts::attempt_at().to_string();
    for first in (0..portfolio.accounts()).step_by(usize::try_from(LOAD_BATCH)?) {
        let batch = first..(first + LOAD_BATCH).min(portfolio.accounts());
        for index in batch.clone() {
            let account = portfolio.account(index);
            let id = accounts::id(&account);
            let [one, two] = account.phones.map(|phone| phone.to_string());
            let offset = account.utc_offset_s().to_string();
            let key = format!("account:{id}");
            let fields = ["one", &one, "two", &two, "utc_offset", &offset];
            command(&mut out, &[&["HSET", &key][..], &fields].concat())?;
            command(
                &mut out,
                &["ZADD", &format!("attempts:{id}"), &at, "loaded"],
            )?;
        }
        out.flush()?;
        for _ in batch {
            expect_line(&mut answers, b':')?;
            expect_line(&mut answers, b':')?;
        }
    }
    Ok(())
}

fn command(out: &mut impl Write, words: &[&str]) -> std::io::Result<()> {
    write!(out, "*{}\r\n", words.len())?;
    for word in words {
        write!(out, "${}\r\n{word}\r\n", word.len())?;
    }
    Ok(())
}

/// Reads one line of an answer, which must start with `first`.
fn expect_line(answers: &mut impl Read, first: u8) -> anyhow::Result<()> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        answers.read_exact(&mut byte)?;
        line.extend(byte);
    }
    if line.first() != Some(&first) {
        bail!("{}", String::from_utf8_lossy(&line).trim());
    }
    Ok(())
}
