//! The pack that ships with the program: counts, figures, a golden table, archives.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::place::{Jurisdiction, JurisdictionSet};
use crate::domain::rules::{
    Counts, CoveredPerson, DayWindow, DefaultAction, FederalId, Medium, Review, RuleKind, RulePack,
    Target, Unit, Window,
};
use crate::domain::time::CivilDate;
use crate::rulepack::{self, PackFiles};

fn pack() -> RulePack {
    rulepack::embedded().unwrap()
}

fn jurisdiction(text: &str) -> Jurisdiction {
    Jurisdiction::parse(text).unwrap()
}

/// How many records there are by action, and by action and kind.
const COUNTS: &[(&str, u32)] = &[
    ("enforce", 49),
    ("enforce account_hold", 1),
    ("enforce attorney", 5),
    ("enforce call_hours", 10),
    ("enforce cease_request", 1),
    ("enforce email_consent", 3),
    ("enforce frequency", 10),
    ("enforce licence", 7),
    ("enforce pre_contact_moratorium", 1),
    ("enforce prerecorded_consent", 1),
    ("enforce validation_hold", 1),
    ("enforce visit_ban", 1),
    ("enforce workplace_limit", 8),
    ("flag", 26),
    ("flag call_hours", 2),
    ("flag caller_id", 1),
    ("flag frequency", 1),
    ("flag frequency_qualitative", 6),
    ("flag language", 1),
    ("flag licence", 1),
    ("flag record_retention", 1),
    ("flag recording_consent", 11),
    ("flag third_party", 1),
    ("flag workplace_limit", 1),
    ("off", 56),
    ("off call_hours", 22),
    ("off cease_request", 1),
    ("off consent", 1),
    ("off frequency", 7),
    ("off frequency_qualitative", 2),
    ("off holiday_ban", 4),
    ("off incorporates_federal", 1),
    ("off none_found", 7),
    ("off recording_consent", 3),
    ("off scope", 1),
    ("off wireless_ban", 5),
    ("off workplace_limit", 2),
    ("switch", 1),
    ("switch emergency_moratorium", 1),
];

#[test]
fn counts_by_action_and_kind() {
    let pack = pack();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for rule in pack.all_state_rules() {
        let kind = rule.kind.name().name();
        *counts
            .entry(format!("{} {kind}", rule.action.name()))
            .or_default() += 1;
        *counts.entry(rule.action.name().to_owned()).or_default() += 1;
    }
    let expected = COUNTS
        .iter()
        .map(|&(name, count)| (name.to_owned(), count))
        .collect();
    assert_eq!(counts, expected);
    assert_eq!(pack.all_state_rules().len(), 132);
    assert_eq!(pack.rules().enforced().len(), 49);
}

/// RULES-2 of the pack that ships.
#[test]
fn every_enforced_rule_is_evaluated_and_the_others_say_why_not() {
    let pack = pack();
    for rule in pack.rules().enforced() {
        assert_eq!(rule.enforceable(), Ok(()), "{:?}", pack.rule(rule.no));
    }
    let refused = pack.all_state_rules().iter().filter_map(|rule| {
        let why = rule.enforceable().err()?;
        Some(format!("{} {why}", pack.rule(rule.no).unwrap().id))
    });
    insta::assert_snapshot!(refused.collect::<Vec<_>>().join("\n"));
}

#[test]
fn federal_figures() {
    let pack = pack();
    let figures = pack.federal();
    assert_eq!(
        figures.hours,
        DayWindow {
            open: 28_800,
            close: 75_600
        }
    );
    assert_eq!(
        (figures.calls_limit, figures.calls_window),
        (7, Window::RollingDays(7))
    );
    assert_eq!(figures.after_conversation, Window::AfterConversationDays(7));
    assert_eq!(
        (figures.prerecorded_limit, figures.prerecorded_window),
        (3, Window::RollingDays(30))
    );
    assert_eq!(
        (figures.receipt_business_days, figures.validation_days),
        (5, 30)
    );
    assert_eq!(
        (figures.text_fresh_days, figures.email_opt_out_days),
        (60, 35)
    );
    assert_eq!(
        (figures.prior_consent_days, figures.ported_grace_days),
        (7, 15)
    );
    assert_eq!(
        (figures.revocation_business_days, figures.dnc_business_days),
        (10, 10)
    );
    assert_eq!(
        (
            figures.confirmation_seconds,
            figures.location_contacts_limit
        ),
        (300, 1)
    );
    assert_eq!(figures.retention_years, 3);
}

