//! Seeded flows of a chosen shape.

use papertape_engine::{LadderBook, Price, Qty, Side};

use crate::matching::BareBooks;
use crate::message::{Action, Flow, Message, Print};

/// What a generated flow looks like. Once as many orders rest as it wants, a message is a take or a cancel (one to
/// four); where fewer rest, a new limit order. Takes are market orders, or limit orders at the best price.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The same seed gives the same flow.
    pub seed: u64,
    /// Books; each order goes to a random one.
    pub books: u16,
    /// Half of the orders go to a sixteenth of the books, instead of all to all alike.
    pub skewed: bool,
    /// Orders that rest in all books together, once the flow has placed them.
    pub live: usize,
    /// Orders rest up to this many ticks from the middle.
    pub width: u64,
    /// The middle price goes up and down by up to three ticks with each new order, so that orders are left behind and
    /// cross, and half of the takes are limit orders. Otherwise only market orders trade.
    pub crosses: bool,
    /// Cancels name one of this many that came last; `usize::MAX` for any that rests.
    pub recent: usize,
    /// Messages after the first `live` orders rest.
    pub messages: usize,
}

/// Makes a flow, and says how many of its messages come before `live` orders rest.
pub fn generate(name: &str, shape: Shape) -> (Flow, usize) {
    let mut maker = Maker::new(shape);
    while maker.live.len() < shape.live {
        maker.place();
    }
    let filled = maker.messages.len();
    while maker.messages.len() < filled + shape.messages {
        maker.step();
    }
    let flow = Flow { name: name.to_owned(), books: shape.books.into(), messages: maker.messages, prints: None };
    (flow, filled)
}

/// One of `count`, by a random number: each as likely as another, or half of the time one of the first sixteenth.
pub(crate) fn pick(random: u32, count: u32, skewed: bool) -> u32 {
    let share = u64::from(random);
    let square = (share * share) >> 32;
    let share = if skewed { (square * square) >> 32 } else { share };
    ((share * u64::from(count)) >> 32) as u32
}

/// Follows its own flow, to know what rests.
struct Maker {
    shape: Shape,
    state: u64,
    middles: Vec<u64>,
    books: BareBooks<LadderBook>,
    messages: Vec<Message>,
    orders: u32,
    /// Orders that rest, in no order once one has left, and the place of each in this list.
    live: Vec<u32>,
    /// By order: the place in `live`, what is left, and the book.
    resting: Vec<(u32, u64, u16)>,
    prints: Vec<Print>,
}

const MIDDLE: u64 = 1_000_000;

impl Maker {
    fn new(shape: Shape) -> Self {
        let room = shape.live + shape.messages;
        Self {
            shape,
            state: shape.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            middles: vec![MIDDLE; shape.books.into()],
            books: BareBooks::new(shape.books.into()),
            messages: Vec::with_capacity(room),
            orders: 0,
            live: Vec::with_capacity(shape.live + 1),
            resting: vec![(0, 0, 0)],
            prints: Vec::new(),
        }
    }

    fn random(&mut self, bound: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        // The middle bits are the good ones.
        (self.state >> 11) % bound
    }

    fn side(&mut self) -> Side {
        if self.random(2) == 0 { Side::Buy } else { Side::Sell }
    }

    fn book(&mut self) -> u16 {
        let random = self.random(1 << 32);
        pick(random as u32, self.shape.books.into(), self.shape.skewed) as u16
    }

    fn step(&mut self) {
        match self.random(10) {
            _ if self.live.len() < self.shape.live => self.place(),
            0 | 1 => self.take(),
            _ => self.cancel(),
        }
    }

    fn place(&mut self) {
        let book = self.book();
        if self.shape.crosses {
            let middle = self.middles[usize::from(book)] + self.random(7);
            self.middles[usize::from(book)] = middle - 3;
        }
        let (side, away) = (self.side(), 1 + self.random(self.shape.width));
        let middle = self.middles[usize::from(book)];
        let price = Price(if side == Side::Buy { middle - away } else { middle + away });
        let qty = Qty(1 + self.random(100));
        self.new_order(book, Action::Limit { side, price, qty });
    }

    fn take(&mut self) {
        let book = self.book();
        let (side, qty) = (self.side(), Qty(1 + self.random(200)));
        let best = self.books.best(book, side.opposite());
        match best.filter(|_| self.shape.crosses && self.random(2) == 0) {
            Some(price) => self.new_order(book, Action::Limit { side, price, qty }),
            None => self.new_order(book, Action::Market { side, qty }),
        }
    }

    fn cancel(&mut self) {
        let among = self.live.len().min(self.shape.recent) as u64;
        let back = 1 + self.random(among) as usize;
        let order = self.live[self.live.len() - back];
        let book = self.resting[order as usize].2;
        self.send(Message { order, book, action: Action::Cancel });
        self.leave(order);
    }

    fn new_order(&mut self, book: u16, action: Action) {
        self.orders += 1;
        let order = self.orders;
        self.send(Message { order, book, action });
        let prints = std::mem::take(&mut self.prints);
        let taken: u64 = prints.iter().map(|print| print.qty.0).sum();
        for print in &prints {
            let left = &mut self.resting[print.maker as usize].1;
            *left -= print.qty.0;
            if *left == 0 {
                self.leave(print.maker as u32);
            }
        }
        self.prints = prints;
        self.prints.clear();
        let left = if let Action::Limit { qty, .. } = action { qty.0 - taken } else { 0 };
        self.resting.push((self.live.len() as u32, left, book));
        if left > 0 {
            self.live.push(order);
        }
    }

    fn send(&mut self, message: Message) {
        self.books.step(&message, &mut self.prints);
        self.messages.push(message);
    }

    fn leave(&mut self, order: u32) {
        let place = self.resting[order as usize].0;
        self.live.swap_remove(place as usize);
        if let Some(&moved) = self.live.get(place as usize) {
            self.resting[moved as usize].0 = place;
        }
    }
}

#[cfg(test)]
mod tests {
    use papertape_engine::ReferenceBook;

    use super::*;
    use crate::funded::FundedEngine;
    use crate::tally::Tally;

    #[test]
    fn a_skewed_choice_is_a_low_one_half_of_the_time() {
        let low = |skewed| (0..1_000_u32).filter(|n| pick(n << 22, 1_600, skewed) < 100).count();
        assert_eq!((low(false), low(true)), (64, 512));
        assert_eq!((pick(u32::MAX, 7, true), pick(u32::MAX, 7, false), pick(0, 7, true)), (6, 6, 0));
    }

    #[test]
    fn book_engine_and_reference_print_the_same_of_a_generated_flow() {
        let shape = Shape {
            seed: 5,
            books: 3,
            skewed: true,
            live: 300,
            width: 40,
            crosses: true,
            recent: 200,
            messages: 4_000,
        };
        let (flow, filled) = generate("test", shape);
        assert!(filled >= 300 && flow.messages.len() == filled + 4_000);
        let (mut reference, mut fast, mut engine) = (Vec::new(), Vec::new(), Tally::default());
        BareBooks::<ReferenceBook>::new(flow.books).run(&flow.messages, &mut reference);
        BareBooks::<LadderBook>::new(flow.books).run(&flow.messages, &mut fast);
        FundedEngine::<LadderBook>::new(flow.books, 7).run(&flow.messages, &mut engine);
        assert!(reference.len() > 300, "{} prints", reference.len());
        assert_eq!(fast, reference);
        assert_eq!(engine, Tally::of(&reference));
    }
}
