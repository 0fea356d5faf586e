//! `dialgate kill` and `dialgate clock accept`: records like any other, with scope `admin`.

use serde::Serialize;

use super::args::{Format, KillArgs, Switch, TargetArgs};
use super::console;
use super::exit::{Exit, Failure};
use super::import;
use super::upload::Upload;

#[derive(Debug, Serialize)]
#[serde(tag = "record", rename_all = "snake_case")]
enum Record<'a> {
    Kill {
        on: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        scope: &'static str,
        value: &'a str,
    },
    ClockAccept,
}

/// Throws or releases a kill switch. Prints when it holds: on the next decision.
pub(super) fn kill(args: &KillArgs) -> Result<Exit, Failure> {
    let record = Record::Kill {
        on: args.switch == Switch::On,
        reason: args.reason.as_deref(),
        scope: args.scope.as_str(),
        value: &args.value,
    };
    send(&args.target, &record)
}

/// Takes the clock for right.
pub(super) fn accept_clock(target: &TargetArgs) -> Result<Exit, Failure> {
    send(target, &Record::ClockAccept)
}

/// Brings one record; a refusal of it is a failure, not a finding among others.
fn send(target: &TargetArgs, record: &Record<'_>) -> Result<Exit, Failure> {
    let text = serde_json::to_string(record).map_err(|error| Failure::new(Exit::Fault, error))?;
    let answer = import::bring(target, Format::Json, Upload::text(text))?;
    if let Some(refused) = answer.rejected.first() {
        let field = refused.field.as_deref().unwrap_or("-");
        return Err(Failure::new(
            Exit::BadInput,
            format_args!("{field}: {}", refused.code),
        ));
    }
    console::line(if answer.applied == 0 {
        "unchanged"
    } else {
        "done"
    });
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(record: &Record<'_>) -> String {
        serde_json::to_string(record).unwrap()
    }

    #[test]
    fn records_are_spelt_as_the_ingest_route_reads_them() {
        let on = Record::Kill {
            on: true,
            reason: None,
            scope: "state",
            value: "NV",
        };
        assert_eq!(
            text(&on),
            r#"{"record":"kill","on":true,"scope":"state","value":"NV"}"#
        );
        let off = Record::Kill {
            on: false,
            reason: Some("r"),
            scope: "channel",
            value: "sms",
        };
        assert_eq!(
            text(&off),
            r#"{"record":"kill","on":false,"reason":"r","scope":"channel","value":"sms"}"#
        );
        assert_eq!(text(&Record::ClockAccept), r#"{"record":"clock_accept"}"#);
    }
}
