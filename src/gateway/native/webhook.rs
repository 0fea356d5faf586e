//! What a dialer reports by itself: read through its mapping, answered once durable.

use crate::domain::outcome::Reported;
use crate::domain::phone::PhoneNumber;
use crate::engine::query::{Query, Told, What};
use crate::gateway::door::{SystemError, Webhook};
use crate::gateway::mailbox::Mailbox;
use crate::gateway::native::fault;
use crate::gateway::native::report::{Heard, ReportAnswer};
use crate::gateway::running::Gateway;
use crate::gateway::work::{Delivered, Work};
use crate::wire::dialer::{Document, Meant, Message, Read, WebhookAnswer};
use crate::wire::disposition::Disposition;
use crate::wire::problem::Problem;
use crate::wire::reply::Reply;

impl Gateway {
    /// Takes a dialer's report.
    ///
    /// Cancellation: dropped after submission, the report stands.
    pub(in crate::gateway) async fn hear(
        &self,
        desk: &Mailbox<Delivered>,
        heard: Webhook<'_>,
    ) -> Reply {
        let id = heard.request_id;
        let answered = self.hear_or(desk, heard).await;
        answered.unwrap_or_else(|problem| problem.reply(id))
    }

    async fn hear_or(
        &self,
        desk: &Mailbox<Delivered>,
        heard: Webhook<'_>,
    ) -> Result<Reply, Problem> {
        let dialer = &heard.dialer;
        let body = Document::read(&heard.body, heard.encoding).map_err(Problem::of_field)?;
        let call = match dialer.mapping.read(&body).map_err(Problem::of_field)? {
            Read::NotACall => return Ok(told(&NOT_A_CALL)),
            Read::Call(call) => call,
        };
        let now = self.clock.now();
        let message = Message {
            id: heard.message_id,
            body: &heard.body,
            now,
        };
        let meant = call.meant.clone();
        let said = call.report(&dialer.id, message);
        let mut said = said.map_err(Problem::of_field)?;
        if let (None, Some(number)) = (&said.account_id, said.phone) {
            said.account_id = self.holder(desk, &heard, number).await?;
        }
        let answer = self.reported(desk, &heard, said).await?;
        if answer.what != Heard::Unchanged {
            self.dialers.note_unmapped(dialer, &meant, now);
        }
        shown(&answer, &meant)
    }

    /// The account of a report that names a number alone: who has it on file, where that is one person.
    async fn holder(
        &self,
        desk: &Mailbox<Delivered>,
        heard: &Webhook<'_>,
        number: PhoneNumber,
    ) -> Result<Option<Box<str>>, Problem> {
        let tenant = heard.tenant;
        let what = What::Holder(number);
        let work = Work::Query(Box::new(Query { tenant, what }));
        match self.submit(desk, work, heard.arrived).await {
            Delivered::Told(told) => match *told {
                Told::Holder(account) => Ok(account),
                _ => Err(fault(SystemError::Internal)),
            },
            Delivered::Refused(refused) => Err(fault(refused)),
            _ => Err(fault(SystemError::Internal)),
        }
    }

    /// Reports, and once more without the decision it names when that is not one it could settle: a
    /// call that was placed counts whatever its dialer believes it was allowed by. One that was not
    /// placed gives nothing back: what else it would be found by may be another's reservation.
    async fn reported(
        &self,
        desk: &Mailbox<Delivered>,
        heard: &Webhook<'_>,
        said: Disposition,
    ) -> Result<ReportAnswer, Problem> {
        let again = said.audit_id.is_some().then(|| said.clone());
        let answer = self.report(desk, heard.tenant, said, heard.arrived).await;
        let answer = answer.map_err(fault)?;
        let (Heard::Refused(_), Some(mut said)) = (&answer.what, again) else {
            return Ok(answer);
        };
        if said.outcome == Reported::NotDialed {
            return Ok(ReportAnswer {
                what: Heard::Kept,
                ..answer
            });
        }
        said.audit_id = None;
        let answer = self.report(desk, heard.tenant, said, heard.arrived).await;
        answer.map_err(fault)
    }
}

const NOT_A_CALL: WebhookAnswer = WebhookAnswer {
    outcome: None,
    row_id: None,
    matched: false,
    unchanged: true,
    mapped: true,
};

fn shown(answer: &ReportAnswer, meant: &Meant) -> Result<Reply, Problem> {
    let (matched, unchanged) = match &answer.what {
        Heard::Applied => (true, false),
        Heard::Unchanged => (true, true),
        Heard::Kept => (true, answer.row.is_none()),
        Heard::Unmatched => (false, answer.row.is_none()),
        Heard::Refused(problem) => return Err(*problem),
    };
    Ok(told(&WebhookAnswer {
        outcome: Some(meant.outcome.as_str()),
        row_id: answer.row,
        matched,
        unchanged,
        mapped: meant.unmapped.is_none() && meant.unmapped_channel.is_none(),
    }))
}

fn told(answer: &WebhookAnswer) -> Reply {
    match serde_json::to_vec(answer) {
        Ok(body) => Reply::json(200, body),
        // Texts and numbers into memory: never.
        Err(_never) => fault(SystemError::Internal).reply(""),
    }
}
