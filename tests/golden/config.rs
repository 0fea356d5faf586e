//! `config/`: every shipped file loads; the shipped `dialgate.toml` states every key with its
//! default (CONFIG-2); every key of a tenant file is described.

use std::path::{Path, PathBuf};

use dialgate::config::{ConfigErrors, Settings, TenantFile, load_tenants};
use dialgate::gateway::dialers::DialerFolder;
use dialgate::wire::dialer::{DialerField, DialerMapping};

fn shipped(name: &str) -> String {
    std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("config")
            .join(name),
    )
    .unwrap()
}

#[test]
fn the_shipped_file_is_the_defaults_and_a_secret() {
    let text = shipped("dialgate.toml");
    let mut errors = ConfigErrors::default();
    let got = Settings::parse("dialgate.toml", &text, std::iter::empty(), &mut errors).unwrap();
    assert_eq!(errors, ConfigErrors::default());
    let mut expected = Settings::default();
    expected.auth.secret_file = Some(PathBuf::from("data/dialgate/secrets/jwt.key"));
    assert_eq!(got, expected);
}

#[test]
fn the_shipped_file_states_every_key_under_a_remark() {
    let text = shipped("dialgate.toml");
    for (section, keys) in Settings::SECTIONS {
        let header = format!("[{section}]\n");
        let after = text
            .split_once(&header)
            .unwrap_or_else(|| panic!("no {header}"))
            .1;
        let body = after.split("\n[").next().unwrap();
        for key in *keys {
            let stated = body.lines().any(|line| {
                line.strip_prefix("# ")
                    .unwrap_or(line)
                    .starts_with(&format!("{key} = "))
            });
            assert!(stated, "{section}.{key} is not stated");
        }
        assert!(
            body.trim_start().starts_with('#'),
            "[{section}] begins without a remark"
        );
    }
}

#[test]
fn every_shipped_tenant_loads_and_the_example_is_the_default() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/tenants");
    let all = load_tenants(&dir).unwrap();
    let names: Vec<&str> = all.iter().map(|tenant| tenant.name.as_str()).collect();
    assert_eq!(names, ["demo", "demo-b", "demo-sor", "example"]);
    assert_eq!(
        all[3],
        TenantFile::parse("x", "name = \"example\"").unwrap()
    );
}

#[test]
fn every_shipped_mapping_loads_and_is_closed() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/dialers");
    let folder = DialerFolder {
        dir,
        secrets_dir: PathBuf::from("none"),
        variable: |_| None,
    };
    let set = folder.look().read.unwrap();
    let all = set.all().iter().map(|one| (&*one.id, one.is_open()));
    let expected = [("convoso", false), ("five9", false), ("generic", false)];
    assert_eq!(all.collect::<Vec<_>>(), expected);
}

#[test]
fn every_key_of_a_mapping_is_described() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dialers.md");
    let page = std::fs::read_to_string(path).unwrap();
    let text = "tenant = \"a\"\nkind = \"generic\"\nconversation_after_s = 1\n[fields]\nphone = \"p\"\n\
                disposition = \"d\"\nduration = \"s\"\nchannel = \"c\"\ndirection = \"e\"\ncause = \"f\"\n\
                [outcomes]\nnot_a_call = \"x\"\n[channels]\nsms = \"x\"\n[directions]\ninbound = \"x\"\n\
                [causes]\nnot_connected = \"x\"\n[credential]\nkind = \"token\"\nheader = \"h\"\n\
                secret_env = \"E\"\nsecret_files = \"f\"\n";
    let form = DialerMapping::from_toml(text).unwrap().form();
    let top = form.as_object().unwrap().keys();
    let inner = form["credential"].as_object().unwrap().keys();
    let mut keys: Vec<&str> = top.chain(inner).map(String::as_str).collect();
    keys.extend(DialerField::ALL.iter().map(|field| field.as_str()));
    keys.extend(["query", "user"]);
    assert_eq!(keys.len(), 33);
    for key in keys {
        let said = [
            "`",
            "`fields.",
            "`credential.",
            "`outcomes.",
            "`channels.",
            "`directions.",
            "`causes.",
        ];
        let said = said
            .iter()
            .any(|before| page.contains(&format!("{before}{key}")));
        let section = page.contains(&format!("`{key}."));
        assert!(said || section, "{key} is not described");
    }
}

#[test]
fn every_key_of_a_tenant_file_is_described() {
    let readme = shipped("README.md");
    let text = "name = \"a\"\n[agency]\nzone = \"America/Denver\"\n[strategy]\nlicences = []\n[[strategy.portfolio]]\nname = \"p\"\n\
                [[authority.source]]\nname = \"s\"\ndial_mode = \"manual\"\n\
                [[rules.emergency]]\njurisdiction = \"DC\"\nfrom = \"2026-03-11\"\n\
                until = \"2026-07-25\"\n";
    let file = TenantFile::parse("a.toml", text).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&file.canonical()).unwrap();
    let mut keys = Vec::new();
    keys_of(&json, &mut keys);
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 44);
    for key in keys {
        assert!(
            readme.contains(&format!("`{key}`")),
            "{key} is not described"
        );
    }
}

fn keys_of(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(all) => {
            for (key, inner) in all {
                into.push(key.clone());
                keys_of(inner, into);
            }
        }
        serde_json::Value::Array(all) => all.iter().for_each(|inner| keys_of(inner, into)),
        _ => {}
    }
}
