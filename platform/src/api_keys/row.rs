//! Keys as rows.

use sea_orm::ActiveValue::Set;
use sea_orm::DbErr;

use super::{ApiKey, InvalidKeyId, KeyKind, Permissions, from_hex, hex};
use crate::database::{api_key, corrupt};
use crate::network::Network;
use crate::users::UserId;

pub(super) fn ms_to_sql(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn ms_from_sql(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0)
}

/// Networks as one text; none, if the key may come from everywhere.
pub(super) fn networks_to_sql(networks: &[Network]) -> Option<String> {
    let texts: Vec<String> = networks.iter().map(Network::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

pub(crate) fn to_row(user: UserId, key: &ApiKey) -> api_key::ActiveModel {
    let (kind, public_key) = match &key.kind {
        KeyKind::Hmac => ("hmac", None),
        KeyKind::Ed25519 { public_key } => ("ed25519", Some(hex(public_key))),
    };
    api_key::ActiveModel {
        id: Set(key.id.to_string()),
        user_id: Set(user.0),
        name: Set(key.name.clone()),
        kind: Set(kind.to_owned()),
        public_key: Set(public_key),
        pepper: Set(key.pepper.clone()),
        may_read: Set(key.permissions.read),
        may_trade: Set(key.permissions.trade),
        may_transfer: Set(key.permissions.transfer),
        may_admin: Set(key.permissions.admin),
        is_active: Set(key.is_active),
        ip_whitelist: Set(networks_to_sql(&key.networks)),
        expires_ms: Set(key.expires_ms.map(ms_to_sql)),
        last_used_ms: Set(None),
        created_ms: Set(ms_to_sql(key.created_ms)),
        updated_ms: Set(Some(ms_to_sql(key.updated_ms))),
    }
}

pub(super) fn of_row(row: &api_key::Model) -> Result<ApiKey, DbErr> {
    let corrupt = |column| corrupt("api_keys", column, &row.id);
    let kind = match (row.kind.as_str(), &row.public_key) {
        ("hmac", None) => KeyKind::Hmac,
        ("ed25519", Some(text)) => {
            KeyKind::Ed25519 { public_key: from_hex(text).ok_or_else(|| corrupt("public_key"))? }
        }
        _ => return Err(corrupt("kind")),
    };
    let networks = row.ip_whitelist.iter().flat_map(|text| text.split(' ')).map(str::parse);
    let permissions =
        Permissions { read: row.may_read, trade: row.may_trade, transfer: row.may_transfer, admin: row.may_admin };
    Ok(ApiKey {
        id: row.id.parse().map_err(|InvalidKeyId| corrupt("id"))?,
        user: UserId(row.user_id),
        name: row.name.clone(),
        kind,
        permissions,
        is_active: row.is_active,
        networks: networks.collect::<Result<_, _>>().map_err(|_| corrupt("ip_whitelist"))?,
        expires_ms: row.expires_ms.map(ms_from_sql),
        last_used_ms: row.last_used_ms.map(ms_from_sql),
        created_ms: ms_from_sql(row.created_ms),
        updated_ms: ms_from_sql(row.updated_ms.unwrap_or(row.created_ms)),
        pepper: row.pepper.clone(),
    })
}
