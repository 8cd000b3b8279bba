//! Settings of the studio.

use std::collections::BTreeMap;

use rusqlite::params;
use serde_json::Value;

use super::rows::{json, text};
use super::{Result, Store};

impl Store {
    /// All settings that were ever set.
    ///
    /// # Errors
    /// [`StoreError::Damaged`](super::StoreError::Damaged) for contents that cannot be read, and what the system refuses.
    pub fn settings(&self) -> Result<BTreeMap<String, Value>> {
        self.read(|transaction| {
            let mut statement = transaction.prepare("SELECT key, value FROM settings")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, json(row, 1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Sets settings, all or none.
    ///
    /// # Errors
    /// [`StoreError::Invalid`](super::StoreError::Invalid) for JSON nested too deeply to be read back, and what the
    /// system refuses.
    pub fn set_settings(&self, settings: &BTreeMap<String, Value>) -> Result<()> {
        let texts: Vec<(&String, String)> = settings
            .iter()
            .map(|(key, value)| Ok((key, text(value, "setting")?)))
            .collect::<Result<_>>()?;
        self.write(|transaction| {
            let mut statement = transaction.prepare(
                "INSERT INTO settings (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )?;
            for (key, value) in &texts {
                statement.execute(params![key, value])?;
            }
            Ok(())
        })
    }
}
