import type { KeyLayout } from '../layout.ts';
import type { RedisConnection } from './redis-connection.ts';

/** Keys that are looked at to find out which of them are sessions. */
const MOST_KEYS = 20_000;
const PAGE = 1_000;

/** What the keys of the sessions begin with, and how they are laid out. */
export interface KeySpace {
  readonly prefix: string;
  readonly layout: KeyLayout;
}

/**
 * Finds the prefix and layout that fit most keys of a server; undefined when there is no session yet. A prefix that the
 * user names is taken for that of the layout which has it, or of the first one.
 */
export async function findKeyLayout(
  connection: RedisConnection,
  layouts: readonly KeyLayout[],
  prefix: string | undefined,
): Promise<KeySpace | undefined> {
  if (prefix !== undefined) {
    const layout = layouts.find(({ prefixes }) => prefixes.includes(prefix)) ?? layouts[0];
    return layout === undefined
      ? undefined
      : { prefix, layout: { ...layout, belongs: () => true, recordNames: named(layout, prefix) } };
  }
  const counts = new Map<string, { space: KeySpace; keys: number }>();
  let cursor = '0';
  let looked = 0;
  do {
    const reply = await connection.run('SCAN', cursor, 'COUNT', String(PAGE));
    const [next, keys] = reply as unknown as readonly [Buffer, readonly Buffer[]];
    cursor = String(next);
    looked += keys.length;
    for (const key of keys.map(String)) {
      const space = spaceOf(key, layouts);
      if (space === undefined) continue;
      const known = counts.get(space.prefix);
      if (known === undefined) counts.set(space.prefix, { space, keys: 1 });
      else known.keys += 1;
    }
  } while (cursor !== '0' && looked < MOST_KEYS);
  return [...counts.values()].sort((a, b) => b.keys - a.keys)[0]?.space;
}

/** The longest prefix that fits decides: `sess:` is one of many. */
function spaceOf(key: string, layouts: readonly KeyLayout[]): KeySpace | undefined {
  let best: KeySpace | undefined;
  for (const layout of layouts) {
    for (const prefix of layout.prefixes) {
      const fits = key.startsWith(prefix) && layout.belongs(key.slice(prefix.length));
      if (fits && prefix.length > (best?.prefix.length ?? 0)) best = { prefix, layout };
    }
  }
  return best;
}

/** The layout's names with another prefix. */
function named(layout: KeyLayout, prefix: string): KeyLayout['recordNames'] {
  return (id) =>
    layout.recordNames(id).map((name) => {
      const usual = layout.prefixes.find((one) => name.startsWith(one)) ?? '';
      return prefix + name.slice(usual.length);
    });
}
