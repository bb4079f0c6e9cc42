//! Requests that leave the machine: hooks, mirrors, imports and reports.
//!
//! One [`Client`] sends them all. Where it may connect to is its [`Reach`], checked against the address that a name
//! resolves to, at the time of the connection; so neither a name that resolves to `127.0.0.1` nor one that resolves
//! differently the second time leads into a network that nobody opened. It follows no redirect, waits for nobody without
//! end and reads no answer beyond a length. Where it is told to have [`Patience`], it asks again what may be answered later. What is asked for, and what the answer means, is its user's business.

mod address;
mod client;
mod error;
mod link;
mod network;
mod patience;
mod reach;
mod resolver;
mod stream;
mod tls;

pub use crate::{
    address::is_public,
    client::{Answer, Certificates, Client},
    error::Error,
    link::next_page,
    network::Network,
    patience::{Patience, Wait},
    reach::{Reach, Refused},
    stream::Stream,
};
pub use bytes::Bytes;
pub use reqwest::{Method, Request, StatusCode, Url, header};
