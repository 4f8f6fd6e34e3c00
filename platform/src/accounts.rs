//! Sign-up across two stores: the user's row in the database, the account and its credit in the venue.
//!
//! The row comes first and holds a random reference; opening and crediting name it, so that repeating them after a
//! crash at any point gives one account and one credit.

use std::fmt;
use std::sync::Arc;

use papertape_engine::{AccountId, Amount, Asset, AssetId, Command, Event, LedgerEntry, Reason, Reference};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};

use crate::users::{NewUser, User, UserError, Users};
use crate::venue::{Ask, AskError};

/// What a new account gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignUpCredit {
    /// Which asset.
    pub asset: AssetId,
    /// How much.
    pub amount: Amount,
}

impl SignUpCredit {
    /// US dollars for a new account.
    pub const DEFAULT: (&'static str, &'static str) = ("USD", "5.00");

    /// US dollars for a new account of a demo.
    pub const DEMO: (&'static str, &'static str) = ("USD", "100000.00");

    /// So many cents of a US dollar. `None` for no cents, and where the venue has no dollars or none that fine.
    pub fn of_cents(assets: &[Asset], cents: u64) -> Option<Self> {
        Self::parse(assets, (Self::DEFAULT.0, &format!("{}.{:02}", cents / 100, cents % 100)))
    }

    /// From text: the code of a listed asset, and a positive amount. `None` if it is neither.
    pub fn parse(assets: &[Asset], (symbol, amount): (&str, &str)) -> Option<Self> {
        let number = assets.iter().position(|asset| asset.symbol.as_str() == symbol)?;
        let amount = assets[number].parse(amount).ok().filter(|amount| *amount > Amount::ZERO)?;
        Some(Self { asset: AssetId(u16::try_from(number).ok()?), amount })
    }
}

/// Why a sign-up did not finish. After [`SignUpError::Venue`] and [`SignUpError::Refused`] the user exists, and
/// [`Accounts::finish`] or [`Accounts::reconcile`] does the rest.
#[derive(Debug)]
pub enum SignUpError {
    /// The user was not added.
    User(UserError),
    /// The venue did not answer.
    Venue(AskError),
    /// The venue refused to open or to credit the account.
    Refused(Reason),
    /// The venue answered something else than it was asked.
    Unexpected,
    /// The database failed.
    Database(DbErr),
}

impl fmt::Display for SignUpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignUpError::User(error) => error.fmt(f),
            SignUpError::Venue(_) => write!(f, "the account could not be opened yet"),
            SignUpError::Refused(reason) => write!(f, "the account was refused: {reason}"),
            SignUpError::Unexpected => write!(f, "the venue's answer to the opening of the account was not understood"),
            SignUpError::Database(_) => write!(f, "the database failed"),
        }
    }
}

impl std::error::Error for SignUpError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SignUpError::User(error) => Some(error),
            SignUpError::Venue(error) => Some(error),
            SignUpError::Database(error) => Some(error),
            SignUpError::Refused(_) | SignUpError::Unexpected => None,
        }
    }
}

impl From<UserError> for SignUpError {
    fn from(error: UserError) -> Self {
        SignUpError::User(error)
    }
}

impl From<AskError> for SignUpError {
    fn from(error: AskError) -> Self {
        SignUpError::Venue(error)
    }
}

impl From<DbErr> for SignUpError {
    fn from(error: DbErr) -> Self {
        SignUpError::Database(error)
    }
}

/// Opens accounts for users.
#[derive(Clone, Debug)]
pub struct Accounts {
    users: Arc<Users>,
    credit: Option<SignUpCredit>,
    cent: Option<SignUpCredit>,
}

impl Accounts {
    /// `credit` is what each new account gets; nothing if it is absent.
    pub fn new(users: Arc<Users>, credit: Option<SignUpCredit>) -> Self {
        Self { users, credit, cent: None }
    }

    /// What a cent is, for users who come with a balance of their own ([`crate::auth_db`]).
    pub fn with_cent(self, cent: Option<SignUpCredit>) -> Self {
        Self { cent, ..self }
    }

    /// Adds a user, opens an account and credits it.
    pub async fn sign_up(&self, new: &NewUser, venue: &impl Ask) -> Result<User, SignUpError> {
        let user = self.users.create(new).await?;
        self.finish(user, venue).await
    }

    /// Does what is left of a sign-up; nothing if it was finished.
    pub async fn finish(&self, user: User, venue: &impl Ask) -> Result<User, SignUpError> {
        if user.account.is_some() {
            return Ok(user);
        }
        let account = open_account(user.account_reference, venue).await?;
        if let Some(credit) = self.credit_of(&user) {
            let reference = derived_reference("sign-up credit", user.account_reference);
            let entry = LedgerEntry { account, asset: credit.asset, amount: credit.amount, reference };
            deposit_once(entry, venue).await?;
        }
        self.users.set_account(user.id, account).await?;
        Ok(user.with_account(account))
    }

    fn credit_of(&self, user: &User) -> Option<SignUpCredit> {
        match (user.opening_cents, self.cent) {
            (None, _) => self.credit,
            (Some(0), _) | (Some(_), None) => None,
            (Some(cents), Some(cent)) => {
                let amount = cent.amount.0.checked_mul(i128::from(cents)).map(Amount)?;
                Some(SignUpCredit { amount, ..cent })
            }
        }
    }

    /// Finishes every sign-up that was cut short, and tells how many. For the start of the venue.
    pub async fn reconcile(&self, venue: &impl Ask) -> Result<usize, SignUpError> {
        let unfinished = self.users.unfinished().await?;
        let count = unfinished.len();
        for user in unfinished {
            self.finish(user, venue).await?;
        }
        Ok(count)
    }
}

/// The account that the reference names, opened now or before.
pub(crate) async fn open_account(reference: Reference, venue: &impl Ask) -> Result<AccountId, SignUpError> {
    let events = venue.ask(Command::OpenAccount { reference }).await?;
    let opened = events.iter().find_map(|event| match event {
        Event::AccountOpened { account, reference: named } if *named == reference => Some(Ok(*account)),
        Event::Rejected { reason, .. } => Some(Err(SignUpError::Refused(*reason))),
        _ => None,
    });
    opened.unwrap_or(Err(SignUpError::Unexpected))
}

/// Deposits unless the reference was used. A reference that was used with another amount counts as well: the credit
/// may have been another when the sign-up was cut short, and nobody gets two.
pub(crate) async fn deposit_once(entry: LedgerEntry, venue: &impl Ask) -> Result<(), SignUpError> {
    let events = venue.ask(Command::Deposit(entry)).await?;
    let answered = events.iter().find_map(|event| match event {
        Event::Deposited { .. } | Event::EntryRepeated { .. } => Some(Ok(())),
        Event::Rejected { reason: Reason::DuplicateReference, .. } => Some(Ok(())),
        Event::Rejected { reason, .. } => Some(Err(SignUpError::Refused(*reason))),
        _ => None,
    });
    answered.unwrap_or(Err(SignUpError::Unexpected))
}

/// A reference for a `purpose` that follows from another reference, below 2^63 as that one.
fn derived_reference(purpose: &str, from: Reference) -> Reference {
    let digest = Sha256::new().chain_update(purpose).chain_update(from.0.to_be_bytes()).finalize();
    Reference(first_u64(&digest) >> 1)
}

/// A reference for something of the venue's own that has a constant name: the highest bit is set.
pub(crate) fn named_reference(name: &str) -> Reference {
    Reference(first_u64(&Sha256::digest(name)) | 1 << 63)
}

fn first_u64(digest: &[u8]) -> u64 {
    digest.iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
}
