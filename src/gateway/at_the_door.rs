//! The gateway behind the door that transports knock at.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dialers::{Dialer, WebhookPath};
use super::door::{
    Answered, Caller, Chunks, Door, Errand, EventStream, Handshake, HealthKind, IngestFormat,
    RouteName, SystemError, TENANT_RECOVERING, TokenCheck, Webhook,
};
use super::mailbox::Mailbox;
use super::running::Gateway;
use super::sor::{Desk, Passage, Passing, Returned, Way};
use super::work::Delivered;
use crate::domain::ids::TenantNo;
use crate::domain::rules::RuleText;
use crate::domain::time::UnixSeconds;
use crate::sor::upstream::Lines;
use crate::telemetry::Shed;
use crate::wire::head::ChainHead;
use crate::wire::intent::AskRequest;
use crate::wire::limits::MAILBOX_ANSWERS_MAX;
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

/// How often waits that are over are looked for.
const EXPIRY_TICK: Duration = Duration::from_millis(20);

/// The part of its deadline an intent over its tenant's share may be kept waiting; the rest is for the
/// inbox and for commits on a slow disk.
const DEADLINE_SHARE: u32 = 4;

impl Door for Gateway {
    type Desk = Desk;

    fn open_desk(self: &Arc<Self>) -> (Self::Desk, impl Future<Output = ()> + 'static) {
        let mail: Mailbox<Delivered> = Mailbox::new(MAILBOX_ANSWERS_MAX);
        let desk = Desk {
            mail: mail.clone(),
            lines: Lines::default(),
        };
        (desk, mail.pump(EXPIRY_TICK))
    }

    fn tenant(&self, name: &str) -> Option<TenantNo> {
        // While recovering nobody is known yet; the intent is answered as such, not as forbidden.
        match self.running() {
            Some(running) => running.directory.find(name),
            None => self.declared.contains(name).then_some(TENANT_RECOVERING),
        }
    }

    fn wall(&self) -> UnixSeconds {
        self.clock.wall()
    }

    fn instant(&self) -> Instant {
        self.clock.instant()
    }

    fn announce(&self, caller: &Caller, arrived: Instant) -> Option<Duration> {
        let presence = &self.running()?.inbox.presence;
        presence.asked(caller.tenant, arrived);
        let others = presence.others(caller.tenant, arrived);
        others.then(|| self.limits.deadline / DEADLINE_SHARE)
    }

    async fn contact_intent(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        ask: AskRequest,
        arrived: Instant,
    ) -> Answered {
        self.decide(&desk.mail, caller, ask, arrived).await
    }

    async fn contact_intents(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        asks: Vec<AskRequest>,
        arrived: Instant,
    ) -> Vec<Answered> {
        self.decide_all(&desk.mail, caller, asks, arrived).await
    }

    fn contact_slice(
        &self,
        desk: &Self::Desk,
        caller: &Caller,
        asks: Vec<AskRequest>,
        arrived: Instant,
    ) -> impl Future<Output = Vec<Answered>> {
        self.decide_slice(&desk.mail, caller, asks, arrived)
    }

    async fn errand(
        &self,
        desk: &Self::Desk,
        caller: Option<&Caller>,
        errand: Errand<'_>,
    ) -> Reply {
        self.run_errand(&desk.mail, caller, errand).await
    }

    fn dialers_on(&self, path: WebhookPath<'_>) -> Vec<Arc<Dialer>> {
        self.dialers.in_force().on_path(path).cloned().collect()
    }

    async fn webhook(&self, desk: &Self::Desk, heard: Webhook<'_>) -> Reply {
        self.hear(&desk.mail, heard).await
    }

    fn passage<'a>(&'a self, method: &str, path: &'a str) -> Passage<'a> {
        self.passage_of(method, path)
    }

    fn sends_portfolios_on(&self, caller: &Caller) -> bool {
        self.uploads_go_on(caller)
    }

    async fn forward(
        self: &Arc<Self>,
        desk: &Self::Desk,
        caller: Option<&Caller>,
        way: Way<'_>,
        passing: Passing,
    ) -> Returned {
        self.forward_call(desk, caller, way, passing).await
    }

    fn floor_events(
        &self,
        caller: &Caller,
        query: &str,
        last: Option<&[u8]>,
    ) -> Result<EventStream, Problem> {
        self.listen_to_floor(caller, query, last)
    }

    async fn ingest(
        &self,
        caller: &Caller,
        format: IngestFormat,
        behind: Option<ChainHead>,
        chunks: &mut impl Chunks,
        request_id: &str,
    ) -> Reply {
        self.take_in(caller, format, behind, chunks, request_id)
            .await
    }

    fn health(&self, kind: HealthKind, caller: Option<&Caller>) -> Reply {
        self.health_page(kind, caller)
    }

    fn metrics(&self) -> Reply {
        self.metrics_page()
    }

    fn version(&self) -> Reply {
        self.version_page()
    }

    fn with_rule_texts<T>(&self, law: u64, read: impl FnOnce(&[RuleText]) -> T) -> T {
        let pack = self.laws.find(law);
        read(pack.as_ref().map_or(&[][..], |pack| pack.texts()))
    }

    fn count_answer(&self, route: RouteName, status: u16) {
        self.metrics.request(route, status);
    }

    fn count_token(&self, check: TokenCheck) {
        self.metrics.token(check);
    }

    fn count_handshake(&self, result: Handshake) {
        self.metrics.handshake(result);
    }

    fn no_turn(&self, intents: usize) -> SystemError {
        for _ in 0..intents {
            self.metrics.shed(Shed::NoTurn);
        }
        SystemError::Overloaded
    }

    fn count_turned_away(&self) {
        self.metrics.shed(Shed::Connections);
    }

    fn count_connections(&self, open: usize) {
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        self.metrics.connections.set(f64::from(open));
    }
}
