//! Reads `federal.toml`.

use std::collections::{BTreeMap, BTreeSet};

use super::error::RuleProblem;
use super::fields::Fields;
use super::hours::day_window;
use super::source::Source;
use crate::domain::rules::{
    Confidence, DayWindow, FederalFigures, FederalId, RuleText, WINDOW_DAYS_MAX, Window,
};

/// The federal rules as read.
pub(super) struct Federal {
    pub(super) texts: Vec<RuleText>,
    pub(super) figures: FederalFigures,
}

/// Where figures gather while the rules are read.
#[derive(Default)]
struct Figures {
    numbers: BTreeMap<(FederalId, &'static str), u16>,
    hours: Option<DayWindow>,
}

/// Reads the file; `None` when anything was wrong (the faults are noted).
pub(super) fn read(source: &Source<'_>) -> Option<Federal> {
    let root = source.parse()?;
    let file = Fields::new(source, root.get_ref(), root.span(), "");
    let mut texts: BTreeMap<FederalId, RuleText> = BTreeMap::new();
    let mut figures = Figures::default();
    let mut seen = BTreeSet::new();
    for rule in file.tables("rule") {
        let Some(id) = rule.parsed("id", "the id of a federal rule", FederalId::parse) else {
            continue;
        };
        if !seen.insert(id) {
            rule.fault("id", RuleProblem::Duplicate(id.as_str().to_owned()));
        }
        if let Some(text) = read_rule(id, rule, &mut figures) {
            texts.insert(id, text);
        }
    }
    file.finish();
    for id in FederalId::ALL.iter().filter(|id| !seen.contains(id)) {
        source.fault_at_line(0, "rule.id", RuleProblem::NotGiven(id.as_str().to_owned()));
    }
    let figures = figures.assemble()?;
    Some(Federal {
        texts: texts.into_values().collect(),
        figures,
    })
}

fn read_rule(id: FederalId, rule: Fields<'_>, figures: &mut Figures) -> Option<RuleText> {
    let gate = super::states::read_gate(&rule);
    let citation = rule.text("citation");
    let sentence = rule.text("sentence");
    let confidence = rule.choice("confidence", &Confidence::ALL, Confidence::name);
    let in_force = super::states::read_dates(&rule);
    if id.enforced() {
        if confidence == Some(Confidence::Low) {
            rule.fault("confidence", RuleProblem::EnforcedLowConfidence);
        }
        if gate == Some(None) {
            rule.fault("gate", RuleProblem::EnforcedWithoutGate);
        }
    }
    figures.read(id, &rule);
    rule.finish();
    Some(RuleText {
        id: id.as_str().into(),
        citation: citation?.into(),
        sentence: sentence?.into(),
        gate: gate?,
        confidence: confidence?,
        in_force: in_force?,
    })
}

/// The figures each rule carries, by key, with their upper bound.
const NUMBERS: &[(FederalId, &str, i64)] = &[
    (FederalId::LocationContactOnce, "limit", 100),
    (FederalId::ValidationPeriod, "receipt_business_days", 60),
    (FederalId::ValidationPeriod, "period_days", 365),
    (FederalId::CallSevenInSeven, "limit", 100),
    (FederalId::CallSevenInSeven, "days", WINDOW_DAYS_MAX),
    (FederalId::CallAfterConversation, "days", WINDOW_DAYS_MAX),
    (FederalId::ExcludedPriorConsent, "days", WINDOW_DAYS_MAX),
    (FederalId::PrerecordedThreeInThirty, "limit", 100),
    (FederalId::PrerecordedThreeInThirty, "days", WINDOW_DAYS_MAX),
    (FederalId::PortedNumberGrace, "days", 365),
    (FederalId::TextProcedure, "fresh_days", 365),
    (FederalId::EmailProcedure, "opt_out_days", 365),
    (FederalId::ConsentRevoked, "business_days", 60),
    (FederalId::OptOutConfirmation, "seconds", 3_600),
    (FederalId::InternalDnc, "business_days", 60),
    (FederalId::RecordRetention, "years", 100),
];

impl Figures {
    fn read(&mut self, id: FederalId, rule: &Fields<'_>) {
        let wanted = || NUMBERS.iter().filter(move |(rule, ..)| *rule == id);
        if wanted().next().is_none() && id != FederalId::CallHours {
            return;
        }
        let Some(values) = rule.table("values") else {
            return;
        };
        for &(_, key, max) in wanted() {
            if let Some(number) = values.number(key, 1, max) {
                self.numbers.insert((id, key), number);
            }
        }
        if id == FederalId::CallHours {
            let open = values.text("open");
            let close = values.text("close");
            if let (Some(open), Some(close)) = (open, close) {
                self.hours = day_window(open, close);
                if self.hours.is_none() {
                    let wanted = "a time of day HH:MM after the opening";
                    let found = format!("{open} {close}");
                    values.fault("close", RuleProblem::Unparsable { found, wanted });
                }
            }
        }
        values.finish();
    }

    /// All figures; `None` when one is missing (its fault is noted where it was read).
    fn assemble(&self) -> Option<FederalFigures> {
        use FederalId as Id;
        let number = |id, key| self.numbers.get(&(id, key)).copied();
        Some(FederalFigures {
            hours: self.hours?,
            calls_limit: number(Id::CallSevenInSeven, "limit")?,
            calls_window: Window::RollingDays(number(Id::CallSevenInSeven, "days")?),
            after_conversation: Window::AfterConversationDays(number(
                Id::CallAfterConversation,
                "days",
            )?),
            prior_consent_days: number(Id::ExcludedPriorConsent, "days")?,
            prerecorded_limit: number(Id::PrerecordedThreeInThirty, "limit")?,
            prerecorded_window: Window::RollingDays(number(Id::PrerecordedThreeInThirty, "days")?),
            ported_grace_days: number(Id::PortedNumberGrace, "days")?,
            text_fresh_days: number(Id::TextProcedure, "fresh_days")?,
            email_opt_out_days: number(Id::EmailProcedure, "opt_out_days")?,
            revocation_business_days: number(Id::ConsentRevoked, "business_days")?,
            dnc_business_days: number(Id::InternalDnc, "business_days")?,
            confirmation_seconds: u32::from(number(Id::OptOutConfirmation, "seconds")?),
            receipt_business_days: number(Id::ValidationPeriod, "receipt_business_days")?,
            validation_days: number(Id::ValidationPeriod, "period_days")?,
            location_contacts_limit: number(Id::LocationContactOnce, "limit")?,
            retention_years: number(Id::RecordRetention, "years")?,
        })
    }
}