/// RULES-1.
#[test]
fn numbers_lead_to_texts() {
    let pack = pack();
    for &id in FederalId::ALL {
        let text = pack.rule(pack.federal_no(id)).unwrap();
        assert_eq!(&*text.id, id.as_str());
        assert_eq!(pack.find(id.as_str()), Some(pack.federal_no(id)));
    }
    for rule in pack.all_state_rules() {
        let text = pack.rule(rule.no).unwrap();
        assert_eq!(pack.find(&text.id), Some(rule.no));
        assert_eq!((text.gate, text.confidence), (rule.gate, rule.confidence));
    }
    assert_eq!(pack.texts().len(), FederalId::ALL.len() + 132);
    let beyond = u16::try_from(pack.texts().len()).unwrap();
    assert_eq!(pack.rule(crate::domain::rules::RuleNo(beyond)), None);
}

#[test]
fn rules_are_found_by_jurisdiction() {
    let pack = pack();
    let ids = |text| {
        let one = [jurisdiction(text)].into_iter().collect();
        let rules = pack.rules().enforced_in(one);
        rules
            .map(|rule| &*pack.rule(rule.no).unwrap().id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("WV"), ["WV-FREQ-CALLS", "WV-HOURS"]);
    assert_eq!(
        ids("US-NY-NYC"),
        ["NYC-FREQ", "NYC-ELECTRONIC-CONSENT", "NYC-LICENCE"]
    );
    assert_eq!(ids("NY"), ["NY-EMAIL-CONSENT", "NY-EMPLOYER"]);
    // Telemarketing and recording rules enforce nothing here.
    assert_eq!(ids("TX"), [""; 0]);
    let every = JurisdictionSet::from_bits(u128::MAX);
    assert_eq!(pack.rules().enforced_in(every).count(), 49);
    let set: JurisdictionSet = ["WV", "TX", "NY"].map(jurisdiction).into_iter().collect();
    assert_eq!(pack.rules().enforced_in(set).count(), 4);
}

#[test]
fn readings_of_the_frequency_rules() {
    let pack = pack();
    let rule = |id: &str| {
        let no = pack.find(id).unwrap();
        pack.rules()
            .enforced()
            .iter()
            .find(|rule| rule.no == no)
            .unwrap()
    };
    let frequency = |id: &str| match &rule(id).kind {
        RuleKind::Frequency(frequency) => *frequency,
        _ => panic!("{id} is no frequency rule"),
    };
    let week = frequency("WA-FREQ-WEEK");
    assert_eq!(
        (week.limit.limit, week.limit.window),
        (3, Window::RollingDays(7))
    );
    assert_eq!(week.unit, Unit::PerConsumerOrClaim);
    assert!(
        Medium::ALL
            .iter()
            .all(|&medium| week.counted.contains(medium))
    );
    assert!(week.includes_spouse && week.replies_exempt);
    let cell = frequency("WA-CELL-DAY");
    assert_eq!(
        (cell.limit.window, cell.unit),
        (Window::CalendarDay, Unit::PerWirelessNumber)
    );
    assert!(cell.counted.contains(Medium::Sms) && !cell.counted.contains(Medium::Email));
    let household = frequency("MA-HOUSEHOLD");
    assert_eq!(household.limit.target, Target::HouseholdAtResidence);
    assert_eq!(household.second.unwrap().window, Window::RollingDays(30));
    assert_eq!(frequency("WV-FREQ-CALLS").conversations_limit, Some(10));
    assert_eq!(frequency("DC-FREQ-MSG").counts, Counts::Messages);
    assert_eq!(
        frequency("DC-AFTER-CONVERSATION").limit.window,
        Window::AfterConversationDays(7)
    );
    assert!(frequency("DC-FREQ-CALLS").unable_to_leave_message_exempt);
    assert!(
        !rule("WA-FREQ-WEEK")
            .covers
            .contains(CoveredPerson::Creditor)
    );
    assert!(
        rule("WA-FREQ-WEEK")
            .covers
            .contains(CoveredPerson::DebtBuyer)
    );
    assert!(rule("NYC-FREQ").covers.contains(CoveredPerson::Creditor));
    let date = |text| CivilDate::parse(text).unwrap();
    assert!(!rule("NYC-FREQ").in_force.on(date("2026-08-31")));
    assert!(rule("NYC-FREQ").in_force.on(date("2026-09-01")));
    assert!(rule("DC-VISITS").media.contains(Medium::InPerson));
    assert!(!rule("WV-HOURS").media.contains(Medium::Sms));
    assert!(rule("WV-HOURS").media.contains(Medium::Voicemail));
}

#[test]
fn the_whole_table_is_as_it_was() {
    let pack = pack();
    let mut table = String::new();
    for rule in pack.all_state_rules() {
        let text = pack.rule(rule.no).unwrap();
        let action = rule.action.name();
        let applies = rule.applies_to.name();
        let media = rule.media.bits();
        writeln!(
            table,
            "{} {} {action} {applies} {media:08b} {:?} {:?} {} {:?} {}",
            text.id,
            rule.jurisdiction,
            rule.covers,
            rule.in_force,
            rule.confidence.name(),
            rule.kind,
            text.citation,
        )
        .unwrap();
    }
    insta::assert_snapshot!("state_rules", table);
}

#[test]
fn review_dates() {
    let pack = pack();
    let date = |text| CivilDate::parse(text).unwrap();
    assert_eq!(pack.edition().as_of, date("2026-11-20"));
    for (today, review) in [
        ("2026-11-21", Review::Current),
        ("2027-05-30", Review::Current),
        ("2027-05-31", Review::DueIn(30)),
        ("2027-06-30", Review::DueIn(0)),
        ("2027-07-01", Review::Overdue),
    ] {
        assert_eq!(pack.review(date(today)), review, "{today}");
    }
}

#[test]
fn an_archive_gives_the_same_pack_and_no_other() {
    let files = PackFiles::embedded();
    let archive = files.archive();
    assert_eq!(PackFiles::from_archive(&archive).unwrap(), files);
    assert_eq!(
        rulepack::from_archive(&archive).unwrap().hash(),
        pack().hash()
    );
    let altered = files.clone().with("pack.toml", "version = \"x\"\n");
    assert_ne!(altered.hash(), files.hash());
    for cut in [0, 5, 21, 40, archive.len() / 2, archive.len() - 1] {
        assert_eq!(
            PackFiles::from_archive(&archive[..cut]).unwrap_err().len(),
            1,
            "{cut}"
        );
    }
    // A length with a leading zero would be a second archive of the same files.
    let text = String::from_utf8(archive.clone()).unwrap();
    let padded = text.replacen("pack.toml ", "pack.toml 0", 1);
    assert_eq!(
        PackFiles::from_archive(padded.as_bytes())
            .unwrap_err()
            .len(),
        1
    );
    let mut longer = archive;
    longer.push(b'\n');
    assert_eq!(PackFiles::from_archive(&longer).unwrap_err().len(), 1);
    assert_eq!(PackFiles::from_archive(&[0xff; 64]).unwrap_err().len(), 1);
}

#[test]
fn a_directory_gives_the_embedded_pack_whatever_its_line_ends() {
    let dir = tempfile::tempdir().unwrap();
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules");
    assert_eq!(rulepack::load(&source).unwrap().hash(), pack().hash());
    for file in rulepack::FILES {
        let text = std::fs::read_to_string(source.join(file)).unwrap();
        std::fs::write(dir.path().join(file), text.replace('\n', "\r\n")).unwrap();
    }
    assert_eq!(rulepack::load(dir.path()).unwrap().hash(), pack().hash());
}

#[test]
fn every_enforced_rule_has_a_gate_and_a_sentence() {
    for rule in pack().rules().enforced() {
        assert!(rule.gate.is_some());
        assert_eq!(rule.action, DefaultAction::Enforce);
        assert!(!rule.media.is_empty() && !rule.covers.is_empty());
    }
    for text in pack().texts() {
        assert!(
            text.sentence.ends_with('.') && text.sentence.len() < 160,
            "{}",
            text.id
        );
    }
}
