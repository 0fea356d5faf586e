//! Holds, moratoria, duties of the house.

use super::*;

fn medical(fixture: &mut Fixture) {
    fixture.account.debts[0].kind = DebtKind::Medical;
}

fn hold(kind: HoldKind, since: &str) -> Hold {
    Hold {
        kind,
        since: At::of(at(since)),
        until: At::NEVER,
    }
}

#[test]
fn a_request_for_more_holds_a_medical_debt_until_the_statement() {
    let debt_type = DebtType::Medical;
    let kind = RuleKind::ValidationHold {
        debt_type,
        oral_request: true,
    };
    let mut fixture = under(Channel::Phone, Gate::Compliance, kind);
    medical(&mut fixture);
    assert_eq!(codes(&fixture), [], "nobody asked");
    let asked = hold(HoldKind::Itemisation, "2026-05-01T18:00:00Z");
    fixture.extras().holds.push(asked);
    assert_eq!(codes(&fixture), [Code::ItemisationPending]);
    for kind in DebtKind::ALL {
        fixture.account.debts[0].kind = *kind;
        let medical = matches!(kind, DebtKind::Medical | DebtKind::Unknown);
        assert_eq!(!codes(&fixture).is_empty(), medical, "{kind:?}");
    }
    fixture.debts = Some(vec![DebtNo(1), DebtNo(77)]);
    assert_eq!(codes(&fixture), [Code::ItemisationPending], "unknown debt");
    fixture.debts = None;
    medical(&mut fixture);
    for (sent, blocks) in [
        ("2026-05-01T17:59:59Z", true),
        ("2026-05-01T18:00:00Z", false),
        ("2026-05-05T18:00:00Z", false),
        ("2026-05-05T18:00:01Z", true),
    ] {
        let mut fixture = fixture.clone();
        let statement = notice(NoticeKind::ItemisedStatement, sent);
        fixture.extras().notices.push(statement);
        assert_eq!(!codes(&fixture).is_empty(), blocks, "{sent}");
        fixture.extras().notices[0].returned = At::of(fixture.now);
        assert_eq!(codes(&fixture), [Code::ItemisationPending], "it came back");
    }
}

#[test]
fn charity_care_holds_while_it_is_pending() {
    let debt_type = DebtType::Medical;
    let kind = RuleKind::AccountHold { debt_type };
    let mut fixture = under(Channel::Mail, Gate::Compliance, kind);
    medical(&mut fixture);
    fixture.extras().holds.push(Hold {
        until: At::of(at("2026-05-05T18:00:00Z")),
        ..hold(HoldKind::CharityCare, "2026-05-01T18:00:00Z")
    });
    assert!(blocks_at(&fixture, "2026-05-05T17:59:59Z"));
    assert!(!blocks_at(&fixture, "2026-05-05T18:00:00Z"));
    fixture.extras().holds[0].kind = HoldKind::Itemisation;
    assert!(!blocks_at(&fixture, "2026-05-05T17:59:59Z"));
}

fn sixty(unknown_blocks: bool) -> RuleKind {
    RuleKind::PreContactMoratorium {
        days: 60,
        debt_type: DebtType::Medical,
        notice: Some(NoticeKind::NvMedical),
        unknown_blocks,
    }
}

#[test]
fn sixty_days_run_from_the_mailing_by_the_consumers_calendar() {
    let mut fixture = under(Channel::Phone, Gate::Compliance, sixty(true));
    medical(&mut fixture);
    assert_eq!(codes(&fixture), [Code::NoticePeriod], "no date on file");
    let other = under(Channel::Phone, Gate::Compliance, sixty(false));
    assert_eq!(codes(&other), []);

    // Mailed on the evening of 1 March in Los Angeles, already 2 March in UTC.
    let mailed = notice(NoticeKind::NvMedical, "2026-03-02T05:00:00Z");
    fixture.extras().notices.push(mailed);
    assert!(blocks_at(&fixture, "2026-04-29T23:59:59-07:00"));
    assert!(!blocks_at(&fixture, "2026-04-30T00:00:00-07:00"));
    fixture.live_in("CA", &["America/Los_Angeles", "Pacific/Honolulu"]);
    assert!(
        blocks_at(&fixture, "2026-04-30T00:00:00-07:00"),
        "1 March there too"
    );
    assert!(!blocks_at(&fixture, "2026-04-30T00:00:00-10:00"));

    fixture.extras().notices[0].returned = At::of(at("2026-03-10T18:00:00Z"));
    assert!(blocks_at(&fixture, "2026-05-05T18:00:00Z"), "it came back");
    let again = notice(NoticeKind::Validation, "2026-01-02T05:00:00Z");
    fixture.extras().notices.push(again);
    assert!(
        blocks_at(&fixture, "2026-05-05T18:00:00Z"),
        "another notice"
    );
    fixture.account.debts[0].kind = DebtKind::Other;
    assert!(!blocks_at(&fixture, "2026-05-05T18:00:00Z"));
}

