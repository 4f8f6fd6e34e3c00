//! Remembers: appends opaque records to memory-mapped segments and reads them back.
