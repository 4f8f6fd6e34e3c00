//! The command: `serve`, `import`, `replay`, `audit`, `fork`, `load`, `top`, `sim`, `checkpoint` and `admin`, each as a
//! function of its arguments. The rules are in the other crates.

pub mod admin;
pub mod audit;
pub mod auth_db;
pub mod checkpoint;
pub mod exit;
pub mod fork;
pub mod import;
pub mod load;
mod notify;
pub mod replay;
pub mod serve;
pub mod settings;
pub mod sim;
pub mod top;

pub use papertape_story::words;
