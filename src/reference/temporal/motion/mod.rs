pub mod activity;
pub mod spread;
