pub mod activity;
pub mod smooth;
