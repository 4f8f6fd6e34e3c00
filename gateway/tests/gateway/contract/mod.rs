//! What the venue owes its users, row by row: each test is named after the row that it shows, and sees the venue through
//! its ports alone.

mod keys;
mod sign_up;
mod signed;
mod step_up;
mod users;
mod wallets;
