//! The keys that private keys of wallets are sealed with: Fernet, the first one seals, and all of them open.
//!
//! Fernet binds no context: what is sealed names whose it is, and is opened for nobody else.

use std::fmt;
use std::path::{Path, PathBuf};

use fernet::Fernet;
use parking_lot::RwLock;

use crate::secrets::{SecretsError, make_file, read_file};

/// Environment variable that replaces the file of keys: several, the first of which seals, with commas between them.
pub const WALLET_KEYS_VARIABLE: &str = "PAPERTAPE_WALLET_KEYS";

/// The name of the file in the folder of secrets.
const FILE: &str = "wallet.keys";

/// Keys of wallets as text, and the file that they are in. Never printed.
#[derive(Clone)]
pub struct WalletKeys {
    /// 32 bytes in base 64 each; the first one seals.
    texts: Vec<String>,
    /// Where they are changed; none for keys of the environment.
    file: Option<PathBuf>,
}

impl fmt::Debug for WalletKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WalletKeys(..)")
    }
}

impl WalletKeys {
    /// From the environment, else from a file in `directory`, which is made with mode 0600 where it is missing.
    pub(crate) fn load(directory: &Path) -> Result<Self, SecretsError> {
        if let Ok(value) = std::env::var(WALLET_KEYS_VARIABLE) {
            return Self::parse(&value).ok_or(SecretsError::NoFernetKey { place: WALLET_KEYS_VARIABLE.to_owned() });
        }
        let path = directory.join(FILE);
        let Some(text) = read_file(&path)? else {
            let keys = Self { texts: vec![Fernet::generate_key()], file: Some(path) };
            keys.write()?;
            return Ok(keys);
        };
        let keys = Self::parse(&String::from_utf8_lossy(&text));
        let keys = keys.ok_or_else(|| SecretsError::NoFernetKey { place: path.display().to_string() })?;
        Ok(Self { file: Some(path), ..keys })
    }

    /// Keys with commas, spaces or new lines between them; `None` if one is none, or there are none.
    pub fn parse(text: &str) -> Option<Self> {
        let texts: Vec<String> = text
            .split(|c: char| c == ',' || c.is_ascii_whitespace())
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect();
        let are_keys = !texts.is_empty() && texts.iter().all(|text| Fernet::new(text).is_some());
        are_keys.then_some(Self { texts, file: None })
    }

    /// Before it is used, so that a crash loses no key.
    fn write(&self) -> Result<(), SecretsError> {
        let Some(file) = &self.file else { return Ok(()) };
        let directory = file.parent().unwrap_or(Path::new("."));
        make_file(directory, file, (self.texts.join("\n") + "\n").as_bytes(), 0o600)
    }

    fn opened(&self) -> Vec<Fernet> {
        self.texts.iter().filter_map(|text| Fernet::new(text)).collect()
    }
}

/// Seals and opens.
pub(super) struct Keyring(RwLock<(WalletKeys, Vec<Fernet>)>);

/// How a sealed text stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Resealed {
    /// The first key has sealed it.
    Current,
    /// Sealed anew.
    Anew(String),
    /// No key opens it, or it is another's.
    Foreign,
}

impl Keyring {
    pub(super) fn new(keys: WalletKeys) -> Self {
        let opened = keys.opened();
        Self(RwLock::new((keys, opened)))
    }

    /// Seals a secret of `whose`.
    pub(super) fn seal(&self, whose: &str, secret: &[u8]) -> Option<String> {
        let text = [whose.as_bytes(), b"\n", secret].concat();
        Some(self.0.read().1.first()?.encrypt(&text))
    }

    /// The secret, if it was sealed for `whose` by one of the keys.
    pub(super) fn open(&self, whose: &str, sealed: &str) -> Option<Vec<u8>> {
        let keys = self.0.read();
        let text = keys.1.iter().find_map(|key| key.decrypt(sealed).ok())?;
        of(whose, &text)
    }

    /// Seals anew what another than the first key has sealed.
    pub(super) fn reseal(&self, whose: &str, sealed: &str) -> Resealed {
        let is_current = {
            let keys = self.0.read();
            keys.1.first().and_then(|key| key.decrypt(sealed).ok()).is_some_and(|text| of(whose, &text).is_some())
        };
        if is_current {
            return Resealed::Current;
        }
        let anew = self.open(whose, sealed).and_then(|secret| self.seal(whose, &secret));
        anew.map_or(Resealed::Foreign, Resealed::Anew)
    }

