//! The tables of the file, version by version.

/// Marks the file as one of ratings (`PRAGMA application_id`): the letters `AqRt`.
pub(super) const APPLICATION: i64 = 0x4171_5274;

/// Version `n` of the tables is what the first `n` of these make, in order (`PRAGMA user_version`). A step that was
/// ever released stays as it is; a change of the tables is a further step.
pub(super) const STEPS: [&str; 1] = ["
CREATE TABLE outputs (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    name TEXT NOT NULL CHECK (name <> '' AND instr(name, '/') = 0),
    input_sha256 TEXT CHECK (length(input_sha256) = 64 AND input_sha256 NOT GLOB '*[^0-9a-f]*'),
    recipe TEXT CHECK (json_valid(recipe)),
    style TEXT,
    metrics TEXT CHECK (json_valid(metrics)),
    added INTEGER NOT NULL CHECK (added BETWEEN 0 AND 253402300799)
) STRICT;

CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    output INTEGER NOT NULL REFERENCES outputs (id),
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
    note TEXT,
    rater TEXT NOT NULL CHECK (rater <> ''),
    at INTEGER NOT NULL CHECK (at BETWEEN 0 AND 253402300799)
) STRICT;
CREATE INDEX ratings_of_output ON ratings (output, rater);

CREATE TABLE preferences (
    id INTEGER PRIMARY KEY,
    winner INTEGER NOT NULL REFERENCES outputs (id),
    loser INTEGER NOT NULL REFERENCES outputs (id) CHECK (loser <> winner),
    tie INTEGER NOT NULL CHECK (tie IN (0, 1)),
    note TEXT,
    rater TEXT NOT NULL CHECK (rater <> ''),
    at INTEGER NOT NULL CHECK (at BETWEEN 0 AND 253402300799)
) STRICT;
CREATE INDEX preferences_of_winner ON preferences (winner);
CREATE INDEX preferences_of_loser ON preferences (loser);
"];

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;
