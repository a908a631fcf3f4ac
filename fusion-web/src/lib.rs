//! What the programs of Fusion with a web page share.
//!
//! [`Limited`] is a listener with a limited number of connections, none of which may be silent for long. [`is_own`] and
//! [`is_same`] say whether a request is for this server and from its own page. [`File`] is a part of the page that lies in the
//! program, and [`harden`] adds what browsers are told with every answer. [`Fault`] is what can go wrong, as a sentence. With the
//! feature `devtools` there is a browser, by which tests look at pages.

mod connections;
#[cfg(feature = "devtools")]
pub mod devtools;
mod fault;
mod page;
mod places;

pub use connections::{Connection, Limited};
pub use fault::{Fault, Result};
pub use page::{File, harden};
pub use places::{is_own, is_same};
