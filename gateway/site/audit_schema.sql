-- The site's audit log: who asked what, when, and what became of it. Never any data.
-- Append-only: the triggers keep honest programs honest, the chain shows what a dishonest one did.

CREATE TABLE entry (
    seq        INTEGER PRIMARY KEY,  -- counts from 1 without a gap
    at_s       INTEGER NOT NULL,     -- seconds since 1970 (UTC)
    action     TEXT NOT NULL,        -- answer, or another act worth recording (publish, policy …)
    actor      TEXT NOT NULL,        -- researcher or officer; empty if nobody could be verified
    envelope   TEXT NOT NULL,        -- SHA-256 of the envelope's payload; empty if there is none
    question   TEXT NOT NULL,        -- SHA-256 of the study as asked; empty if it could not be read
    purpose    TEXT NOT NULL,        -- DUO code as claimed
    decision   TEXT NOT NULL,        -- answered, refused, failed, done
    reasons    TEXT NOT NULL,        -- JSON list of reason codes
    nano_rho   INTEGER NOT NULL,     -- charge that this act made; 0 for a stored release
    previous   TEXT NOT NULL,        -- hash of the entry before; 64 zeros for the first
    hash       TEXT NOT NULL         -- SHA-256 over all other columns
) STRICT;

CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
