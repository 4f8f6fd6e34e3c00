//! Reacts: users, read models, projections and a simulated market, as folds over what the venue tells.
//!
//! It does not know sockets, HTTP or the journal's files. Money is in the venue; everything here but the users can be
//! thrown away and is rebuilt from the journal.
//!
//! At boot, in this order:
//!
//! 1. [`Secrets::load`], [`Platform::open`], [`Projector::start`].
//! 2. Open the venue from [`Platform::cursor`] on and [`Projector::push`] every event that is shown; wait for
//!    [`Projections::flushed`].
//! 3. Apply [`demo::missing`] if wanted; [`Views::load`] from the recovered engine; start the venue.
//! 4. One thread of the gateway polls the venue and gives every event to [`Views::fold`], then to [`Projector::push`].
//! 5. [`Accounts::reconcile`], [`simulator::Simulator::start`].

pub mod auth_db;
pub mod database;
pub mod demo;
pub mod simulator;

mod accounts;
mod admin_log;
mod api_keys;
mod candles;
mod history;
pub mod mail;
mod money;
mod network;
mod operator_key;
mod order;
mod peppers;
mod platform;
mod projector;
mod seconds;
mod secrets;
mod told;
mod users;
mod venue;
mod views;
mod wallets;

pub use accounts::{Accounts, SignUpCredit, SignUpError};
pub use admin_log::{
    ADMIN_LOG_PAGE_MAX, ADMIN_LOG_STATUSES, Actor, AdminEvent, AdminLog, AdminLogFilter, Broken, Fault, InvalidReceipt,
    Receipt, Verified, has as has_receipt, is_outcome_unknown, verify as verify_admin_log,
};
pub use api_keys::{
    API_KEY_NAME_MAX, API_KEYS_MAX, ApiKey, ApiKeyEdit, ApiKeyError, ApiKeys, InvalidKeyId, KeyHolder, KeyId, KeyKind,
    KeyType, NETWORKS_MAX, NewApiKey, Permissions, from_hex, hex, random_bytes,
};
pub use candles::{BegunChart, CANDLES_KEPT_S, Candle, CandleSeries, Chart, Interval, Span};
pub use database::OpenError;
pub use history::{FillFilter, FillName, HISTORY_PAGE_MAX, History, OrderFilter};
pub use money::{average_price_text, number, position_price_text, whole_lots};
pub use network::{Network, site_of};
pub use operator_key::OperatorKey;
pub use order::{Moment, OrderStatus, OrderView, fee_asset};
pub use peppers::Peppers;
pub use platform::Platform;
pub use projector::{ProjectionWriter, Projections, Projector, STAGED_MAX};
pub use seconds::SECONDS_KEPT_S;
pub use secrets::{JWT_SECRET_VARIABLE, PEPPER_VARIABLE, SECRET_LEN_MIN, Secrets, SecretsError};
pub use told::{Part, Told, told_to};
pub use users::{
    AUTH_LOG_PAGE_MAX, AuthAction, AuthError, AuthEvent, AuthLogFilter, DISPLAY_NAME_MAX, Directory, EMAIL_LEN_MAX,
    Edit, FREE_TRIES, FREE_TRIES_EVERYWHERE, HashError, Hashed, ImportedUser, LogIn, LoggedIn, NewUser, Opened,
    Opening, Origin, PASSWORD_LEN_MAX, PASSWORD_LEN_MIN, PICTURE_MAX, PROVEN_FOR, PasswordHasher, Picture, ProfileEdit,
    REASON_MAX, RECOVERY_CODES, RefreshError, Revoked, Role, SESSIONS_MAX, SessionId, SessionView, Suspension, Token,
    TokenError, TwoFactorOffer, USERS_PAGE_MAX, User, UserError, UserId, Users, UsersConfig, WeakPassword,
    check_strength, normalise_email, rfc3339,
};
pub use venue::{Ask, AskError, Output};
pub use views::{
    BalanceView, BestLevels, BookOrder, BookOrderChange, BookOrders, Change, Depth, ENDED_ORDERS_KEPT, FeesView,
    LevelChange, Liquidity, MarginView, OrderEvent, PositionView, QueuePlace, TAPE_KEPT, TapeRow, Ticker, Views,
};
pub use wallets::{
    Chain, ExportedKey, Rotated, WALLET_KEYS_VARIABLE, WALLET_NAME_MAX, WALLETS_MAX, Wallet, WalletError, WalletId,
    WalletKeys, Wallets,
};
