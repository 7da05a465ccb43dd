-- The ledger of one site: an append-only, hash-chained journal of privacy losses.
CREATE TABLE site (
    name TEXT NOT NULL,                 -- the site this ledger belongs to
    behind INTEGER NOT NULL DEFAULT 0,  -- 1: a countersigned head is unknown here (restored backup)
    policy_serial INTEGER NOT NULL DEFAULT 0  -- highest policy ever in force: none before it counts
) STRICT;
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,            -- 1, 2, 3 … without gaps, except after an adopted head
    at_s INTEGER NOT NULL,              -- seconds since 1970, UTC; of a post: its reservation's
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'post', 'void', 'adopt')),
    reservation INTEGER,                -- post, void: the seq of the reservation it ends
    release_key TEXT NOT NULL,          -- names the question (DESIGN D7); '' for adopt
    envelope TEXT NOT NULL,             -- nonce of the envelope that asked; '' for adopt
    researcher TEXT NOT NULL,           -- who signed it; '' for adopt
    nano_rho INTEGER NOT NULL,          -- charge of a reservation or adoption, 0 otherwise
    previous TEXT NOT NULL,             -- hash of the entry before, 64 zeros for the first
    hash TEXT NOT NULL,                 -- SHA-256 over all the other columns (see entry.py)
    project TEXT NOT NULL DEFAULT '',   -- reserve: the project in whose name it was asked; '' for none
    vouches TEXT NOT NULL DEFAULT ''    -- post: SHA-256 of the stored release's body; adopt: hash of
                                        -- the entry before it in this file; '' otherwise
) STRICT;
CREATE INDEX entry_key ON entry (release_key, kind);
CREATE INDEX entry_reservation ON entry (reservation);
CREATE INDEX entry_envelope ON entry (envelope);
CREATE INDEX entry_adopted ON entry (previous) WHERE kind = 'adopt';
CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),  -- one row, replaced every few hundred entries
    totals TEXT NOT NULL,               -- what the chain adds up to at an entry that it names (JSON)
    digest TEXT NOT NULL                -- SHA-256 of totals
) STRICT;
CREATE TABLE touched (
    seq INTEGER PRIMARY KEY,            -- reservations whose data may have been read: never void
    deviate REAL                        -- standard normal draw of the reply's wait (reply_time.py)
) STRICT;
CREATE TABLE release (
    release_key TEXT PRIMARY KEY,       -- the question
    seq INTEGER NOT NULL,               -- the post entry stored in the same transaction
    state TEXT NOT NULL CHECK (state IN ('answered', 'failed')),
    body BLOB NOT NULL                  -- canonical bytes of the release; empty when failed
) STRICT;
CREATE TABLE witness (
    seq INTEGER PRIMARY KEY,            -- head of the ledger that was countersigned
    hash TEXT NOT NULL,                 -- its hash
    life_nano_rho INTEGER NOT NULL,     -- lifetime total at that head
    signed BLOB NOT NULL                -- the coordinator's signature (policies.signing.Signed)
) STRICT;
CREATE TRIGGER entry_kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER release_kept BEFORE UPDATE ON release BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER release_stays BEFORE DELETE ON release BEGIN SELECT RAISE(ABORT, 'append-only'); END;
