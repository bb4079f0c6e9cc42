//! The Landfall server process.

pub mod api;
