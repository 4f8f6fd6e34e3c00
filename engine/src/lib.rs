//! Decides: turns one stamped command into events. Order books, matching, accounts, positions.
