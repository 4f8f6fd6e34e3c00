//! A venue that talks nonsense: whatever comes, the session says what is wrong with it, or goes on.

use std::time::Instant;

use papertape_client::{Key, Machine, Options, Request};

/// How many venues; `PAPERTAPE_INPUTS` sets another number.
fn inputs() -> u64 {
    std::env::var("PAPERTAPE_INPUTS").ok().and_then(|inputs| inputs.parse().ok()).unwrap_or(20_000) / 10
}

/// Numbers that look random and are the same each time (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Every frame that a venue sends, as the golden vectors have them, from its challenge on.
fn frames() -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../wire/golden/frames.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let hexes = text.lines().filter_map(|line| line.strip_prefix("hex = "));
    let bytes =
        |hex: &str| (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    hexes.map(bytes).filter(|frame: &Vec<u8>| frame[2] >= 0x80).collect()
}

#[test]
fn whatever_a_venue_sends_is_taken_or_named() {
    let (frames, mut random) = (frames(), Random(0x9e37_79b9_7f4a_7c15));
    let key = Key::hmac("00112233445566778899aabbccddeeff", &"00".repeat(32)).unwrap();
    let (mut events, mut broken) = (0_u64, 0_u64);
    for _ in 0..inputs() {
        let now = Instant::now();
        let mut machine = Machine::new(Options::new(key.clone()), now);
        machine.connected(now);
        // The first two are those that open a session; the others come in any order, and some are altered.
        let mut said = frames[..2].concat();
        for _ in 0..random.below(12) {
            said.extend(&frames[random.below(frames.len())]);
        }
        for _ in 0..random.below(4) {
            let at = random.below(said.len());
            said[at] = random.below(256) as u8;
        }
        let mut rest = &said[..];
        while !rest.is_empty() {
            let (part, after) = rest.split_at(1 + random.below(rest.len()));
            rest = after;
            if machine.receive(part, now, 1).is_err() {
                broken += 1;
                break;
            }
            machine.ask(Request::limits());
        }
        events += std::iter::from_fn(|| machine.event()).count() as u64;
        assert!(machine.output().len() < 64 << 10, "it says no more than it was asked");
    }
    assert!(events > inputs() / 2 && broken > inputs() / 10, "{events} events, {broken} ended");
}
