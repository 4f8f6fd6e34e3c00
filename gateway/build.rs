//! The page is embedded: the crate is built again when it changes, or appears.

fn main() {
    println!("cargo:rerun-if-changed=../web/dist");
}
