//! The regulator's own examples, asked of the engine.
//!
//! `tests/worked_examples.json` restates examples of 12 CFR part 1006, Supplement I;
//! `tests/worked_examples_more.json` holds their siblings in the same form. A further file is run
//! when the environment variable `DIALGATE_EXAMPLES` names it. The harness only translates a
//! vector's facts into the records any caller sends and asks the engine; it knows no vector by name.
//! A type of fact or a field without a meaning fails its vector.

#[cfg(test)]
#[path = "worked/about_account.rs"]
mod about_account;
#[cfg(test)]
#[path = "worked/about_contacts.rs"]
mod about_contacts;
#[cfg(test)]
#[path = "worked/about_person.rs"]
mod about_person;
#[cfg(test)]
#[path = "worked/contacts.rs"]
mod contacts;
#[cfg(test)]
#[path = "worked/facts.rs"]
mod facts;
#[cfg(test)]
#[path = "worked/fields.rs"]
mod fields;
#[cfg(test)]
#[path = "worked/file.rs"]
mod file;
#[cfg(test)]
#[path = "worked/moments.rs"]
mod moments;
#[cfg(test)]
#[path = "worked/places.rs"]
mod places;
#[cfg(test)]
#[path = "worked/question.rs"]
mod question;
#[cfg(test)]
#[path = "worked/run.rs"]
mod run;
#[cfg(test)]
#[path = "worked/story.rs"]
mod story;
#[cfg(test)]
#[path = "worked/words.rs"]
mod words;

#[cfg(test)]
mod vectors {
    use serde_json::Value;

    use crate::{run, story};

    /// Runs every vector of a file; gives how many passed and each failure with its id.
    fn run_file(text: &str) -> (usize, Vec<String>) {
        let file: Value = serde_json::from_str(text).unwrap();
        let vectors = file["examples"].as_array().unwrap();
        let mut failures = Vec::new();
        for vector in vectors {
            let result = story::read(vector).and_then(|story| run::check(&story));
            if let Err(fault) = result {
                failures.push(format!("{}: {fault}", vector["id"]));
            }
        }
        (vectors.len() - failures.len(), failures)
    }

    fn all_pass(text: &str) -> usize {
        let (passed, failures) = run_file(text);
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        passed
    }

    #[test]
    fn every_published_vector_passes() {
        assert_eq!(all_pass(include_str!("worked_examples.json")), 61);
    }

    #[test]
    fn every_sibling_passes() {
        assert_eq!(all_pass(include_str!("worked_examples_more.json")), 93);
    }

    #[test]
    fn every_further_vector_of_a_named_file_passes() {
        let Some(path) = std::env::var_os("DIALGATE_EXAMPLES") else {
            return;
        };
        let text = std::fs::read_to_string(path).unwrap();
        assert!(all_pass(&text) > 0);
    }
}
