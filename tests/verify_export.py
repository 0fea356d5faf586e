#!/usr/bin/env python3
"""Recompute an exported ledger with nothing but the standard library.

Usage: verify_export.py [FILE]      (standard input without FILE)

Each line is one row: tenant, seq, prev_hash, hash, bytes, subjects. Checked for every tenant:
seq runs 1, 2, 3 ... without a gap; prev_hash is the hash of the row before (zeros for the first);
hash is SHA-256(prev_hash as 32 raw bytes || bytes as UTF-8); and for every subject still present,
its entry in the body's "sd" list is SHA-256(salt || subject). Prints tenant, rows and head for
each tenant; exit 0 if all holds, 1 if not.
"""

import hashlib
import json
import sys

ZERO = "00" * 32


def check(row, head):
    """Raise ValueError unless `row` follows `head` (seq, hash)."""
    seq, prev = head
    if row["seq"] != seq + 1:
        raise ValueError(f"seq {row['seq']} follows {seq}")
    if row["prev_hash"] != prev:
        raise ValueError("prev_hash is not the hash of the row before")
    body = row["bytes"].encode("utf-8")
    if hashlib.sha256(bytes.fromhex(prev) + body).hexdigest() != row["hash"]:
        raise ValueError("hash does not match")
    digests = json.loads(row["bytes"]).get("sd", [])
    if len(digests) != len(row["subjects"]):
        raise ValueError("as many digests as subjects expected")
    for digest, subject in zip(digests, row["subjects"]):
        if subject.get("erased"):
            continue
        text = subject["subject"].encode("utf-8")
        if hashlib.sha256(bytes.fromhex(subject["salt"]) + text).hexdigest() != digest:
            raise ValueError("a subject does not match its digest")


def main():
    source = open(sys.argv[1], encoding="utf-8") if len(sys.argv) > 1 else sys.stdin
    heads, erased = {}, {}
    for number, line in enumerate(source, 1):
        tenant = None
        try:
            row = json.loads(line)
            tenant = row["tenant"]
            check(row, heads.get(tenant, (0, ZERO)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"line {number} tenant {tenant}: {error}", file=sys.stderr)
            return 1
        heads[tenant] = (row["seq"], row["hash"])
        gone = sum(1 for s in row["subjects"] if s.get("erased"))
        erased[tenant] = erased.get(tenant, 0) + gone
    for tenant, (seq, head) in sorted(heads.items()):
        print(f"{tenant} rows {seq} head {head} erased {erased[tenant]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
