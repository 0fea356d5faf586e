//! Asking a server, and stopping it in order.

use std::process::{Command, ExitStatus};

use crate::house::Server;
use crate::http::{Client, Reply, Request};

impl Server {
    pub(crate) fn client(&self) -> Client {
        Client::connect(self.address).unwrap()
    }

    /// Asks over a connection of its own.
    pub(crate) fn ask(&self, request: &Request) -> Reply {
        self.client().ask(request).unwrap()
    }

    /// Sends SIGTERM and waits for the end: how it went and what it said.
    pub(crate) fn terminated(mut self) -> (ExitStatus, Vec<String>) {
        self.signal("TERM");
        self.started.ended()
    }

    /// Sends the signal of this name, as `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.started.child.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", "kill -\"$0\" \"$1\"", name, &pid])
            .status();
        assert!(sent.unwrap().success());
    }
}
