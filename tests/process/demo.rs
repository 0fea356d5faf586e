//! A newcomer's first minute: the demo's own printed lines, run by a shell, with a SIGKILL between the
//! seventh call and the eighth.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::house::{House, PROGRAM};
use crate::words::codes;

/// A running demo and the page it printed.
struct Demo {
    child: Child,
    page: Vec<String>,
    /// Kept so that the demo may go on printing.
    _rest: BufReader<std::process::ChildStdout>,
}

impl Demo {
    fn start(house: &House, listen: &str, clock: &str) -> Self {
        let mut command = house.command(PROGRAM);
        command.args([
            "demo",
            "--listen",
            listen,
            "--data-dir",
            "demo",
            "--clock",
            clock,
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut page = Vec::new();
        while !page
            .last()
            .is_some_and(|line: &String| line.starts_with("Ctrl-C"))
        {
            let mut line = String::new();
            assert!(
                lines.read_line(&mut line).unwrap() > 0,
                "ended early: {page:?}"
            );
            page.push(line.trim_end().to_owned());
        }
        Self {
            child,
            page,
            _rest: lines,
        }
    }

    /// The indented line that holds `what`.
    fn line(&self, what: &str) -> String {
        let mut lines = self.page.iter().filter(|line| line.starts_with("  "));
        lines.find(|line| line.contains(what)).unwrap().clone()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Already gone is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs lines as a shell does, and reads what the last one printed.
fn shell(house: &House, lines: &[&str]) -> Value {
    let output = house
        .command("sh")
        .args(["-c", &lines.join("\n")])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// The lines about the system of record, in the order they are printed.
fn beside(house: &House, demo: &Demo) {
    let token = demo.line("export DEMO_SOR=");
    let asked = |what| shell(house, &[&token, &demo.line(what)]);
    let card = asked("/api/queue/account/ACC-001");
    assert_eq!(
        (&card["account_id"], &card["disputed"]),
        (&json!("ACC-001"), &json!(false))
    );
    assert_eq!(asked("/api/widget/ACC-001/alerts")["alerts"], json!([]));
    // The gate reads the account from the sandbox before it decides.
    let before = intent_of_the_sandbox(house, demo);
    assert_ne!(before["account_id"], Value::Null, "{before}");
    let unknown = "UNKNOWN_ACCOUNT".to_owned();
    assert!(!codes(&before).contains(&unknown), "{before}");
    assert_eq!(asked("/api/disputes")["account_id"], "ACC-001");
    let after = codes(&intent_of_the_sandbox(house, demo));
    assert!(after.contains(&"DISPUTE_PENDING".to_owned()), "{after:?}");
    let told = asked("/api/widget/ACC-001/alerts");
    assert_eq!(told["alerts"][0]["type"], "disputed", "{told}");
}

/// What the gate answers about an account only the sandbox was given.
fn intent_of_the_sandbox(house: &House, demo: &Demo) -> Value {
    let intent = json!({ "account_id": "ACC-001", "phone": "+12125550100", "channel": "phone",
        "action_type": "call", "source_system": "dialer" });
    let url = demo.page[0].strip_prefix("dialgate demo on ").unwrap();
    let ask = format!(
        "curl -s '{url}/api/gate/contact-intent?explain=true' -H \"Authorization: Bearer $DEMO_SOR\" \
         -H 'Content-Type: application/json' -d '{intent}'"
    );
    shell(house, &[&demo.line("export DEMO_SOR="), &ask])
}

fn walk(clock: &str) {
    let house = House::with(&[]);
    let listen = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let demo = Demo::start(&house, &listen, clock);
    let token = demo.line("export DEMO_B=");
    let seventh = demo.line("ANSWER=$(curl");
    let audit = demo.line("AUDIT_ID=$(echo");
    let settle = demo.line("/disposition");
    let eighth = demo.line("explain=true' -H \"Authorization: Bearer $DEMO_B\"");
    let answer = shell(&house, &[&token, &seventh]);
    assert_eq!(
        (&answer["decision"], &answer["tenant_id"]),
        (&json!("ALLOW"), &json!("demo-b"))
    );
    beside(&house, &demo);
    drop(demo);
    let verified = house.run(&["ledger", "verify", "--data-dir", "demo"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let demo = Demo::start(&house, &listen, clock);
    let answer = format!("ANSWER='{answer}'");
    let token = demo.line("export DEMO_B=");
    let settled = shell(&house, &[&token, &answer, &audit, &settle]);
    assert_eq!(
        (&settled["outcome"], &settled["unchanged"]),
        (&json!("no_answer"), &json!(false))
    );
    let blocked = shell(&house, &[&token, &eighth]);
    assert_eq!(
        (&blocked["decision"], codes(&blocked)),
        (&json!("BLOCK"), vec!["CALL_7_IN_7".to_owned()])
    );
    let told = shell(
        &house,
        &[&demo.line("export DEMO_SOR="), &demo.line("/alerts")],
    );
    assert_eq!(told["alerts"][0]["type"], "disputed", "forgotten: {told}");
    let health = demo.line("/api/health/deep");
    let deep = shell(&house, &[&demo.line("export DEMO="), &health]);
    assert_eq!(
        (&deep["status"], &deep["clock"]["state"]),
        (&json!("ok"), &json!("trusted"))
    );
}

#[test]
fn the_demos_own_lines_show_the_seventh_call_and_the_eighth_at_any_hour() {
    if !Command::new("curl")
        .arg("--version")
        .output()
        .is_ok_and(|ran| ran.status.success())
    {
        writeln!(
            std::io::stderr(),
            "skipped: there is no curl to run the printed lines with"
        )
        .unwrap();
        return;
    }
    walk("2026-05-05T18:00:00Z");
    walk("2026-05-06T07:30:00Z");
}
