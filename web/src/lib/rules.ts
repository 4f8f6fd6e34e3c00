import { atAuction, isLimit, isList, isTriggered, stays, timeOf } from './plans';
import { hasMinimum, type Ticket } from './ticket';
import type { Instrument, TimeInForce } from './types';

/** What can be chosen for an order beside its plan, its prices and its amount. */
export type Choice = TimeInForce | 'post_only' | 'part' | 'hidden' | 'minimum' | 'reduce_only' | 'imbalance_only' | 'peg';

const STAY = 'Only for orders that stay: GTC, DAY or GTD.';
const PLAIN = 'Orders for an auction are plain limit and market orders.';
const LISTED = 'Not for orders of a list.';
const BY_SIZE = 'This market shares trades out by size.';

/** Why something cannot be chosen for the order as it is, or null where it can. The venue's rules, said before it has to. */
export function whyNot(choice: Choice, ticket: Ticket, instrument: Instrument): string | null {
  switch (choice) {
    case 'gtc':
    case 'day':
    case 'gtd':
      return ticket.plan === 'market' ? 'A market order never rests.' : null;
    case 'ioc':
    case 'fok':
      return whyNotAtOnce(choice, ticket, instrument);
    case 'at_open':
    case 'at_close':
      return whyNotAuction(ticket);
    case 'post_only':
      return whyNotPostOnly(ticket, instrument);
    case 'part':
    case 'hidden':
      return whyNotUnseen(ticket, instrument);
    case 'minimum':
      return whyNotMinimum(ticket, instrument);
    case 'reduce_only':
      return whyNotReduceOnly(ticket, instrument);
    case 'imbalance_only':
      return whyNotImbalanceOnly(ticket);
    case 'peg':
      return whyNotPeg(ticket, instrument);
  }
}

function whyNotAtOnce(tif: 'ioc' | 'fok', { plan, unit }: Ticket, { phase }: Instrument): string | null {
  if (plan === 'market_to_limit') return 'What is left of a market-to-limit order rests.';
  if (isList(plan)) return 'Orders of a list rest or wait.';
  if (tif === 'fok' && unit === 'quote') return 'By quantity only: switch the amount over.';
  if (phase === 'auction' && !isTriggered(plan)) return 'While an auction collects, nothing trades at once.';
  return null;
}

function whyNotAuction({ plan, unit }: Ticket): string | null {
  if (plan !== 'limit' && plan !== 'market') return PLAIN;
  return unit === 'quote' ? 'By quantity only: switch the amount over.' : null;
}

function whyNotPostOnly(ticket: Ticket, { phase }: Instrument): string | null {
  const { plan } = ticket;
  if (plan === 'oco') return 'The limit order of an OCO must rest anyway.';
  if (!isLimit(plan) && !isList(plan)) return 'Only for orders with a limit price; this one takes.';
  if (atAuction(ticket.timeInForce)) return PLAIN;
  if (!stays(ticket.timeInForce)) return STAY;
  if (phase === 'auction' && !isTriggered(plan)) return 'While an auction collects, no order trades at once anyway.';
  return hasMinimum(ticket) ? 'A minimum must trade at once; post-only never does.' : null;
}

function whyNotUnseen({ plan, timeInForce }: Ticket, { allocation }: Instrument): string | null {
  if (isList(plan)) return LISTED;
  if (!isLimit(plan)) return 'Only limit orders rest in the book.';
  if (atAuction(timeInForce)) return PLAIN;
  if (!stays(timeInForce)) return STAY;
  return allocation.type === 'fifo' ? null : BY_SIZE;
}

function whyNotMinimum(ticket: Ticket, { phase }: Instrument): string | null {
  const { plan } = ticket;
  if (isList(plan)) return LISTED;
  if (atAuction(ticket.timeInForce)) return PLAIN;
  if (ticket.unit === 'quote') return 'By quantity only: switch the amount over.';
  if (timeOf(ticket) === 'fok') return 'Fill-or-kill is all or none already.';
  if (ticket.postOnly) return 'A minimum must trade at once; post-only never does.';
  if (ticket.peg !== '') return 'A pegged order has no minimum.';
  return phase === 'auction' && !isTriggered(plan) ? 'While an auction collects, nothing trades at once.' : null;
}

