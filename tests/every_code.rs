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
