//! The command: `serve`, `import`, `replay`, `audit`, `load`, `sim` and `admin`, each as a function of its arguments. Wiring and
//! nothing else; the rules are in the other crates.

pub mod admin;
pub mod audit;
pub mod checkpoint;
pub mod exit;
pub mod import;
pub mod load;
pub mod replay;
pub mod serve;
pub mod sim;
