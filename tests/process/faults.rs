//! What is broken from outside: bytes altered, bytes cut, a disk that fills up. Each time the process
//! answers on, and nothing it answers is an ALLOW.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::batch::batch;
use crate::floor::{ACCOUNT, Floor, PHONE, audit};
use crate::house::{House, MAY};
use crate::http::Request;
use crate::words::{account, disposition, facts, gate, intent};

fn segment(house: &House) -> PathBuf {
    house.path("data/ledger/seg-00000001.dgl")
}

/// Position after the last byte that is not zero.
fn end_of_frames(house: &House) -> usize {
    let bytes = fs::read(segment(house)).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

fn overwrite(house: &House, at: usize, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(segment(house)).unwrap();
    file.write_all_at(bytes, at as u64).unwrap();
}

/// The server runs, says that it is sealed, and blocks whatever it is asked.
fn assert_sealed(floor: &Floor, why: &str) {
    let status = |path: &str| floor.server.ask(&Request::new("GET", path));
    assert_eq!(status("/api/health/liveness").status, 200);
    let readiness = status("/api/health/readiness");
    assert_eq!(
        (readiness.status, readiness.json()),
        (503, json!({ "status": "sealed" }))
    );
    assert_eq!(status("/api/health").status, 503);
    let sealed = floor.deep()["ledger"]["sealed"].take();
    assert!(
        sealed.as_str().is_some_and(|said| said.contains(why)),
        "{sealed}"
    );
    let page = status("/metrics").body;
    assert!(
        String::from_utf8(page)
            .unwrap()
            .contains("dialgate_ledger_sealed 1")
    );
    assert_blocked(floor);
    let said = json!({ "audit_id": 3, "outcome": "no_answer" });
    let heard = floor.server.ask(&disposition(&floor.token, ACCOUNT, &said));
    assert_eq!(
        (heard.status, &heard.json()["code"]),
        (503, &json!("SEALED"))
    );
    let heard = floor
        .server
        .ask(&facts(&floor.token, &json!([account("N", PHONE)])));
    assert_eq!(
        (heard.status, &heard.json()["code"]),
        (503, &json!("SEALED"))
    );
}

fn assert_blocked(floor: &Floor) {
    let heard = floor
        .server
        .ask(&gate(&floor.token, &intent(ACCOUNT, PHONE)));
    let said = heard.json();
    assert_eq!(
        (heard.status, &said["allow"]),
        (200, &json!(false)),
        "{said}"
    );
    assert_eq!(said["reason"], "Blocked by: SYSTEM_ERROR");
    assert_eq!(
        (&said["audit_id"], &said["tenant_id"]),
        (&Value::Null, &json!("open"))
    );
    assert_eq!(said["error"]["code"], "SEALED");
    let asked = vec![intent(ACCOUNT, PHONE); 40];
    let heard = floor.server.ask(&batch(&floor.token, &asked));
    let said = heard.json();
    assert_eq!(
        (heard.status, said.as_array().map(Vec::len)),
        (200, Some(40))
    );
    for answer in said.as_array().unwrap() {
        assert_eq!(answer["allow"], false);
        assert_eq!(answer["error"]["code"], "SEALED");
    }
}

#[test]
fn an_altered_byte_opens_sealed_and_verify_names_the_row() {
    let floor = Floor::open();
    let allowed = audit(&floor.call());
    let house = &floor.house;
    let bytes = fs::read(segment(house)).unwrap();
    let body = format!("\"k\":\"d\",\"p\":0,\"q\":{allowed}").into_bytes();
    let at = bytes
        .windows(body.len())
        .position(|found| found == body)
        .unwrap();
    let floor = floor.restarted_after(|house| overwrite(house, at + 5, b"o"));
    assert_sealed(&floor, "damaged");
    let verified = floor.house.ledger("verify");
    assert_eq!(verified.code, Some(1), "{verified:?}");
    assert!(verified.out.contains("open") && verified.out.contains(&allowed.to_string()));
    let (status, lines) = floor.server.terminated();
    assert_eq!(status.code(), Some(74), "sealed: not a clean end");
    assert!(lines.concat().contains("damaged"), "{lines:?}");
}

#[test]
fn an_erased_tail_below_the_watermark_is_damage() {
    let floor = Floor::open();
    assert_eq!(floor.call()["allow"], true);
    // Stopped in order, so the watermark is at the head: not one frame may be missing.
    let floor = floor.restarted_after(|house| {
        let end = end_of_frames(house);
        overwrite(house, end - 64, &[0; 64]);
    });
    assert_sealed(&floor, "damaged");
}

#[test]
fn a_segment_cut_short_or_missing_is_damage() {
    let floor = Floor::open();
    let floor = floor.restarted_after(|house| {
        let file = OpenOptions::new().write(true).open(segment(house)).unwrap();
        file.set_len(4096).unwrap();
    });
    assert_sealed(&floor, "damaged");
    let floor = floor.restarted(Some(MAY), |server| server.started.kill());
    assert_sealed(&floor, "damaged");
    let floor = Floor::open();
    let floor = floor.restarted_after(|house| fs::remove_file(segment(house)).unwrap());
    assert_sealed(&floor, "damaged");
}

#[test]
fn a_torn_tail_is_cut_and_work_goes_on() {
    let floor = Floor::open();
    let first = audit(&floor.call());
    // A row of more than one sector.
    let mut record = account("B", PHONE);
    let phone = |n| json!({ "number": format!("+1818555{:04}", 2000 + n) });
    record["phones"] = (0..16).map(phone).collect();
    floor.state(&json!([record]));
    let Floor {
        house,
        server,
        token,
    } = floor;
    assert!(server.terminated().0.success());
    // Half a frame beyond what was acknowledged, as a power cut leaves it: frames begin on sectors.
    let end = end_of_frames(&house).next_multiple_of(512);
    let bytes = fs::read(segment(&house)).unwrap();
    let last = (0..end)
        .step_by(512)
        .rfind(|at| bytes[*at..].starts_with(b"DGFR"));
    let mut torn = bytes[last.unwrap()..end].to_vec();
    assert!(torn.len() > 512);
    torn[8] += 1;
    overwrite(&house, end, &torn[..512]);
    let verified = house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(
        verified.out.contains("an incomplete last frame follows"),
        "{verified:?}"
    );
    let server = house.start(Some(MAY));
    let floor = Floor {
        house,
        server,
        token,
    };
    assert_eq!(audit(&floor.call()), first + 2);
    let verified = floor.house.ledger("verify");
    assert!(!verified.out.contains("incomplete"), "{verified:?}");
}

#[test]
fn a_snapshot_that_does_not_read_is_rebuilt_from_rows() {
    let floor = Floor::open();
    for _ in 0..7 {
        assert_eq!(floor.call()["allow"], true);
    }
    let floor = floor.restarted_after(|house| {
        fs::remove_file(house.path("data/index.redb")).unwrap();
        fs::remove_dir_all(house.path("data/snapshot")).unwrap();
    });
    assert_eq!(floor.call()["blocked_by"], json!(["TIMING"]));
}

/// Damage in front of the newest snapshot, in the segment in use: what was recovered is not what any row
/// stands for, and nothing of it may be kept.
#[test]
fn a_sealed_server_keeps_nothing_of_its_state() {
    let floor = Floor::open();
    let audits: Vec<u64> = (0..6).map(|_| audit(&floor.call())).collect();
    let body = format!("\"k\":\"d\",\"p\":0,\"q\":{}", audits[2]).into_bytes();
    let bytes = fs::read(segment(&floor.house)).unwrap();
    let found = bytes.windows(body.len()).position(|found| found == body);
    let at = found.unwrap() + 5;
    let floor = floor.restarted_after(|house| overwrite(house, at, b"o"));
    assert_sealed(&floor, "damaged");
    let floor = floor.restarted(Some(MAY), |server| {
        assert_eq!(server.terminated().0.code(), Some(74));
    });
    assert_sealed(&floor, "damaged");
    let Floor {
        house,
        server,
        token,
    } = floor;
    assert_eq!(server.terminated().0.code(), Some(74));
    overwrite(&house, at, b"d");
    let server = house.start(Some(MAY));
    let floor = Floor {
        house,
        server,
        token,
    };
    assert_eq!(audit(&floor.call()), audits[5] + 1);
}

impl Floor {
    /// Stopped in order, damaged, started again.
    fn restarted_after(self, damage: impl FnOnce(&House)) -> Self {
        let Self {
            house,
            server,
            token,
        } = self;
        assert!(server.terminated().0.success());
        damage(&house);
        let server = house.start(Some(MAY));
        Self {
            house,
            server,
            token,
        }
    }
}

/// A file system of a few megabytes over a house's data, gone with it.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where mounting is not permitted.
    fn over(house: &House, size: &str) -> Option<Self> {
        let place = house.path("data");
        fs::create_dir(&place).unwrap();
        let size = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&place)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then_some(Self(place))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server under test may still be on it.
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[test]
fn a_full_disk_warns_and_then_seals() {
    let house = House::with(&[
        ("DIALGATE_LEDGER__SEGMENT_BYTES", "1048576"),
        ("DIALGATE_LEDGER__LOW_WATER_BYTES", "2621440"),
    ]);
    let Some(_disk) = SmallDisk::over(&house, "8m") else {
        writeln!(
            std::io::stderr(),
            "skipped: mounting a small file system is not permitted here"
        )
        .unwrap();
        return;
    };
    let floor = Floor::of(house, "open");
    assert_eq!(floor.deep()["ledger"]["disk_low"], false);
    let mut warned = false;
    let mut promised = 0;
    let mut client = floor.server.client();
    for n in 0..20_000 {
        let asked = gate(&floor.token, &intent(ACCOUNT, PHONE)).with("agent", n.to_string());
        let said = client.ask(&asked).unwrap().json();
        match said["audit_id"].as_u64() {
            Some(audit) => promised = audit,
            None => break,
        }
        if n % 16 == 0 {
            warned |= floor.deep()["ledger"]["disk_low"] == true;
        }
    }
    assert!(warned, "low water was told before the disk was full");
    assert_sealed(&floor, "disk full");
    let verified = floor.house.ledger("verify");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let kept = floor
        .house
        .rows()
        .iter()
        .filter(|row| row["tenant"] == "open")
        .count();
    assert!(kept as u64 >= promised, "{kept} rows of {promised}");
    let (status, lines) = floor.server.terminated();
    assert_eq!(status.code(), Some(74), "{lines:?}");
    let told = |what: &str| lines.iter().position(|line| line.contains(what));
    let low = told("below the low-water mark").unwrap();
    assert!(
        told("sealed: every intent is blocked").unwrap() > low,
        "{lines:?}"
    );
}
