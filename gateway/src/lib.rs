//! Speaks: REST and WebSocket to the outside.
//!
//! The gateway parses what clients send, translates it to commands, and tells them what the venue told. It does not
//! know the rules of matching, the journal's files or the database's tables.
//!
//! In reading order: [`Gateway`] begins and ends it; `edge` holds what is true of every request; `rest` and `ws` are
//! the routes; `translate` is the one place where decimals and symbols become commands, and events become messages;
//! `venue` takes commands in and hears what came of them; `hub` fans it out; `archive` looks back at the journal, on a
//! thread of its own; `audit` writes down what the operator and administrators do; `metrics` counts; [`errors`] has the table of failures.
//! `tcp` is binary order entry, on a thread that hears the venue by itself.
//!
//! ```no_run
//! # async fn start(parts: papertape_gateway::Parts) -> std::io::Result<()> {
//! use papertape_gateway::{Gateway, GatewayConfig};
//!
//! let gateway = Gateway::start(&GatewayConfig::default(), parts)?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! gateway.serve(listener, std::future::pending()).await?;
//! gateway.finish();
//! # Ok(())
//! # }
//! ```

mod app;
mod archive;
mod assets;
mod audit;
mod config;
mod edge;
pub mod errors;
mod gateway;
mod housekeeper;
mod hub;
mod metrics;
mod openapi;
#[doc(hidden)]
pub mod probe;
mod rest;
mod tcp;
mod translate;
mod venue;
mod viewer;
mod ws;

pub use config::{GatewayConfig, Setup};
pub use gateway::{Gateway, Parts};
pub use openapi::document;
pub use papertape_platform::Network;
pub use tcp::TcpConfig;
pub use venue::Desk;
