"""The gate a small team would write: FastAPI, one worker, SQLite with synchronous=FULL.

One account in, the same questions answered as by the other stand-ins (known account, known phone,
hours where the consumer is, seven calls in seven days), the attempt counted, one row chained by
SHA-256, committed before the answer. Far fewer rules than dialgate evaluates.
"""

import csv
import hashlib
import json
import os
import sqlite3
import time

import jwt
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

SECRET = os.environ["GATE_SECRET"]
SHIFT = int(os.environ["GATE_SHIFT"])
DAY = 86_400

db = sqlite3.connect(os.environ["GATE_DB"], isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=FULL")
db.execute("CREATE TABLE account (id TEXT PRIMARY KEY, one TEXT, two TEXT, utc_offset INT) WITHOUT ROWID")
db.execute("CREATE TABLE attempt (account TEXT, at INT)")
db.execute("CREATE TABLE ledger (seq INTEGER PRIMARY KEY, prev BLOB, hash BLOB, body TEXT)")
with open(os.environ["GATE_ACCOUNTS"], newline="") as rows:
    db.execute("BEGIN")
    for account, one, two, offset, at in csv.reader(rows):
        db.execute("INSERT INTO account VALUES (?, ?, ?, ?)", (account, one, two, int(offset)))
        db.execute("INSERT INTO attempt VALUES (?, ?)", (account, int(at)))
    db.execute("CREATE INDEX attempt_account ON attempt (account, at)")
    db.execute("COMMIT")
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

app = FastAPI()
head = [0, bytes(32)]


class Intent(BaseModel):
    account_id: str
    phone: str
    channel: str
    action_type: str
    source_system: str


@app.get("/health")
async def health():
    return {}


@app.post("/api/gate/contact-intent")
async def contact_intent(intent: Intent, authorization: str = Header()):
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "), SECRET, algorithms=["HS256"], audience="dialgate"
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401)
    now = int(time.time()) + SHIFT
    phone = "".join(c for c in intent.phone if c.isdigit())
    blocked = []
    db.execute("BEGIN")
    known = db.execute("SELECT one, two, utc_offset FROM account WHERE id = ?", (intent.account_id,)).fetchone()
    if known is None or phone not in known[:2]:
        blocked.append("ACCOUNT")
    else:
        local = (now + known[2]) % DAY
        (calls,) = db.execute(
            "SELECT count(*) FROM attempt WHERE account = ? AND at > ?", (intent.account_id, now - 7 * DAY)
        ).fetchone()
        if calls >= 7 or not 8 * 3600 <= local < 21 * 3600:
            blocked.append("TIMING")
    allow = not blocked
    if allow:
        db.execute("INSERT INTO attempt VALUES (?, ?)", (intent.account_id, now))
    seq, prev = head[0] + 1, head[1]
    answer = {
        "allow": allow,
        "decision": "ALLOW" if allow else "BLOCK",
        "reason": "Allowed" if allow else "Blocked by: " + ", ".join(blocked),
        "blocked_by": blocked,
        "audit_id": seq,
        "evaluation_id": seq,
        "account_id": intent.account_id,
        "tenant_id": claims["tenant_id"],
        "channel": intent.channel,
        "next_allowed_at": None,
        "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + DAY)),
        "source_system": intent.source_system,
    }
    body = json.dumps(answer, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(prev + body.encode()).digest()
    db.execute("INSERT INTO ledger VALUES (?, ?, ?, ?)", (seq, prev, digest, body))
    db.execute("COMMIT")
    head[0], head[1] = seq, digest
    return answer
