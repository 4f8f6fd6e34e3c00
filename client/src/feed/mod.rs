//! Market data over WebSocket: books that are kept and proven, trades, and whatever else a channel says.

mod book;
mod follower;
mod message;

pub use book::{Book, BookError, Level};
pub use follower::{FeedError, FeedEvent, Follower};
pub use message::{Message, Trade};
