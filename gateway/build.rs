//! The page is embedded: the crate is built again when the page changes, or appears.

use std::path::Path;

fn main() {
    // A path that does not exist would have the crate built again each time.
    let watched = if Path::new("../web/dist").exists() { "../web/dist" } else { "../web" };
    println!("cargo:rerun-if-changed={watched}");
}
