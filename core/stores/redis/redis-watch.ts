import { changedKeys, poll } from '../watchers.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Above so many keys a look at all of them each second would be felt by the server. */
const MOST_POLLED = 5_000;

export interface KeyWatch {
  readonly prefix: () => string | undefined;
  readonly database: number;
  readonly pollMs: number;
  readonly keys: () => Promise<string[]>;
  readonly changed: (ids: readonly string[] | undefined) => void;
  /** Whether changes are pushed by the server. */
  readonly onHow: (byEvents: boolean) => void;
}

/**
 * Tells of changed keys: by the server's events where they are switched on already, otherwise by looking at the ends and
 * sizes of all keys again and again, which does not count as a use. Of very many keys only their number is looked at.
 */
export function watchKeys(connection: RedisConnection, watch: KeyWatch): () => void {
  let before: Map<string, string> | undefined;
  let size: unknown;
  let ended = false;
  let stopEvents: (() => void) | undefined;
  const stopPolling = poll(watch.pollMs, async () => {
    if (stopEvents !== undefined) return;
    if (before === undefined && size === undefined) await listen();
    if (stopEvents !== undefined) return;
    const count = await connection.run('DBSIZE');
    if (Number(count) > MOST_POLLED) {
      if (size !== undefined && size !== count) watch.changed(undefined);
      size = count;
      return;
    }
    size = count;
    const keys = await watch.keys();
    // Neither counts as a use. A change that keeps both end and size shows when the record is read the next time.
    const facts = await connection.all(
      keys.flatMap((key) => [
        ['PEXPIRETIME', key],
        ['MEMORY', 'USAGE', key],
      ]),
    );
    const now = new Map(keys.map((key, at) => [key, `${facts[at * 2]} ${facts[at * 2 + 1]}`]));
    const changed = before === undefined ? [] : changedKeys(before, now);
    before = now;
    if (changed.length > 0) watch.changed(changed);
  });

  async function listen(): Promise<void> {
    const reply = await connection.run('CONFIG', 'GET', 'notify-keyspace-events').catch(() => []);
    const flags = Array.isArray(reply) ? String(reply[1] ?? '') : '';
    if (!flags.includes('K') || !/[A$]/.test(flags)) return;
    const space = `__keyspace@${watch.database}__:`;
    const stop = await connection.subscribe(`${space}*`, (channel) => {
      const key = channel.slice(space.length);
      if (key.startsWith(watch.prefix() ?? '')) watch.changed([key]);
    });
    if (ended) stop();
    else {
      stopEvents = stop;
      watch.onHow(true);
    }
  }

  return () => {
    ended = true;
    stopPolling();
    stopEvents?.();
    watch.onHow(false);
  };
}
