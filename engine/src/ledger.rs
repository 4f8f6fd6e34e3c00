//! Who has how much of what. The only place where money is.

use crate::ids::{AccountId, AssetId};
use crate::touched::Touched;
use crate::units::Amount;

/// An account's money in one asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// Can be spent or withdrawn.
    pub free: Amount,
    /// Held by open orders.
    pub held: Amount,
}

/// Names a balance without a search. Rows are never removed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct BalanceRow(u32);

#[derive(Clone, Copy, Debug)]
struct Row {
    account: AccountId,
    asset: AssetId,
    balance: Balance,
    touched: bool,
}

/// All balances, and per asset how much was paid in and not yet paid out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    rows: Vec<Row>,
    /// Rows of each account, by asset.
    by_account: Vec<Vec<(AssetId, BalanceRow)>>,
    supply: Vec<Amount>,
    touched: Touched<BalanceRow>,
}

impl Ledger {
    pub(crate) fn add_account(&mut self) {
        self.by_account.push(Vec::new());
    }

    pub(crate) fn add_asset(&mut self) {
        self.supply.push(Amount::ZERO);
    }

    /// What was deposited and not withdrawn; the sum of all balances of the asset.
    pub(crate) fn supply(&self, asset: AssetId) -> Amount {
        self.supply[usize::from(asset.0)]
    }

    /// Money enters or leaves the venue. The caller has checked both limits.
    pub(crate) fn change_supply(&mut self, asset: AssetId, by: Amount) {
        self.supply[usize::from(asset.0)] += by;
    }

    /// The account's balance; nothing, if it never had any.
    pub(crate) fn balance(&self, account: AccountId, asset: AssetId) -> Balance {
        let rows = &self.by_account[account.0 as usize];
        rows.binary_search_by_key(&asset, |row| row.0).map_or(Balance::default(), |at| self.at(rows[at].1))
    }

    /// The account's balances in the order of the assets, those of nothing left out.
    pub(crate) fn balances(&self, account: AccountId) -> impl Iterator<Item = (AssetId, Balance)> + '_ {
        let rows = self.by_account.get(account.0 as usize).map_or(&[][..], Vec::as_slice);
        let balances = rows.iter().map(|(asset, row)| (*asset, self.at(*row)));
        balances.filter(|(_, balance)| *balance != Balance::default())
    }

    /// The assets of which the account ever had something.
    pub(crate) fn assets_of(&self, account: AccountId) -> impl Iterator<Item = AssetId> + '_ {
        self.by_account.get(account.0 as usize).map_or(&[][..], Vec::as_slice).iter().map(|(asset, _)| *asset)
    }

    /// How many balances there are, nothing or not.
    pub(crate) fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Whose balances they are, and of what, from a number on: in the order in which they came.
    pub(crate) fn rows_since(&self, known: usize) -> impl Iterator<Item = (AccountId, AssetId)> + '_ {
        self.rows.iter().skip(known).map(|row| (row.account, row.asset))
    }

    /// The row of a balance, made if it is the first time.
    pub(crate) fn row(&mut self, account: AccountId, asset: AssetId) -> BalanceRow {
        let rows = &mut self.by_account[account.0 as usize];
        match rows.binary_search_by_key(&asset, |row| row.0) {
            Ok(at) => rows[at].1,
            Err(at) => {
                let row = BalanceRow(self.rows.len() as u32);
                rows.insert(at, (asset, row));
                self.rows.push(Row { account, asset, balance: Balance::default(), touched: false });
                row
            }
        }
    }

    #[inline]
    pub(crate) fn at(&self, row: BalanceRow) -> Balance {
        self.rows[row.0 as usize].balance
    }

    /// Adds to both parts of a balance; either may be negative.
    #[inline]
    pub(crate) fn change(&mut self, row: BalanceRow, free: Amount, held: Amount) {
        let entry = &mut self.rows[row.0 as usize];
        entry.balance.free += free;
        entry.balance.held += held;
        // Within a trade a rebate may leave the fee account before the fee that covers it has come in.
        let sound = !entry.balance.free.is_negative() && !entry.balance.held.is_negative();
        debug_assert!(sound || entry.account == AccountId::FEES, "{entry:?}");
        self.touched.note(row, !std::mem::replace(&mut entry.touched, true));
    }

    /// Moves from free to held.
    #[inline]
    pub(crate) fn hold(&mut self, row: BalanceRow, amount: Amount) {
        self.change(row, -amount, amount);
    }

    /// Money comes into an account from outside, or, if it is less than nothing, goes out. The caller has checked the limits.
    pub(crate) fn bring(&mut self, account: AccountId, asset: AssetId, amount: Amount) {
        self.change_supply(asset, amount);
        let row = self.row(account, asset);
        self.change(row, amount, Amount::ZERO);
    }

    /// Money that is free goes from one account to another.
    pub(crate) fn pass_on(&mut self, asset: AssetId, (from, to): (AccountId, AccountId), amount: Amount) {
        let (from, to) = (self.row(from, asset), self.row(to, asset));
        self.change(from, -amount, Amount::ZERO);
        self.change(to, amount, Amount::ZERO);
    }

    /// Shows each balance that changed since the last call, once, in the order of first change.
    pub(crate) fn drain_touched(&mut self, mut show: impl FnMut(AccountId, AssetId, Balance)) {
        for row in self.touched.drain() {
            let entry = &mut self.rows[row.0 as usize];
            entry.touched = false;
            show(entry.account, entry.asset, entry.balance);
        }
    }

    /// Puts a balance back from a snapshot, without touching it.
    pub(crate) fn restore(&mut self, account: AccountId, asset: AssetId, balance: Balance) {
        let row = self.row(account, asset);
        self.rows[row.0 as usize].balance = balance;
    }

    /// Sums of all balances, by asset.
    pub(crate) fn totals(&self) -> Vec<Amount> {
        let mut totals = vec![Amount::ZERO; self.supply.len()];
        for row in &self.rows {
            totals[usize::from(row.asset.0)] += row.balance.free + row.balance.held;
        }
        totals
    }
}
