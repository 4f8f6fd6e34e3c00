// Generated out of the venue's OpenAPI document: npm run types.

/** What one account has of the asset after an entry. */
export type AccountBalanceMessage = {
  /** Whose. */
  account_id: number;
  /** How much; null of the venue's own account, of which none is told. */
  balance: BalanceMessage | null;
};

/** An account to be opened that is no user's: a market maker's, or one that money passes through. */
export type AccountBody = {
  /** A whole number of the operator's choice, below 2^64, as a string (or as a number up to 2^53): the same reference gives the same account. */
  reference: string;
};

/** An account after a command. */
export type AccountDone = {
  /** The account as it is now. */
  account: AdminAccountMessage;
  /** How many orders ended by it. */
  orders_ended: number;
  /** The command's number in the journal. */
  seq: number;
};

/** What the caller's new orders in one market cost. */
export type AccountFeesMessage = {
  /** Fee of its orders that rest, in parts per million; negative is a rebate. */
  maker_fee_ppm: number;
  /** What comes with more volume; null at the last tier, or where there is no table. */
  next_tier: FeeTierMessage | null;
  /** The asset in which volume is counted. */
  quote: string;
  /** The market. */
  symbol: string;
  /** Fee of its orders that take, in parts per million. */
  taker_fee_ppm: number;
  /** The account's tier: the last one whose `min_volume` it has traded. */
  tier: number;
  /** What the account traded in the thirty whole days (UTC) before today, as buyer and as seller, in all markets that are paid with `quote`. Counted from the day on which the first of them got a fee table. */
  volume_30d: string;
};

/** An account as it was after a command. */
export type AccountMessage = {
  /** The account's number. */
  account_id: number;
  /** One for each asset that the account ever had. */
  balances: BalanceMessage[];
  /** Whether the account's own kill switch is engaged: it trades nothing until it is released. */
  kill_switch: boolean;
  /** One for each market that the account traded in. */
  positions: PositionMessage[];
  /** The last command that is in it. */
  seq: number;
  /** Whether the operator has suspended the account: it neither trades nor moves money out. */
  suspended: boolean;
};

/** An account after the record. */
export type AccountStateMessage = {
  /** The account's number. */
  account_id: number;
  /** What it had of each asset. */
  balances: BalanceMessage[];
  /** What it owed. */
  debts: DebtMessage[];
  /** How many of its orders were open, waiting and pending ones included. */
  open_orders: number;
  /** They, by number, at most 1000. */
  orders: OrderStateMessage[];
};

/** Whether a user may log in at all. */
export type ActiveBody = {
  /** Whether. */
  is_active: boolean;
};

/** An account as the operator sees it. */
export type AdminAccountMessage = {
  /** The account's number; 0 is the venue's own, where fees go, of which neither orders nor balances are told. */
  account_id: number;
  /** One for each asset that it ever had. */
  balances: BalanceMessage[];
  /** What it owes. What the venue's own account owes are bad debts. */
  debts: DebtMessage[];
  /** Whether its own kill switch is engaged. */
  kill_switch: boolean;
  /** Whether it may borrow. */
  margin: boolean;
  /** How many of its orders are open, waiting and pending ones included. */
  open_orders: number;
  /** Whether it is suspended. */
  suspended: boolean;
  /** Its trade group; null: none. */
  trade_group: number | null;
  /** Whose it is; null: no user's. */
  user_id: number | null;
};

/** A market with all of its settings. */
export type AdminInstrumentMessage = InstrumentMessage & {
  /** The asset in which fees are taken. */
  fee_asset: FeeAssetWord;
  /** Its number. */
  instrument_id: number;
  /** Whether its kill switch is engaged. */
  kill_switch: boolean;
  /** Price of the last trade; null: there was none. */
  last_price: string | null;
  /** The mark price; null: none was set. */
  mark_price: string | null;
  /** Largest quantity of a market order, in base; null: as of every order. */
  max_market_qty: string | null;
  /** Greatest value of an order, in quote; null: no limit. */
  max_notional: string | null;
  /** Open orders of one account; null: no limit. */
  max_open_orders: number | null;
  /** Highest limit price; null: no limit. */
  max_price: string | null;
  /** Lowest limit price. */
  min_price: string;
};

/** An action that was carried out, or refused. */
export type AdminLogMessage = {
  /** Method and path, with names for the parts that vary. */
  action: string;
  /** `operator`, `admin`, `setup` (the first administrator is made) or `venue` (by time). */
  actor: string;
  /** The same as they are since; of what is new, the answer. */
  after: object | null;
  /** The fields of the object that changed, as they were. */
  before: object | null;
  /** Why it was refused. */
  code: string | null;
  /** When, RFC 3339. */
  created_at: string;
  /** The hash of this row and of all before it. */
  hash: string;
  /** Its place: from 1, without a gap. */
  id: number;
  /** Where it came from. */
  ip_address: string | null;
  /** What it was done to: `user 7`, `account 7`, `market BTC-USD`, `venue`. */
  object: string;
  /** The hash of the row before it, 64 hexadecimal digits. */
  previous_hash: string;
  /** What was asked, without what is secret. */
  request: object | null;
  /** `done`, `refused`, or `unknown`: no answer came in time, or the venue failed on the way, and it may have been done. */
  status: string;
  /** The program, as it calls itself. */
  user_agent: string | null;
  /** The administrator. */
  user_id: number | null;
};

/** A page of the log. */
export type AdminLogPage = {
  /** Number and hash of the newest row of all, as `Papertape-Admin-Log` has them; null before the first. */
  head: string | null;
  /** Where the next page begins; null on the last one. */
  next_cursor: string | null;
  /** Newest first. */
  rows: AdminLogMessage[];
};

/** Everything about borrowing. */
export type AdminMarginMessage = {
  /** The accounts that may borrow, or owe something. */
  accounts: BorrowerMessage[];
  /** The assets that are collateral or can be borrowed. */
  assets: MarginAssetMessage[];
  /** Debts that were written off, and that the venue's own account has not paid: it owes them. */
  bad_debts: DebtMessage[];
  /** The asset in which everything is reckoned; null where nobody may borrow. */
  reference: string | null;
  /** The last command that is in it. */
  seq: number;
};

/** How a taker's quantity is to be shared out among the orders at one price. */
export type AllocationBody = {
  /** Whether orders without a share get one lot each, oldest first, before the rest goes by time; not unless said. */
  leveling?: boolean;
  /** A share below this quantity is none; one lot unless said otherwise. */
  share_min?: Decimal;
  /** The order that last bettered all others of its side trades first, up to this quantity; no such step unless said. */
  top_max?: Decimal;
  /** By time or by size. What follows is for `pro_rata` only. */
  type: AllocationWord;
};

/** How a taker's quantity is shared out among the orders at one price. */
export type AllocationMessage = {
  type: 'fifo';
} | {
  /** Whether orders without a share get one lot each, oldest first, before the rest goes by time. */
  leveling: boolean;
  /** A share below this quantity is none. */
  share_min: string;
  /** The order that last bettered all others of its side trades first, up to this quantity; zero: no such step. */
  top_max: string;
  type: 'pro_rata';
};

/** `fifo`: oldest first. `pro_rata`: by size. */
export type AllocationWord = 'fifo' | 'pro_rata';

/** New terms of a resting order; what is not named stays. */
export type AmendBody = {
  /** New limit price. */
  price?: Decimal;
  /** New total quantity, filled part included. */
  qty?: Decimal;
};

/** What an amend does to an order's place in its queue. `keep_if_reduced`: a smaller quantity at the same price keeps it, anything else loses it. `lose`: every amend loses it. An iceberg always loses it. */
export type AmendPriorityWord = 'keep_if_reduced' | 'lose';

/** What is to be changed; what is left out stays. */
export type ApiKeyEditBody = {
  /** The second factor with it, where there is one. */
  code?: string;
  /** Addresses or networks that it may come from; from everywhere, if there are none. */
  ip_whitelist?: string[];
  /** Whether it is taken at all. */
  is_active?: boolean;
  /** 1 to 64 characters, unique among your keys. */
  name?: string;
  /** Your password, where the session has not shown it in the last five minutes. */
  password?: string;
};

/** A key, without its secret. */
export type ApiKeyMessage = {
  /** The same. */
  api_name: string;
  /** When it was made. */
  created_at: string;
  /** The same in milliseconds since 1970. */
  created_at_ms: number;
  /** When it ends by itself, RFC 3339. */
  expires_at: string | null;
  /** The same in milliseconds since 1970. */
  expires_at_ms: number | null;
  /** The same as `key`. */
  id: string;
  /** Networks that it may come from; from everywhere, if there are none. */
  ip_whitelist: string[];
  /** Whether it is taken at all. */
  is_active: boolean;
  /** Its id, 32 hexadecimal digits. */
  key: string;
  /** How it proves itself. */
  kind: KeyKindWord;
  /** When somebody last used it. */
  last_used_at: string | null;
  /** The same in milliseconds since 1970. */
  last_used_at_ms: number | null;
  /** What you call it. */
  name: string;
  /** What it may do. */
  permissions: PermissionWord[];
  /** The public key; null for `hmac`. */
  public_key: string | null;
  /** What it may do, in one word. */
  type: KeyTypeWord;
  /** When you last changed it. */
  updated_at: string;
  /** Whose it is. */
  user_id: number;
};

/** A new asset. */
export type AssetBody = {
  /** Decimals of its smallest unit, 0 to 18 (`INVALID_ASSET`); they never change. */
  decimals: number;
  /** Its code: 1 to 20 of `A-Z a-z 0-9 - . _`, but neither `.` nor `..`. */
  symbol: string;
};

