//! Finding words in what people wrote: whole words and beginnings, whatever stands between them.

/// A text with its letters in upper case and one blank for everything else, one at each end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken(String);

impl Spoken {
    /// Takes in a text.
    pub fn of(text: &str) -> Self {
        let mut plain = String::with_capacity(text.len() + 2);
        plain.push(' ');
        for letter in text.chars() {
            if letter.is_alphanumeric() {
                plain.extend(letter.to_uppercase());
            } else if !plain.ends_with(' ') {
                plain.push(' ');
            }
        }
        if !plain.ends_with(' ') {
            plain.push(' ');
        }
        Self(plain)
    }

    /// Words as [`Spoken::says`] wants them, from how somebody wrote them; `None` when there are none.
    pub fn wanted(text: &str) -> Option<String> {
        let (stem, star) = match text.trim_end().strip_suffix('*') {
            Some(stem) => (stem, "*"),
            None => (text, ""),
        };
        let spoken = Self::of(stem);
        (!spoken.is_silent()).then(|| format!("{}{star}", spoken.0.trim()))
    }

    /// Whether the words stand there in this order. One that ends in `*` stands for every word that
    /// begins so. `wanted` is in upper case, words apart by one blank.
    pub fn says(&self, wanted: &str) -> bool {
        let mut rest = self.0.as_str();
        let (stem, is_beginning) = match wanted.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (wanted, false),
        };
        while let Some((_, behind)) = rest.split_once(' ') {
            if let Some(after) = behind.strip_prefix(stem)
                && (is_beginning || after.starts_with(' '))
            {
                return true;
            }
            rest = behind;
        }
        false
    }

    /// Whether any of them does.
    pub fn says_any(&self, wanted: &[&str]) -> bool {
        wanted.iter().any(|words| self.says(words))
    }

    /// Whether there is no word in it.
    pub fn is_silent(&self) -> bool {
        self.0 == " "
    }
}
