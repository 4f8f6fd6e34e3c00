//! The secrets of a venue: the key that signs tokens, the peppers that go into passwords, and the keys of wallets.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::peppers::Peppers;
use crate::wallets::WalletKeys;

/// Fewest bytes that a secret may have.
pub const SECRET_LEN_MIN: usize = 32;

/// Environment variable that replaces the token key's file.
pub const JWT_SECRET_VARIABLE: &str = "PAPERTAPE_JWT_SECRET";

/// Environment variable that replaces the file of peppers: one on each line, the first one for what is new.
pub const PEPPER_VARIABLE: &str = "PAPERTAPE_PEPPER";

/// The file of peppers in the folder of secrets.
const PEPPER_FILE: &str = "pepper.key";

/// Key material. Never printed.
#[derive(Clone)]
pub struct Secrets {
    /// Signs access tokens.
    pub jwt: Vec<u8>,
    /// Go into every password before it is hashed; without them the hashes in the database are useless.
    pub peppers: Peppers,
    /// Seal the private keys of wallets.
    pub wallets: WalletKeys,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

/// Why the secrets cannot be had.
#[derive(Debug)]
pub enum SecretsError {
    /// A file cannot be read or made.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others than the owner may read the file.
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Fewer bytes than [`SECRET_LEN_MIN`].
    TooShort {
        /// The file or the variable.
        place: String,
        /// Its length.
        len: usize,
    },
    /// An operator's key that no request can carry.
    Unsendable {
        /// The most bytes that it may have.
        longest: usize,
    },
    /// Not a key of Fernet's: 32 bytes in base 64.
    NoFernetKey {
        /// The file or the variable.
        place: String,
    },
    /// The system gives no randomness.
    Randomness(getrandom::Error),
}

impl std::fmt::Display for SecretsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SecretsError::File { path, .. } => write!(f, "the secret {} cannot be read or made", path.display()),
            SecretsError::Exposed { path, mode } => write!(
                f,
                "the secret {} has mode {mode:04o}: others may read it; make it 0400 or 0600, or let a new one be made",
                path.display()
            ),
            SecretsError::TooShort { place, len } => {
                write!(f, "the secret in {place} has {len} bytes, at least {SECRET_LEN_MIN} are needed")
            }
            SecretsError::Unsendable { longest } => {
                write!(f, "the operator's key must be at most {longest} printable ASCII characters on one line")
            }
            SecretsError::NoFernetKey { place } => {
                write!(f, "{place} must hold keys of wallets: 32 bytes in base 64 each, the one that seals first")
            }
            SecretsError::Randomness(_) => write!(f, "the system gives no randomness for a new secret"),
        }
    }
}

impl std::error::Error for SecretsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SecretsError::File { source, .. } => Some(source),
            SecretsError::Randomness(error) => Some(error),
            SecretsError::Exposed { .. }
            | SecretsError::TooShort { .. }
            | SecretsError::NoFernetKey { .. }
            | SecretsError::Unsendable { .. } => None,
        }
    }
}

impl Secrets {
    /// From the environment, else from `jwt.key`, `pepper.key` and `wallet.keys` in `directory` (`DATA/secrets`), which are
    /// made where they are missing: the first two with mode 0400, the last one, which is written again, with 0600.
    pub fn load(directory: &Path) -> Result<Secrets, SecretsError> {
        Ok(Secrets {
            jwt: load_one(JWT_SECRET_VARIABLE, directory, "jwt.key")?,
            peppers: Peppers::parse(
                &load_one(PEPPER_VARIABLE, directory, PEPPER_FILE)?,
                &place_of(PEPPER_VARIABLE, directory, PEPPER_FILE),
            )?,
            wallets: WalletKeys::load(directory)?,
        })
    }
}

impl Secrets {
    /// What a file says that nobody but its owner may read, and that must be there.
    pub fn read_line(path: &Path) -> Result<String, SecretsError> {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let text = read_file(path)?.ok_or_else(|| SecretsError::File { path: path.to_owned(), source: missing() })?;
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Ok(String::from_utf8_lossy(line).trim().to_owned())
    }
}

fn load_one(variable: &str, directory: &Path, name: &str) -> Result<Vec<u8>, SecretsError> {
    if let Ok(value) = std::env::var(variable) {
        return checked(value.into_bytes(), variable);
    }
    let path = directory.join(name);
    match read_file(&path)? {
        Some(text) => checked(text, &path.display().to_string()),
        None => {
            let text = random_hex()?;
            make_file(directory, &path, &text, 0o400)?;
            Ok(text)
        }
    }
}

/// The variable, if it is set, else the file.
fn place_of(variable: &str, directory: &Path, name: &str) -> String {
    std::env::var_os(variable).map_or_else(|| directory.join(name).display().to_string(), |_| variable.to_owned())
}

/// What a file says that nobody but its owner may read; `None` if there is none.
pub(crate) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, SecretsError> {
    let failed = |source| SecretsError::File { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o7777;
            if mode & 0o077 != 0 {
                return Err(SecretsError::Exposed { path: path.to_owned(), mode });
            }
            let text = fs::read(path).map_err(failed)?;
            Ok(Some(text.trim_ascii().to_vec()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn checked(secret: Vec<u8>, place: &str) -> Result<Vec<u8>, SecretsError> {
    match secret.len() {
        len if len < SECRET_LEN_MIN => Err(SecretsError::TooShort { place: place.to_owned(), len }),
        _ => Ok(secret),
    }
}

/// 256 random bits as text.
pub(crate) fn random_hex() -> Result<Vec<u8>, SecretsError> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(SecretsError::Randomness)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes())
}

/// Makes the file whole under another name first, so that a crash leaves no half secret behind.
pub(crate) fn make_file(directory: &Path, path: &Path, text: &[u8], mode: u32) -> Result<(), SecretsError> {
    write_new(directory, path, text, mode).map_err(|source| SecretsError::File { path: path.to_owned(), source })
}

fn write_new(directory: &Path, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let unfinished = path.with_extension("new");
    let _ = fs::remove_file(&unfinished);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(directory)?.sync_all()
}