/** An asset after a command. */
export type AssetDone = {
  /** The asset as it is now. */
  asset: AssetMessage;
  /** The command's number in the journal. */
  seq: number;
};

/** An asset. */
export type AssetMessage = {
  /** Its number. */
  asset_id: number;
  /** Decimals of its smallest unit. */
  decimals: number;
  /** What it is to accounts that borrow; null: nothing. */
  margin_terms: MarginAssetMessage | null;
  /** Its code. */
  symbol: string;
};

/** What all accounts have of an asset. */
export type AssetSumMessage = {
  /** The asset. */
  asset: string;
  /** What the venue's own account has of it: the fees that it took, less what it paid. */
  fees: string;
  /** Can be spent, by all accounts together, the venue's own included. */
  free: string;
  /** Held by open orders. */
  held: string;
  /** What accounts owe of it. */
  owed: string;
  /** Both: deposits less withdrawals, and what is owed. */
  total: string;
};

/** What an auction is for. */
export type AuctionWord = 'intraday' | 'opening' | 'closing' | 'volatility';

/** Something that happened at the door. */
export type AuthLogMessage = {
  /** What was tried, such as `login`, `failed_login`, `logout`, `register`, `password_reset`. */
  action: string;
  /** When, RFC 3339. */
  created_at: string;
  /** More about it. */
  details: object | null;
  /** Number of the row. */
  id: number;
  /** Where it came from. */
  ip_address: string | null;
  /** `success` or `failure`. */
  status: string;
  /** The program, as it calls itself. */
  user_agent: string | null;
  /** The user; null where nobody is known by the name that was given. */
  user_id: number | null;
};

/** A page of the log. */
export type AuthLogsMessage = {
  /** Newest first. */
  auth_logs: AuthLogMessage[];
  /** Where the next page begins; null on the last one. */
  next_cursor: string | null;
};

/** What an account has of one asset. */
export type BalanceMessage = {
  /** The asset. */
  asset: string;
  /** Can be spent. */
  free: string;
  /** Held by open orders. */
  held: string;
  /** Both. */
  total: string;
};

/** Where no trade may be: see the bands of `GET /api/v1/instruments`. */
export type BandsBody = {
  /** Around the last trade before an order comes. */
  dynamic_bps?: number;
  /** Around the last auction's price, or before one the session's first trade, in hundredths of a percent, at most 9999. */
  static_bps?: number;
  /** An order that would trade outside begins an auction of so many milliseconds; without it, it is cut. */
  volatility_auction_ms?: number;
};

/** Price bands: how far from a reference price, in hundredths of a percent. No order takes outside; what is left of one that would is cancelled (`PRICE_BAND`). */
export type BandsMessage = {
  /** Around the last trade before an order comes. Null: no such band. */
  dynamic_bps: number | null;
  /** Around the last auction's price, or before one the session's first trade; limit prices outside are refused (`PRICE_OUT_OF_BAND`). Null: no such band. */
  static_bps: number | null;
  /** An order that would trade outside begins an auction of so many milliseconds, in which what is left of it takes part if it is a limit order that stays. Null: it is cut. */
  volatility_auction_ms: number | null;
};

/** A book after the record, at most 1000 levels of each side. */
export type BookStateMessage = {
  /** Price and quantity, lowest price first. */
  asks: string[][];
  /** Price and quantity, highest price first. */
  bids: string[][];
  /** What its rules allowed. */
  phase: PhaseWord;
  /** The market. */
  symbol: string;
};

/** An account that borrows, or may. */
export type BorrowerMessage = {
  /** The account. */
  account_id: number;
  /** What it has, held or not, at the prices of the moment and after haircuts. */
  collateral: string;
  /** What it owes, at the prices of the moment. */
  debt: string;
  /** What it owes, asset by asset. */
  debts: DebtMessage[];
  /** `collateral` less `debt` must be at least this after something is borrowed or taken out. */
  initial_margin: string;
  /** `collateral` less `debt` below this: the account is liquidated. */
  maintenance_margin: string;
  /** Whether it may borrow. */
  margin: boolean;
};

/** Why an order ended without being filled whole. */
export const CANCEL_REASONS = [
  'USER',
  'IMMEDIATE_REMAINDER',
  'FILL_OR_KILL',
  'BUDGET_SPENT',
  'SELF_TRADE',
  'LIST',
  'INSUFFICIENT_FUNDS',
  'POST_ONLY_WOULD_TAKE',
  'NO_ROOM',
  'OUTSIDE_LIMITS',
  'NOT_TRADING',
  'KILL_SWITCH',
  'SUSPENDED',
  'PRICE_BAND',
  'REDUCE_ONLY',
  'MIN_QTY',
  'AUCTION_REMAINDER',
  'LIQUIDATION',
  'EXPIRED',
] as const;
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** What the operator cancelled. */
export type CancelledDone = {
  /** The orders, as they ended. */
  cancelled: OrderMessage[];
  /** The command's number in the journal. */
  seq: number;
};

/** What was cancelled. */
export type CancelledMessage = {
  /** The orders, as they ended. */
  cancelled: OrderMessage[];
};

/** One bar of a chart. */
export type CandleMessage = {
  /** Last price. */
  close: string;
  /** Highest price. */
  high: string;
  /** Lowest price. */
  low: string;
  /** First price. */
  open: string;
  /** Start of the bar in seconds since 1970. */
  time: number;
  /** Traded quantity in base. */
  volume: string;
};

/** `ethereum`, `bitcoin` (its test network) or `solana`. */
export type ChainWord = 'ethereum' | 'bitcoin' | 'solana';

/** What is owed of one asset. */
export type DebtMessage = {
  /** How much. */
  amount: string;
  /** Which asset. */
  asset: string;
};

/** A decimal from the wire, as text without an exponent: `"0.10"`, `0.10` and `1e-1` all keep their exact value. */
export type Decimal = string;

/** The best levels of a book. */
export type DepthMessage = {
  /** Price and quantity, lowest price first. */
  asks: string[][];
  /** Price and quantity, highest price first. */
  bids: string[][];
  /** The market. */
  symbol: string;
  /** The last change that is in it. */
  update_id: number;
};

/** The error of the plain routes. */
export type Detail = {
  /** Stable `UPPER_SNAKE` reason. */
  code: string;
  /** What was wrong. */
  detail: string;
};

/** What turns a second factor off. */
export type DisableBody = {
  /** A code, or a recovery code. */
  code: string;
  /** The password. */
  password: string;
};

/** Something that was done, in words. */
export type DoneMessage = {
  /** What was done. */
  message: string;
};

/** First the password, then the first code. */
export type EnableBody = {
  /** The first code of that secret: turns it on. */
  code?: string;
  /** Asks for a secret. */
  password?: string;
};

/** How many sessions ended. */
export type EndedMessage = {
  /** So many. */
  ended: number;
};

/** Money in or out of one account. */
export type EntryBody = {
  /** How much; positive. */
  amount: Decimal;
  /** Which asset. */
  asset: string;
  /** A whole number of the operator's choice, below 2^64, as a string (or as a number up to 2^53), that names the entry within the account: the same request again does nothing more, another one is refused (`DUPLICATE_REFERENCE`). */
  reference: string;
};

/** What came of an entry. */
export type EntryMessage = {
  /** Who has how much of the asset now. */
  accounts: AccountBalanceMessage[];
  /** How much, as asked. */
  amount: string;
  /** Which asset. */
  asset: string;
  /** Whether the same entry was made before; then nothing was done now. */
  repeated: boolean;
  /** The command's number in the journal. */
  seq: number;
};

/** A private key. */
export type ExportedMessage = {
  /** Its address. */
  address: string;
  /** The chain. */
  blockchain: ChainWord;
  /** `hex` (Ethereum), `wif` (Bitcoin) or `base58` (Solana, the pair of keys). */
  format: string;
  /** The wallet's number. */
  id: number;
  /** Whoever has it has the wallet. */
  private_key: string;
};

/** The asset in which fees are taken. `quote`: a buyer pays them on top. `received`: out of what is received, the base of a buyer. */
export type FeeAssetWord = 'quote' | 'received';

/** One tier of a fee table. */
export type FeeTierBody = {
  /** Fee of the order that rested, in parts per million, at most a million; negative is a rebate, which the lowest fee of the other side must cover. */
  maker_fee_ppm: number;
  /** Least volume of thirty days, in quote; positive, and above that of the tier before. */
  min_volume: Decimal;
  /** Fee of the order that took. */
  taker_fee_ppm: number;
};

/** One row of a market's fee table. */
export type FeeTierMessage = {
  /** Fee of the order that rested, in parts per million; negative is a rebate. */
  maker_fee_ppm: number;
  /** Least volume of thirty days, in quote; zero of tier 0. */
  min_volume: string;
  /** Fee of the order that took, in parts per million. */
  taker_fee_ppm: number;
  /** Number of the tier, from 0. */
  tier: number;
};

/** A market's fee table above what it is listed with. */
export type FeeTiersBody = {
  /** From the second tier on; none takes the table away. */
  tiers: FeeTierBody[];
};

/** A page of one's own fills. */
export type FillsMessage = {
  /** Newest first. */
  fills: OwnFillMessage[];
  /** The `cursor` of the next page; null: there is none. */
  next_cursor: string | null;
};

/** The core runs. */
export type Health = {
  /** Always `ok`. */
  status: string;
};

