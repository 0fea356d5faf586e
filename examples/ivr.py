#!/usr/bin/env python3
"""An IVR that asks dialgate over one NDJSON stream before each call: whatever is no clear yes is a no.
    GATE_TOKEN=$(dialgate token --tenant demo) examples/ivr.py http://127.0.0.1:9033 < intents.ndjson
"""
import http.client
import json
import os
import socket
import sys
import time
from datetime import datetime
from urllib.parse import urlsplit

HEAD = ("POST /api/gate/stream HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
IDLE_S = 60  # The gate ends a stream that is silent for 75 s.


class Gate:
    """One stream, opened when it is needed, and anew after anything went wrong."""

    def __init__(self, url, token, timeout_s=3.0):
        self.at, self.token, self.timeout_s, self.wire = urlsplit(url), token, timeout_s, None

    def close(self):
        self.wire = self.wire and self.wire.close()

    def open(self):
        self.wire = socket.create_connection((self.at.hostname, self.at.port or 80), self.timeout_s)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wire.sendall(HEAD.format(self.at.netloc, self.token).encode())
        self.answers = http.client.HTTPResponse(self.wire, method="POST")
        self.answers.begin()

    def may_dial(self, intent):
        """Whether the contact may be made now, and a word about it."""
        try:
            if self.wire and time.monotonic() - self.used > IDLE_S:
                self.close()
            self.wire or self.open()
            self.used = time.monotonic()
            line = json.dumps(intent).encode() + b"\n"
            self.wire.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            answer = json.loads(self.answers.readline())
            clear = answer["allow"] is True and answer["decision"] == "ALLOW" and not intent.get("dry_run")
            if not clear or any(answer[name] != intent[name] for name in ("account_id", "channel", "source_system")):
                return False, answer["reason"]
            use_by = datetime.fromisoformat(answer["use_by"].replace("Z", "+00:00"))
            return use_by.timestamp() > time.time(), "until " + answer["use_by"]
        except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException) as error:
            self.close()  # An answer that comes after this belongs to nobody.
            return False, "no answer: " + type(error).__name__


if __name__ == "__main__":
    gate = Gate(sys.argv[1], os.environ["GATE_TOKEN"])
    for intent in map(json.loads, sys.stdin):
        dial, why = gate.may_dial(intent)
        print("DIAL" if dial else "HOLD", intent.get("account_id"), why, flush=True)
