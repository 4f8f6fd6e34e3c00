/** What happens at the door, in words, by the name that the venue stores it under. */
export const EVENTS: Record<string, string> = {
  register: 'Signed up',
  login: 'Logged in',
  failed_login: 'Log-in refused',
  logout: 'Logged out',
  logout_everywhere: 'Logged out everywhere',
  session_ended: 'Session ended from another one',
  refresh_reused: 'Session ended: its token came twice',
  step_up: 'Password shown again',
  password_change: 'Password changed',
  password_reset_requested: 'Link for a new password asked for',
  password_reset: 'Password set by a link',
  login_name_change: 'E-mail or user name changed',
  two_factor_enabled: 'Second factor turned on',
  two_factor_disabled: 'Second factor turned off',
  recovery_code_used: 'Recovery code used',
  suspended: 'Suspended',
  suspension_lifted: 'Suspension lifted',
  role_change: 'Role changed',
  active_change: 'Let in, or shut out',
  api_key_created: 'API key made',
  api_key_changed: 'API key changed',
  api_key_revoked: 'API key revoked',
  api_key_refused: 'API key refused',
  wallet_exported: 'Private key of a wallet shown',
};

export const eventOf = (action: string): string => EVENTS[action] ?? action.replaceAll('_', ' ');

/** What is known besides, on one line. */
export function detailOf(details: object | null): string {
  if (!details) return '';
  const text = (value: unknown) => {
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value).replaceAll('_', ' ');
  };
  return Object.entries(details).map(([name, value]) => `${name.replaceAll('_', ' ')}: ${text(value)}`).join(', ');
}
