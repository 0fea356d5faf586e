//! Every code of every gate, reached as a caller and an operator reach it: lines of an ingest, a
//! tenant's file, a rule pack, a clock; each with the exact set of codes the answer carries.

#[cfg(test)]
#[path = "codes/house.rs"]
mod house;
#[cfg(test)]
#[path = "codes/rules.rs"]
mod rules;
#[cfg(test)]
#[path = "codes/table.rs"]
mod table;

#[cfg(test)]
mod codes {
    use dialgate::domain::verdict::Code;

    use crate::house::{Row, row};
    use crate::table;

    const RETIRED: &str = "rows of earlier code only: a rule nobody evaluates stops the start";

    /// Codes no request reaches, each with its reason. They guard the gates against a caller inside
    /// the program that skips decoding.
    const UNREACHABLE: [(Code, &str); 7] = [
        (
            Code::ContactPointMissing,
            "decoding refuses with 422 a request whose channel needs a number or address",
        ),
        (
            Code::ContactPointUnexpected,
            "decoding drops a number or address that the channel does not use",
        ),
        (Code::StrategyRuleNotEvaluated, RETIRED),
        (Code::ComplianceRuleNotEvaluated, RETIRED),
        (Code::TimingRuleNotEvaluated, RETIRED),
        (Code::ConsentRuleNotEvaluated, RETIRED),
        (Code::ChannelRuleNotEvaluated, RETIRED),
    ];

    fn rows() -> Vec<Row> {
        let mut rows = table::account();
        rows.extend(table::standing());
        rows.extend(table::timing());
        rows.extend(table::ways());
        rows.extend(table::of_states());
        rows.extend(table::of_states_on_ways());
        rows
    }

    #[test]
    fn the_plain_call_is_allowed() {
        assert_eq!(row(Code::UnknownAccount).found(), []);
    }

    /// Every key as loose as it can be.
    const LOOSEST: [(&str, &str); 17] = [
        (
            "strategy.channels",
            r#"["phone", "sms", "email", "mail", "fax", "social", "in_person"]"#,
        ),
        ("compliance.military_blocks", "false"),
        ("authority.dial_mode", "\"manual\""),
        ("authority.approval_actions", "[]"),
        ("authority.sources_closed", "false"),
        ("fairness.gap_s", "0"),
        ("fairness.phone_per_day", "0"),
        ("fairness.person_per_day", "0"),
        ("fairness.voicemails_per_week", "0"),
        ("fairness.vulnerable_blocks", "[]"),
        ("timing.state_counts", "\"residence\""),
        ("consent.predictive_is_autodialled", "false"),
        ("channel.social_permitted", "true"),
        ("concurrency.one_at_a_time", "false"),
        ("infrastructure.facts_age_max_s", "0"),
        ("exceptions.reply_age_max_s", "86400"),
        ("agency.zone", "\"Pacific/Honolulu\""),
    ];

    /// Codes whose key says what the house does: how its dialer dials, whether it uses social media. And
    /// military service, which is protected by policy.
    const OF_THE_HOUSE: [Code; 4] = [
        Code::Military,
        Code::AutodialConsent,
        Code::SocialNotPermitted,
        Code::StateMachineConsent,
    ];

    /// TENANT-1: what a law, a court or a pack says blocks under the loosest file, too.
    #[test]
    fn no_key_of_a_tenants_file_lifts_what_has_a_citation() {
        let policy = ["agency policy", "creditor rule"];
        let mut lifted = Vec::new();
        let mut of_law = 0;
        for row in rows() {
            let source = row.code.text().source;
            if policy.iter().any(|word| source.starts_with(word)) {
                continue;
            }
            of_law += 1;
            if !row.found_under(&LOOSEST).contains(&row.code) {
                lifted.push(row.code);
            }
        }
        assert!(of_law > 60, "{of_law} codes have a citation");
        assert_eq!(lifted, OF_THE_HOUSE);
    }

    #[test]
    fn each_row_finds_its_codes_and_no_other() {
        let mut failures = Vec::new();
        for row in rows() {
            let mut expected = row.with.to_vec();
            expected.push(row.code);
            expected.sort();
            let found = row.found();
            if found != expected {
                failures.push(format!(
                    "{:?}: expected {expected:?}, found {found:?}",
                    row.code
                ));
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn the_table_covers_every_code_once() {
        let mut covered: Vec<Code> = rows().iter().map(|row| row.code).collect();
        covered.extend(UNREACHABLE.iter().map(|(code, _)| *code));
        covered.sort();
        assert_eq!(covered, Code::ALL);
    }
}
