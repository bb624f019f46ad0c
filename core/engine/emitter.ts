import type { EventName, EventOf } from '../bridge/contract.ts';
import { reportFailure } from '../model/failures.ts';

export type Listener = (name: EventName, event: unknown) => void;

/** Tells every subscriber what happened. A subscriber that throws does not keep it from the others. */
export class Emitter {
  readonly #listeners = new Set<Listener>();

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit<E extends EventName>(name: E, event: EventOf<E>): void {
    for (const listener of this.#listeners) {
      try {
        listener(name, event);
      } catch (error) {
        reportFailure(error, `listener of ${name}`);
      }
    }
  }
}