function whyNotReduceOnly({ plan, side, timeInForce }: Ticket, { allocation }: Instrument): string | null {
  if (isList(plan)) return LISTED;
  if (side === 'buy') return 'For sells: nobody is short here, so a buy reduces nothing.';
  if (atAuction(timeInForce)) return PLAIN;
  return allocation.type === 'fifo' ? null : BY_SIZE;
}

function whyNotImbalanceOnly({ plan, timeInForce }: Ticket): string | null {
  return plan === 'limit' && atAuction(timeInForce) ? null : 'Only for limit orders at the open or the close.';
}

function whyNotPeg(ticket: Ticket, { allocation, phase }: Instrument): string | null {
  const { plan, timeInForce } = ticket;
  if (plan !== 'limit') return 'Only a limit order without a trigger follows a price.';
  if (atAuction(timeInForce)) return PLAIN;
  if (!stays(timeInForce)) return STAY;
  if (hasMinimum(ticket)) return 'A pegged order has no minimum.';
  if (phase === 'auction') return 'While an auction collects, no price is followed.';
  return allocation.type === 'fifo' ? null : BY_SIZE;
}

/** The ticket without what its plan, side, unit and time do not allow: those come first, and the rest gives way. */
export function settled(ticket: Ticket, instrument: Instrument): Ticket {
  const next = { ...ticket };
  const allowed = (choice: Choice) => whyNot(choice, next, instrument) === null;
  // A market order says nothing of its time: it is immediate.
  if (!allowed(next.timeInForce) && !(next.plan === 'market' && stays(next.timeInForce))) next.timeInForce = 'gtc';
  if (next.postOnly && !allowed('post_only')) next.postOnly = false;
  if (next.peg !== '' && !allowed('peg')) [next.peg, next.offset] = ['', ''];
  if (next.visible !== 'all' && !allowed('part')) [next.visible, next.show] = ['all', ''];
  if (hasMinimum(next) && !allowed('minimum')) [next.minimum, next.allOrNone] = ['', false];
  if (next.reduceOnly && !allowed('reduce_only')) next.reduceOnly = false;
  if (next.imbalanceOnly && !allowed('imbalance_only')) next.imbalanceOnly = false;
  return next;
}

/** How many of the choices behind "More options" are made, so that none is forgotten there. */
export function chosen(ticket: Ticket): number {
  const { plan, timeInForce, visible, peg, reduceOnly, imbalanceOnly, ownOrders, activation, stopLimit } = ticket;
  const set = [
    atAuction(timeInForce) || (plan === 'market' && timeInForce === 'fok'), visible !== 'all', hasMinimum(ticket), peg !== '', reduceOnly, imbalanceOnly,
    ownOrders !== '', activation !== '', stopLimit !== '',
  ];
  return set.filter(Boolean).length;
}

/** Why a phase does not take the order as it is; null where it does. */
export function whyNotNow(ticket: Ticket, { phase }: Instrument): { code: string; text: string } | null {
  if (phase === 'halted') return { code: 'INSTRUMENT_HALTED', text: 'Trading in this market is halted; orders can only be cancelled.' };
  if (phase === 'closed') return { code: 'INSTRUMENT_CLOSED', text: 'This market is closed; orders can only be cancelled.' };
  const { plan, timeInForce, postOnly, peg } = ticket;
  if (phase !== 'auction' || isTriggered(plan) || atAuction(timeInForce)) return null;
  if (plan !== 'market' && plan !== 'market_to_limit' && stays(timeInForce) && !postOnly && peg === '' && !hasMinimum(ticket)) return null;
  const text = 'While an auction collects, only limit orders that stay are taken, without post-only, minimum or peg. Others may wait for the open or the close (under More options).';
  return { code: 'AUCTION_ONLY_LIMIT', text };
}