/** What an auction would trade, were it uncrossed now. */
export type IndicativeMessage = {
  /** How much of them, in base. */
  imbalance_qty: string;
  /** The side on which orders at the price would be left over; null: none. */
  imbalance_side: SideWord | null;
  /** At which price. */
  price: string;
  /** How much, in base. */
  qty: string;
};

/** A new market. What is not named is without limit, or as the rule book says; it never changes but for fee table, phase, schedule, mark and kill switch. */
export type InstrumentBody = {
  /** How a taker's quantity is shared out among the orders at one price. */
  allocation?: AllocationBody;
  /** What an amend does to an order's place in its queue. */
  amend_priority?: AmendPriorityWord;
  /** Where no trade may be. */
  bands?: BandsBody;
  /** What is bought and sold: a listed asset. */
  base: string;
  /** The asset in which fees are taken; `quote` unless said otherwise. */
  fee_asset?: FeeAssetWord;
  /** Quantities are multiples of it, in base. One tick times one lot must be a whole number of the quote's smallest unit (`INVALID_GRANULARITY`). */
  lot_size: Decimal;
  /** Fee of the order that rested, in parts per million, at most a million; negative is a rebate, which `taker_fee_ppm` must cover (`INVALID_FEES`). */
  maker_fee_ppm?: number;
  /** Largest quantity of a market order. */
  max_market_qty?: Decimal;
  /** Greatest value of an order, in quote. */
  max_notional?: Decimal;
  /** Open orders of one account. */
  max_open_orders?: number;
  /** Orders and amends of one account that are accepted in one second. */
  max_orders_per_second?: number;
  /** What an account may come to have of the base asset by buying. */
  max_position?: Decimal;
  /** Highest limit price. */
  max_price?: Decimal;
  /** Largest quantity. */
  max_qty?: Decimal;
  /** Least value of an order, in quote. */
  min_notional?: Decimal;
  /** Lowest limit price; one tick unless said otherwise. */
  min_price?: Decimal;
  /** Smallest quantity; one lot unless said otherwise. */
  min_qty?: Decimal;
  /** The phase in which it begins; continuous trading unless said otherwise. */
  phase?: PhaseWord;
  /** What becomes of a post-only order that would trade at once. */
  post_only_rule?: PostOnlyWord;
  /** What it is paid with: another one. */
  quote: string;
  /** Whose rules it follows; `binance` unless said otherwise. Settings that are named here count instead. */
  rules?: RulesWord;
  /** What happens to orders that say nothing of self-trade prevention. */
  self_trade_prevention?: SelfTradePreventionWord;
  /** Its symbol: 1 to 20 of `A-Z a-z 0-9 - . _`, but neither `.` nor `..`. */
  symbol: string;
  /** Fee of the order that took. */
  taker_fee_ppm?: number;
  /** Prices are multiples of it, in quote for one whole base, and are written with as many decimals as it is here. */
  tick_size: Decimal;
  /** What becomes of an order whose trigger price has been reached already. */
  trigger_at_entry?: TriggerAtEntryWord;
  /** What triggers look at. */
  trigger_source?: TriggerSourceWord;
};

/** A market after a command. */
export type InstrumentDone = {
  /** The market as it is now. */
  instrument: AdminInstrumentMessage;
  /** How many orders ended by it. */
  orders_ended: number;
  /** The command's number in the journal. */
  seq: number;
};

/** A market and its rules. */
export type InstrumentMessage = {
  /** How a taker's quantity is shared out among the orders at one price. */
  allocation: AllocationMessage;
  /** What an amend does to an order's place in its queue. */
  amend_priority: AmendPriorityWord;
  /** What the auction is for; null: the phase is none. */
  auction: AuctionWord | null;
  /** Where no trade may be; null: there are no bands. */
  bands: BandsMessage | null;
  /** What is bought and sold. */
  base: string;
  /** The market's fee table: an account has the last tier whose volume it has traded in thirty days (`GET /api/v1/account/fees`). The first is what `maker_fee_ppm` and `taker_fee_ppm` say. */
  fee_tiers: FeeTierMessage[];
  /** Quantities are multiples of it. */
  lot_size: string;
  /** Fee of the order that rested, in parts per million; negative is a rebate. */
  maker_fee_ppm: number;
  /** Orders and amends of one account that are accepted in one second (`ORDER_RATE`); null: no limit. */
  max_orders_per_second: number | null;
  /** MAX_POSITION: what an account may come to have of the base asset by buying, what is left of its open buy orders here counted as bought; null: no limit. */
  max_position: string | null;
  /** Largest quantity of an order. */
  max_qty: string;
  /** Least value of an order, in quote. */
  min_notional: string;
  /** Smallest quantity of an order. */
  min_qty: string;
  /** What is allowed now. */
  phase: PhaseWord;
  /** When the phase ends by itself, in milliseconds since 1970; null: it does not. Continuous trading follows. */
  phase_ends_ms: number | null;
  /** What becomes of a post-only order that would trade at once. */
  post_only_rule: PostOnlyWord;
  /** What it is paid with. */
  quote: string;
  /** Its day; null: it has none. */
  schedule: ScheduleMessage | null;
  /** What happens to orders that say nothing of self-trade prevention. */
  self_trade_prevention: SelfTradePreventionWord;
  /** Canonical symbol. */
  symbol: string;
  /** Fee of the order that took, in parts per million. */
  taker_fee_ppm: number;
  /** Prices are multiples of it. */
  tick_size: string;
  /** What becomes of an order whose trigger price has been reached already when it is placed. */
  trigger_at_entry: TriggerAtEntryWord;
  /** The reference price at which triggers look. */
  trigger_source: TriggerSourceWord;
};

/** How a key proves itself. */
export type KeyKindWord = 'hmac' | 'ed25519';

/** What a key may do, in one word: `read`, `write` (read and trade), or `admin` (everything). */
export type KeyTypeWord = 'read' | 'write' | 'admin';

/** A key. */
export type KeyV2Message = {
  /** Networks that it may come from; from everywhere, if there are none. */
  ipWhitelist: string[];
  /** Whether it is taken at all. */
  isActive: boolean;
  /** Its id, 32 hexadecimal digits. */
  key: string;
  /** What you call it. */
  name: string;
  /** What it may do. */
  permissions: PermissionWord[];
  /** Its secret, 32 bytes in hexadecimal: it is there this once, when the key was made. */
  secret: string | null;
};

/** Whether one's own trading is stopped. */
export type KillSwitchBody = {
  /** `true` ends all open orders and refuses new ones; `false` allows trading again. */
  engaged: boolean;
};

/** The kill switch after a command. */
export type KillSwitchMessage = {
  /** The orders that ended by it. */
  cancelled: OrderMessage[];
  /** Whether it is engaged. */
  engaged: boolean;
};

/** `limit`: at `price` or better. `market`: at whatever the book offers. `market_to_limit`: a limit order at the best price that the other side has when it comes; what cannot trade there at once rests there, and if the other side is empty it is cancelled. */
export type KindWord = 'limit' | 'market' | 'market_to_limit';

/** One order of a list; as a new order, but for what the list says of all of them. */
export type LegBody = {
  /** When a `gtd` order ends, in milliseconds since 1970. */
  expires_at_ms?: number;
  /** Never let the order take: refuse the list or, when its turn comes, do as the market's `post_only_rule` says (where that refuses, the order is cancelled). */
  post_only?: boolean;
  /** Limit price, on the instrument's tick; limit orders only. */
  price?: Decimal;
  /** Quantity in base, a whole number of lots. */
  qty?: Decimal;
  /** Instead of `qty`, for the pending market order of an `oto`: what to spend or receive at most, in quote. */
  quote_qty?: Decimal;
  /** Buy or sell. */
  side: SideWord;
  /** How long it stays, or waits. */
  time_in_force?: TimeInForceWord;
  /** What it waits for. */
  trigger?: TriggerBody;
  /** Limit, market or market-to-limit. */
  type: KindWord;
};

/** New orders that hang together. They are accepted all together or not at all; whatever ends one of them before its time, a cancel included, ends the others. */
export type ListBody = {
  /** Your own name for the first order, and so for the list: 1 to 36 of `A-Z a-z 0-9 . : / _ -`. Sending the same list again with the same name gives the first list back. */
  client_order_id?: string;
  /** Two orders, or three of an `otoco`: the working one first. */
  orders: LegBody[];
  /** What happens where one of them would trade with an order of your own account or trade group; the market's `self_trade_prevention` unless said otherwise. */
  self_trade_prevention?: SelfTradePreventionWord;
  /** The market of all of them: `BTC-USD` and its other spellings. */
  symbol: string;
  /** How they hang together. */
  type: ListKindWord;
};

/** How the orders of a list hang together. `oco`: one cancels the other; two orders on one side for the same quantity, each of which rests or waits, at least one with a trigger; a fill of one of them, its trigger or its end cancels the other. `oto`: one triggers the other; the second is released when the first, a limit order that stays, has been filled whole. `otoco`: one triggers two that are an `oco`: a bracket. */
export type ListKindWord = 'oco' | 'oto' | 'otoco';

/** The orders of a list, as they are now. */
export type ListMessage = {
  /** The client's name for it. */
  client_order_id: string | null;
  /** The list: the `order_id` of its first order. */
  list_id: string;
  /** In the order of their numbers: the working one first. */
  orders: OrderMessage[];
  /** The market. */
  symbol: string;
};

/** A loan, or what is paid back of one. */
export type LoanBody = {
  /** How much. */
  amount: string;
  /** Which asset. */
  asset: string;
  /** A number of the caller's choice, up to 2^53, that makes a repeat harmless: the same request again does nothing more. */
  reference: number;
};