#[test]
fn an_answer_and_the_notice_itself_wait_for_nothing() {
    let mut fixture = under(Channel::Phone, Gate::Compliance, sixty(true));
    fixture.account.debts[0].kind = DebtKind::Unknown;
    let now = fixture.now;
    fixture.consumer().last_inbound[usize::from(Inbound::Call.number())].at = At::of(now);
    assert_eq!(codes(&fixture), [Code::NoticePeriod]);
    fixture.intent.in_response_to = Some(Inbound::Call);
    assert_eq!(codes(&fixture), []);

    let mut letter = under(Channel::Mail, Gate::Compliance, sixty(true));
    letter.account.debts[0].kind = DebtKind::Medical;
    letter.intent.purpose = Purpose::LegallyRequired;
    assert_eq!(codes(&letter), [Code::NoticePeriod]);
    letter
        .extras()
        .approvals
        .push(crate::domain::facts::Approval {
            action: Action::Letter.number(),
            purpose: Purpose::LegallyRequired.number(),
            state: crate::domain::words::ApprovalState::Approved,
            until: At::NEVER,
            document: crate::domain::ids::Sym(9),
            used: false,
        });
    assert_eq!(codes(&letter), []);
    letter.intent.channel = Some(Channel::Phone);
    assert_eq!(codes(&letter), [Code::NoticePeriod], "by mail alone");
}

#[test]
fn an_emergency_lasts_through_its_days_and_some_more() {
    let kind = RuleKind::EmergencyMoratorium { plus_days: 60 };
    let mut fixture = under(Channel::Mail, Gate::Compliance, kind);
    assert_eq!(
        codes(&fixture),
        [Code::EmergencyMoratorium],
        "switched on alone"
    );
    let mut emergency = Emergency {
        jurisdiction: law("CA"),
        from: date("2026-03-01"),
        until: Some(date("2026-03-10")),
    };
    fixture.policy.rules.emergencies = vec![emergency];
    for (when, blocks) in [
        ("2026-02-28T23:59:59-08:00", false),
        ("2026-03-01T00:00:00-08:00", true),
        ("2026-05-09T23:59:59-07:00", true),
        ("2026-05-10T00:00:00-07:00", false),
    ] {
        assert_eq!(blocks_at(&fixture, when), blocks, "{when}");
    }
    emergency.until = None;
    fixture.policy.rules.emergencies = vec![emergency];
    assert!(blocks_at(&fixture, "2026-05-10T00:00:00-07:00"));
    // One of another place says nothing of this one.
    emergency.jurisdiction = law("NV");
    fixture.policy.rules.emergencies = vec![emergency];
    assert!(blocks_at(&fixture, "2026-02-01T00:00:00-07:00"));
}

#[test]
fn duties_of_the_house_are_met_or_broken() {
    use Channel::{Email, InPerson, Mail, Phone};
    let display = RuleKind::Licence {
        licence: "of California".into(),
        display: true,
    };
    let recording = RuleKind::RecordingConsent;
    for (kind, channel, duty, code) in [
        (
            recording(RecordingParties::All),
            Phone,
            Duty::Recording,
            Some(Code::RecordingConsent),
        ),
        (
            recording(RecordingParties::Contested),
            Phone,
            Duty::Recording,
            Some(Code::RecordingConsent),
        ),
        (
            recording(RecordingParties::OneByTelephone),
            Phone,
            Duty::Recording,
            None,
        ),
        (
            recording(RecordingParties::OneByTelephone),
            InPerson,
            Duty::Recording,
            Some(Code::RecordingConsent),
        ),
        (
            RuleKind::CallerId,
            Phone,
            Duty::CallerId,
            Some(Code::CallerId),
        ),
        (
            RuleKind::Language,
            Mail,
            Duty::Language,
            Some(Code::LanguageRecord),
        ),
        (
            display.clone(),
            Email,
            Duty::LicenceDisplay,
            Some(Code::LicenceDisplay),
        ),
        (
            display.clone(),
            Mail,
            Duty::LicenceDisplay,
            Some(Code::LicenceDisplay),
        ),
        (display, Phone, Duty::LicenceDisplay, None),
    ] {
        let mut fixture = under(channel, Gate::Compliance, kind.clone());
        assert_eq!(
            codes(&fixture),
            Vec::from_iter(code),
            "{kind:?} {channel:?}"
        );
        fixture.policy.rules.duties_met = !(1 << duty.number());
        assert_eq!(codes(&fixture), Vec::from_iter(code), "others are met");
        fixture.policy.rules.duties_met = 1 << duty.number();
        assert_eq!(codes(&fixture), [], "{kind:?} is met");
    }
}
