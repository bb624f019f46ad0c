import type { SqlDialectName } from './sql-driver.ts';
import { isConnectionLoss, isUnreachable } from './sql-problems.ts';

/** Pauses before the attempts after a lost connection: a server that restarts is back within seconds. */
const PAUSES_MS = [0, 150, 400, 900, 1500] as const;

/**
 * Carries statements over a restart of the server: one that fails because its connection was lost is sent again,
 * unless it must not be (`once`). A server that was never reached fails at once.
 */
export class Recovery {
  readonly #dialect: SqlDialectName;
  #reached = false;

  constructor(dialect: SqlDialectName) {
    this.#dialect = dialect;
  }

  async run<T>(work: () => Promise<T>, once: boolean): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await work();
        this.#reached = true;
        return result;
      } catch (error) {
        const pause = PAUSES_MS[attempt];
        // A refused connection means that nothing was sent, so even `once` may try again.
        const again =
          this.#reached && pause !== undefined
            ? isUnreachable(error, this.#dialect) || (!once && isConnectionLoss(error, this.#dialect))
            : false;
        if (!again) {
          if (isUnreachable(error, this.#dialect)) this.#reached = false;
          throw error;
        }
        await new Promise((done) => setTimeout(done, pause));
      }
    }
  }
}
