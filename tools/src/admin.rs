//! `papertape admin`: what the operator asks of a running venue, over its routes.

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::exit::{self, Failure, Outcome};
use crate::serve::Switch;

/// Asks a running venue for what is the operator's, and prints the answer
///
/// The key is read from a file; it never stands on a command line. Everything can be asked for with `ask`; the rest are
/// shorter words for what is needed in a hurry.
#[derive(Args, Debug)]
pub struct AdminArgs {
    /// The venue
    #[arg(long, value_name = "URL", env = "PAPERTAPE_URL", default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// File with the operator's key
    #[arg(long, value_name = "FILE", env = "PAPERTAPE_OPERATOR_KEY_FILE", default_value = "data/operator.key")]
    pub key_file: PathBuf,
    /// What is asked for
    #[command(subcommand)]
    pub what: What,
}

/// What the operator asks for.
#[derive(Subcommand, Debug)]
pub enum What {
    /// Put a market into a phase: continuous, auction, halted or closed
    Phase {
        /// The market
        symbol: String,
        /// The phase
        phase: String,
        /// How long an auction or a halt lasts: 90s, 5m, 2h
        #[arg(long = "for", value_name = "TIME", value_parser = duration)]
        lasts: Option<Duration>,
        /// What an auction is for: intraday, opening, closing or volatility
        #[arg(long, value_name = "PURPOSE")]
        auction: Option<String>,
    },
    /// End an auction: trade what it has collected
    Uncross {
        /// The market
        symbol: String,
        /// Decides between prices that are equal by all else
        #[arg(long, value_name = "PRICE")]
        reference: Option<String>,
        /// The phase that follows
        #[arg(long, value_name = "PHASE")]
        then: Option<String>,
    },
    /// Set the mark price of a market
    Mark {
        /// The market
        symbol: String,
        /// The price
        price: String,
    },
    /// Stop trading of the venue, a market or an account, or allow it again
    KillSwitch {
        /// Whether trading stops
        switch: Switch,
        /// In this market alone
        #[arg(long, value_name = "SYMBOL", conflicts_with = "account")]
        market: Option<String>,
        /// Of this account alone
        #[arg(long, value_name = "N")]
        account: Option<u32>,
    },
    /// Suspend an account: its orders end, and it neither trades nor moves money out
    Suspend {
        /// The account
        account: u32,
    },
    /// Lift a suspension
    Reinstate {
        /// The account
        account: u32,
    },
    /// Cancel an account's orders
    Cancel {
        /// The account
        account: u32,
        /// In this market alone
        #[arg(long, value_name = "SYMBOL")]
        market: Option<String>,
        /// On this side alone: buy or sell
        #[arg(long, value_name = "SIDE")]
        side: Option<String>,
    },
    /// Tell the state after a record of the journal: its hash, what all accounts have together, a book, an account
    State {
        /// The record; the last durable one, if it is left out
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        seq: Option<u64>,
        /// A market whose book is wanted, too
        #[arg(long, value_name = "SYMBOL")]
        symbol: Option<String>,
        /// An account whose balances and open orders are wanted, too
        #[arg(long, value_name = "N")]
        account: Option<u32>,
    },
    /// Tell the life of an order
    Story {
        /// The venue's number of the order
        order: u64,
    },
    /// Tell what the operator, administrators and the venue itself did, newest first
    Log {
        /// At most so many rows
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=500))]
        limit: Option<u64>,
        /// Only what was done to this: "user 7", "market BTC-USD"
        #[arg(long, value_name = "OBJECT")]
        object: Option<String>,
        /// The next_cursor of the page before
        #[arg(long, value_name = "CURSOR")]
        cursor: Option<String>,
    },
    /// Say whether that log is what was written; `papertape audit admin-log` does it without the venue
    VerifyLog {
        /// A Papertape-Admin-Log that was kept: the log must have that row, as it was
        #[arg(long, value_name = "RECEIPT")]
        receipt: Option<String>,
        /// Look at the rows after this one
        #[arg(long, value_name = "N")]
        after: Option<u64>,
    },
    /// Ask for anything else, as in the API's description
    Ask {
        /// GET, POST, PUT or DELETE
        method: String,
        /// What follows /api/v1/admin/ in the path, with its query
        path: String,
        /// The body, if there is one
        #[arg(value_name = "JSON", value_parser = body)]
        body: Option<Value>,
    },
}

