//! The tables of the file, version by version.

/// Marks the file as a queue (`PRAGMA application_id`): the letters `AqQu`.
pub(super) const APPLICATION: i64 = 0x4171_5175;

/// Version `n` of the tables is what the first `n` of these make, in order (`PRAGMA user_version`). A step that was
/// ever released stays as it is; a change of the tables is a further step.
///
/// `band` and `rank1` to `rank3` are the order of lists: what runs, by its start; what waits, by priority and place;
/// what ended, the newest first.
pub(super) const STEPS: [&str; 1] = ["
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN
        ('queued', 'running', 'pausing', 'paused', 'cancelling', 'done', 'failed', 'cancelled')),
    input TEXT NOT NULL CHECK (input <> ''),
    file TEXT NOT NULL,
    request TEXT NOT NULL CHECK (json_valid(request)),
    output TEXT CHECK (json_valid(output)),
    outputs TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(outputs)),
    priority INTEGER NOT NULL,
    place INTEGER NOT NULL,
    origin TEXT NOT NULL,
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER CHECK ((ended IS NOT NULL) = (state IN ('done', 'failed', 'cancelled'))),
    attempts INTEGER NOT NULL DEFAULT 1,
    error TEXT CHECK (json_valid(error)),
    report TEXT CHECK (json_valid(report)),
    warnings TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(warnings)),
    fallbacks TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(fallbacks)),
    band INTEGER NOT NULL GENERATED ALWAYS AS (CASE
        WHEN state IN ('queued', 'paused') THEN 1 WHEN ended IS NULL THEN 0 ELSE 2 END) VIRTUAL,
    rank1 INTEGER NOT NULL GENERATED ALWAYS AS (CASE
        WHEN state IN ('queued', 'paused') THEN -priority WHEN ended IS NULL THEN coalesce(started, 0)
        ELSE -ended END) VIRTUAL,
    rank2 INTEGER NOT NULL GENERATED ALWAYS AS (CASE
        WHEN state IN ('queued', 'paused') THEN place ELSE 0 END) VIRTUAL,
    rank3 INTEGER NOT NULL GENERATED ALWAYS AS (CASE WHEN ended IS NULL THEN id ELSE -id END) VIRTUAL
) STRICT;
CREATE INDEX jobs_in_order ON jobs (band, rank1, rank2, rank3);
CREATE INDEX jobs_by_place ON jobs (place) WHERE ended IS NULL;

CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    words TEXT NOT NULL
) STRICT;
CREATE INDEX history_of_job ON history (job);

CREATE TABLE keys (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    jobs TEXT NOT NULL CHECK (json_valid(jobs)),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE watches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folder TEXT NOT NULL,
    request TEXT NOT NULL CHECK (json_valid(request)),
    target TEXT,
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE seen (
    watch INTEGER NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    job INTEGER,
    PRIMARY KEY (watch, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT;

CREATE TABLE tokens (
    name TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    created INTEGER NOT NULL
) STRICT;
"];

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;
