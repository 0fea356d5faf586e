//! `dialgate import`: a file of facts, to a running server or into a stopped one's data.
//!
//! A file goes in parts that are acknowledged one by one ([`parts`], [`deliver`]), so that memory is
//! bounded, a break costs one part, and a later run goes on where this one stopped ([`journal`]).

mod deliver;
mod destination;
mod journal;
mod meter;
mod parts;

use std::fs::File;
use std::path::Path;

use super::args::{Format, ImportArgs, TargetArgs};
use super::client::{Answer, Content, Server, block_on};
use super::exit::{Exit, Failure};
use super::ingest_answer::IngestAnswer;
use super::offline::Offline;
use super::serve;
use super::upload::Upload;
use deliver::Delivery;
use destination::Destination;
pub(super) use destination::Trouble;
pub(super) use parts::Part;

/// Brings the file and prints what became of it.
pub(super) fn run(args: &ImportArgs) -> Result<Exit, Failure> {
    let unreadable = |error| parts::unreadable(&args.file.display().to_string(), &error);
    let file = File::open(&args.file).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    drop(file);
    let format = args.format.unwrap_or_else(|| format_of(&args.file));
    let mut to = Destination::open(&args.target)?;
    let brought = block_on(async {
        let mut delivery = Delivery::new(args, format, &mut to, length);
        let ended = tokio::select! {
            ended = delivery.run() => Some(ended),
            _asked = tokio::signal::ctrl_c() => None,
        };
        ended.unwrap_or_else(|| {
            let stopped = Failure::new(Exit::TemporaryFailure, "interrupted");
            Err(delivery.told(stopped))
        })
    });
    to.close()?;
    Ok(brought?.print())
}

/// Brings records to where `target` points.
pub(super) fn bring(
    target: &TargetArgs,
    format: Format,
    records: Upload,
) -> Result<IngestAnswer, Failure> {
    if let Some(dir) = &target.data_dir {
        let start = serve::offline(dir, target.config.as_deref())?;
        let offline = Offline::open(&start, &target.tenant)?;
        let brought = block_on(offline.whole(format, records.into_reader()));
        offline.close()?;
        return brought;
    }
    let url = target.server.as_deref().unwrap_or_default();
    let server = Server::new(url, &token_of(target)?, target.ca_file.as_deref())?;
    IngestAnswer::read(&block_on(upload(&server, format, records))?)
}

/// Sends records to the ingest route of their format.
pub(super) async fn upload(
    server: &Server,
    format: Format,
    records: Upload,
) -> Result<Answer, Failure> {
    match format {
        Format::Csv => {
            server
                .post("/api/queue/ingest", Content::Csv, records)
                .await
        }
        Format::Json => {
            server
                .post("/api/queue/ingest/json", Content::Json, records)
                .await
        }
    }
}

/// The credential, refused when it plainly speaks for another tenant than the one named: the server
/// would obey the credential.
fn token_of(target: &TargetArgs) -> Result<String, Failure> {
    let token = match (&target.token, &target.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(path)) => std::fs::read_to_string(path).map_err(|error| {
            Failure::new(
                Exit::InputOutput,
                format_args!("{}: {error}", path.display()),
            )
        })?,
        (None, None) => {
            return Err(Failure::new(
                Exit::Usage,
                "--server needs --token or --token-file",
            ));
        }
    };
    match tenant_of(token.trim()) {
        Some(tenant) if tenant != target.tenant => Err(Failure::new(
            Exit::Usage,
            format_args!("the token speaks for {tenant}, not for {}", target.tenant),
        )),
        _ => Ok(token),
    }
}

/// The tenant a token claims, unchecked: a courtesy to whoever mixed two up.
fn tenant_of(token: &str) -> Option<String> {
    use base64::Engine as _;
    #[derive(serde::Deserialize)]
    struct Claims {
        tenant_id: String,
    }
    let payload = token.split('.').nth(1)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .ok()?;
    serde_json::from_slice::<Claims>(&bytes)
        .ok()
        .map(|claims| claims.tenant_id)
}

fn format_of(file: &Path) -> Format {
    let csv = file
        .extension()
        .is_some_and(|ext| ext.eq_ignore_ascii_case("csv"));
    if csv { Format::Csv } else { Format::Json }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_follows_the_name() {
        assert_eq!(format_of(Path::new("a.csv")), Format::Csv);
        assert_eq!(format_of(Path::new("a.CSV")), Format::Csv);
        assert_eq!(format_of(Path::new("a.ndjson")), Format::Json);
        assert_eq!(format_of(Path::new("csv")), Format::Json);
    }

    #[test]
    fn a_token_for_another_tenant_is_noticed() {
        // {"tenant_id":"demo"}
        assert_eq!(
            tenant_of("x.eyJ0ZW5hbnRfaWQiOiJkZW1vIn0.y").as_deref(),
            Some("demo")
        );
        assert_eq!(tenant_of("opaque"), None);
    }
}