/// Between two askings for an answer that is being made.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// One request.
#[derive(PartialEq, Debug)]
struct Request {
    method: String,
    path: String,
    body: Option<Value>,
}

/// A path with those of the fields that are given.
fn with_query(path: &str, fields: &[(&str, Option<String>)]) -> String {
    let given = fields.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
    let query = given.collect::<Vec<_>>().join("&");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A value of a query, with whatever has a meaning there written as a number.
fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// `90s`, `5m` or `2h`.
fn duration(text: &str) -> Result<Duration, String> {
    let refused = || "must be a whole number with s, m or h behind it".to_owned();
    let (unit, number) = text.char_indices().next_back().map(|(at, unit)| (unit, &text[..at])).ok_or_else(refused)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => return Err(refused()),
    };
    let number: u64 = number.parse().map_err(|_| refused())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(refused)
}

fn body(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

impl What {
    /// The request, at `now` since 1970.
    fn request(&self, now: Duration) -> Request {
        let get = |path: String| Request { method: "GET".into(), path, body: None };
        let put = |path: String, body: Value| Request { method: "PUT".into(), path, body: Some(body) };
        match self {
            What::Phase { symbol, phase, lasts, auction } => {
                let ends = lasts.map(|lasts| now.saturating_add(lasts).as_millis() as u64);
                let body = json!({"phase": phase, "phase_ends_ms": ends, "auction": auction});
                put(format!("instruments/{symbol}/phase"), body)
            }
            What::Uncross { symbol, reference, then } => {
                let body = Some(json!({"reference_price": reference, "then": then}));
                Request { method: "POST".into(), path: format!("instruments/{symbol}/uncross"), body }
            }
            What::Mark { symbol, price } => put(format!("instruments/{symbol}/mark"), json!({"price": price})),
            What::KillSwitch { switch, market, account } => {
                let path = match (market, account) {
                    (Some(symbol), _) => format!("instruments/{symbol}/kill-switch"),
                    (None, Some(account)) => format!("accounts/{account}/kill-switch"),
                    (None, None) => "kill-switch".into(),
                };
                put(path, json!({"engaged": *switch == Switch::On}))
            }
            What::Suspend { account } => put(format!("accounts/{account}/suspension"), json!({"suspended": true})),
            What::Reinstate { account } => put(format!("accounts/{account}/suspension"), json!({"suspended": false})),
            What::Cancel { account, market, side } => {
                let path = format!("accounts/{account}/orders");
                let path = with_query(&path, &[("symbol", market.clone()), ("side", side.clone())]);
                Request { method: "DELETE".into(), path, body: None }
            }
            What::State { seq, symbol, account } => {
                let (seq, account) = (seq.map(|seq| seq.to_string()), account.map(|account| account.to_string()));
                get(with_query("state", &[("seq", seq), ("symbol", symbol.clone()), ("account", account)]))
            }
            What::Log { limit, object, cursor } => {
                let (limit, object) = (limit.map(|limit| limit.to_string()), object.as_deref().map(escaped));
                get(with_query("log", &[("limit", limit), ("object", object), ("cursor", cursor.clone())]))
            }
            What::VerifyLog { receipt, after } => {
                let after = after.map(|after| after.to_string());
                get(with_query("log/verification", &[("receipt", receipt.clone()), ("after", after)]))
            }
            What::Story { order } => get(format!("orders/{order}/story")),
            What::Ask { method, path, body } => Request {
                method: method.to_uppercase(),
                path: path.trim_start_matches('/').to_owned(),
                body: body.clone(),
            },
        }
    }
}

/// Runs it.
pub fn run(args: &AdminArgs, out: &mut impl Write) -> Outcome {
    let base = args.url.trim_end_matches('/');
    if !base.starts_with("http://") {
        return Err(Failure::refused(format!("--url {}: give http://HOST:PORT", args.url)));
    }
    let key = std::fs::read_to_string(&args.key_file)
        .map_err(|error| Failure::refused(format!("the operator's key {}: {error}", args.key_file.display())))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let Request { method, path, body } = args.what.request(now);
    let body = body.map_or_else(String::new, |body| body.to_string());
    let request = || {
        ureq::http::Request::builder()
            .method(method.as_str())
            .uri(format!("{base}/api/v1/admin/{path}"))
            .header("Authorization", format!("Bearer {}", key.trim()))
            .header("Content-Type", "application/json")
            .body(body.clone())
            .map_err(Failure::refused)
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into();
    let unreachable = |error: ureq::Error| Failure::io(format!("{base}: {error}; is the venue running?"));
    let mut answer = agent.run(request()?).map_err(unreachable)?;
    // What looks back may take a while: the venue says that it is at it, and is asked again.
    while answer.status() == ureq::http::StatusCode::ACCEPTED {
        std::thread::sleep(ASK_AGAIN);
        answer = agent.run(request()?).map_err(unreachable)?;
    }
    let text = answer.body_mut().read_to_string().map_err(unreachable)?;
    let shown = serde_json::from_str::<Value>(&text).ok().and_then(|json| serde_json::to_string_pretty(&json).ok());
    writeln!(out, "{}", shown.unwrap_or(text)).map_err(Failure::io)?;
    if answer.status().is_success() { Ok(exit::OK) } else { Err(Failure::refused(answer.status())) }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: AdminArgs,
    }

    fn asked(line: &str) -> (String, String, Option<Value>) {
        let line = Line::try_parse_from(std::iter::once("admin").chain(line.split(' ')));
        let Request { method, path, body } =
            line.unwrap_or_else(|error| panic!("{error}")).args.what.request(Duration::from_secs(1_000));
        (method, path, body)
    }

    #[test]
    fn words_become_requests() {
        for (line, method, path, body) in [
            (
                "phase BTC-USD halted --for 5m",
                "PUT",
                "instruments/BTC-USD/phase",
                json!({"phase": "halted", "phase_ends_ms": 1_300_000, "auction": null}),
            ),
            (
                "uncross BTC-USD --then closed",
                "POST",
                "instruments/BTC-USD/uncross",
                json!({"reference_price": null, "then": "closed"}),
            ),
            ("mark BTC-USD 60000.5", "PUT", "instruments/BTC-USD/mark", json!({"price": "60000.5"})),
            ("kill-switch on", "PUT", "kill-switch", json!({"engaged": true})),
            ("kill-switch off --market BTC-USD", "PUT", "instruments/BTC-USD/kill-switch", json!({"engaged": false})),
            ("kill-switch on --account 7", "PUT", "accounts/7/kill-switch", json!({"engaged": true})),
            ("suspend 7", "PUT", "accounts/7/suspension", json!({"suspended": true})),
            ("reinstate 7", "PUT", "accounts/7/suspension", json!({"suspended": false})),
            ("ask put /instruments/BTC-USD/mark {\"price\":1}", "PUT", "instruments/BTC-USD/mark", json!({"price": 1})),
        ] {
            assert_eq!(asked(line), (method.into(), path.into(), Some(body)), "{line}");
        }
        for (line, method, path) in [
            ("cancel 7", "DELETE", "accounts/7/orders"),
            ("cancel 7 --market BTC-USD --side buy", "DELETE", "accounts/7/orders?symbol=BTC-USD&side=buy"),
            ("state", "GET", "state"),
            ("state --seq 90001 --symbol BTC-USD --account 7", "GET", "state?seq=90001&symbol=BTC-USD&account=7"),
            ("story 1042", "GET", "orders/1042/story"),
            ("log", "GET", "log"),
            ("log --limit 5 --object venue", "GET", "log?limit=5&object=venue"),
            ("verify-log --after 7 --receipt 7-00", "GET", "log/verification?receipt=7-00&after=7"),
            ("ask get venue", "GET", "venue"),
        ] {
            assert_eq!(asked(line), (method.into(), path.into(), None), "{line}");
        }
    }

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7_200)));
        for refused in ["", "5", "m", "-5m", "5d", "5 m", "18446744073709551615h", "é"] {
            assert!(duration(refused).is_err(), "{refused}");
        }
    }
}
