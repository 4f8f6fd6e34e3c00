import type { ChainWord } from '../../lib/openapi';

export const CHAINS: Record<ChainWord, string> = { ethereum: 'Ethereum', bitcoin: 'Bitcoin, test network', solana: 'Solana' };

/** In which shape a private key is shown, in words. */
export const FORMATS: Record<string, string> = {
  hex: 'hexadecimal digits',
  wif: "Bitcoin's WIF",
  base58: 'base 58, the pair of keys',
};
