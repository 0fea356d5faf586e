//! `dialgate fact`: one fact, stated to a running server by whoever answers for it.

use std::path::Path;

use serde::Deserialize;

use super::args::FactArgs;
use super::client::{Answer, Content, Server, block_on};
use super::console;
use super::exit::{Exit, Failure};
use super::upload::Upload;
use crate::wire::ingest::one_fact;

/// States it and prints its row, or `unchanged` when the server knew.
pub(super) fn run(args: &FactArgs) -> Result<Exit, Failure> {
    let token = match (&args.token, &args.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(path)) => token_in(path)?,
        (None, None) => return Err(Failure::new(Exit::Usage, "--token or --token-file")),
    };
    let text = body(args)?;
    let server = Server::new(&args.server, &token, args.ca_file.as_deref())?;
    let sent = server.post("/api/facts", Content::Json, Upload::text(text));
    console::line(&told(&block_on(sent)?)?);
    Ok(Exit::Done)
}

fn token_in(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        let told = format_args!("{}: {error}", path.display()).to_string();
        Failure::new(Exit::InputOutput, told)
    })
}

/// The fields given, as the route reads them.
fn body(args: &FactArgs) -> Result<String, Failure> {
    let named = [
        ("account_id", args.account.as_deref()),
        ("fact", Some(&*args.fact)),
        ("lifted", args.lift.then_some("true")),
        ("reason", args.reason.as_deref()),
        ("actor", args.actor.as_deref()),
        ("document_id", args.document.as_deref()),
        ("source", args.source.as_deref()),
        ("at", args.at.as_deref()),
        ("until", args.until.as_deref()),
        ("form", args.form.as_deref()),
        ("phone", args.phone.as_deref()),
        ("address", args.address.as_deref()),
        ("person_id", args.person.as_deref()),
    ];
    let named = named
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)));
    let others = args.with.iter().map(|(name, text)| (&**name, &**text));
    let body = one_fact::write(named.chain(others)).map_err(|fault| {
        let told = format_args!("{}: {}", fault.field, fault.code.as_str()).to_string();
        Failure::new(Exit::BadInput, told)
    })?;
    String::from_utf8(body).map_err(|error| Failure::new(Exit::Fault, error))
}

/// What the server answered.
fn told(answer: &Answer) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Taken {
        row_id: Option<u64>,
    }
    #[derive(Deserialize)]
    struct Refused {
        code: String,
        field: Option<String>,
    }
    if answer.status == 200 {
        let taken: Taken = serde_json::from_slice(&answer.body)
            .map_err(|_other_shape| Failure::new(Exit::Fault, "the server's answer is not one"))?;
        let row = taken.row_id.map(|row| row.to_string());
        return Ok(row.unwrap_or_else(|| "unchanged".to_owned()));
    }
    let refused = serde_json::from_slice::<Refused>(&answer.body).ok();
    match refused.filter(|_| matches!(answer.status, 404 | 422)) {
        Some(Refused { code, field }) => {
            let field = field.as_deref().unwrap_or("-");
            Err(Failure::new(
                Exit::BadInput,
                format_args!("{field}: {code}"),
            ))
        }
        None => Err(answer.failure()),
    }
}
