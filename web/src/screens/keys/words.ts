import type { PermissionWord } from '../../lib/openapi';

export const PERMISSIONS: [PermissionWord, string, string][] = [
  ['read', 'Read', 'See orders, fills, balances and positions'],
  ['trade', 'Trade', 'Place, change and cancel orders'],
  ['transfer', 'Transfer', 'Move money out; no route of today asks for it'],
  ['admin', 'Admin', 'What you may as an administrator'],
];

export const permissionOf = (word: PermissionWord): string => PERMISSIONS.find(([name]) => name === word)?.[1] ?? word;

/** What a key that is given in PEM, base 64 or hexadecimal digits has for a public key: 64 digits; null for anything else. */
export function publicKeyOf(text: string): string | null {
  const bare = text.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, '');
  if (/^[0-9a-fA-F]{64}$/.test(bare)) return bare.toLowerCase();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(bare) || bare.length % 4 !== 0) return null;
  const bytes = [...atob(bare)].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  // RFC 8410: what stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo.
  const key = bytes.startsWith('302a300506032b6570032100') ? bytes.slice(24) : bytes;
  return key.length === 64 ? key : null;
}

/** Addresses and networks, as typed: one a line, or with commas between. */
export const networksOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);
