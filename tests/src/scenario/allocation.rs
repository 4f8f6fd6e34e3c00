//! Self-trade prevention and allocation in words.

use std::fmt::Write;

use papertape_engine::{Allocation, ProRata, Qty, SelfTradePrevention};

use super::words::Words;

/// `cancel-maker`; `stp-none`, because `none` alone would not say of what.
pub(super) fn show_mode(mode: SelfTradePrevention) -> &'static str {
    match mode {
        SelfTradePrevention::None => "stp-none",
        SelfTradePrevention::CancelTaker => "cancel-taker",
        SelfTradePrevention::CancelMaker => "cancel-maker",
        SelfTradePrevention::CancelBoth => "cancel-both",
        SelfTradePrevention::Decrement => "decrement",
    }
}

/// The mode that a word stands for.
pub(super) fn mode(word: &str) -> Option<SelfTradePrevention> {
    SelfTradePrevention::ALL.into_iter().find(|mode| show_mode(*mode) == word)
}

/// `cancel-maker`, which must follow.
pub(super) fn must_mode(words: &mut Words<'_>) -> Result<SelfTradePrevention, String> {
    let wanted = "stp-none, cancel-taker, cancel-maker, cancel-both or decrement";
    let complaint = words.expected(wanted);
    mode(words.next(wanted)?).ok_or(complaint)
}

/// `top 10 share 2 leveling`, each of which may be left out: no top order, a least share of one lot, no leveling.
pub(super) fn pro_rata(words: &mut Words<'_>) -> Result<Allocation, String> {
    let top_max = if words.take("top") { words.number("lots of the top order")? } else { 0 };
    let share_min = if words.take("share") { words.number("lots of the least share")? } else { 1 };
    let leveling = words.take("leveling");
    Ok(Allocation::ProRata(ProRata { top_max: Qty(top_max), share_min: Qty(share_min), leveling }))
}

/// What [`pro_rata`] reads, and the word before it.
pub(super) fn show_allocation(allocation: Allocation) -> String {
    let Allocation::ProRata(ProRata { top_max, share_min, leveling }) = allocation else { return "fifo".to_owned() };
    let mut text = "pro-rata".to_owned();
    for (word, lots, usual) in [("top", top_max, Qty::ZERO), ("share", share_min, Qty(1))] {
        if lots != usual {
            write!(text, " {word} {lots}").expect("a string takes everything");
        }
    }
    if leveling { text + " leveling" } else { text }
}
