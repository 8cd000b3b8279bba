pub mod correct;
pub mod count;
