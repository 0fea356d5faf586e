//! Rules of a state that each make one code: written as the pack's own file, for Georgia.

macro_rules! rule {
    ($kind:literal, $gate:literal, $values:literal) => {
        concat!(
            "[[rule]]\nid = \"GA-TEST\"\njurisdiction = \"GA\"\nkind = \"",
            $kind,
            "\"\ngate = \"",
            $gate,
            "\"\naction = \"enforce\"\napplies_to = \"debt_collection\"\nchannels = \"any_form\"\n",
            "covered_persons = [\"third_party\"]\nstricter_than_federal = true\n",
            "citation = \"test\"\nconfidence = \"high\"\nsentence = \"A test.\"\n[rule.values]\n",
            $values
        )
    };
}

pub(crate) const LICENCE: &str = rule!("licence", "STRATEGY", "licence = \"of Georgia\"\n");
pub(crate) const HOURS: &str = rule!("call_hours", "TIMING", "daily = [\"09:00\", \"14:00\"]\n");
pub(crate) const QUIET_DAY: &str = rule!(
    "holiday_ban",
    "TIMING",
    "weekdays = [2]\nholidays = \"none\"\n"
);
pub(crate) const ONE_A_WEEK: &str = rule!(
    "frequency",
    "TIMING",
    "limit = 1\nwindow = { rolling_days = 7 }\nunit = \"per_account\"\ncounts = \"attempts\"\n"
);
pub(crate) const AFTER_TALK: &str = rule!(
    "frequency",
    "TIMING",
    "limit = 0\nwindow = { after_conversation_days = 9 }\nunit = \"per_account\"\n\
     counts = \"conversations\"\n"
);
pub(crate) const HOLD_STRATEGY: &str = rule!("account_hold", "STRATEGY", "debt_type = \"any\"\n");
pub(crate) const HOLD_COMPLIANCE: &str =
    rule!("account_hold", "COMPLIANCE", "debt_type = \"any\"\n");
pub(crate) const HOLD_TIMING: &str = rule!("account_hold", "TIMING", "debt_type = \"any\"\n");
pub(crate) const HOLD_CONSENT: &str = rule!("account_hold", "CONSENT", "debt_type = \"any\"\n");
pub(crate) const HOLD_CHANNEL: &str = rule!("account_hold", "CHANNEL", "debt_type = \"any\"\n");
