//! Folders of mappings, read and changed.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::domain::outcome::Reported;
use crate::wire::dialer::{DialerKind, DialerMapping, Meant};

const TOKEN: &str = "[credential]\nkind = \"token\"\nheader = \"k\"\n";

fn text(tenant: &str, more: &str) -> String {
    format!(
        "tenant = \"{tenant}\"\nkind = \"generic\"\n[fields]\nphone = [\"p\"]\ndisposition = [\"d\"]\n\
         [outcomes]\nno_answer = [\"NA\"]\n{more}"
    )
}

struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("dialers")).unwrap();
        for tenant in ["a", "b"] {
            fs::create_dir_all(dir.path().join("secrets").join(tenant)).unwrap();
        }
        Self { dir }
    }

    fn folder(&self) -> DialerFolder {
        DialerFolder {
            dir: self.dir.path().join("dialers"),
            secrets_dir: self.dir.path().join("secrets"),
            variable: |name| (name == "SET").then(|| "a-token-from-a-variable".to_owned()),
        }
    }

    fn mapping(&self, file: &str, text: &str) {
        fs::write(self.dir.path().join("dialers").join(file), text).unwrap();
    }

    fn secret(&self, file: &str, text: &str) {
        fs::write(self.dir.path().join("secrets").join(file), text).unwrap();
    }

    fn open(&self) -> Dialers {
        let set = self.folder().look().read.unwrap();
        Dialers::new(set, Some(self.folder()), UnixSeconds(0))
    }

    fn told(&self) -> String {
        let findings = self.folder().look().read.unwrap_err();
        let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }
}

fn reread(dialers: &Dialers) -> Reread {
    let seen = dialers.folder().unwrap().look().fingerprint;
    dialers.reread(seen, UnixSeconds(60))
}

#[test]
fn a_file_names_its_dialer_and_each_tenant_may_have_one_of_a_name() {
    let place = Place::new();
    place.mapping(
        "five9.toml",
        &text("a", &format!("{TOKEN}secret_files = [\"five9\"]\n")),
    );
    place.mapping(
        "b.five9.toml",
        &text("b", &format!("{TOKEN}secret_env = \"SET\"\n")),
    );
    place.mapping("closed.toml", &text("a", ""));
    place.mapping("notes.txt", "not read");
    place.secret("a/five9", "a-token-in-a-file\n");
    let set = place.folder().look().read.unwrap();
    let names: Vec<_> = set
        .all()
        .iter()
        .map(|d| (d.tenant(), &*d.id, d.is_open()))
        .collect();
    assert_eq!(
        names,
        [
            ("a", "closed", false),
            ("a", "five9", true),
            ("b", "five9", true)
        ]
    );
    let on = |path| set.on_path(path).count();
    assert_eq!(on(WebhookPath::Id("five9")), 2);
    assert_eq!(on(WebhookPath::Id("closed")), 0);
    assert_eq!(on(WebhookPath::Kind(DialerKind::Five9)), 2, "by name");
    assert_eq!(on(WebhookPath::Kind(DialerKind::Generic)), 2, "by kind");
    assert_eq!(on(WebhookPath::Kind(DialerKind::Convoso)), 0);
}

/// DIALERS-3: nor does a finding.
#[test]
fn findings_name_file_and_key_and_no_secret() {
    let place = Place::new();
    let with = |credential: &str| text("a", &format!("[credential]\n{credential}\n"));
    for (file, content, what) in [
        (
            "x.toml",
            text("a", "y = 1"),
            "x.toml: outcomes.y: unknown key",
        ),
        ("X.toml", text("a", ""), "X.toml: the file's name needs"),
        (
            "b.x.toml",
            text("a", ""),
            "b.x.toml: tenant: is not the one",
        ),
        (
            "x.toml",
            with("kind = \"hmac\"\nsecret_files = [\"none\"]"),
            "x.toml: credential: cannot be read",
        ),
        (
            "x.toml",
            with("kind = \"hmac\"\nsecret_env = \"UNSET\""),
            "x.toml: credential: names a variable",
        ),
        (
            "x.toml",
            with("kind = \"hmac\"\nsecret_files = [\"short\"]"),
            "credential: a signing key begins",
        ),
        (
            "x.toml",
            with("kind = \"hmac\"\nsecret_files = [\"small\"]"),
            "credential: a signing key has 24",
        ),
        (
            "x.toml",
            with("kind = \"token\"\nheader = \"k\"\nsecret_files = [\"short\"]"),
            "credential: a token",
        ),
    ] {
        place.secret("a/short", "too-short");
        place.secret("a/small", "whsec_AAAA");
        place.mapping(file, &content);
        let told = place.told();
        assert!(told.contains(what), "{what}: {told}");
        assert!(
            !told.contains("too-short") && !told.contains("AAAA"),
            "{told}"
        );
        fs::remove_file(place.dir.path().join("dialers").join(file)).unwrap();
    }
}

