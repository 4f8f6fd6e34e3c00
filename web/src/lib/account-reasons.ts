import { ApiError } from './api';
import { type Reason, reasonOf, sentence } from './reasons';
import { stamp } from './time';

/** What is refused to a user about the own account, and to an administrator. Where the venue's sentence says more, it stands. */
const WORDS: Record<string, string> = {
  WRONG_CREDENTIALS: 'E-mail or password is wrong.',
  WRONG_PASSWORD: 'The password is wrong.',
  WRONG_CODE: 'The code is wrong, or was used already. Wait for the next one.',
  TWO_FACTOR_NEEDED: 'A code of your authenticator is needed besides.',
  TWO_FACTOR_UNCHANGED: 'The second factor is so already. Load the page again.',
  USER_INACTIVE: 'This user may not log in. Ask the operator.',
  RATE_LIMITED: 'Too many tries in a short time.',
  BUSY: 'The venue is busy, and nothing was done. Try again in a moment.',
  UNREACHABLE: 'The venue cannot be reached. Look whether it was done before you try again.',
  STOPPING: 'The venue is stopping, and nothing was done. Try again when it is back.',
  OUTCOME_UNKNOWN: 'No answer came in time, and it may have been done. Look before you try again.',
  NOT_FOUND: 'It is not there any more. Load the page again.',
  INVALID_EMAIL: 'This is not an e-mail address.',
  EMAIL_TAKEN: 'There is a user with this e-mail address. Log in, or ask for a new password.',
  LOGIN_TAKEN: 'There is a user with this name or this address.',
  USERNAME_TAKEN: 'There is a user with this name. Choose another one.',
  LINK_OVER: 'This link was used already, or is older than an hour. Ask for a new one.',
  NO_PICTURE: 'This is no picture that can be shown. Choose a PNG, JPEG or WebP file.',
  BODY_TOO_LARGE: 'This file is too large: a picture has at most 256 KiB.',
  NAME_TAKEN: 'You have a key of this name. Choose another one.',
  TOO_MANY_API_KEYS: 'You have as many keys as you may. Revoke one first.',
  TOO_MANY_WALLETS: 'You have as many wallets as you may.',
  STEP_UP_REQUIRED: 'Show once more that it is you: your password is needed.',
  SECOND_FACTOR_NEEDED: 'Administrators act in a session that began with a second factor.',
  ONESELF: 'Nobody does this to himself: ask another administrator.',
  END_IS_PAST: 'The end must lie ahead.',
  INVALID_REASON: 'Give a reason, of at most 500 characters.',
  SETUP_OVER: 'The token is wrong or was used, or there is an administrator already.',
  NOT_WRITTEN_DOWN: 'It was done, and could not be written into the log of administrators. Tell the operator.',
};

/** Whoever is out is told why, and until when. */
function suspended(detail: string): string {
  const [, until, why] = /^This user is suspended(?: until (\S+))?: (.*)$/s.exec(detail) ?? [];
  if (why === undefined) return sentence(detail);
  const end = until ? ` until ${stamp(Date.parse(until))}` : '';
  return `You are suspended${end}: ${sentence(why)}${until ? '' : ' Ask the operator.'}`;
}

/** The reason for somebody before the own account; a time until which to wait comes with it. */
export function accountReason(error: unknown): Reason {
  if (!(error instanceof ApiError)) return reasonOf(error);
  const { code, detail, retryAfterS } = error;
  const wait = retryAfterS && retryAfterS > 1 ? { untilMs: Date.now() + retryAfterS * 1_000 } : {};
  if (code === 'USER_SUSPENDED') return { code, text: suspended(detail) };
  const known = WORDS[code];
  if (known) return { code, text: known, ...wait };
  // The field's name is for programs.
  if (code === 'INVALID_FIELD') return { code, text: sentence(detail.replace(/^[a-z_]+: /, '')) };
  return { ...reasonOf(error), ...wait };
}
