import { ApiError } from '../lib/api';
import { session } from '../lib/state/session.svelte';
import { own, type Proof } from './api';

/** What a proof is asked for. */
export interface Asked {
  title: string;
  /** What will be done, and what comes of it. */
  text: string;
  /** The button's word. */
  does: string;
  run: (proof: Proof) => Promise<void>;
  giveUp: () => void;
}

type Words = Pick<Asked, 'title' | 'text' | 'does'>;

/** Asks for password and code in one dialog, wherever the venue wants to see them again. */
class ProofState {
  asked = $state.raw<Asked | null>(null);

  /** Runs a request that carries the proof. Null: the user gave up. */
  ask<T>(words: Words, request: (token: string, proof: Proof) => Promise<T>): Promise<T | null> {
    return new Promise((resolve) => {
      this.asked = {
        ...words,
        run: async (proof) => {
          const done = await session.use((token) => request(token, proof));
          this.asked = null;
          resolve(done);
        },
        giveUp: () => {
          this.asked = null;
          resolve(null);
        },
      };
    });
  }

  /** Runs a request of a session that may have to prove itself first, and runs it again when it has. Null: the user gave up. */
  async proven<T>(words: Words, request: (token: string) => Promise<T>): Promise<T | null> {
    try {
      return await session.use(request);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'STEP_UP_REQUIRED')) throw error;
    }
    const proven = await this.ask(words, (token, shown) => own.stepUp(token, shown));
    return proven && session.use(request);
  }
}

export const proof = new ProofState();
