import { call } from '../../lib/api';
import type {
  AdminLogPage, AuthLogsMessage, OutboxPage, RoleWord, SessionMessage, SetupBody, UserSuspensionBody, VerificationMessage,
} from '../../lib/openapi';
import type { Profile } from '../../lib/types';
import type { LogQuery } from '../api';

type Query = Record<string, string | number | undefined>;

const user = (id: number) => `/api/v1/admin/users/${id}`;

/** What administrators may, in sessions that began with a second factor. */
export const admin = {
  users: (token: string, query: { search?: string; after?: number; limit: number }) => call<Profile[]>('GET', '/api/v1/admin/users', { token, query }),
  user: (token: string, id: number) => call<Profile>('GET', user(id), { token, query: { expand: 'wallet,api_keys' } }),
  suspend: (token: string, id: number, suspension: UserSuspensionBody) => call<Profile>('PUT', `${user(id)}/suspension`, { token, json: suspension }),
  lift: (token: string, id: number) => call<Profile>('DELETE', `${user(id)}/suspension`, { token }),
  setRole: (token: string, id: number, role: RoleWord) => call<Profile>('PUT', `${user(id)}/role`, { token, json: { role } }),
  setActive: (token: string, id: number, is_active: boolean) => call<Profile>('PUT', `${user(id)}/active`, { token, json: { is_active } }),
  sessions: (token: string, id: number) => call<SessionMessage[]>('GET', `${user(id)}/sessions`, { token }),
  endSessions: (token: string, id: number) => call<{ ended: number }>('DELETE', `${user(id)}/sessions`, { token }),
  door: (token: string, query: LogQuery) => call<AuthLogsMessage>('GET', '/api/v1/admin/auth-logs', { token, query }),
  outbox: (token: string, query: Query) => call<OutboxPage>('GET', '/api/v1/admin/outbox', { token, query }),
  log: (token: string, query: Query) => call<AdminLogPage>('GET', '/api/v1/admin/log', { token, query }),
  verification: (token: string, query: Query) => call<VerificationMessage>('GET', '/api/v1/admin/log/verification', { token, query }),
};

/** Makes the first administrator. Nobody is logged in. */
export const setUp = (body: SetupBody) => call<Profile>('POST', '/api/v1/setup', { json: body });
