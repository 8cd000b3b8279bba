pub mod limited;
