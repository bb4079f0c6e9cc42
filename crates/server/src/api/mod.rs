//! GitLab's API v4 on the wire: how a request is read and how an answer is written, byte for byte as GitLab does it.
//!
//! Everything in this folder is a plain function over plain data. Nothing here knows the database, who is calling, or
//! which endpoints exist; those parts call in, in the order of reference section 2:
//!
//! | module | job |
//! | --- | --- |
//! | [`input`] | bytes of a request to one map of parameters, and everything that is refused before that |
//! | [`bracket`] | the naming rule for nested parameters, `a[b][]=c` |
//! | [`path`] | odd paths, percent escapes, the table of routes |
//! | [`params`] | an endpoint's table of parameters, and the one sentence that says all that is wrong with a request |
//! | [`convert`] | one value to one type |
//! | [`pagination`] | page numbers, page headers and `Link` |
//! | [`error`] | every answer that is not a success |
//! | [`reply`] | the body type, the two content types and the headers of every answer |
//! | `compress` | large answers in fewer bytes |

pub(crate) mod auth;
pub mod bracket;
pub(crate) mod compress;
pub mod context;
pub mod convert;
pub(crate) mod cors;
pub mod endpoint;
pub mod error;
pub mod input;
pub(crate) mod kept;
pub(crate) mod limits;
pub(crate) mod listing;
pub mod openapi;
pub mod pagination;
pub mod params;
pub mod path;
pub(crate) mod pipeline;
mod places;
pub mod reply;
pub(crate) mod request_id;
pub(crate) mod routes;
pub(crate) mod throttle;
pub mod v4;
