//! SQLite's own files, with a pause after each page that is written.
//!
//! A commit writes all of its pages in one go, and so does a checkpoint: thousands of them, some milliseconds in which SQLite
//! asks nobody (its progress handler is called between steps of a statement only). What writes them is a file layer, which
//! SQLite lets a program put before its own (<https://sqlite.org/vfs.html>). This one changes nothing about files: it opens
//! them with SQLite's own layer, and then has one of their functions, the one that writes, followed by a pause.
#![allow(unsafe_code)]

use libsqlite3_sys as sqlite;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The name under which SQLite knows it: what `vfs=` of an address takes.
pub const NAME: &str = "papertape";

/// The same for SQLite.
const C_NAME: &CStr = c"papertape";

/// What is registered; nothing where SQLite has no files of its own.
static LAYER: OnceLock<Option<Layer>> = OnceLock::new();

/// The functions of files as this layer has them: one for each kind that SQLite's own has, of which there are a few (one
/// for each kind of lock).
static TABLES: Mutex<Vec<&'static Table>> = Mutex::new(Vec::new());

/// SQLite's own layer.
struct Layer {
    own: *mut sqlite::sqlite3_vfs,
    open: Open,
    pause: fn(),
}

type Open = unsafe extern "C" fn(
    *mut sqlite::sqlite3_vfs,
    sqlite::sqlite3_filename,
    *mut sqlite::sqlite3_file,
    c_int,
    *mut c_int,
) -> c_int;

type Write = unsafe extern "C" fn(*mut sqlite::sqlite3_file, *const c_void, c_int, i64) -> c_int;

/// The functions of an open file. SQLite knows the first field and no more, and hands it back with the file.
#[repr(C)]
struct Table {
    methods: sqlite::sqlite3_io_methods,
    own: *const sqlite::sqlite3_io_methods,
    write: Write,
}

// SAFETY: the pointers are to what SQLite registered when it was initialised, which it neither changes nor frees, and to
// tables of functions, which are constants of its.
unsafe impl Send for Layer {}
// SAFETY: as above.
unsafe impl Sync for Layer {}
// SAFETY: as above.
unsafe impl Sync for Table {}

/// Registers the layer, with what is done after each page. Gives the name to open a database with; nothing where SQLite has
/// no files of its own, and a database is opened without one. The pause of the first call stays.
pub fn register(pause: fn()) -> Option<&'static str> {
    LAYER.get_or_init(|| new(pause)).is_some().then_some(NAME)
}

fn new(pause: fn()) -> Option<Layer> {
    // SAFETY: it takes nothing, and may be called at any time and by any thread, as often as one likes.
    if unsafe { sqlite::sqlite3_initialize() } != sqlite::SQLITE_OK {
        return None;
    }
    // SAFETY: null asks for the default layer.
    let own = unsafe { sqlite::sqlite3_vfs_find(ptr::null()) };
    // SAFETY: it is null or what SQLite registered, which is valid for as long as the program runs.
    let layer = unsafe { own.as_ref() }?;
    let open = layer.xOpen?;
    // Its other functions are about names, time and randomness, and get what they need from the copied fields.
    let named =
        sqlite::sqlite3_vfs { pNext: ptr::null_mut(), zName: C_NAME.as_ptr(), xOpen: Some(open_file), ..*layer };
    // SAFETY: it is never freed, and the name is a constant. Not the default: others' databases are none of its business.
    let code = unsafe { sqlite::sqlite3_vfs_register(Box::leak(Box::new(named)), 0) };
    (code == sqlite::SQLITE_OK).then_some(Layer { own, open, pause })
}

/// SQLite opens a file with this layer.
unsafe extern "C" fn open_file(
    _: *mut sqlite::sqlite3_vfs,
    name: sqlite::sqlite3_filename,
    file: *mut sqlite::sqlite3_file,
    flags: c_int,
    told: *mut c_int,
) -> c_int {
    // It is registered a moment before it is stored, and used by whoever was given the name, which is after that.
    let Some(Some(layer)) = LAYER.get() else { return sqlite::SQLITE_CANTOPEN };
    // SAFETY: SQLite's own layer is given what SQLite gave. A file takes as much room with this layer as with that one
    // (`szOsFile` is copied), and it is that one's to fill.
    let code = unsafe { (layer.open)(layer.own, name, file, flags, told) };
    if code == sqlite::SQLITE_OK {
        // SAFETY: it has just been opened, so that it has functions or none, and nobody else knows it yet.
        unsafe { pause_after_writes(file) };
    }
    code
}

/// Puts a table of ours in place of the file's own.
///
/// # Safety
///
/// The file must be open, and nobody else may use it meanwhile.
unsafe fn pause_after_writes(file: *mut sqlite::sqlite3_file) {
    // SAFETY: the caller's promise. An open file's table is a constant of SQLite's.
    let Some(methods) = (unsafe { (*file).pMethods.as_ref() }) else { return };
    if let Some(table) = table_for(methods) {
        // SAFETY: the caller's promise. SQLite's own layer looks at this field when it opens a file and not again but on
        // macOS, where locks over a network (`proxy:`, which nothing here asks for) store another one and put it back.
        unsafe { (*file).pMethods = &raw const table.methods };
    }
}

/// The table for files that have these functions: made for the first one, and kept for ever.
fn table_for(own: &'static sqlite::sqlite3_io_methods) -> Option<&'static Table> {
    let mut tables = TABLES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(table) = tables.iter().find(|table| ptr::eq(table.own, own)) {
        return Some(table);
    }
    let write = own.xWrite?;
    let methods = sqlite::sqlite3_io_methods { xWrite: Some(write_page), ..*own };
    let table: &'static Table = Box::leak(Box::new(Table { methods, own, write }));
    tables.push(table);
    Some(table)
}

/// SQLite writes to a file of this layer.
unsafe extern "C" fn write_page(
    file: *mut sqlite::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: SQLite calls this for a file whose table has it, and those are the first field of a `Table`.
    let table = unsafe { &*(*file).pMethods.cast::<Table>() };
    // SAFETY: the file's own function is given what SQLite gave for it.
    let code = unsafe { (table.write)(file, bytes, count, offset) };
    if let Some(Some(layer)) = LAYER.get() {
        (layer.pause)();
    }
    code
}
