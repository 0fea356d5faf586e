//! Reading a table key by key, so that one bad key does not hide the next.
//!
//! serde stops at the first error; an operator wants them all. [`section`] declares a struct whose
//! reader takes each known key out of the table, notes what does not fit, and refuses what is left.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::error::ConfigErrors;

/// A table being read, with its place for messages.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    /// File name for messages.
    pub(super) file: &'a str,
    /// Dotted prefix of the keys, without the last dot; empty at the top.
    pub(super) prefix: String,
    /// What has not been read yet.
    pub(super) left: Table,
    /// Findings.
    pub(super) errors: &'a mut ConfigErrors,
}

impl Reader<'_> {
    /// The dotted form of a key here.
    pub(super) fn path(&self, key: &str) -> String {
        if self.prefix.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.prefix)
        }
    }

    /// Notes a finding at a key.
    pub(super) fn refuse(&mut self, key: &str, what: impl std::fmt::Display) {
        let path = self.path(key);
        self.errors.add(self.file, &path, what);
    }

    /// Takes a key, or its default when it is absent or does not fit (which is noted).
    pub(super) fn take<T: DeserializeOwned>(&mut self, key: &str, default: T) -> T {
        self.take_if(key, default, |_| None)
    }

    /// Takes a key whose value must lie in a range.
    pub(super) fn take_in<T>(&mut self, key: &str, default: T, min: T, max: T) -> T
    where
        T: DeserializeOwned + PartialOrd + std::fmt::Display + Copy,
    {
        self.take_if(key, default, |value| {
            let outside = *value < min || *value > max;
            outside.then(|| format!("{value} is outside {min}..={max}"))
        })
    }

    /// Takes a key unless `refusal` has something against its value.
    pub(super) fn take_if<T: DeserializeOwned>(
        &mut self,
        key: &str,
        default: T,
        refusal: impl Fn(&T) -> Option<String>,
    ) -> T {
        let Some(value) = self.left.remove(key) else {
            return default;
        };
        let text = environment_text(&value);
        let variable = text.is_some();
        // A path of nothing is the working directory, and nothing is no other word either.
        let read = if text.or_else(|| value.as_str()) == Some("") {
            Err("is empty".to_owned())
        } else {
            from_value(value).and_then(|read| match refusal(&read) {
                Some(what) => Err(what),
                None => Ok(read),
            })
        };
        read.unwrap_or_else(|what| {
            if variable {
                let name = variable_name(&self.prefix, key);
                self.errors.add(ENVIRONMENT, &name, what);
            } else {
                self.refuse(key, what);
            }
            default
        })
    }

    /// Takes a sub-table and reads it with `read`; absent reads as empty.
    pub(super) fn section<T>(&mut self, key: &str, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let left = match self.left.remove(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => {
                self.refuse(key, "expected a table");
                Table::new()
            }
        };
        let prefix = self.path(key);
        let mut inner = Reader {
            file: self.file,
            prefix,
            left,
            errors: self.errors,
        };
        let value = read(&mut inner);
        inner.finish();
        value
    }

    /// Takes an array of tables and reads each with `read`.
    pub(super) fn each<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(&mut Reader<'_>) -> T,
    ) -> Vec<T> {
        let items = match self.left.remove(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.refuse(key, "expected an array of tables");
                return Vec::new();
            }
        };
        let mut all = Vec::with_capacity(items.len());
        for (n, item) in items.into_iter().enumerate() {
            let name = format!("{key}.{}", n + 1);
            self.left.insert(name.clone(), item);
            all.push(self.section(&name, &mut read));
        }
        all
    }

    /// Refuses every key that nobody took.
    pub(super) fn finish(&mut self) {
        let unknown: Vec<String> = std::mem::take(&mut self.left).keys().cloned().collect();
        for key in unknown {
            self.refuse(&key, "unknown key");
        }
    }
}

/// Reads a whole document's table with `read`.
pub(super) fn table<T>(
    file: &str,
    left: Table,
    errors: &mut ConfigErrors,
    read: impl FnOnce(&mut Reader<'_>) -> T,
) -> T {
    let mut reader = Reader {
        file,
        prefix: String::new(),
        left,
        errors,
    };
    let value = read(&mut reader);
    reader.finish();
    value
}

/// What findings in the environment give as their file.
pub(super) const ENVIRONMENT: &str = "environment";

/// The name of the variable that overrides a key.
pub(super) fn variable_name(section: &str, key: &str) -> String {
    format!(
        "DIALGATE_{}__{}",
        section.to_uppercase(),
        key.to_uppercase()
    )
}

/// A name no TOML key of ours has: wraps a value that came from the environment.
const TEXT_KEY: &str = "\u{0}text";

/// Wraps a variable's text, so that its origin is known and it may stand for any type.
pub(super) fn environment_value(text: &str) -> Value {
    let mut wrapped = Table::new();
    wrapped.insert(TEXT_KEY.to_owned(), Value::String(text.to_owned()));
    Value::Table(wrapped)
}

fn environment_text(value: &Value) -> Option<&str> {
    value.as_table()?.get(TEXT_KEY)?.as_str()
}

/// Deserialises a value. Text from the environment is tried as a string first and as a TOML value
/// second, so that `9033` serves a number and a plain path needs no quotes.
fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let Some(text) = environment_text(&value).map(str::to_owned) else {
        return value
            .try_into()
            .map_err(|e: toml::de::Error| e.message().to_owned());
    };
    let parsed = format!("v = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut t| t.remove("v"));
    let as_string: Result<T, toml::de::Error> = Value::String(text).try_into();
    match (as_string, parsed.map(Value::try_into)) {
        (Ok(read), _) | (Err(_), Some(Ok(read))) => Ok(read),
        (Err(error), None) => Err(error.message().to_owned()),
        (Err(_), Some(Err(error))) => {
            let error: toml::de::Error = error;
            Err(error.message().to_owned())
        }
    }
}

/// Declares a section: a struct, its defaults, its reader. `in a..=b` bounds a number.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$fdoc:meta])* $key:ident : $ty:ty = $default:expr $(, in $min:literal ..= $max:expr)?;)+
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $($(#[$fdoc])* pub $key: $ty,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $name {
            /// Names of the keys, in the order of the struct.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key)),+];

            pub(in $crate::config) fn read(from: &mut $crate::config::read::Reader<'_>) -> Self {
                Self { $($key: section!(@take from, $key, $default $(, $min, $max)?),)+ }
            }
        }
    };
    (@take $from:ident, $key:ident, $default:expr, $min:literal, $max:expr) => {
        $from.take_in(stringify!($key), $default, $min, $max)
    };
    (@take $from:ident, $key:ident, $default:expr) => {
        $from.take(stringify!($key), $default)
    };
}
pub(super) use section;
