//! A database through the layer: everything is there afterwards, and there was a pause for each page.
#![allow(unsafe_code, clippy::unwrap_used)]

use libsqlite3_sys as sqlite;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;

thread_local! {
    /// SQLite writes on the thread that asks.
    static PAUSES: Cell<usize> = const { Cell::new(0) };
}

/// A connection of SQLite's C interface.
struct Connection(*mut sqlite::sqlite3);

impl Connection {
    fn open(path: &Path, layer: Option<&str>) -> Connection {
        let path = CString::new(path.to_str().unwrap()).unwrap();
        let layer = layer.map(|name| CString::new(name).unwrap());
        let mut connection = ptr::null_mut();
        let flags = sqlite::SQLITE_OPEN_READWRITE | sqlite::SQLITE_OPEN_CREATE;
        let layer = layer.as_ref().map_or(ptr::null(), |name| name.as_ptr());
        // SAFETY: both names live until it returns.
        let code = unsafe { sqlite::sqlite3_open_v2(path.as_ptr(), &raw mut connection, flags, layer) };
        assert_eq!(code, sqlite::SQLITE_OK);
        Connection(connection)
    }

    /// The first column of the last row, as text.
    fn ask(&self, sql: &str) -> String {
        unsafe extern "C" fn row(
            found: *mut c_void,
            count: c_int,
            texts: *mut *mut c_char,
            _: *mut *mut c_char,
        ) -> c_int {
            // SAFETY: it is the string below, and nobody else has it while the statement runs.
            let found = unsafe { &mut *found.cast::<String>() };
            // SAFETY: SQLite gives as many texts as it says.
            if let Some(text) = (count > 0).then(|| unsafe { *texts }).filter(|text| !text.is_null()) {
                // SAFETY: it ends with a zero.
                *found = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
            }
            0
        }
        let (sql, mut found) = (CString::new(sql).unwrap(), String::new());
        // SAFETY: the connection is open, and the string outlives the call.
        let code =
            unsafe { sqlite::sqlite3_exec(self.0, sql.as_ptr(), Some(row), (&raw mut found).cast(), ptr::null_mut()) };
        assert_eq!(code, sqlite::SQLITE_OK, "{sql:?}");
        found
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: it is open, and not used any more.
        assert_eq!(unsafe { sqlite::sqlite3_close(self.0) }, sqlite::SQLITE_OK);
    }
}

fn count() {
    PAUSES.set(PAUSES.get() + 1);
}

const ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
    INSERT INTO t SELECT i, hex(randomblob(50)) FROM n";

fn pages(connection: &Connection) -> usize {
    connection.ask("PRAGMA page_count").parse().unwrap()
}

#[test]
fn each_page_of_a_commit_and_of_a_checkpoint_is_followed_by_a_pause() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.db");
    let layer = papertape_vfs::register(count);
    assert_eq!(layer, Some(papertape_vfs::NAME));
    let writer = Connection::open(&path, layer);
    assert_eq!(writer.ask("PRAGMA journal_mode = WAL"), "wal");
    writer.ask("PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (i INTEGER PRIMARY KEY, text TEXT)");
    let before = PAUSES.get();
    writer.ask(ROWS);
    let committed = PAUSES.get() - before;
    assert!(committed >= pages(&writer), "{committed} pauses for {} pages", pages(&writer));
    writer.ask("PRAGMA wal_checkpoint(TRUNCATE)");
    let copied = PAUSES.get() - before - committed;
    assert!(copied >= pages(&writer) - 1, "{copied} pauses for {} pages", pages(&writer));

    // Whoever has opened the file without the layer, in this process as well, waits for the same locks and sees the same.
    let other = Connection::open(&path, None);
    assert_eq!(other.ask("SELECT count(*) FROM t"), "20000");
    assert_eq!(other.ask("PRAGMA integrity_check"), "ok");
    other.ask("DELETE FROM t WHERE i > 10");
    assert_eq!(writer.ask("SELECT count(*) FROM t"), "10");
}

#[test]
fn a_journal_that_is_rolled_back_goes_through_it_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let writer = Connection::open(&dir.path().join("rows.db"), papertape_vfs::register(count));
    writer.ask("PRAGMA journal_mode = DELETE; CREATE TABLE t (i INTEGER PRIMARY KEY, text TEXT)");
    writer.ask(ROWS);
    writer.ask("PRAGMA cache_size = 10; BEGIN; UPDATE t SET text = hex(randomblob(60)); ROLLBACK");
    assert_eq!(writer.ask("SELECT count(*) FROM t WHERE length(text) = 100"), "20000");
    assert_eq!(writer.ask("PRAGMA integrity_check"), "ok");
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let layer = CString::new(papertape_vfs::register(count).unwrap()).unwrap();
    let path = CString::new(dir.path().join("none/rows.db").to_str().unwrap()).unwrap();
    let mut connection = ptr::null_mut();
    // SAFETY: both names live until it returns.
    let code = unsafe {
        sqlite::sqlite3_open_v2(path.as_ptr(), &raw mut connection, sqlite::SQLITE_OPEN_READWRITE, layer.as_ptr())
    };
    assert_eq!(code, sqlite::SQLITE_CANTOPEN);
    // SAFETY: SQLite gives a connection even then, to be closed.
    unsafe { sqlite::sqlite3_close(connection) };
}