/// Names invariant DIALERS-2.
#[test]
fn no_two_dialers_share_a_secret() {
    let place = Place::new();
    place.secret("a/one", "the-same-token-twice");
    place.secret("b/two", "the-same-token-twice\n");
    place.mapping(
        "one.toml",
        &text("a", &format!("{TOKEN}secret_files = [\"one\"]\n")),
    );
    place.mapping(
        "two.toml",
        &text("b", &format!("{TOKEN}secret_files = [\"two\"]\n")),
    );
    assert!(
        place
            .told()
            .ends_with("two.toml: credential: its secret stands for something else already")
    );
    place.secret("b/two", "another-token-altogether");
    assert!(place.folder().look().read.is_ok());
}

/// Names invariant DIALERS-1.
#[test]
fn what_is_refused_leaves_what_was_and_what_is_right_is_taken_whole() {
    let place = Place::new();
    place.mapping("one.toml", &text("a", ""));
    let dialers = place.open();
    assert_eq!(reread(&dialers), Reread::Unchanged);
    place.mapping("two.toml", &text("a", ""));
    place.mapping("three.toml", "tenant = ");
    assert!(matches!(reread(&dialers), Reread::Refused(all) if all.len() == 1));
    assert_eq!(
        (dialers.in_force().all().len(), dialers.files().0),
        (1, "refused")
    );
    assert_eq!(
        dialers.page(false)["refused"]["findings"],
        serde_json::Value::Null
    );
    assert!(
        dialers.page(true)["refused"]["findings"][0]
            .as_str()
            .unwrap()
            .contains("three.toml")
    );
    place.mapping("three.toml", &text("b", ""));
    assert_eq!(dialers.reread([0; 32], UnixSeconds(60)), Reread::Unsettled);
    assert_eq!(reread(&dialers), Reread::Changed);
    assert_eq!(
        (dialers.in_force().all().len(), dialers.files().0),
        (3, "current")
    );
    fs::rename(
        place.dir.path().join("dialers"),
        place.dir.path().join("away"),
    )
    .unwrap();
    assert!(
        matches!(reread(&dialers), Reread::Refused(_)),
        "a lost folder closes nobody"
    );
    assert_eq!(dialers.in_force().all().len(), 3);
}

#[test]
fn a_secret_exchanged_is_noticed() {
    let place = Place::new();
    place.secret("a/one", "the-first-token-there-is");
    place.mapping(
        "one.toml",
        &text("a", &format!("{TOKEN}secret_files = [\"one\"]\n")),
    );
    let dialers = place.open();
    let before = dialers.in_force();
    place.secret("a/one", "the-second-token-there-is");
    assert_eq!(reread(&dialers), Reread::Changed);
    assert_ne!(before.all()[0].secrets, dialers.in_force().all()[0].secrets);
}

#[test]
fn a_mapping_that_is_put_is_in_force_written_and_read_back() {
    let place = Place::new();
    place.secret("a/new", "a-token-for-the-new-one");
    let dialers = place.open();
    let mapping = |more: &str| DialerMapping::from_toml(&text("a", more)).unwrap();
    let named = mapping(&format!("{TOKEN}secret_files = [\"new\"]\n"));
    let (dialer, unchanged) = dialers.put("new", named.clone(), UnixSeconds(9)).unwrap();
    assert!(dialer.is_open() && !unchanged);
    assert!(
        dialers
            .put("new", named.clone(), UnixSeconds(10))
            .unwrap()
            .1
    );
    // DIALERS-3: what is written says where the secret lies.
    let written = fs::read_to_string(place.dir.path().join("dialers/a.new.toml")).unwrap();
    assert!(written.contains("\"new\"") && !written.contains("a-token-for"));
    assert_eq!(
        reread(&dialers),
        Reread::Unchanged,
        "the file says what is in force"
    );
    // Without a credential the one there is stays.
    let without = mapping("voicemail = [\"VM\"]\n");
    let (dialer, _) = dialers.put("new", without, UnixSeconds(11)).unwrap();
    assert_eq!(dialer.mapping.credential, named.credential);
    assert_eq!(dialers.files(), ("current", UnixSeconds(11)));
}

