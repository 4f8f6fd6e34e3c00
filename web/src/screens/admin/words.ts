import { stamp } from '../../lib/time';
import type { Profile } from '../../lib/types';

/** Whether the door is open to a user, in a word or two, and why not. */
export function standingOf({ is_active, is_suspended, suspension_end_date }: Profile): string {
  if (is_suspended) return suspension_end_date ? `suspended until ${stamp(Date.parse(suspension_end_date))}` : 'suspended';
  return is_active ? '' : 'shut out';
}
