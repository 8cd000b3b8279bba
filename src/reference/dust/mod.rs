pub mod apart;
pub mod bounds;
pub mod choose;
pub mod clean;
pub mod copy;
pub mod fill;
pub mod find;
mod pairs;
pub mod small;
