//! Chains: what a private key is there, which address follows from it, and how it is written for other programs.

use bech32::{hrp, segwit};
use ed25519_dalek::SigningKey;
use k256::SecretKey;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use crate::api_keys::{hex, random_bytes};

/// Tries for a private key: one is out of range less often than once in 2^127.
const TRIES: usize = 8;

/// Version of a private key of Bitcoin's test networks, in front of its bytes.
const WIF_TEST: u8 = 0xef;

/// A chain that wallets are on. All of it is practice: Bitcoin's is its test network, and nothing is sent anywhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chain {
    /// Addresses with the checksum of EIP-55.
    Ethereum,
    /// Addresses in bech32 (BIP 173) of the test network.
    Bitcoin,
    /// Addresses in base 58: the public key.
    Solana,
}

/// A private key as other programs read it.
#[derive(Clone, PartialEq, Eq)]
pub struct ExportedKey {
    /// `hex`, `wif` or `base58`.
    pub format: &'static str,
    /// The key.
    pub text: String,
}

impl std::fmt::Debug for ExportedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExportedKey({}, ..)", self.format)
    }
}

impl Chain {
    /// All of them.
    pub const ALL: [Chain; 3] = [Chain::Ethereum, Chain::Bitcoin, Chain::Solana];

    /// As it is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Chain::Ethereum => "ethereum",
            Chain::Bitcoin => "bitcoin",
            Chain::Solana => "solana",
        }
    }

    /// The chain of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.name() == name)
    }

    /// A key that nobody can guess, and its address; `None` if the system gives no randomness.
    pub(super) fn new_key(self) -> Option<([u8; 32], String)> {
        (0..TRIES).find_map(|_| {
            let key = random_bytes::<32>()?;
            Some((key, self.address(&key)?))
        })
    }

    /// The address of a private key; `None` if it is none.
    pub fn address(self, key: &[u8; 32]) -> Option<String> {
        match self {
            Chain::Ethereum => ethereum(key),
            Chain::Bitcoin => bitcoin(key),
            Chain::Solana => Some(bs58::encode(SigningKey::from_bytes(key).verifying_key().as_bytes()).into_string()),
        }
    }

    /// The key as other programs of the chain read it: hexadecimal digits, WIF, or the key pair in base 58.
    pub fn export(self, key: &[u8; 32]) -> ExportedKey {
        match self {
            Chain::Ethereum => ExportedKey { format: "hex", text: format!("0x{}", hex(key)) },
            Chain::Bitcoin => ExportedKey { format: "wif", text: wif(key) },
            Chain::Solana => {
                let pair = SigningKey::from_bytes(key).to_keypair_bytes();
                ExportedKey { format: "base58", text: bs58::encode(pair).into_string() }
            }
        }
    }
}

/// The last 20 bytes of the hash of the public key. Letters are capitals where the hash of the text has a digit from 8 on
/// (EIP-55).
fn ethereum(key: &[u8; 32]) -> Option<String> {
    let public = SecretKey::from_slice(key).ok()?.public_key().to_encoded_point(false);
    let hash = Keccak256::digest(public.as_bytes().get(1..)?);
    let text = hex(hash.get(12..)?);
    let sum = hex(&Keccak256::digest(text.as_bytes()));
    let checked = text.chars().zip(sum.chars()).map(|(c, s)| if s >= '8' { c.to_ascii_uppercase() } else { c });
    Some(format!("0x{}", checked.collect::<String>()))
}

/// Pay to the hash of the compressed public key, by witness version 0.
fn bitcoin(key: &[u8; 32]) -> Option<String> {
    let public = SecretKey::from_slice(key).ok()?.public_key().to_encoded_point(true);
    let program = Ripemd160::digest(Sha256::digest(public.as_bytes()));
    segwit::encode_v0(hrp::TB, &program).ok()
}

/// The key of a compressed public one, with four bytes of a checksum.
fn wif(key: &[u8; 32]) -> String {
    let mut bytes = [&[WIF_TEST], key.as_slice(), &[1]].concat();
    let sum = Sha256::digest(Sha256::digest(&bytes));
    bytes.extend(sum.iter().take(4));
    bs58::encode(bytes).into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_keys::from_hex;

    /// The private key 1, whose public key is the generator itself.
    fn one() -> [u8; 32] {
        from_hex(&format!("{:064x}", 1)).unwrap()
    }

    #[test]
    fn w2_addresses_are_those_that_others_find() {
        assert_eq!(Chain::Ethereum.address(&one()).unwrap(), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
        // The example of BIP 173.
        assert_eq!(Chain::Bitcoin.address(&one()).unwrap(), "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx");
        // The first test key of RFC 8032 (7.1): d75a9801… in base 58.
        let secret = from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let public: [u8; 32] = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
        assert_eq!(hex(&public), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(Chain::Solana.address(&secret).unwrap(), bs58::encode(public).into_string());
    }

    #[test]
    fn w1_keys_are_written_as_others_read_them() {
        let text = |chain: Chain| chain.export(&one()).text;
        assert_eq!(text(Chain::Ethereum), format!("0x{:064x}", 1));
        assert_eq!(text(Chain::Bitcoin), "cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA");
        let pair = bs58::decode(text(Chain::Solana)).into_vec().unwrap();
        assert_eq!((pair.len(), &pair[..32]), (64, one().as_slice()));
        assert_eq!(format!("{:?}", Chain::Bitcoin.export(&one())), "ExportedKey(wif, ..)");
    }

    #[test]
    fn w2_what_is_no_key_has_no_address() {
        // Zero, and the order of the group.
        let order = from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
        for key in [[0; 32], order] {
            assert_eq!((Chain::Ethereum.address(&key), Chain::Bitcoin.address(&key)), (None, None));
        }
        for chain in Chain::ALL {
            let (key, address) = chain.new_key().unwrap();
            assert_eq!(chain.address(&key).unwrap(), address);
            assert_eq!(Chain::named(chain.name()), Some(chain));
        }
    }
}
