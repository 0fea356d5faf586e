//! What an HTTP status says of a change that was asked for, where a system says it by the status.

use super::Verdict;
use super::field_map::Tree;
use crate::sor::call::Heard;

/// Who is told to come again may have been heard all the same, and a redirect is no answer.
pub(super) const fn verdict(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Done,
        408 | 425 | 429 => Verdict::Unsure,
        400..=499 => Verdict::Refused,
        _ => Verdict::Unsure,
    }
}

/// What the body of an answer says, if what was asked for was done and the body can be read.
pub(super) fn told(heard: &Heard) -> Option<Tree> {
    match verdict(heard.status) {
        Verdict::Done => Tree::of_json(&heard.body),
        Verdict::Refused | Verdict::Unsure => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_definite_no_is_a_refusal() {
        for (status, said) in [
            (200, Verdict::Done),
            (299, Verdict::Done),
            (300, Verdict::Unsure),
            (400, Verdict::Refused),
            (401, Verdict::Refused),
            (407, Verdict::Refused),
            (408, Verdict::Unsure),
            (409, Verdict::Refused),
            (419, Verdict::Refused),
            (422, Verdict::Refused),
            (425, Verdict::Unsure),
            (429, Verdict::Unsure),
            (499, Verdict::Refused),
            (500, Verdict::Unsure),
            (503, Verdict::Unsure),
            (100, Verdict::Unsure),
            (0, Verdict::Unsure),
        ] {
            assert_eq!(verdict(status), said, "{status}");
        }
    }
}
