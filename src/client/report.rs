//! A report from its beginning to "on disk".

use super::Inner;
use super::ask::Tries;
use super::disposition::{Disposition, ReportError, Reported};
use super::verdict::Reason;

impl Inner {
    /// Reports until it is answered or the deadline is over, with the same bytes each time.
    pub(super) async fn report(&self, said: &Disposition) -> Result<Reported, ReportError> {
        let answered = self.report_until_heard(said).await;
        self.gauges.reported(answered.is_ok());
        answered
    }

    async fn report_until_heard(&self, said: &Disposition) -> Result<Reported, ReportError> {
        let body = said.bytes(self.now())?;
        let mut tries = Tries::begin(self);
        loop {
            let (reason, token) = match tries.ready(1).await {
                Ok((_place, token)) => {
                    let answered = tries.within(self.line.report(&token, said, &body)).await;
                    let reason = match answered {
                        Some(Ok(Err(ReportError::Unheard(reason)))) => reason,
                        Some(Ok(answered)) => return answered,
                        Some(Err(trouble)) => trouble.into(),
                        None => Reason::Timeout,
                    };
                    (reason, Some(token))
                }
                Err(reason) => (reason, None),
            };
            if !tries.again(&reason, token.as_ref()).await {
                return Err(ReportError::Unheard(reason));
            }
        }
    }
}
