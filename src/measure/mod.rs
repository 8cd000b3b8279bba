//! Whole tasks over files: scores, analysis, comparison, tuning, and their pages.

pub mod analyze;
pub mod auto;
pub mod compare;
pub mod estimate;
pub mod opinions;
pub mod page;
pub mod ratings;
pub mod scores;
pub mod tune;