/** What a loan or a repayment came to. */
export type LoanMessage = {
  /** How much was borrowed or paid back; zero if the same request was carried out before. */
  amount: string;
  /** Which asset. */
  asset: string;
  /** What the account owes of the asset now. */
  debt: string;
  /** The command's number. */
  seq: number;
};

/** The OAuth2 password form. Fields that OAuth2 knows and the venue does not need are ignored. */
export type LogInForm = {
  /** Code of the second factor, or a recovery code, after `TWO_FACTOR_NEEDED`. */
  code: string | null;
  /** The password. */
  password: string;
  /** The e-mail address, or the user name. */
  username: string;
};

/** An asset's terms for accounts that borrow. */
export type MarginAssetMessage = {
  /** Which asset. */
  asset: string;
  /** Which part of its value counts as collateral, in parts per million. */
  collateral_ppm: number;
  /** What must be left over what is owed of it when something is borrowed or taken out, in parts per million of that. */
  initial_ppm: number;
  /** What must be left at any time; below it the account is liquidated. */
  maintenance_ppm: number;
  /** The most that one account may owe of it; zero: it cannot be borrowed. */
  max_debt: string;
  /** The market whose mark price, or before one was set whose last trade, is its price; null of the asset in which everything is reckoned. */
  priced_by: string | null;
};

/** Whether an account may borrow. */
export type MarginBody = {
  /** `true`: it may. `false`: no longer, which is refused while it owes something (`ACCOUNT_OWES`). */
  margin: boolean;
};

/** How the caller stands as a borrower. */
export type MarginMessage = {
  /** The assets that are collateral or can be borrowed. */
  assets: MarginAssetMessage[];
  /** What the account has, held or not, at the prices of the moment and after haircuts. */
  collateral: string;
  /** What it owes, at the prices of the moment. */
  debt: string;
  /** What it owes, asset by asset. */
  debts: DebtMessage[];
  /** `collateral` less `debt` must be at least this after something is borrowed or taken out. */
  initial_margin: string;
  /** `collateral` less `debt` below this: the account is liquidated. */
  maintenance_margin: string;
  /** Whether the account may borrow. */
  margin: boolean;
  /** The asset in which everything is reckoned; null where nobody may borrow. */
  reference: string | null;
};

/** What an asset is to be to accounts that borrow (`INVALID_MARGIN_TERMS`). */
export type MarginTermsBody = {
  /** Which part of its value counts as collateral, in parts per million, 0 to 1000000. */
  collateral_ppm: number;
  /** What must be left over what is owed of it when something is borrowed or taken out, in parts per million of that: at least `maintenance_ppm`, at most 10000000. */
  initial_ppm: number;
  /** What must be left at any time, at least 1; below it an account is liquidated. */
  maintenance_ppm: number;
  /** The most that one account may owe of it; zero: it cannot be borrowed. */
  max_debt: Decimal;
  /** The market whose mark price, or before one was set whose last trade, is its price; it is paid with the reference asset. Without it the asset is the reference itself, in which everything is reckoned: it comes first, and there is one. */
  priced_by?: string;
};

/** What a market is worth by the venue's own reckoning. */
export type MarkBody = {
  /** The mark price, on the market's tick; not zero (`PRICE_OUT_OF_RANGE`). */
  price: Decimal;
};

/** A market after the record. */
export type MarketStateMessage = {
  /** The price of that. */
  last_price: string | null;
  /** The number of its last trade; null: it had none. */
  last_trade_id: number | null;
  /** What its rules allowed. */
  phase: PhaseWord;
  /** The market. */
  symbol: string;
};

/** A ticker and its market. */
export type MarketTickerMessage = TickerMessage & {
  /** The market. */
  symbol: string;
};

/** A new key. */
export type NewApiKeyBody = {
  /** The second factor with it, where there is one. */
  code?: string;
  /** When it ends by itself, in milliseconds since 1970; null: never. */
  expires_at_ms?: number;
  /** Addresses, or networks in CIDR notation, that it may come from: at most 32; from everywhere, if there are none. */
  ip_whitelist?: string[];
  /** How it proves itself. */
  kind: KeyKindWord;
  /** 1 to 64 characters, unique among your keys. */
  name: string;
  /** Your password, where the session has not shown it in the last five minutes. */
  password?: string;
  /** What it may do: at least one; or `type` instead. */
  permissions?: PermissionWord[];
  /** The public key, 64 hexadecimal digits; `ed25519` only. */
  public_key?: string;
  /** What it may do, in one word; or `permissions` instead. */
  type?: 'read' | 'write' | 'admin';
};

/** A key that has just been made. */
export type NewApiKeyMessage = ApiKeyMessage & {
  /** The secret of an `hmac` key, 32 bytes in hexadecimal: it is shown this once. Null for `ed25519`. */
  secret: string | null;
};

/** A new key. */
export type NewKeyV2Body = {
  /** The second factor with it, where there is one. */
  code?: string;
  /** Addresses, or networks in CIDR notation, that it may come from; from everywhere, if there are none. */
  ipWhitelist?: string[];
  /** 1 to 64 characters, unique among your keys. */
  name: string;
  /** Your password, where the session has not shown it in the last five minutes. */
  password?: string;
  /** What it may do: at least one. */
  permissions: PermissionWord[];
};

/** A new wallet. */
export type NewWalletBody = {
  /** The chain. */
  blockchain: ChainWord;
  /** Whether it is to stand for the account from now on. */
  is_primary?: boolean;
  /** 1 to 64 characters. */
  name: string;
};

/** A decimal that is written as a JSON number, digit by digit. Only the plain shapes do this. */
export type Number = number;

/** A pair of tokens. */
export type OpenedMessage = {
  /** Goes into `Authorization: Bearer …`. */
  access_token: string;
  /** How long the access token is good for. */
  expires_in_s: number;
  /** Brings the next pair, once; absent where it went into a cookie. */
  refresh_token: string | null;
  /** How long the session can be renewed. */
  renewable_for_s: number;
  /** The session's number. */
  session_id: number;
  /** Always `bearer`. */
  token_type: string;
};

/** A new order. Decimals are strings; exact JSON numbers are taken too. */
export type OrderBody = {
  /** Your own name for it: 1 to 36 of `A-Z a-z 0-9 . : / _ -`. Sending the same order again with the same name gives the first order back. */
  client_order_id?: string;
  /** An iceberg: at most so much of what rests of it shows in the book, the rest is its reserve. A whole number of lots, less than `qty`; zero is a hidden order, of which nothing shows, and which trades behind those that do. When the part that shows has been filled, the next comes to the end of its price's queue. Limit orders that stay only, in markets that allocate by time; not in lists. */
  display_qty?: Decimal;
  /** When a `gtd` order ends, in milliseconds since 1970, ahead of now: from then on it does not trade. */
  expires_at_ms?: number;
  /** An order that waits for the opening or closing auction and only offsets what that leaves over: it sets no price and is not counted by `indicative`, comes at the auction's price if its limit allows it, and trades with the surplus of the other side; what is left of it is cancelled (`AUCTION_REMAINDER`). Limit orders that are `at_open` or `at_close` only; not in lists. */
  imbalance_only?: boolean;
  /** At least so much trades when the order comes, or it is cancelled and nothing does; `qty` is all or none. What is left then is an order like any other. Not for orders by `quote_qty`, post-only or `fok`; not in lists. */
  min_qty?: Decimal;
  /** A pegged order: its price follows another, and `price` is the limit beyond which it does not. Each move goes to the end of the queue of its price. It holds funds for its limit, and cannot be amended. Limit orders that stay only, without a trigger or a minimum, in markets that allocate by time; not in lists. */
  peg?: PegBody;
  /** Never let the order take: one that would trade at once is refused, or rests one tick behind the best price of the other side, as the market's `post_only_rule` says. */
  post_only?: boolean;
  /** Limit price, on the instrument's tick; limit orders only. */
  price?: Decimal;
  /** Quantity in base, a whole number of lots. */
  qty?: Decimal;
  /** Instead of `qty`, for a market order without a trigger: what to spend or receive at most, in quote. */
  quote_qty?: Decimal;
  /** The order may only reduce your position in the market. One that stays is refused if it is for more than the position, less your other open reduce-only orders, and is cancelled when the position falls below it; one that does not trades as much as it may. Not for orders by `quote_qty`, in markets that allocate by size, or in lists. */
  reduce_only?: boolean;
  /** What happens where it would trade with an order of your own account or trade group; the market's `self_trade_prevention` unless said otherwise. */
  self_trade_prevention?: SelfTradePreventionWord;
  /** Buy or sell. */
  side: SideWord;
  /** The market: `BTC-USD`, `BTCUSD`, `BTC/USD`, `BTC_USD`, or a bare base for its USD market. */
  symbol: string;
  /** How long it stays: for a market order `ioc` unless said otherwise, for the others `gtc`. An order with a trigger waits as long as it would stay; one that is `ioc` or `fok` waits until it is cancelled. */
  time_in_force?: TimeInForceWord;
  /** What it waits for. Until then it is in no book and shows in no depth, and holds the funds that it may need. */
  trigger?: TriggerBody;
  /** Limit, market or market-to-limit. */
  type: KindWord;
};

