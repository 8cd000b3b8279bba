//! Whole tasks over files: scores, analysis, comparison, tuning, and their pages.

pub mod analyze;
pub mod page;
pub mod scores;
