//! Rules of a state that each make one code: written as the pack's own file, for Georgia.

macro_rules! rule {
    ($kind:literal, $gate:literal) => {
        rule!(@head $kind, $gate, "\"any_form\"")
    };
    ($kind:literal, $gate:literal, $values:literal) => {
        rule!($kind, $gate, $values, "\"any_form\"")
    };
    ($kind:literal, $gate:literal, $values:literal, $channels:literal) => {
        concat!(rule!(@head $kind, $gate, $channels), "[rule.values]\n", $values)
    };
    (@head $kind:literal, $gate:literal, $channels:literal) => {
        concat!(
            "[[rule]]\nid = \"GA-TEST\"\njurisdiction = \"GA\"\nkind = \"",
            $kind,
            "\"\ngate = \"",
            $gate,
            "\"\naction = \"enforce\"\napplies_to = \"debt_collection\"\nchannels = ",
            $channels,
            "\ncovered_persons = [\"third_party\"]\nstricter_than_federal = true\n",
            "citation = \"test\"\nconfidence = \"high\"\nsentence = \"A test.\"\n",
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
pub(crate) const ITEMISATION: &str = rule!(
    "validation_hold",
    "COMPLIANCE",
    "debt_type = \"any\"\noral_request = true\n"
);
pub(crate) const CHARITY: &str = rule!("account_hold", "COMPLIANCE", "debt_type = \"any\"\n");
pub(crate) const SIXTY_DAYS: &str = rule!(
    "pre_contact_moratorium",
    "COMPLIANCE",
    "days = 60\ndebt_type = \"any\"\nnotice = \"nv_medical\"\nunknown_blocks = true\n"
);
pub(crate) const EMERGENCY: &str = rule!("emergency_moratorium", "COMPLIANCE", "plus_days = 60\n");
pub(crate) const RECORDING: &str = rule!("recording_consent", "COMPLIANCE", "parties = \"all\"\n");
pub(crate) const DISPLAY: &str = rule!(
    "licence",
    "COMPLIANCE",
    "licence = \"of Georgia\"\ndisplay = true\n"
);
pub(crate) const CALLER_ID: &str = rule!("caller_id", "COMPLIANCE");
pub(crate) const LANGUAGE: &str = rule!("language", "COMPLIANCE");
pub(crate) const WORK_WEEKLY: &str = rule!(
    "workplace_limit",
    "TIMING",
    "form = \"count\"\nlimit = 1\nwindow = { rolling_days = 7 }\n"
);
pub(crate) const TEXT_CONSENT: &str = rule!(
    "email_consent",
    "CONSENT",
    "direct = true\nwritten = true\n",
    "[\"sms\", \"email\", \"social\"]"
);
pub(crate) const RECORDED_VOICE: &str = rule!(
    "prerecorded_consent",
    "CONSENT",
    "relationship_exempt = true\n",
    "[\"phone\"]"
);
pub(crate) const MACHINES: &str = rule!("consent", "CONSENT");
pub(crate) const EMPLOYERS: &str = rule!(
    "workplace_limit",
    "CHANNEL",
    "form = \"no_employer_contact\"\n"
);
pub(crate) const WORK_REQUEST: &str = rule!(
    "workplace_limit",
    "CHANNEL",
    "form = \"on_request\"\noral_days = 10\nconfirm_within_days = 7\n"
);
pub(crate) const WORK_LIMIT: &str = rule!(
    "workplace_limit",
    "CHANNEL",
    "form = \"count\"\nlimit = 1\nwindow = { rolling_days = 7 }\n\
     only_if_unreachable_at_home = true\n"
);
pub(crate) const VISITS: &str = rule!(
    "visit_ban",
    "CHANNEL",
    "household = true\nworkplace = true\n"
);
pub(crate) const WIRELESS: &str = rule!("wireless_ban", "CHANNEL");
pub(crate) const THIRD_PARTIES: &str = rule!("third_party", "CHANNEL");
