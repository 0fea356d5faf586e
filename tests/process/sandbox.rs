//! A sandbox behind a gateway, at all three mounts, each a process of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use serde_json::json;

use crate::house::{ALL, House, MAY, OPEN, PROGRAM, Server};
use crate::http::{Reply, Request};

/// `dialgate sandbox`, listening.
struct Sandbox {
    child: Child,
    url: String,
}

impl Sandbox {
    fn start(house: &House) -> Self {
        let mut command = house.command(PROGRAM);
        command.args(["sandbox", "--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        for _ in 0..4 {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            if first.is_empty() {
                first = line;
            }
        }
        let url = first.trim_end().strip_prefix("dialgate sandbox on ");
        let url = url.unwrap_or_else(|| panic!("{first:?}")).to_owned();
        Self { child, url }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // Already gone is as good.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Declares a tenant by the name of its system, with its secrets.
fn declare(house: &House, sandbox: &Sandbox, system: &str, base: &str, secrets: &[(&str, &str)]) {
    let named = OPEN.replace("\"open\"", &format!("\"{system}\""));
    let mut text = format!(
        "{named}[sor]\nsystem = \"{system}\"\naddresses = [\"{}{base}\"]\n",
        sandbox.url
    );
    let dir = house.path(&format!("data/dialgate/secrets/sor/{system}"));
    fs::create_dir_all(&dir).unwrap();
    for (key, secret) in secrets {
        fs::write(dir.join(key), secret).unwrap();
        text.extend([key, "_file = \"", key, "\"\n"]);
    }
    fs::write(house.path(&format!("tenants/{system}.toml")), text).unwrap();
}

fn get(house: &House, server: &Server, tenant: &str, path: &str) -> Reply {
    let reply = server.ask(&Request::new("GET", path).token(&house.token(tenant, ALL)));
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    assert_eq!(reply.header("x-dialgate-sandbox"), Some("1"), "{path}");
    reply
}

#[test]
fn the_sandbox_answers_through_the_gateway_at_every_mount() {
    let house = House::with(&[]);
    let sandbox = Sandbox::start(&house);
    declare(&house, &sandbox, "whl", "", &[]);
    let scollect = [("key", "sandbox-key"), ("pin", "SBX")];
    declare(&house, &sandbox, "scollect", "/scollect", &scollect);
    declare(
        &house,
        &sandbox,
        "portal",
        "/portal",
        &[("key", "sandbox-key")],
    );
    let server = house.start(Some(MAY));

    let card = get(&house, &server, "whl", "/api/queue/account/ACC-001").json();
    assert_eq!(card["account_id"], "ACC-001", "{card}");
    assert_eq!(card["phones"][0]["number"], "2125550100", "{card}");

    // The caller's token means nothing there: the gateway has exchanged the tenant's key for one.
    let file = get(&house, &server, "scollect", "/scollect/getaccount/R1000").json();
    assert!(
        file.to_string().contains("\"filenumber\":\"R1000\""),
        "{file}"
    );

    let clients = get(&house, &server, "portal", "/portal/clients?per_page=5").json();
    // A page within a list: so the documents show it.
    let rows = &clients["data"][0]["data"];
    assert_eq!(rows.as_array().unwrap().len(), 5, "{clients}");
    assert_eq!(rows[0]["id"], 1, "{clients}");

    let changed = server.ask(
        &Request::new("POST", "/api/webhooks")
            .token(&house.token("whl", ALL))
            .json(json!({ "url": "https://example.com/hook" }).to_string()),
    );
    assert_eq!(changed.status, 201, "{changed:?}");

    // What no catalogue knows never reaches it, and a tenant has one system.
    for (tenant, path, code) in [
        ("whl", "/api/nothing", "UNKNOWN_ROUTE"),
        ("whl", "/portal/clients", "NO_SYSTEM_OF_RECORD"),
    ] {
        let refused = server.ask(&Request::new("GET", path).token(&house.token(tenant, ALL)));
        assert_eq!(refused.status, 404, "{path}");
        assert_eq!(refused.json()["code"], code, "{path}");
        assert_eq!(refused.header("x-dialgate-sandbox"), None, "{path}");
    }
}