#[test]
fn nothing_is_put_beside_files_that_are_not_in_force() {
    let place = Place::new();
    place.mapping("one.toml", &text("a", ""));
    place.mapping("two.toml", &text("a", ""));
    let dialers = place.open();
    let mapping = |more: &str| DialerMapping::from_toml(&text("a", more)).unwrap();
    let put = |id: &str, more: &str| dialers.put(id, mapping(more), UnixSeconds(9));
    let voicemail = "voicemail = [\"VM\"]\n";
    assert!(put("one", voicemail).is_ok());
    let one = place.dir.path().join("dialers/one.toml");
    let written = fs::read_to_string(&one).unwrap();
    // Somebody's edit is not overwritten, a file that is gone closes its dialer, and what is at fault
    // anywhere lets nothing in.
    let edited = text("a", "sent = [\"S\"]\n");
    for change in [Some(&*edited), None, Some("tenant = 7\n")] {
        match change {
            Some(text) => place.mapping("one.toml", text),
            None => fs::remove_file(&one).unwrap(),
        }
        let seen = fs::read(&one).ok();
        for id in ["one", "two", "new"] {
            let told = put(id, "busy = [\"B\"]\n");
            assert!(matches!(told, Err(PutError::FilesChanged)), "{told:?}");
        }
        assert_eq!(fs::read(&one).ok(), seen);
        fs::write(&one, &written).unwrap();
    }
    assert!(put("two", voicemail).is_ok());
    fs::remove_dir_all(place.dir.path().join("dialers")).unwrap();
    assert!(matches!(put("two", ""), Err(PutError::FilesChanged)));
}

#[test]
fn a_request_names_no_file_of_the_server_and_no_variable() {
    let place = Place::new();
    let outside = place.dir.path().join("outside");
    fs::write(&outside, "a-token-that-lies-outside").unwrap();
    let dialers = place.open();
    let path = outside.display().to_string();
    for secrets in [
        format!("secret_files = [\"{path}\"]"),
        "secret_files = [\"../b/two\"]".to_owned(),
        "secret_files = [\"..\"]".to_owned(),
        "secret_env = \"SET\"".to_owned(),
    ] {
        let mapping = DialerMapping::from_toml(&text("a", &format!("{TOKEN}{secrets}\n"))).unwrap();
        let told = dialers
            .put("x", mapping, UnixSeconds(0))
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("credential: only files in the tenant's own folder"),
            "{told}"
        );
    }
    // What the operator wrote may be sent back as it is.
    place.mapping(
        "x.toml",
        &text("a", &format!("{TOKEN}secret_files = [\"{path}\"]\n")),
    );
    assert_eq!(reread(&dialers), Reread::Changed);
    let mut mapping = dialers.in_force().all()[0].mapping.clone();
    mapping.conversation_after_s = None;
    assert!(dialers.put("x", mapping, UnixSeconds(0)).is_ok());
    for id in ["", "a/b", "..", "A", "a.b"] {
        let mapping = DialerMapping::from_toml(&text("a", "")).unwrap();
        assert!(
            matches!(
                dialers.put(id, mapping, UnixSeconds(0)),
                Err(PutError::Refused(_))
            ),
            "{id}"
        );
    }
}

/// DIALERS-3: neither what is answered nor what is printed holds one.
#[test]
fn a_tenant_sees_its_own_and_no_secret() {
    let place = Place::new();
    place.secret("a/one", "the-token-nobody-may-see");
    place.mapping(
        "one.toml",
        &text("a", &format!("{TOKEN}secret_files = [\"one\"]\n")),
    );
    place.mapping("two.toml", &text("b", ""));
    let dialers = place.open();
    let one = Arc::clone(&dialers.in_force().all()[0]);
    for (name, channel) in [
        ("Mystery", None),
        ("N.A.", Some("phone")),
        ("N.A.", Some("Fon")),
    ] {
        let meant = Meant {
            outcome: Reported::Dropped,
            unmapped: Some(name.into()),
            unmapped_channel: channel.map(Into::into),
        };
        dialers.note_unmapped(&one, &meant, UnixSeconds(5));
    }
    let shown = serde_json::to_value(dialers.shown("a")).unwrap();
    assert_eq!(shown["dialers"].as_array().unwrap().len(), 1);
    assert_eq!(shown["dialers"][0]["credential"]["secrets"], 1);
    let unmapped = shown["dialers"][0]["unmapped"].as_array().unwrap();
    let mut unmapped: Vec<_> = unmapped
        .iter()
        .map(|seen| format!("{} {}", seen["field"], seen["name"]))
        .collect();
    unmapped.sort();
    let wanted = [r#""channel" "Fon""#, r#""disposition" "Mystery""#];
    assert_eq!(unmapped, wanted, "the others are mapped since");
    let all = format!("{shown}{one:?}");
    assert!(!all.contains("nobody-may-see"));
    assert!(all.contains("secrets: [DialerSecret(..)]"), "{all}");
    assert_eq!(dialers.shown("c").dialers, []);
}
