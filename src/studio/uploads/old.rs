//! Removing what is left of earlier uploads.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

#[cfg(doc)]
use super::UploadsError;
use super::{Result, Uploads, place};

impl Uploads {
    /// Throws away the uploads that got no byte for too long, and gives how many.
    ///
    /// # Errors
    /// [`UploadsError::Io`] for what the system refuses.
    pub fn remove_expired(&self) -> Result<usize> {
        let now = SystemTime::now();
        let is_old = |path: &Path| {
            let changed = fs::symlink_metadata(path).and_then(|facts| facts.modified());
            // A clock that was set back makes nothing old.
            changed.is_ok_and(|changed| {
                now.duration_since(changed)
                    .is_ok_and(|age| age > self.expire)
            })
        };
        let mut removed = 0;
        for id in self.ids()? {
            // Of an upload that was begun or ended halfway, one of both is there.
            let files = [self.part(&id), self.facts(&id), self.new_facts(&id)];
            let there = files.iter().filter(|path| path.symlink_metadata().is_ok());
            if !there.clone().all(|path| is_old(path)) {
                continue;
            }
            if let Ok(_turn) = self.turn(&id) {
                self.remove(&id).map_err(|source| self.failed(source))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Removes what is left of uploads that had got their names when their process was killed.
    pub(super) fn remove_finished(&self) -> Result<()> {
        for id in self.ids()? {
            if place::has_two_names(&self.part(&id)) {
                self.remove(&id).map_err(|source| self.failed(source))?;
            }
        }
        Ok(())
    }
}
