#!/usr/bin/env python3
"""Ask dialgate before a contact, with nothing but the standard library.

    export GATE_TOKEN=$(dialgate token --tenant demo)
    examples/ask.py plain mail letter                     # account, channel, action
    examples/ask.py A-17 phone call +14045550123          # with a number

Prints ALLOW or BLOCK; exit code 0 only for an ALLOW that may be used now. This is the whole rule
of a client (docs/integrating.md): whatever is not an explicit ALLOW of this very request, still
usable, is a BLOCK; a request without an answer is repeated under the same key or given up.
"""

import datetime
import http.client
import json
import os
import sys
import urllib.parse
import uuid

ASK_TIMEOUT_S = 1.0
"""For one attempt. A decision takes a millisecond or a few; the gate itself gives up after two
seconds, and a dialer has better things to do by then."""

ATTEMPTS_MAX = 2
"""Further silence means that something is wrong which repeating does not cure."""


class Gate:
    """One connection, kept open. One request at a time; use several for more."""

    def __init__(self, url, token):
        self.place = urllib.parse.urlsplit(url)
        self.token = token
        self.connection = None

    def post(self, path, body, key=None):
        """(status, headers, object). Raises OSError, HTTPException or ValueError."""
        if self.connection is None:
            host, port = self.place.hostname, self.place.port or 80
            self.connection = http.client.HTTPConnection(host, port, timeout=ASK_TIMEOUT_S)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            # The connection may still carry the answer to this request: never reuse it.
            self.connection.close()
            self.connection = None
            raise

    def ask(self, intent):
        """An answer, or None when there is none. Repeats are byte-equal under one key, so they
        cannot reserve twice."""
        body, key = json.dumps(intent).encode(), uuid.uuid4().hex
        for _ in range(ATTEMPTS_MAX):
            try:
                return self.post("/api/gate/contact-intent", body, key)
            except (OSError, http.client.HTTPException, ValueError):
                continue
        return None

    def settle(self, account_id, audit_id, outcome, **more):
        """Report what happened. Safe to repeat: the same outcome again changes nothing."""
        path = f"/api/queue/account/{urllib.parse.quote(account_id, safe='')}/disposition"
        said = {"audit_id": audit_id, "outcome": outcome, **more}
        return self.post(path, json.dumps(said).encode())


def may_contact(intent, answer, now):
    """Whether this answer permits this contact at this moment. Anything unexpected does not."""
    if answer is None:
        return False
    status, headers, said = answer
    if status != 200 or not isinstance(said, dict):
        return False
    same = all(said.get(name) == intent[name] for name in ("account_id", "channel", "source_system"))
    allowed = said.get("allow") is True and said.get("decision") == "ALLOW"
    try:
        use_by = datetime.datetime.fromisoformat(headers["dialgate-use-by"].replace("Z", "+00:00"))
    except (AttributeError, TypeError, ValueError):
        return False
    return same and allowed and said.get("blocked_by") == [] and now < use_by


def main():
    if len(sys.argv) not in (4, 5):
        print(__doc__, file=sys.stderr)
        return 2
    account_id, channel, action = sys.argv[1:4]
    intent = {
        "account_id": account_id,
        "channel": channel,
        "action_type": action,
        "source_system": "example",
    }
    if len(sys.argv) == 5:
        intent["email" if "@" in sys.argv[4] else "phone"] = sys.argv[4]
    gate = Gate(os.environ.get("GATE_URL", "http://127.0.0.1:9033"), os.environ["GATE_TOKEN"])
    answer = gate.ask(intent)
    if not may_contact(intent, answer, datetime.datetime.now(datetime.timezone.utc)):
        said = answer[2] if answer is not None else None
        print("BLOCK", said.get("reason") if isinstance(said, dict) else "no answer")
        return 1
    audit_id = answer[2]["audit_id"]
    print("ALLOW audit_id", audit_id, "use by", answer[1]["dialgate-use-by"])
    # An example contacts nobody, and says so: the reservation is released.
    gate.settle(account_id, audit_id, "not_dialed", actor="example")
    return 0


if __name__ == "__main__":
    sys.exit(main())
