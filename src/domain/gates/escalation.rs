//! G4 ESCALATION: an open complaint, inquiry, referral or review owns the account.
//!
//! Agency policy. Several may be open; each is named once.

use crate::domain::case::Case;
use crate::domain::verdict::{Code, Findings};
use crate::domain::words::EscalationKind;

/// Asks the gate.
pub fn ask(case: &Case<'_>, found: &mut Findings) {
    let Some(extras) = case.extras() else { return };
    for open in &extras.escalations {
        found.block(match open.kind {
            EscalationKind::Complaint => Code::Complaint,
            EscalationKind::RegulatorInquiry => Code::RegulatorInquiry,
            EscalationKind::LegalReferral => Code::LegalReferral,
            EscalationKind::SupervisorReview => Code::SupervisorReview,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::facts::{At, Escalation};
    use crate::domain::gates::fixture::Fixture;

    #[test]
    fn every_open_escalation_blocks_and_none_passes() {
        let mut fixture = Fixture::neutral();
        assert_eq!(fixture.ask(ask), []);
        let codes = [
            Code::Complaint,
            Code::RegulatorInquiry,
            Code::LegalReferral,
            Code::SupervisorReview,
        ];
        for (kind, code) in EscalationKind::ALL.iter().zip(codes) {
            let open = Escalation {
                kind: *kind,
                since: At::of(fixture.now),
            };
            fixture.extras().escalations = vec![open.clone(), open];
            assert_eq!(fixture.ask(ask), [code]);
        }
    }
}
