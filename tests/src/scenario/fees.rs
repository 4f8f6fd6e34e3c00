//! Fee tables in words.

use papertape_engine::{Amount, FeeTier, FeeTiers, Ppm};

use super::words::Words;

/// `tiers 1000 maker -50 ppm taker 400 ppm, 5000 maker -100 ppm taker 300 ppm`, or `tiers none`.
pub(super) fn fee_tiers(words: &mut Words<'_>) -> Result<FeeTiers, String> {
    words.must("tiers")?;
    if words.take("none") {
        return Ok(FeeTiers::NONE);
    }
    let mut tiers = Vec::new();
    loop {
        let volume_min = Amount(words.number("a volume in units of quote, or `none`")?);
        let (maker_fee, taker_fee) = (rate("maker", words)?, rate("taker", words)?);
        tiers.push(FeeTier { volume_min, maker_fee, taker_fee });
        if !words.take(",") {
            return FeeTiers::new(&tiers).ok_or_else(|| format!("expected at most {} tiers", FeeTiers::MAX));
        }
    }
}

fn rate(role: &str, words: &mut Words<'_>) -> Result<Ppm, String> {
    words.must(role)?;
    let rate = words.number("a fee in parts per million")?;
    words.must("ppm")?;
    Ok(Ppm(rate))
}

/// What [`fee_tiers`] reads.
pub(super) fn show_tiers(tiers: &FeeTiers) -> String {
    if tiers.is_empty() {
        return "none".to_owned();
    }
    let tier =
        |tier: FeeTier| format!("{} maker {} ppm taker {} ppm", tier.volume_min, tier.maker_fee.0, tier.taker_fee.0);
    tiers.iter().map(tier).collect::<Vec<_>>().join(", ")
}
