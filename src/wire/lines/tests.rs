//! Lines against the rule itself, however they are cut.

use proptest::prelude::*;

use super::*;

/// Lines of at most four bytes, by number; `None` is one that is too long.
type Cut = Vec<(u64, Option<String>)>;

fn cut<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Cut {
    let (mut splitter, mut found) = (LineSplitter::new(4), Vec::new());
    for piece in pieces {
        splitter.feed(Bytes::copy_from_slice(piece));
        while splitter.has_line() {
            found.extend(splitter.next_line());
            assert!(splitter.held.capacity() <= 16, "LINES-2");
        }
        assert_eq!(splitter.next_line(), None);
    }
    found.extend(splitter.finish());
    assert_eq!(splitter.finish(), None);
    let spelt = |line: Line| {
        let text = line
            .text
            .map(|text| String::from_utf8(text.to_vec()).unwrap());
        (line.number, text.ok())
    };
    found.into_iter().map(spelt).collect()
}

/// The same by the rule itself.
fn expected(text: &[u8]) -> Cut {
    let lines = (1..).zip(text.split(|byte| *byte == b'\n'));
    let bare = lines.map(|(number, line)| (number, line.strip_suffix(b"\r").unwrap_or(line)));
    bare.filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| {
            let text = String::from_utf8(line.to_vec()).unwrap();
            (number, (line.len() <= 4).then_some(text))
        })
        .collect()
}

#[test]
fn both_sides_of_every_bound() {
    for text in [
        "",
        "\n",
        "\r\n",
        "a",
        "a\n",
        "a\r\nb",
        "\r",
        "\r\r\n",
        "abcd\n",
        "abcde\n",
        "abcd\r\nx",
        "abcde\r\nx\n",
        "abcd\r",
        "abcde\r",
        "a\r\r\n",
        "abcdefgh\n\nx",
    ] {
        let expected = expected(text.as_bytes());
        for size in 1..=text.len().max(1) {
            assert_eq!(
                cut(text.as_bytes().chunks(size)),
                expected,
                "{text:?} {size}"
            );
        }
    }
    let five = Some("abcd".to_owned());
    assert_eq!(cut([&b"\nabcd\r\nabcde"[..]]), [(2, five), (3, None)]);
}

#[test]
fn a_piece_that_comes_early_is_not_lost() {
    let mut splitter = LineSplitter::new(9);
    for piece in ["a\nb", "c\nd\n", "e"] {
        splitter.feed(Bytes::from_static(piece.as_bytes()));
    }
    let all: Vec<Line> = std::iter::from_fn(|| splitter.finish()).collect();
    let text: Vec<&[u8]> = all
        .iter()
        .map(|line| &**line.text.as_ref().unwrap())
        .collect();
    assert_eq!(text, [&b"a"[..], b"bc", b"d", b"e"]);
}

proptest! {
    /// LINES-1.
    #[test]
    fn how_bytes_are_cut_changes_nothing(
        text in "[ab\r\n]{0,40}",
        cuts in proptest::collection::vec(0_usize..8, 0..40),
    ) {
        let (mut rest, mut pieces) = (text.as_bytes(), Vec::new());
        for length in cuts {
            let (piece, tail) = rest.split_at(length.min(rest.len()));
            pieces.push(piece);
            rest = tail;
        }
        pieces.push(rest);
        prop_assert_eq!(cut(pieces), expected(text.as_bytes()));
    }
}
