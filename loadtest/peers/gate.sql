-- The same questions as the other stand-ins, in one statement and so one transaction a request.
-- With a chain, the head is locked until the commit is on disk: each row waits for the one before.
CREATE TABLE account (id text PRIMARY KEY, one text, two text, utc_offset int);
CREATE TABLE attempt (account text, at bigint);
CREATE TABLE staged (id text, one text, two text, utc_offset int, at bigint);
COPY staged FROM '@ACCOUNTS@' WITH (FORMAT csv);
INSERT INTO account SELECT id, one, two, utc_offset FROM staged;
INSERT INTO attempt SELECT id, at FROM staged;
DROP TABLE staged;
CREATE INDEX attempt_account ON attempt (account, at);
CREATE TABLE ledger (seq bigserial PRIMARY KEY, prev bytea, hash bytea, body text);
CREATE TABLE head (one int PRIMARY KEY, hash bytea) WITH (fillfactor = 10);
INSERT INTO head VALUES (1, '\x00');

CREATE FUNCTION gate(asked text, dialed text, chained boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  this_instant bigint := extract(epoch FROM clock_timestamp())::bigint + @SHIFT@;
  phone text := regexp_replace(dialed, '\D', '', 'g');
  known account;
  calls int;
  local_second bigint;
  blocked text := NULL;
  before bytea := NULL;
  after bytea := NULL;
  row_seq bigint;
  answer text;
BEGIN
  SELECT * INTO known FROM account WHERE id = asked;
  IF NOT FOUND OR (known.one <> phone AND known.two <> phone) THEN
    blocked := 'ACCOUNT';
  ELSE
    local_second := (this_instant + known.utc_offset) % 86400;
    SELECT count(*) INTO calls FROM attempt WHERE account = asked AND at > this_instant - 7 * 86400;
    IF calls >= 7 OR local_second < 8 * 3600 OR local_second >= 21 * 3600 THEN
      blocked := 'TIMING';
    END IF;
  END IF;
  IF blocked IS NULL THEN
    INSERT INTO attempt VALUES (asked, this_instant);
  END IF;
  IF chained THEN
    SELECT hash INTO before FROM head WHERE one = 1 FOR UPDATE;
  END IF;
  row_seq := nextval('ledger_seq_seq');
  answer := format(
    '{"allow":%s,"decision":"%s","reason":"%s","blocked_by":[%s],"audit_id":%s,"evaluation_id":%s,'
    '"account_id":"%s","tenant_id":"load","channel":"phone","next_allowed_at":null,"expires_at":%s,'
    '"source_system":"loadtest"}',
    CASE WHEN blocked IS NULL THEN 'true' ELSE 'false' END,
    CASE WHEN blocked IS NULL THEN 'ALLOW' ELSE 'BLOCK' END,
    coalesce('Blocked by: ' || blocked, 'Allowed'), coalesce('"' || blocked || '"', ''),
    row_seq, row_seq, asked, this_instant + 86400);
  IF chained THEN
    after := sha256(before || convert_to(answer, 'UTF8'));
    UPDATE head SET hash = after WHERE one = 1;
  END IF;
  INSERT INTO ledger VALUES (row_seq, before, after, answer);
  RETURN answer;
END $$;
ANALYZE;