/** An order. Decimals are strings; what does not apply is null. */
export type OrderMessage = {
  /** `filled_quote / filled_qty`, rounded down to the quote asset's decimals. */
  avg_price: string | null;
  /** Why it was cancelled. */
  cancel_reason: CancelReason | null;
  /** The client's name for it. */
  client_order_id: string | null;
  /** When it was accepted, RFC 3339. */
  created_at: string;
  /** How much of what rests of it shows in the book at a time, zero of a hidden order; null if all of it does. The other quantities are of all of it. */
  display_qty: string | null;
  /** When a `gtd` order ends, in milliseconds since 1970. */
  expires_at_ms: number | null;
  /** Fees taken so far. */
  fee: string;
  /** The asset they were taken in. */
  fee_asset: string;
  /** Traded quantity in base. */
  filled_qty: string;
  /** Traded value in quote. */
  filled_quote: string;
  /** Whether it only offsets what its auction leaves over. */
  imbalance_only: boolean;
  /** What can still trade. */
  leaves_qty: string;
  /** The list that it came in: the `order_id` of the list's first order. */
  list_id: string | null;
  /** How much of it had to trade at once when it came, or nothing would have; null if it asked for nothing. */
  min_qty: string | null;
  /** The venue's number. */
  order_id: string;
  /** What its price follows; null if nothing. */
  peg: PegMessage | null;
  /** Whether it may not take. */
  post_only: boolean;
  /** Quantity that it lost where it would have traded with its own side (`decrement`); `qty` is without it. */
  prevented_qty: string;
  /** Limit price; of a market-to-limit order, of a post-only order that the market has repriced, and of an imbalance-only order that has come, the price at which it rests. */
  price: string | null;
  /** Total quantity in base. */
  qty: string | null;
  /** Budget in quote, of a market order by quote. */
  quote_qty: string | null;
  /** Whether it may only reduce the position. */
  reduce_only: boolean;
  /** What happens where it would trade with its own account or trade group. */
  self_trade_prevention: SelfTradePreventionWord;
  /** The command that last changed it. */
  seq: number;
  /** Buy or sell. */
  side: SideWord;
  /** Where it stands. */
  status: StatusWord;
  /** The market. */
  symbol: string;
  /** How long it stays. */
  time_in_force: TimeInForceWord;
  /** What it waits for, or waited for; null if it came at once. */
  trigger: TriggerMessage | null;
  /** The reference price that fired its trigger. */
  triggered_price: string | null;
  /** Limit, market or market-to-limit. */
  type: KindWord;
  /** When it last changed, RFC 3339. */
  updated_at: string;
};

/** An open order after the record. */
export type OrderStateMessage = {
  /** The client's name for it. */
  client_order_id: string | null;
  /** What can still trade; null: it is for a budget. */
  leaves_qty: string | null;
  /** The list that it came in, by the number of its first order. */
  list_id: string | null;
  /** The venue's number. */
  order_id: string;
  /** Its limit; null: it has none yet. */
  price: string | null;
  /** Total quantity in base, the filled part included; null: it is for a budget. */
  qty: string | null;
  /** Budget in quote, of a market order by quote. */
  quote_qty: string | null;
  /** How much of that showed. */
  shown_qty: string;
  /** Buy or sell. */
  side: SideWord;
  /** The market. */
  symbol: string;
  /** Whether it waits, and is in no book. */
  waits: boolean;
};

/** A message that waits or was sent. */
export type OutboxMessage = {
  /** How often it was tried. */
  attempts: number;
  /** The text; null once it was sent. */
  body: string | null;
  /** When it was made. */
  created_at: string;
  /** Number. */
  id: number;
  /** Why the last try failed. */
  last_error: string | null;
  /** The address. */
  recipient: string;
  /** When it was sent, RFC 3339. */
  sent_at: string | null;
  /** `pending`, `sent` or `failed`. */
  status: string;
  /** The subject. */
  subject: string;
  /** The user that it is for. */
  user_id: number;
};

/** A page of the outbox. */
export type OutboxPage = {
  /** Whether a mail server is set; else somebody has to hand these on. */
  is_sent: boolean;
  /** Newest first. */
  messages: OutboxMessage[];
  /** Where the next page begins; null on the last one. */
  next_cursor: string | null;
};

/** One of one's own fills. */
export type OwnFillMessage = {
  /** Fee; negative is a rebate. */
  fee: string;
  /** Asset of the fee. */
  fee_asset: string;
  /** `maker`, `taker` or `auction`. */
  liquidity: string;
  /** The order that was filled. */
  order_id: string;
  /** Price. */
  price: string;
  /** Quantity in base. */
  qty: string;
  /** Value in quote. */
  quote_qty: string;
  /** `buy` or `sell`. */
  side: string;
  /** The market. */
  symbol: string;
  /** When, RFC 3339 with milliseconds. */
  time: string;
  /** When, in milliseconds since 1970. */
  time_ms: number;
  /** The trade's number in the market. */
  trade_id: number;
};

/** A new password, and the old one. */
export type PasswordBody = {
  /** The second factor, where there is one. */
  code?: string;
  /** The password as it is to be. */
  new_password: string;
  /** The password as it is. */
  password: string;
};

/** What the price of a limit order follows, within the order's `price`. */
export type PegBody = {
  /** So many ticks are added to it; negative is lower. */
  offset_ticks?: number;
  /** Which price. */
  to: PegToWord;
};

/** What the price of an order follows. */
export type PegMessage = {
  /** The price that the order named: it does not follow beyond it. `price` is where it is. */
  limit: string;
  /** So many ticks are added to it. */
  offset_ticks: number;
  /** Which price. */
  to: PegToWord;
};

/** Which price is followed: the best that shows of orders that are not pegged. `primary`: of the order's own side. `market`: of the other side. `mid`: the middle of both, rounded down for a buy and up for a sell. */
export type PegToWord = 'primary' | 'market' | 'mid';

/** The answer is being made. */
export type PendingMessage = {
  /** Always `PENDING`. */
  status: string;
};

/** What a key may do. */
export type PermissionWord = 'read' | 'trade' | 'transfer' | 'admin';

/** The phase that a market is to be in. */
export type PhaseBody = {
  /** What an auction is for; `intraday` unless said otherwise. Auctions only (`INVALID_PHASE`). */
  auction?: AuctionWord;
  /** Continuous trading, an auction, a halt, or the end of the session. */
  phase: PhaseWord;
  /** When it ends by itself, in milliseconds since 1970, ahead of now: an auction is uncrossed then, a halt ends, and continuous trading follows. Auctions and halts only; without it they stay. One that is not ahead is refused, too (`INVALID_PHASE`). */
  phase_ends_ms?: number;
};

/** What an instrument's rules allow now. */
export type PhaseWord = 'continuous' | 'auction' | 'halted' | 'closed';

/** A holding. */
export type PortfolioRow = {
  /** Average price paid. */
  avg_price: Number;
  /** Number of the row. */
  id: number;
  /** Held. */
  quantity: Number;
  /** The market. */
  symbol: string;
  /** Whose. */
  user_id: number;
};

/** What an account bought and holds in one market, and what it made. */
export type PositionMessage = {
  /** Average price paid; null when nothing is held. */
  avg_price: string | null;
  /** Fees paid in quote, less rebates. */
  fees_paid: string;
  /** Price at which the holding is valued: the last trade's. */
  mark_price: string | null;
  /** Bought and still held, in base. */
  qty: string;
  /** Profit of what was sold, in quote, before fees. */
  realized_pnl: string;
  /** The market. */
  symbol: string;
  /** Profit if the holding were sold at `mark_price`, in quote, before fees. */
  unrealized_pnl: string | null;
};

/** What becomes of a post-only order that would trade at once: it is refused (`POST_ONLY_WOULD_TAKE`), or rests one tick behind the best price of the other side. */
export type PostOnlyWord = 'reject' | 'reprice';

/** What a user prefers. It goes with the user to every browser. */
export type Preferences = {
  /** Whether the page asks before it sends an order. */
  confirm_orders: boolean | null;
  /** The market that is shown first. */
  default_symbol: string | null;
  /** How numbers and dates are written: a tag of BCP 47. */
  locale: string | null;
  /** How the page looks. */
  theme: 'light' | 'dark' | 'system' | null;
  /** The zone that times are shown in, such as `Europe/Berlin`. */
  time_zone: string | null;
};

/** RFC 9457 problem document with this venue's code and the request's id. */
export type Problem = {
  /** Stable `UPPER_SNAKE` reason. */
  code: string;
  /** What was wrong. */
  detail: string;
  /** As in the `X-Request-Id` header. */
  request_id: string;
  /** HTTP status. */
  status: number;
  /** The status in words. */
  title: string;
  /** Always `about:blank`: `code` tells problems apart. */
  type: string;
};

/** What is to be changed; what is left out stays, and null empties. */
export type ProfileBody = {
  /** The second factor with it, where there is one. */
  code?: string;
  /** 1 to 80 visible characters. */
  display_name?: string;
  /** Needs `password`. */
  email?: string;
  /** The password, where a name to log in with is changed. */
  password?: string;
  /** A plus sign, the country, and the rest: 7 to 15 digits. */
  phone_number?: string;
  /** 3 to 32 letters, digits, dots, hyphens and underscores; needs `password`. */
  username?: string;
};

/** How long the session is proven. */
export type ProvenMessage = {
  /** Seconds from now on. */
  expires_in_s: number;
};

/** What is ahead of an order at its own price. In an instrument that shares trades out by size, the orders that came before it. */
export type QueueMessage = {
  /** How many orders. Before a hidden order are all that show, and the hidden ones that came before it. */
  orders_ahead: number;
  /** How much of them shows, in base. */
  qty_ahead: string;
};

