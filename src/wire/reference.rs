//! `/docs` and `/redoc`: the description of the interface as a page for a browser.
//!
//! Made from [`super::openapi::document`], so it says nothing else. Text and links within the page:
//! no script, nothing fetched from anywhere.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Content type of the page.
pub const HTML: &str = "text/html; charset=utf-8";
/// What the page may load: nothing.
pub const NOTHING_FROM_ELSEWHERE: &str = "default-src 'none'; frame-ancestors 'none'";

const METHODS: [&str; 3] = ["get", "post", "put"];
const SCHEMAS: &str = "#/components/schemas/";

/// The page of a description.
pub fn page(document: &Value) -> String {
    let mut page = Page(String::with_capacity(256 * 1024));
    page.0.push_str(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>dialgate: interface</title></head><body>\n",
    );
    let info = |name: &str| word(&document["info"], name);
    page.element("h1", &format!("{} {}", info("title"), info("version")));
    page.element("p", info("description"));
    page.0
        .push_str("<p><a href=\"/openapi.json\">openapi.json</a></p>\n");
    for (path, methods) in entries(&document["paths"]) {
        for method in METHODS {
            let operation = &methods[method];
            if operation.is_object() {
                page.operation(&method.to_ascii_uppercase(), path, operation);
            }
        }
    }
    for (name, schema) in entries(&document["components"]["schemas"]) {
        page.0.push_str("<h3 id=\"");
        page.text(name);
        page.0.push_str("\">");
        page.text(name);
        page.0.push_str("</h3>\n<pre>");
        page.text(&format!("{schema:#}"));
        page.0.push_str("</pre>\n");
    }
    page.0.push_str("</body></html>\n");
    page.0
}

struct Page(String);

impl Page {
    fn operation(&mut self, method: &str, path: &str, operation: &Value) {
        self.element("h2", &format!("{method} {path}"));
        for said in ["summary", "description"] {
            if !word(operation, said).is_empty() {
                self.element("p", word(operation, said));
            }
        }
        self.0.push_str("<ul>\n");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let needed = match parameter["required"] {
                Value::Bool(true) => "required",
                _ => "optional",
            };
            let place = word(parameter, "in");
            self.item(&format!("{}: {place}, {needed}", word(parameter, "name")));
        }
        self.contents("body", &operation["requestBody"]);
        for (status, response) in entries(&operation["responses"]) {
            self.contents(status, response);
        }
        self.0.push_str("</ul>\n");
    }

    /// What a body holds, by content type, with a link where it has a name.
    fn contents(&mut self, what: &str, body: &Value) {
        for (content, shape) in entries(&body["content"]) {
            let schema = word(&shape["schema"], "$ref").strip_prefix(SCHEMAS);
            self.0.push_str("<li>");
            self.text(&format!("{what}: {content} "));
            if let Some(name) = schema {
                self.0.push_str("<a href=\"#");
                self.text(name);
                self.0.push_str("\">");
                self.text(name);
                self.0.push_str("</a>");
            }
            self.0.push_str("</li>\n");
        }
    }

    fn item(&mut self, text: &str) {
        self.element("li", text);
    }

    fn element(&mut self, name: &str, text: &str) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "<{name}>");
        self.text(text);
        let _ = writeln!(self.0, "</{name}>");
    }

    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            if matches!(letter, '<' | '>' | '&' | '"' | '\'') {
                let _ = write!(self.0, "&#{};", u32::from(letter));
            } else {
                self.0.push(letter);
            }
        }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let map: Option<&Map<String, Value>> = value.as_object();
    map.into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::native::ROUTES;

    #[test]
    fn every_operation_and_every_link_is_on_the_page() {
        let page = page(&crate::wire::openapi::document());
        for spec in ROUTES {
            for op in spec.ops {
                let heading = format!("<h2>{} {}</h2>", op.method, spec.template);
                assert_eq!(page.matches(&heading).count(), 1, "{heading}");
            }
        }
        for link in page.split("<a href=\"#").skip(1) {
            let name = link.split('"').next().unwrap();
            assert!(page.contains(&format!("<h3 id=\"{name}\">")), "{name}");
        }
        assert!(!page.contains("<script"));
        assert!(!page.contains("http"));
    }
}
