//! `dialgate demo`: a served portfolio with nothing configured, a sandbox beside it, and lines to try
//! both with.

mod beside;
pub(super) mod portfolio;
mod print;

use std::net::SocketAddr;
use std::sync::Arc;

use super::args::{DemoArgs, Format};
use super::client::{Content, Server, block_on};
use super::exit::{Exit, Failure};
use super::import::upload;
use super::ingest_answer::IngestAnswer;
use super::token::{all_scopes, shared_secret, signed};
use super::upload::Upload;
use super::{secret_file, serve};
use crate::app::parts::Parts;
use crate::app::{self, House, Start};
use crate::config::{ConfigErrors, Settings, demo_tenants};
use crate::telemetry::{LogFormat, Metrics, start_logs};
use crate::transport::auth::Keys;
use portfolio::{GUARDED, OPEN};

/// Log lines of a demo: what goes wrong only, so that the printed page stays readable.
const LOG_LEVEL: &str = "warn";
/// A demo's tokens live this long, seconds.
const TOKEN_TTL_S: u32 = 30 * 86_400;
/// What the ordinary accounts are drawn from: the same portfolio every time.
const SEED: u64 = 9_033;

/// Serves the demo until a signal.
pub(super) fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    let mut start = read(args)?;
    start_logs(LOG_LEVEL, LogFormat::Text).map_err(|error| Failure::new(Exit::Fault, error))?;
    // Let go of after the gateway has stopped.
    let sandbox = beside::start(&args.data_dir, start.clock.clone())?;
    let sor = sandbox.address();
    start.settings.sor.secrets_dir = beside::secrets(&args.data_dir)?;
    beside::bind(&mut start.tenants, sor)?;
    let ready = |house: &Parts, address| introduce(&start, house, (address, sor));
    app::run::<Parts, Failure, _>(&start, app::stop_signal, ready)?;
    Ok(Exit::Done)
}

fn read(args: &DemoArgs) -> Result<Start, Failure> {
    let mut settings = Settings::default();
    settings.server.listen = args.listen;
    settings.ledger.data_dir.clone_from(&args.data_dir);
    settings.dev.allow_clock = true;
    let mut errors = ConfigErrors::default();
    settings.refuse_cleartext("demo", &mut errors);
    errors.none_or(())?;
    settings.auth.secret_file = Some(secret_file::path(&args.data_dir));
    let (pack, pack_archive) = serve::embedded_pack()?;
    let keys = Keys::new(
        Some(secret_file::of_data_dir(&args.data_dir)?.expose()),
        None,
    )
    .map_err(|error| Failure::new(Exit::Fault, error))?;
    Ok(Start {
        settings,
        tenants: demo_tenants()?,
        pack,
        pack_archive,
        places: None,
        keys: Some(keys),
        dialers: None,
        certificate: None,
        clock: serve::clock(args.clock),
        clock_accepted: true,
        metrics: Arc::new(Metrics::new()),
    })
}

/// Brings the portfolio if it is not there, asks the sample intents and prints the page.
fn introduce(
    start: &Start,
    house: &Parts,
    (address, sor): (SocketAddr, SocketAddr),
) -> Result<(), Failure> {
    let tokens = print::Tokens {
        guarded: token(start, GUARDED)?,
        open: token(start, OPEN)?,
        bound: token(start, beside::BOUND)?,
    };
    let url = format!("http://{address}");
    let server = |token| Server::new(&url, token, None);
    let (guarded, open) = (server(&tokens.guarded)?, server(&tokens.open)?);
    let heads = house.heads();
    let now = start.clock.now();
    for (tenant, server) in [(GUARDED, &guarded), (OPEN, &open)] {
        // The first row says what decides, and may be there already.
        let empty = heads
            .iter()
            .all(|head| head.tenant != tenant || head.seq <= 1);
        // The six counted calls must lie within the last days, so they are brought anew each time.
        if empty || tenant == OPEN {
            let records = Upload::text(portfolio::records(tenant, SEED, now));
            let answer = block_on(upload(server, Format::Json, records))?;
            refuse_rejected(&IngestAnswer::read(&answer)?)?;
        }
    }
    let mut answers = Vec::new();
    for sample in portfolio::samples(now) {
        let server = if sample.tenant == OPEN {
            &open
        } else {
            &guarded
        };
        let asked = Upload::text(sample.intent.clone());
        let answer = block_on(server.post("/api/gate/contact-intent", Content::Json, asked))?;
        answers.push((sample, print::verdict(&answer)));
    }
    let page = print::Page {
        url: &url,
        tokens: &tokens,
        sor,
        data_dir: &start.settings.ledger.data_dir,
    };
    page.print(&answers, &portfolio::open_account(now));
    Ok(())
}

fn token(start: &Start, tenant: &str) -> Result<String, Failure> {
    let secret = secret_file::of_data_dir(&start.settings.ledger.data_dir)?;
    let signer = shared_secret(&start.settings.auth, &secret)?;
    signed(&signer, tenant, &all_scopes(), TOKEN_TTL_S)
}

fn refuse_rejected(answer: &IngestAnswer) -> Result<(), Failure> {
    answer.rejected.first().map_or(Ok(()), |first| {
        let told = format!(
            "the demo's own portfolio is refused: line {} {}",
            first.line, first.code
        );
        Err(Failure::new(Exit::Fault, told))
    })
}
