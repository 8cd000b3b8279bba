//! Tokens of programs that talk to the studio. Only their hashes are kept.

use std::fmt::Write as _;
use std::hint::black_box;

use rusqlite::params;
use sha2::{Digest as _, Sha256};

use super::{Result, Store, StoreError, now};

/// The fewest bytes of a token. A hash of something that can be guessed hides nothing.
const TOKEN_BYTES: usize = 16;

/// A token, without what is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub created: i64,
}

impl Store {
    /// Keeps the SHA-256 of `token`, which must be random and have 16 bytes or more, in place of an earlier one of
    /// this name.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a token that is too short or a name that is empty, and what the system refuses.
    pub fn put_token(&self, name: &str, token: &str) -> Result<()> {
        if name.is_empty() || token.len() < TOKEN_BYTES {
            return Err(StoreError::Invalid {
                what: "a token without a name, or of fewer than 16 bytes".to_owned(),
                advice: "give it a name, and take a random token of 16 bytes or more",
            });
        }
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO tokens (name, sha256, created) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, created = excluded.created",
                params![name, hash(token), now()],
            )?;
            Ok(())
        })
    }

    /// The name of `token`, if it is known. How long that takes tells nothing about the tokens that are.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn check_token(&self, token: &str) -> Result<Option<String>> {
        let known: Vec<(String, String)> = self.read(|transaction| {
            let mut statement = transaction.prepare("SELECT name, sha256 FROM tokens")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        let given = hash(token);
        let mut found = None;
        // All of them, also after one was found.
        for (name, hash) in known {
            if is_same(&given, &hash) {
                found = Some(name);
            }
        }
        Ok(found)
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// What the system refuses.
    pub fn tokens(&self) -> Result<Vec<Token>> {
        self.read(|transaction| {
            let mut statement =
                transaction.prepare("SELECT name, created FROM tokens ORDER BY name")?;
            let rows = statement.query_map([], |row| {
                Ok(Token {
                    name: row.get(0)?,
                    created: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// The SHA-256 of `token` in hexadecimal digits.
fn hash(token: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(token.as_bytes()) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether two texts are the same, in a time that depends on their lengths alone.
fn is_same(a: &str, b: &str) -> bool {
    let differences = a
        .bytes()
        .zip(b.bytes())
        .fold(0, |found, (a, b)| black_box(found | (a ^ b)));
    a.len() == b.len() && differences == 0
}
