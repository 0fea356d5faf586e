//! INGEST-3: parts read one after the other say what the file says read whole.

use proptest::prelude::*;

use super::cut::{Cutter, Kind, Place};
use super::{CsvReader, JsonReader, Numbered, Refused, Rejected};

type Read = (Vec<(u64, String)>, bool);

/// What a reader makes of bytes, in pieces: line and content, or fault; and whether it was refused.
fn read(kind: Kind, bytes: &[u8], piece: usize) -> (Vec<(u32, String)>, bool) {
    let mut all = Vec::new();
    let mut sink = |line: Result<Numbered, Rejected>| {
        all.push(match line {
            Ok(good) => (good.line, format!("{:?}", good.record)),
            Err(bad) => (bad.line, format!("{:?}", bad.fault)),
        });
    };
    let pieces = bytes.chunks(piece.max(1));
    let read: Result<(), Refused> = match kind {
        Kind::Csv => {
            let mut reader = CsvReader::default();
            let mut pieces = pieces;
            pieces
                .try_for_each(|part| reader.push(part, &mut sink))
                .and_then(|()| reader.finish(&mut sink))
        }
        Kind::Json | Kind::Lines => {
            let mut reader = match kind {
                Kind::Lines => JsonReader::of_lines(),
                _ => JsonReader::default(),
            };
            let mut pieces = pieces;
            pieces
                .try_for_each(|part| reader.push(part, &mut sink))
                .and_then(|()| reader.finish(&mut sink))
        }
    };
    (all, read.is_ok())
}

fn whole(csv: bool, text: &[u8]) -> Read {
    let kind = if csv { Kind::Csv } else { Kind::Json };
    let (lines, sound) = read(kind, text, 4096);
    let wide = |(line, what): (u32, String)| (u64::from(line), what);
    (lines.into_iter().map(wide).collect(), sound)
}

fn cutter(csv: bool) -> Cutter {
    if csv { Cutter::csv() } else { Cutter::json() }
}

/// Cuts at the first place at or behind every `part` bytes, looking `block` bytes at a time; a new
/// cutter goes on after each cut, as after a break.
fn in_parts(csv: bool, text: &[u8], part: usize, block: usize) -> (Read, usize) {
    let mut lines = Vec::new();
    let (mut start, mut parts, mut sound) = (Place::default(), 0, true);
    loop {
        let mut cutter = cutter(csv);
        let first = start.next == 0;
        if !first {
            for byte in text {
                if cutter.is_known() {
                    break;
                }
                cutter.look(&[*byte]);
            }
            cutter.go_on_at(start);
        }
        let from = usize::try_from(start.next).unwrap();
        let mut looked = from;
        let found = loop {
            let end = (looked + block).min(text.len());
            if looked == end {
                break None;
            }
            cutter.look(&text[looked..end]);
            looked = end;
            let place = cutter.place().filter(|place| place.next > start.next);
            if place.is_some_and(|_| looked - from >= part) {
                break place;
            }
        };
        let found = found.filter(|place| place.next < text.len() as u64);
        let end = found.map_or(text.len(), |place| usize::try_from(place.end).unwrap());
        let dress = cutter.dress(first, found.is_none());
        let mut bytes = dress.before.clone();
        bytes.extend_from_slice(&text[from..end]);
        bytes.extend_from_slice(dress.behind);
        let (told, ok) = read(dress.kind, &bytes, 4096);
        for (line, what) in told {
            assert!(line > dress.lines_before, "{line}: {what}");
            lines.push((start.line + u64::from(line - dress.lines_before), what));
        }
        (parts, sound) = (parts + 1, sound && ok);
        match found {
            Some(place) if sound => start = place,
            _ => return ((lines, sound), parts),
        }
    }
}

fn assert_same(csv: bool, text: &[u8], part: usize, block: usize) -> usize {
    let (told, parts) = in_parts(csv, text, part, block);
    let shown = String::from_utf8_lossy(text);
    assert_eq!(
        told,
        whole(csv, text),
        "part {part}, block {block}: {shown:?}"
    );
    parts
}

