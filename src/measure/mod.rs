//! Whole tasks over files: scores, analysis, comparison, tuning, and their pages.

pub mod analyze;
pub mod compare;
pub mod page;
pub mod scores;