/** An order, and where it is in the queue of its price. */
export type QueuedOrderMessage = OrderMessage & {
  /** What trades before it at its price; null if it is not in the book. */
  queue: QueueMessage | null;
};

/** Why the rules refused something: `code` of a failure, beside those of the gateway itself. */
export const REASON_CODES = [
  'UNKNOWN_ACCOUNT',
  'UNKNOWN_ASSET',
  'UNKNOWN_INSTRUMENT',
  'UNKNOWN_ORDER',
  'INSTRUMENT_HALTED',
  'INSTRUMENT_CLOSED',
  'AUCTION_ONLY_LIMIT',
  'BOOK_CROSSED',
  'NOT_IN_AUCTION',
  'PHASE_UNCHANGED',
  'PRICE_OUT_OF_RANGE',
  'QTY_OUT_OF_RANGE',
  'NOTIONAL_OUT_OF_RANGE',
  'AMOUNT_TOO_LARGE',
  'TOO_MANY_OPEN_ORDERS',
  'BOOK_FULL',
  'INSUFFICIENT_FUNDS',
  'POST_ONLY_WOULD_TAKE',
  'POST_ONLY_NOT_RESTING',
  'MARKET_MUST_BE_IMMEDIATE',
  'BUDGET_CANNOT_BE_FOK',
  'DUPLICATE_CLIENT_ORDER_ID',
  'QTY_BELOW_FILLED',
  'AT_AUCTION_PLAIN',
  'INVALID_IMBALANCE_ONLY',
  'INVALID_SCHEDULE',
  'INVALID_PHASE',
  'NOTHING_TO_AMEND',
  'EXPIRY_NOT_AHEAD',
  'INVALID_TRIGGER',
  'TRIGGER_ALREADY_MET',
  'NO_REFERENCE_PRICE',
  'TRIGGER_NEEDS_QTY',
  'ORDER_WAITS',
  'ORDER_IN_LIST',
  'LIST_LEGS_DIFFER',
  'LIST_LEG_MUST_STAY',
  'LIST_NEEDS_TRIGGER',
  'LIST_WORKING_MUST_REST',
  'MARKET_TO_LIMIT_STAYS',
  'ACCOUNT_SUSPENDED',
  'KILL_SWITCH_ENGAGED',
  'SWITCH_UNCHANGED',
  'PRICE_OUT_OF_BAND',
  'POSITION_LIMIT',
  'ORDER_RATE',
  'INVALID_DISPLAY',
  'REDUCE_ONLY',
  'INVALID_REDUCE_ONLY',
  'INVALID_MIN_QTY',
  'INVALID_PEG',
  'ORDER_PEGGED',
  'INVALID_BANDS',
  'INVALID_FEE_TIERS',
  'REBATE_NOT_COVERED',
  'INVALID_MARGIN_TERMS',
  'NOT_A_MARGIN_ACCOUNT',
  'NOT_BORROWABLE',
  'BORROW_LIMIT',
  'NOTHING_BORROWED',
  'INSUFFICIENT_MARGIN',
  'ACCOUNT_OWES',
  'INVALID_AMOUNT',
  'BALANCE_TOO_LARGE',
  'SAME_ACCOUNT',
  'DUPLICATE_REFERENCE',
  'RESERVED_ACCOUNT',
  'ALREADY_LISTED',
  'INVALID_ASSET',
  'INVALID_ASSETS',
  'INVALID_STEP',
  'INVALID_GRANULARITY',
  'INVALID_FEES',
  'INVALID_FILTERS',
  'INVALID_ALLOCATION',
  'TOO_MANY_LISTED',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** What a session is renewed with. */
export type RefreshBody = {
  /** The last refresh token; without it the one in the cookie. */
  refresh_token?: string;
};

/** Whose password is to be set anew. */
export type ResetBody = {
  /** The address that the link goes to. */
  email: string;
};

/** A password by a link. */
export type ResetByLinkBody = {
  /** The password as it is to be. */
  new_password: string;
  /** What stands behind `#reset=` in the link. */
  token: string;
};

/** What a user may do. */
export type RoleBody = {
  /** `user` or `admin`. */
  role: RoleWord;
};

/** What a user may do. */
export type RoleWord = 'user' | 'admin';

/** Whether a new key seals from now on. */
export type RotationBody = {
  /** `false` seals with the first of the keys that there are: after a new one was put in front in the environment, or to finish what was cut off. */
  new_key: boolean;
};

/** What was done. */
export type RotationMessage = {
  /** Keys that there are now. */
  keys: number;
  /** Private keys that were sealed anew. */
  resealed: number;
  /** Private keys that no key opens: while there are such, no key is forgotten. */
  unopened: number;
  /** Wallets that were looked at. */
  wallets: number;
};

/** Whose rules a market follows as far as they are settings. */
export type RulesWord = 'binance' | 'cme-like' | 'nasdaq-like';

/** A market's day, in milliseconds since midnight UTC, one time after the other (`INVALID_SCHEDULE`). The next of them counts first: the phase stays as it is until then. */
export type ScheduleBody = {
  /** It is uncrossed, and the market is closed, whatever the phase was. */
  close_ms: number;
  /** The closing auction begins to collect, unless the market is halted or closed. */
  closing_ms: number;
  /** It is uncrossed, and trading is continuous. */
  open_ms: number;
  /** The opening auction begins to collect, whatever the phase was. */
  pre_open_ms: number;
};

/** When a market's phases begin each day, in milliseconds since midnight UTC. */
export type ScheduleMessage = {
  /** It is uncrossed, and the market is closed. */
  close_ms: number;
  /** The closing auction begins to collect. */
  closing_ms: number;
  /** It is uncrossed, and trading is continuous. */
  open_ms: number;
  /** The opening auction begins to collect. */
  pre_open_ms: number;
};

/** What happens when an order would trade with one of its own account or trade group: the mode of the order that comes decides. `none`: they trade. `cancel_taker`: what is left of the order that comes is cancelled. `cancel_maker`: the order that rests is cancelled. `cancel_both`: both are. `decrement`: both lose the quantity that would have traded. */
export type SelfTradePreventionWord = 'none' | 'cancel_taker' | 'cancel_maker' | 'cancel_both' | 'decrement';

/** What a session begins with. */
export type SessionBody = {
  /** Code of the second factor, or a recovery code, after `TWO_FACTOR_NEEDED`. */
  code?: string;
  /** For a page: the refresh token goes into a cookie that no script reads, and not into the answer. */
  cookie?: boolean;
  /** E-mail address or user name. */
  login: string;
  /** The password. */
  password: string;
};

/** An open session. */
export type SessionMessage = {
  /** When it began, RFC 3339. */
  created_at: string;
  /** When it ends at the latest. */
  expires_at: string;
  /** Where it was last renewed from. */
  ip_address: string | null;
  /** Whether it is the one that asks. */
  is_current: boolean;
  /** When it was last used. */
  last_used_at: string;
  /** Whether it began with a second factor. */
  second_factor: boolean;
  /** Its number. */
  session_id: number;
  /** The program, as it calls itself. */
  user_agent: string | null;
};

/** How many sessions ended. */
export type SessionsEnded = {
  /** So many. */
  ended: number;
};

/** The first administrator. */
export type SetupBody = {
  /** The same again. */
  confirm_password: string;
  /** E-mail address. */
  email: string;
  /** 8 characters or more, and not a common one. There is no default. */
  password: string;
  /** What `setup.token` of the data folder says. */
  token: string;
};

/** `buy` or `sell`. */
export type SideWord = 'buy' | 'sell';

/** What somebody signs up with. */
export type SignUpBody = {
  /** The same again. */
  confirm_password: string;
  /** E-mail address; unique without regard to case. The user name is derived from it. */
  email: string;
  /** 8 characters or more, and not a common one. */
  password: string;
};

/** The state of the venue right after a record. */
export type StateMessage = {
  /** The account that `account` names; null: none was named. */
  account: AccountStateMessage | null;
  /** How many accounts there are, the venue's own included. */
  accounts: number;
  /** What all accounts have together, asset by asset. */
  assets: AssetSumMessage[];
  /** The book of the market that `symbol` names; null: none was named. */
  book: BookStateMessage | null;
  /** Each market's phase and last trade. */
  markets: MarketStateMessage[];
  /** How many orders were accepted since the beginning: the number of the last one. */
  orders: number;
  /** The record. */
  seq: number;
  /** Hash of the whole state: 64 hexadecimal digits, as `papertape replay --until N --state-hash` gives it. */
  state_hash: string;
  /** Its time, RFC 3339 with milliseconds. */
  time: string;
  /** The same in milliseconds since 1970. */
  time_ms: number;
};

/** Where the venue stands. */
export type StatusMessage = {
  /** What "durable" means here. */
  durability: string;
  /** The last command that is durable. */
  durable_seq: number;
  /** Listed markets. */
  instruments: number;
  /** The last command that was carried out. */
  seq: number;
  /** Hash of the whole state exactly after `seq`: the same journal always gives the same. */
  state_hash: string;
  /** Always `ok`. */
  status: string;
  /** Seconds since the start. */
  uptime_s: number;
  /** The program's version. */
  version: string;
};

/** Where an order stands. */
export type StatusWord = 'pending_new' | 'waiting' | 'new' | 'partially_filled' | 'filled' | 'cancelled';

/** What shows that it is really you. */
export type StepUpBody = {
  /** The second factor, or a recovery code, where there is one. */
  code?: string;
  /** Your password. */
  password: string;
};

/** What was paid in one asset. */
export type StoryFee = {
  /** How much. */
  amount: string;
  /** The asset. */
  asset: string;
};

/** Who an order is. */
export type StoryHead = {
  /** Whose it is. */
  account: number;
  /** The client's name for it. */
  client_order_id: string | null;
  /** The list that it came in, by the number of its first order. */
  list: string | null;
  /** The venue's number. */
  order_id: string;
  /** `buy` or `sell`. */
  side: string;
  /** The market. */
  symbol: string;
  /** What it asked, in words. */
  terms: string;
};

/** One thing that happened to an order. */
export type StoryLine = {
  /** Orders ahead in the queue, after the record. */
  ahead_orders: number | null;
  /** How much of them shows, in base. */
  ahead_qty: string | null;
  /** The fee of a fill; negative is a rebate. */
  fee: string | null;
  /** The asset of the fee. */
  fee_asset: string | null;
  /** The event's index among those of the record. */
  index: number | null;
  /** What is left of the order. */
  leaves_qty: string | null;
  /** Whose the other order is, where the reader may know it. */
  other_account: number | null;
  /** The other order that it is about, where the reader may know it. */
  other_order: string | null;
  /** A price that it is about. */
  price: string | null;
  /** A quantity that it is about, in base. */
  qty: string | null;
  /** The name of the reason of a refusal, or of the cause of an end. */
  reason: string | null;
  /** `maker`, `taker` or `auction`. */
  role: string | null;
  /** The record under which it happened. */
  seq: number;
  /** In a sentence. */
  text: string;
  /** When, RFC 3339 with nanoseconds. */
  time: string;
  /** The trade's number in the market. */
  trade_id: number | null;
  /** `accepted`, `waits`, `released`, `triggered`, `rested`, `queued`, `ahead`, `fill`, `prevented`, `amended`, `repeated`, `refused` or `ended`. */
  what: string;
};

/** The life of an order as the journal tells it. Decimals and the numbers of orders are strings; what does not apply is null. */
export type StoryMessage = {
  /** Lines that are not told, because they would be too many: those about the queue beyond 1000, and any beyond 2000. */
  left_out: number;
  /** What happened, in order. */
  lines: StoryLine[];
  /** Who the order is. */
  order: StoryHead;
  /** What it came to. */
  sum: StorySum;
};

/** What an order came to. */
export type StorySum = {
  /** With four decimals more than a price has, rounded down. */
  average_price: string | null;
  /** By asset; negative is a rebate. */
  fees: StoryFee[];
  /** What they were for together, in base. */
  filled_qty: string;
  /** How many fills it had. */
  fills: number;
  /** The last record that was read. */
  seq: number;
  /** `filled`, `ended` or `open`. */
  state: string;
  /** What they were worth together, with the asset. */
  value: string | null;
};

/** Whether an account is suspended. */
export type SuspensionBody = {
  /** `true`: its orders end, and it can neither trade nor move money out. `false` lifts it. */
  suspended: boolean;
};

/** What a market did in the last day, and where it stands. */
export type TickerMessage = {
  /** Best ask. */
  ask: string | null;
  /** Best bid. */
  bid: string | null;
  /** Change since `open_24h`, in percent. */
  change_percentage: Number | null;
  /** Highest price of 24 hours. */
  high_24h: string | null;
  /** What the auction would trade now; null: there is none, or nothing would trade. */
  indicative: IndicativeMessage | null;
  /** Lowest price of 24 hours. */
  low_24h: string | null;
  /** Mark price that the operator has set: the reference of triggers where `trigger_source` is `mark`. */
  mark_price: string | null;
  /** Price 24 hours ago. */
  open_24h: string | null;
  /** Last price. */
  price: string | null;
  /** When it was computed, in milliseconds since 1970. */
  time_ms: number;
  /** Traded quantity of 24 hours, in base. */
  volume_24h: string;
};

/** `gtc`, `ioc`, `fok`, `day`, `gtd`, `at_open` or `at_close`. */
export type TimeInForceWord = 'gtc' | 'ioc' | 'fok' | 'day' | 'gtd' | 'at_open' | 'at_close';

/** An access token. */
export type TokenOut = {
  /** Goes into `Authorization: Bearer …`. */
  access_token: string;
  /** Always `bearer`. */
  token_type: string;
};

/** A trade at this price or better, now or not at all. */
export type TradeBody = {
  /** The worst price; a number or a decimal string. */
  price: number;
  /** In base; a number or a decimal string. */
  quantity: number;
  /** The market. */
  symbol: string;
  /** `BUY` or `SELL`. */
  trade_type: string;
};

/** The trade group of an account. */
export type TradeGroupBody = {
  /** A number of the operator's choice, below 2^32: accounts of one group are one for self-trade prevention. */
  group: number;
};

/** A public trade. */
export type TradeMessage = {
  /** Number in the market, from 1. */
  id: number;
  /** Price. */
  price: string;
  /** Quantity in base. */
  qty: string;
  /** Value in quote. */
  quote_qty: string;
  /** The side that took; null in an auction. */
  taker_side: SideWord | null;
  /** When, RFC 3339 with milliseconds. */
  time: string;
  /** When, in milliseconds since 1970. */
  time_ms: number;
};

/** What a trade did. */
export type TradeOut = {
  /** In words. */
  message: string;
  /** The order behind it. */
  order_id: string;
  /** Average price. */
  price: Number;
  /** Traded quantity. */
  quantity: Number;
  /** `filled` or `partially_filled`. */
  status: string;
  /** The market. */
  symbol: string;
  /** `BUY` or `SELL`. */
  trade_type: string;
};

/** A fill. */
export type TradeRow = {
  /** Number of the row. */
  id: number;
  /** Price. */
  price: Number;
  /** Traded quantity. */
  quantity: Number;
  /** The market. */
  symbol: string;
  /** When, RFC 3339. */
  timestamp: string;
  /** `BUY` or `SELL`. */
  trade_type: string;
  /** Whose. */
  user_id: number;
};

/** Money from one account to another. */
export type TransferBody = {
  /** How much; positive. */
  amount: Decimal;
  /** Which asset. */
  asset: string;
  /** From whom. */
  from: number;
  /** Names the entry within the account `from`, as that of a deposit. */
  reference: string;
  /** To whom. */
  to: number;
};

/** What becomes of an order whose trigger price has been reached already when it is placed: it is refused (`TRIGGER_ALREADY_MET`), or fires at once. */
export type TriggerAtEntryWord = 'refuse' | 'fire';

/** What an order waits for: the market's reference price (`trigger_source` of the market) reaching `price`. With an offset, `trail` or `trail_bps`, the order does not fire there but begins to trail: a sell remembers the highest reference from then on and fires when the reference is the offset below it, a buy the lowest and fires above it. Without `price` it trails from the reference of the moment. At least one of the three is given (`INVALID_TRIGGER`), and at most one of `trail` and `trail_bps`. */
export type TriggerBody = {
  /** Stop or take-profit. */
  kind: TriggerKindWord;
  /** The trigger price, on the market's tick. One that has been reached already is refused or fires at once, as the market's `trigger_at_entry` says. */
  price?: Decimal;
  /** How far the reference must turn, as a difference of prices on the market's tick, at least one tick. */
  trail?: Decimal;
  /** How far it must turn, in hundredths of a percent of the best reference, 1 to 9999. */
  trail_bps?: number;
};

/** From which side the market's reference price reaches the trigger price. `stop`: it moves against the order, a buy waits for it at or above the price, a sell at or below. `take_profit`: it moves for the order, the other way round. */
export type TriggerKindWord = 'stop' | 'take_profit';

/** What an order waits for, or waited for. */
export type TriggerMessage = {
  /** Stop or take-profit. */
  kind: TriggerKindWord;
  /** The price at which it fires, or begins to trail; null if it trails from where the reference was. */
  price: string | null;
  /** How far the reference must turn, as a difference of prices. */
  trail: string | null;
  /** How far the reference must turn, in hundredths of a percent. */
  trail_bps: number | null;
};

/** The market's reference price at which triggers look. `last_trade`: the price of the last trade. `mark`: the price that the operator sets. `mid`: the middle of best bid and best ask, rounded down to a tick, while there are both. */
export type TriggerSourceWord = 'last_trade' | 'mark' | 'mid';

/** A second factor: how it stands, what an authenticator program needs, or the recovery codes. */
export type TwoFactorMessage = {
  /** Whether log-in asks for it. */
  enabled: boolean;
  /** For an authenticator program, as a link. */
  otpauth_uri: string | null;
  /** The same, as a picture (SVG). */
  qr_svg: string | null;
  /** What stands in for a lost second factor, each once. Shown this once. */
  recovery_codes: string[] | null;
  /** How many recovery codes are left. */
  recovery_codes_left: number | null;
  /** The same, to be typed. */
  secret: string | null;
  /** Always `totp`. */
  type: string;
};

/** What this feed can do. */
export type UdfConfig = {
  /** What the exchange filter of a search offers. */
  exchanges: UdfExchange[];
  /** Lengths of bars: minutes, or days and weeks. */
  supported_resolutions: string[];
  /** Symbols are resolved one by one. */
  supports_group_request: boolean;
  /** There are no marks on bars. */
  supports_marks: boolean;
  /** It has `/udf/search`. */
  supports_search: boolean;
  /** It has `/udf/time`. */
  supports_time: boolean;
  /** Nor on the time scale. */
  supports_timescale_marks: boolean;
  /** What the type filter of a search offers. */
  symbols_types: UdfType[];
};

/** Why there is no answer: with status 200, as the feed's charts expect it. */
export type UdfError = {
  /** Why. */
  errmsg: string;
  /** Always `error`. */
  s: string;
};

/** An exchange that can be searched. */
export type UdfExchange = {
  /** Its description. */
  desc: string;
  /** Its name. */
  name: string;
  /** What goes into `exchange`; empty: all. */
  value: string;
};

/** A market that a search found. */
export type UdfFound = {
  /** In words. */
  description: string;
  /** The venue. */
  exchange: string;
  /** With the exchange before it. */
  full_name: string;
  /** Canonical symbol. */
  symbol: string;
  /** What the other routes take. */
  ticker: string;
  /** Kind of market. */
  type: string;
};

/** Bars, or that there are none, or why there is no answer. */
export type UdfHistory = {
  /** Last prices. */
  c: Number[];
  /** Highest prices. */
  h: Number[];
  /** Lowest prices. */
  l: Number[];
  /** First prices. */
  o: Number[];
  s: 'ok';
  /** Starts, in seconds since 1970. */
  t: number[];
  /** Traded quantities, in base. */
  v: Number[];
} | {
  /** Start of the newest bar before it, if there is one. */
  nextTime: number | null;
  s: 'no_data';
} | {
  /** Why. */
  errmsg: string;
  s: 'error';
};

/** The quote of a market. */
export type UdfQuote = {
  /** The symbol, as it was asked for. */
  n: string;
  /** `ok`, or `error` if there is no such market. */
  s: string;
  /** The values; empty if there is no such market. */
  v: UdfValues;
};

/** The quotes of some markets. */
export type UdfQuotes = {
  /** One for each symbol, in the order of the question. */
  d: UdfQuote[];
  /** `ok`. */
  s: string;
};

/** Quotes, or why there are none. */
export type UdfQuotesAnswer = UdfQuotes | UdfError;

/** What a search found, or why it was none. */
export type UdfSearchAnswer = UdfFound[] | UdfError;

/** A market, as a chart wants to know it. */
export type UdfSymbol = {
  /** What is paid with. */
  currency_code: string;
  /** Lengths of bars in days that need not be built. */
  daily_multipliers: string[];
  /** Bars follow trades at once. */
  data_status: string;
  /** In words. */
  description: string;
  /** The venue. */
  exchange: string;
  /** How prices are written. */
  format: string;
  /** With the exchange before it. */
  full_name: string;
  /** There are bars of days. */
  has_daily: boolean;
  /** There are bars of minutes. */
  has_intraday: boolean;
  /** There are bars of seconds. */
  has_seconds: boolean;
  /** There are bars of weeks and months. */
  has_weekly_and_monthly: boolean;
  /** Lengths of bars in minutes that need not be built. */
  intraday_multipliers: string[];
  /** The venue. */
  listed_exchange: string;
  /** A tick is `minmov / pricescale`. */
  minmov: number;
  /** None. */
  minmove2: number;
  /** Lengths of bars in months that need not be built. */
  monthly_multipliers: string[];
  /** Canonical symbol. */
  name: string;
  /** Ten to the decimals of a price. */
  pricescale: number;
  /** Lengths of bars in seconds that need not be built. */
  seconds_multipliers: string[];
  /** When it trades. */
  session: string;
  /** Lengths of bars. */
  supported_resolutions: string[];
  /** The same; what the other routes take. */
  ticker: string;
  /** In which zone days begin. */
  timezone: string;
  /** Kind of market. */
  type: string;
  /** Decimals of a volume. */
  volume_precision: number;
  /** Lengths of bars in weeks that need not be built. */
  weekly_multipliers: string[];
};

/** A market, or why there is none. */
export type UdfSymbolAnswer = UdfSymbol | UdfError;

/** A kind of market that can be searched. */
export type UdfType = {
  /** Its name. */
  name: string;
  /** What goes into `type`; empty: all. */
  value: string;
};

/** The values of a quote; those are left out that nobody can know: before a first trade, or of an empty side. */
export type UdfValues = {
  /** Best ask. */
  ask: Number | null;
  /** Best bid. */
  bid: Number | null;
  /** Change over 24 hours. */
  ch: Number | null;
  /** The same in percent. */
  chp: Number | null;
  /** In words. */
  description: string | null;
  /** The venue. */
  exchange: string | null;
  /** Highest price of 24 hours. */
  high_price: Number | null;
  /** Lowest price of 24 hours. */
  low_price: Number | null;
  /** Last price. */
  lp: Number | null;
  /** Price 24 hours ago. */
  open_price: Number | null;
  /** Price 24 hours ago: the market has no other close. */
  prev_close_price: Number | null;
  /** Canonical symbol. */
  short_name: string | null;
  /** Best ask less best bid. */
  spread: Number | null;
  /** Traded quantity of 24 hours, in base. */
  volume: Number | null;
};

/** How an auction ends. */
export type UncrossBody = {
  /** Decides between prices that are equal by all else; the last trade's price unless said otherwise. */
  reference_price?: Decimal;
  /** What follows; continuous trading unless said otherwise. */
  then?: PhaseWord;
};

/** What an uncross came to. */
export type UncrossDone = {
  /** How much of them, in base. */
  imbalance_qty: string;
  /** The side on which orders at the price were left over; null: none. */
  imbalance_side: SideWord | null;
  /** The market as it is now. */
  instrument: AdminInstrumentMessage;
  /** How many orders ended before they were filled. */
  orders_ended: number;
  /** The price; null: nothing could trade. */
  price: string | null;
  /** What was traded, in base. */
  qty: string;
  /** The command's number in the journal. */
  seq: number;
};

/** A user, in full: for themselves and for administrators. */
export type UserMessage = {
  /** The account; none until it is open. */
  account_id: number | null;
  /** The API keys, if they were asked for (`expand=api_keys`). */
  api_keys: ApiKeyMessage[] | null;
  /** When they signed up. */
  created_at: string;
  /** The name that is shown. */
  display_name: string | null;
  /** E-mail address, lower case. */
  email: string;
  /** Number. */
  id: number;
  /** Whether the user may log in at all. */
  is_active: boolean;
  /** Whether the user is suspended. */
  is_suspended: boolean;
  /** The last log-in, RFC 3339. */
  last_login_at: string | null;
  /** The last log-out. */
  last_logout_at: string | null;
  /** The same; the user name where none is set. */
  name: string;
  /** A number to be reached at. */
  phone_number: string | null;
  /** What the user prefers. */
  preferences: object;
  /** Path of the picture. */
  profile_picture: string | null;
  /** What the user may do. */
  role: RoleWord;
  /** When the suspension ends by itself, RFC 3339. */
  suspension_end_date: string | null;
  /** Why. */
  suspension_reason: string | null;
  /** When the row last changed. */
  updated_at: string;
  /** Name to log in with. */
  username: string;
  /** The wallet that stands for the account, if it was asked for (`expand=wallet`). */
  wallet: WalletMessage | null;
};

/** A user, as others may see it: themselves. */
export type UserOut = {
  /** When they signed up, RFC 3339. */
  created_at: string;
  /** E-mail address, lower case. */
  email: string;
  /** Number. */
  id: number;
};

/** Why a user is out, and until when. */
export type UserSuspensionBody = {
  /** When it ends by itself, in milliseconds since 1970; without it: when it is lifted. */
  ends_at_ms?: number;
  /** In words, for the user: at most 500 characters. */
  reason: string;
};

/** The venue after its kill switch was set. */
export type VenueDone = {
  /** How many orders ended by it. */
  orders_ended: number;
  /** The command's number in the journal. */
  seq: number;
  /** Whose trading is stopped now. */
  venue: VenueMessage;
};

/** Whose trading is stopped. */
export type VenueMessage = {
  /** Whether the kill switch of the whole venue is engaged. */
  kill_switch: boolean;
  /** The last command that is in it. */
  seq: number;
  /** The accounts whose own kill switch is engaged. */
  stopped_accounts: number[];
  /** The markets whose own kill switch is engaged. */
  stopped_instruments: string[];
  /** The accounts that are suspended. */
  suspended_accounts: number[];
};

/** Whether the log is what was written. */
export type VerificationMessage = {
  /** The first row that is not as it was written. */
  broken: number | null;
  /** `missing`, `altered` or `unchained`. */
  fault: string | null;
  /** Whether the row of the receipt is there, as it was; null without one. */
  has_receipt: boolean | null;
  /** Its hash. */
  hash: string;
  /** Whether no row is left to look at. */
  is_complete: boolean;
  /** Whether all rows that were looked at are as they were written, and the receipt's among them. */
  is_intact: boolean;
  /** The last of them; look at the rest with it as `after`, unless `is_complete`. */
  last: number;
  /** So many rows are. */
  rows: number;
};

/** What is to be changed; what is left out stays. */
export type WalletEditBody = {
  /** `true`: it stands for the account from now on, and the one that did no more. One always does: `false` is refused. */
  is_primary?: boolean;
  /** 1 to 64 characters. */
  name?: string;
};

/** A wallet, without its private key. */
export type WalletMessage = {
  /** Where the chain finds it. */
  address: string;
  /** The account's US dollars, free and held, where it stands for the account; else zero. */
  balance: string;
  /** The same in whole cents. */
  balance_cents: number;
  /** The chain. */
  blockchain: ChainWord;
  /** When it was made, RFC 3339. */
  created_at: string;
  /** Its number. */
  id: number;
  /** Whether it stands for the account: one of yours does. */
  is_primary: boolean;
  /** What you call it. */
  name: string;
  /** When its name or its place last changed. */
  updated_at: string;
  /** Whose it is. */
  user_id: number;
};
