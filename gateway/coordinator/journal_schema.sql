-- The coordinator's journal. Times are whole seconds since 1970 (UTC).

CREATE TABLE study (
    id            TEXT PRIMARY KEY,   -- SHA-256 of the envelope's payload: resubmitting is idempotent
    envelope      BLOB NOT NULL,      -- the signed envelope, as it came
    researcher    TEXT NOT NULL,      -- who may watch it and read its result
    min_sites     INTEGER NOT NULL,   -- fewest answers for a result (k of n)
    created_s     INTEGER NOT NULL,   -- when it was handed in
    deadline_s    INTEGER NOT NULL,   -- when sites that have not answered count as no_reply
    state         TEXT NOT NULL       -- open until combined or given up
        CHECK (state IN ('open', 'complete', 'too_few_sites', 'failed')),
    finished_s    INTEGER,            -- when it left the state open
    result        BLOB                -- the combined result as JSON; only if complete
) STRICT;

CREATE TABLE offer (
    id            TEXT PRIMARY KEY,   -- random; names the offer on the wire
    study         TEXT NOT NULL REFERENCES study (id),
    site          TEXT NOT NULL,      -- one offer per study and site, re-sent until it is answered
    sent_s        INTEGER,            -- when it was last put on a stream; NULL while queued
    UNIQUE (study, site)
) STRICT;

CREATE TABLE outcome (
    offer         TEXT PRIMARY KEY REFERENCES offer (id),  -- the first outcome stands
    state         TEXT NOT NULL
        CHECK (state IN ('answered', 'refused', 'failed', 'no_reply')),
    reasons       TEXT NOT NULL,      -- JSON list of reason codes
    release       BLOB,               -- the site's signed release; exactly when answered
    charged       INTEGER NOT NULL,   -- 1 if the answer made a new charge at the site
    at_s          INTEGER NOT NULL,   -- when it was recorded
    shortfalls    TEXT NOT NULL DEFAULT '[]',  -- JSON list of [budget, left_nano_rho, renews_s or null]
    CHECK ((state = 'answered') = (release IS NOT NULL))
) STRICT;

CREATE TABLE head (
    site          TEXT NOT NULL,      -- whose ledger
    seq           INTEGER NOT NULL,   -- entry of that ledger
    hash          TEXT NOT NULL,      -- its digest
    life_nano_rho INTEGER NOT NULL,   -- all that was charged up to it
    signed        BLOB NOT NULL,      -- our countersignature; stored before it is sent
    at_s          INTEGER NOT NULL,
    PRIMARY KEY (site, seq)
) STRICT;

CREATE TABLE site (
    name          TEXT PRIMARY KEY,
    policy        BLOB,               -- last signed policy; NULL until one was shown
    policy_serial INTEGER NOT NULL,   -- its serial, which never falls; 0 without a policy
    last_seen_s   INTEGER NOT NULL    -- last sign of life
) STRICT;