const CSV: &str = "\u{feff}account_id,\"status\",creditor\r\nA-1,open,One\r\nA-2,open,\"a, \"\"b\"\"\r\nc\"\n\
    A-3,\"open\nA-4,open,x\nA-5,\"o\"pen,y\nA-6,open,\"two\n\nlines\"\nA-7,open,\"never\nA-8,closed,z\n";
const NDJSON: &str = "{\"account_id\":\"A-1\"}\n\n[{\"account_id\":\"A-2\"}]\n{\"records\":[{\"account_id\":\"A-3\"}]}\n\
    \u{feff}{\"account_id\":\"A-4\"}\r\nbroken\n{\"account_id\":\"A-5\"}";
const ARRAY: &str = " [ {\"account_id\":\"A,1]\"} , {\"account_id\":\"A-2\",\"phones\":[]}, 7,, \"x\\\",]\" ,{\"account_id\":\"A-3\"} ,] ";
const WRAPPED: &str = "{ \"records\" : [{\"account_id\":\"A-1\"},{\"account_id\":\"A-2\"},{\"account_id\":\"A-3\"}] } ";

#[test]
fn every_cut_of_the_samples_reads_as_the_whole() {
    for (csv, text) in [
        (true, CSV),
        (false, NDJSON),
        (false, ARRAY),
        (false, WRAPPED),
    ] {
        let mut most = 0;
        for part in 1..=text.len() + 1 {
            for block in [1, 2, 7, text.len()] {
                most = most.max(assert_same(csv, text.as_bytes(), part, block));
            }
        }
        assert!(most >= 3, "{text:?} was cut into {most} at most");
    }
}

#[test]
fn ends_and_faults_read_as_the_whole() {
    for text in [
        "",
        "[]",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1,2",
        "[,1]",
        "[1,,]",
        "[1]x",
        "[1,2]]",
        "{\"records\":[1,2",
        "{\"records\":[1,2]",
        "{\"records\":[1,2],\"x\":3}",
        "7\n8\n",
        "\n",
        "{\"a\":1}\n",
        "{}",
        "[ ,2]",
        "[1, ,2 , ]",
        // What the file is stands behind its first line end.
        "{\n{\"account_id\":\"A\"}",
        "\n{\n\n{\"account_id\":\"A\"}\n{}",
    ] {
        for part in 1..=text.len() + 1 {
            assert_same(false, text.as_bytes(), part, 1);
        }
    }
    for text in [
        "",
        "\n",
        "account_id",
        "account_id\n",
        "account_id\nA",
        "account_id\nA\n",
        "colour\nred\n",
        "\"account_id\n\",status\nA,open\n",
        "account_id\n\"A\n",
        "account_id\n\"\n\"\n\"\nA\n",
    ] {
        for part in 1..=text.len() + 1 {
            assert_same(true, text.as_bytes(), part, 1);
        }
    }
    let long = format!("{{\"account_id\":\"A\"}}\n{}\n{{}}\n", "x".repeat(20_000));
    let row = format!("account_id\nA\n\"{}\nB\n\"\nC\n", "x".repeat(20_000));
    for part in [1, 40, 30_000] {
        assert_same(false, long.as_bytes(), part, 100);
        assert_same(true, row.as_bytes(), part, 100);
    }
}

fn fragments(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(of), 0..24).prop_map(|all| all.concat())
}

proptest! {
    #[test]
    fn any_csv_reads_the_same(
        text in fragments(&["A", "\"", "\"\"", "\n", "\r\n", ",", ",\"", "\",", "open", "A-1,open\n", " ", "\"a\nb\",open\n"]),
        part in 1_usize..40,
        block in 1_usize..40,
    ) {
        let text = format!("account_id,status\n{text}");
        assert_same(true, text.as_bytes(), part, block);
    }

    #[test]
    fn any_json_reads_the_same(
        opening in prop::sample::select(&["", "[", "{\"records\":[", "{\"account_id\":\"A\"}\n"][..]),
        text in fragments(&["{\"account_id\":\"A\"}", ",", "]", "[", "}", "{", "\"", "\\", "\n", " ", "7", "[7]", "]}"]),
        part in 1_usize..40,
        block in 1_usize..40,
    ) {
        let text = format!("{opening}{text}");
        assert_same(false, text.as_bytes(), part, block);
    }
}
