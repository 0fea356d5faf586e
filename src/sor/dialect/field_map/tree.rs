//! A body as a tree of named values, with nothing lost that two readers could take differently.
//!
//! A name that stands twice is kept twice: which of the two a system would take is not ours to guess.
//! Names are compared by their letters and digits alone, so that `accountId`, `account_id` and
//! `Account ID` are one name.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Values of one body at most; a body with more is not read.
const NODES_MAX: usize = 1_000_000;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sor::dialect) enum Tree {
    Null,
    Flag(bool),
    /// A text as it stands, or a whole number's digits.
    Text(Box<str>),
    /// A number with a fraction, or too large to be kept: never a name of anything.
    Fraction(f64),
    List(Vec<Self>),
    /// Names as [`bare`] leaves them, in the body's order.
    Object(Vec<(Box<str>, Self)>),
}

impl Tree {
    /// Reads JSON; `None`: it is none, or has too many values.
    pub(in crate::sor::dialect) fn of_json(body: &[u8]) -> Option<Self> {
        let left = Cell::new(NODES_MAX);
        let mut parser = serde_json::Deserializer::from_slice(body);
        let tree = Node { left: &left }.deserialize(&mut parser).ok()?;
        parser.end().ok()?;
        Some(tree)
    }

    /// Reads a form's body or a query, strictly: a text with any byte that an encoder would have
    /// escaped is none.
    pub(in crate::sor::dialect) fn of_form(text: &str) -> Option<Self> {
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~*%+=&@:/,;!$'()[]".contains(&byte);
        if !text.bytes().all(plain) {
            return None;
        }
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let read = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = unescaped(name)?;
            let field = (bare(&name), Self::Text(unescaped(value)?.into()));
            Some(std::iter::once(field).chain(address_as_name(&name)))
        });
        let read = read.collect::<Option<Vec<_>>>()?;
        Some(Self::Object(read.into_iter().flatten().collect()))
    }

    /// The fields, if it is an object.
    pub(in crate::sor::dialect) fn fields(&self) -> &[(Box<str>, Self)] {
        match self {
            Self::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The items, if it is a list.
    pub(in crate::sor::dialect) fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// A text that says something: trimmed, not empty and no word for nothing.
    pub(in crate::sor::dialect) fn text(&self) -> Option<&str> {
        let Self::Text(text) = self else { return None };
        let text = text.trim();
        let nothing = ["", "null", "none", "n/a", "undefined"];
        let says = !nothing.iter().any(|word| text.eq_ignore_ascii_case(word));
        says.then_some(text)
    }
}

fn unescaped(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    crate::wire::query::percent_decoded(&spaced).map(std::borrow::Cow::into_owned)
}

/// Recipients may be written as names: `{"a@example.com": "Ana"}`. Such a name is kept as a value, too.
fn address_as_name(name: &str) -> Option<(Box<str>, Tree)> {
    name.contains('@')
        .then(|| (Box::default(), Tree::Text(name.into())))
}

/// A name's letters and digits, in lower case.
pub(in crate::sor::dialect) fn bare(name: &str) -> Box<str> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .into()
}

/// Reads one value while there is room for it.
#[derive(Clone, Copy)]
struct Node<'a> {
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left
            .set(left.ok_or_else(|| serde::de::Error::custom("too many values"))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Text(number.to_string().into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Text(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Fraction(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            fields.push((bare(&name), map.next_value_seed(self)?));
            fields.extend(address_as_name(&name));
        }
        Ok(Tree::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Tree {
        Tree::Text(text.into())
    }

    #[test]
    fn keeps_a_name_that_stands_twice() {
        let tree = Tree::of_json(br#"{"account_id":"A","accountId":17,"x":[null,true,1.5]}"#);
        let list = Tree::List(vec![Tree::Null, Tree::Flag(true), Tree::Fraction(1.5)]);
        let fields = vec![
            ("accountid".into(), text("A")),
            ("accountid".into(), text("17")),
            ("x".into(), list),
        ];
        assert_eq!(tree, Some(Tree::Object(fields)));
    }

    #[test]
    fn an_address_that_is_a_name_is_a_value() {
        let tree = Tree::of_json(br#"{"a@b.co":"Ana"}"#);
        let fields = vec![("abco".into(), text("Ana")), ("".into(), text("a@b.co"))];
        assert_eq!(tree, Some(Tree::Object(fields.clone())));
        assert_eq!(Tree::of_form("a%40b.co=Ana"), Some(Tree::Object(fields)));
    }

    #[test]
    fn reads_whole_bodies_only() {
        for body in ["", "{", "{} {}", "{\"a\":1,}", "nul", "\u{feff}{}"] {
            assert_eq!(Tree::of_json(body.as_bytes()), None, "{body}");
        }
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(Tree::of_json(deep.as_bytes()), None);
        let wide = format!("[{}1]", "1,".repeat(NODES_MAX));
        assert_eq!(Tree::of_json(wide.as_bytes()), None);
    }

    #[test]
    fn reads_forms_that_an_encoder_wrote() {
        let fields = vec![
            ("accountid".into(), text("A 1")),
            ("to".into(), text("a@b.co")),
            ("x".into(), text("")),
        ];
        let form = "account_id=A+1&to=a%40b.co&&x";
        assert_eq!(Tree::of_form(form), Some(Tree::Object(fields)));
        // What could be read as another body by who looks at its type.
        for other in [
            "a=\"b\"",
            "--x\r\n\r\n&account_id=A",
            "a={}",
            "a=%zz",
            "a=%ff",
        ] {
            assert_eq!(Tree::of_form(other), None, "{other}");
        }
    }

    #[test]
    fn a_word_for_nothing_is_no_text() {
        for nothing in ["", "  ", "null", "NULL", "None", "n/a"] {
            assert_eq!(text(nothing).text(), None);
        }
        assert_eq!(text(" A-1 ").text(), Some("A-1"));
        assert_eq!(Tree::Fraction(1.0).text(), None);
    }
}
