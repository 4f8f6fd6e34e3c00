//! The command: `serve`, `import`, `replay`, `audit`, `fork` and `load`, each as a function of its arguments. Wiring and
//! nothing else; the rules are in the other crates.

pub mod audit;
pub mod exit;
pub mod fork;
pub mod import;
pub mod load;
pub mod replay;
pub mod serve;
pub mod sim;
pub mod words;