    /// Whether keys can be added: those of the environment are whoever's who sets it.
    pub(super) fn is_changeable(&self) -> bool {
        self.0.read().0.file.is_some()
    }

    /// How many keys there are.
    pub(super) fn count(&self) -> usize {
        self.0.read().1.len()
    }

    /// Seals with a new key from now on.
    pub(super) fn add(&self) -> Result<(), SecretsError> {
        let mut keys = self.0.write();
        let texts = std::iter::once(Fernet::generate_key()).chain(keys.0.texts.iter().cloned()).collect();
        let next = WalletKeys { texts, file: keys.0.file.clone() };
        next.write()?;
        *keys = (next.clone(), next.opened());
        Ok(())
    }

    /// Forgets all keys but the first. Nothing that is wanted may be sealed by another.
    pub(super) fn keep_first(&self) -> Result<(), SecretsError> {
        let mut keys = self.0.write();
        let texts = keys.0.texts.iter().take(1).cloned().collect();
        let next = WalletKeys { texts, file: keys.0.file.clone() };
        next.write()?;
        *keys = (next.clone(), next.opened());
        Ok(())
    }
}

fn of(whose: &str, text: &[u8]) -> Option<Vec<u8>> {
    text.strip_prefix(whose.as_bytes())?.strip_prefix(b"\n").map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w1_a_token_of_another_program_is_opened() {
        // The vectors `generate.json` of the specification (github.com/fernet/spec).
        let key = Fernet::new("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=").unwrap();
        let token =
            "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
        assert_eq!(key.decrypt(token).unwrap(), b"hello");
    }

    #[test]
    fn w1_what_is_sealed_is_opened_for_its_owner_and_by_its_key_alone() {
        let ring = || Keyring::new(WalletKeys::parse(&Fernet::generate_key()).unwrap());
        let (ring, other) = (ring(), ring());
        let sealed = ring.seal("wallets 1 0xabc", b"secret").unwrap();
        assert!(sealed.starts_with("gAAAA"), "{sealed}");
        assert_eq!(ring.open("wallets 1 0xabc", &sealed).unwrap(), b"secret");
        assert_eq!((ring.open("wallets 2 0xabc", &sealed), other.open("wallets 1 0xabc", &sealed)), (None, None));
        assert_eq!(ring.open("wallets 1 0xab", &sealed), None, "not the beginning of it alone");
        let mut spoiled = sealed.into_bytes();
        spoiled[40] ^= 1;
        assert_eq!(ring.open("wallets 1 0xabc", &String::from_utf8(spoiled).unwrap()), None);
        assert_eq!(ring.reseal("wallets 2", &other.seal("wallets 2", b"x").unwrap()), Resealed::Foreign);
    }

    #[test]
    fn w1_a_new_key_seals_and_the_old_one_opens_until_it_is_forgotten() {
        let ring = Keyring::new(WalletKeys::parse(&Fernet::generate_key()).unwrap());
        let old = ring.seal("a", b"secret").unwrap();
        assert_eq!(ring.reseal("a", &old), Resealed::Current);
        ring.add().unwrap();
        assert_eq!((ring.count(), ring.open("a", &old).unwrap()), (2, b"secret".to_vec()));
        let Resealed::Anew(new) = ring.reseal("a", &old) else { panic!("the old key has sealed it") };
        ring.keep_first().unwrap();
        assert_eq!((ring.count(), ring.open("a", &old)), (1, None));
        assert_eq!((ring.reseal("a", &new), ring.open("a", &new).unwrap()), (Resealed::Current, b"secret".to_vec()));
    }

    #[test]
    fn w1_the_file_of_keys_is_its_owners_alone_and_is_read_again() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("papertape-wallet-keys-{}", std::process::id()));
        let keys = WalletKeys::load(&folder).unwrap();
        let mode = std::fs::metadata(folder.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let ring = Keyring::new(keys);
        let sealed = ring.seal("a", b"secret").unwrap();
        assert!(ring.is_changeable());
        ring.add().unwrap();
        let again = Keyring::new(WalletKeys::load(&folder).unwrap());
        assert_eq!((again.count(), again.open("a", &sealed).unwrap()), (2, b"secret".to_vec()));
        std::fs::write(folder.join(FILE), "no key\n").unwrap();
        assert!(matches!(WalletKeys::load(&folder), Err(SecretsError::NoFernetKey { .. })));
        std::fs::remove_dir_all(folder).unwrap();
        assert!(WalletKeys::parse("").is_none() && WalletKeys::parse("a,b").is_none());
    }
}
