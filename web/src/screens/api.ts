import { call } from '../lib/api';
import type {
  ApiKeyEditBody, ApiKeyMessage, AuthLogsMessage, ExportedMessage, NewApiKeyBody, NewApiKeyMessage, NewWalletBody,
  SessionMessage, TwoFactorMessage, WalletEditBody, WalletMessage,
} from '../lib/openapi';
import type { Profile } from '../lib/types';

/** What shows that it is really the user: the password, and a code where there is a second factor. */
export interface Proof {
  password: string;
  code?: string;
}

/** What is to be changed; null empties. */
export interface ProfileChange extends Partial<Proof> {
  display_name?: string | null;
  phone_number?: string | null;
  username?: string;
  email?: string;
}

export interface LogQuery extends Record<string, string | number | undefined> {
  action?: string;
  status?: string;
  limit?: number;
  cursor?: string;
}

/** One's own account. What administrators ask for is in `admin/api.ts`. */
export const own = {
  stepUp: (token: string, proof: Proof) => call<{ expires_in_s: number }>('POST', '/api/v1/users/me/step-up', { token, json: proof }),

  sessions: (token: string) => call<SessionMessage[]>('GET', '/api/v1/sessions', { token }),
  endSession: (token: string, id: number) => call<{ ended: number }>('DELETE', `/api/v1/sessions/${id}`, { token }),
  changePassword: (token: string, proof: Proof, new_password: string) =>
    call<{ message: string }>('PUT', '/api/v1/users/me/password', { token, json: { ...proof, new_password } }),
  twoFactor: (token: string) => call<TwoFactorMessage>('GET', '/api/v2/users/me/2fa', { token }),
  /** The secret, for the password. */
  offerTwoFactor: (token: string, password: string) => call<TwoFactorMessage>('POST', '/api/v2/users/me/2fa/enable', { token, json: { password } }),
  /** The recovery codes, for the first code. */
  enableTwoFactor: (token: string, code: string) => call<TwoFactorMessage>('POST', '/api/v2/users/me/2fa/enable', { token, json: { code } }),
  disableTwoFactor: (token: string, proof: Proof) => call<TwoFactorMessage>('POST', '/api/v2/users/me/2fa/disable', { token, json: proof }),
  log: (token: string, query: LogQuery) => call<AuthLogsMessage>('GET', '/api/v1/users/me/auth-logs', { token, query }),

  editProfile: (token: string, change: ProfileChange) => call<Profile>('PATCH', '/api/v1/users/me', { token, json: change }),
  setPicture: (token: string, bytes: Blob) => call<Profile>('PUT', '/api/v1/users/me/picture', { token, bytes }),
  removePicture: (token: string) => call<Profile>('DELETE', '/api/v1/users/me/picture', { token }),

  keys: (token: string) => call<ApiKeyMessage[]>('GET', '/api/v1/api-keys', { token }),
  makeKey: (token: string, key: NewApiKeyBody) => call<NewApiKeyMessage>('POST', '/api/v1/api-keys', { token, json: key }),
  editKey: (token: string, key: string, change: ApiKeyEditBody) => call<ApiKeyMessage>('PATCH', `/api/v1/api-keys/${key}`, { token, json: change }),
  revokeKey: (token: string, key: string) => call<void>('DELETE', `/api/v1/api-keys/${key}`, { token }),

  wallets: (token: string) => call<WalletMessage[]>('GET', '/api/v1/wallets', { token }),
  makeWallet: (token: string, wallet: NewWalletBody) => call<WalletMessage>('POST', '/api/v1/wallets', { token, json: wallet }),
  editWallet: (token: string, id: number, change: WalletEditBody) => call<WalletMessage>('PATCH', `/api/v1/wallets/${id}`, { token, json: change }),
  exportWallet: (token: string, id: number, proof: Proof) => call<ExportedMessage>('POST', `/api/v1/wallets/${id}/export`, { token, json: proof }),
};
