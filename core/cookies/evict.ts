import type { BrowserCookie } from './browser-cookie.ts';
import type { CookieRules } from './browser-rules.ts';
import { siteOf } from './cookie-rules.ts';

/** Bytes of names and values that the partitioned cookies of one site may have in one partition. */
const PARTITION_BYTES = 10_240;

/** How many cookies of a priority are spared in its turn; together they are what is kept. */
const SPARED = { Low: 30, Medium: 50, High: 70 } as const;
const PRIORITIES = ['Low', 'Medium', 'High'] as const;
type Priority = (typeof PRIORITIES)[number];

/** In this order cookies leave (Chromium, `GarbageCollect`): secure ones of a priority after the others. */
const ROUNDS: readonly (readonly [priority: Priority, sparesSecure: boolean])[] = [
  ['Low', true],
  ['Low', false],
  ['Medium', true],
  ['High', true],
  ['Medium', false],
  ['High', false],
];

/**
 * Which cookies leave a jar in which a site has too many, after one of them was set.
 * @param cookies all of the jar. @param fresh the one that was set.
 * @param used when a cookie was set or sent last; any clock that grows.
 * @param now milliseconds since 1970
 */
export function evictedBy(
  cookies: readonly BrowserCookie[],
  fresh: BrowserCookie,
  used: (cookie: BrowserCookie) => number,
  { limit, family }: CookieRules,
  now: number,
): readonly BrowserCookie[] {
  const group = groupOf(fresh);
  const peers = cookies.filter((cookie) => groupOf(cookie) === group).sort((a, b) => used(a) - used(b));
  if (fresh.partition !== undefined) return overPartition(peers, limit.most);
  if (peers.length <= limit.most) return [];
  const gone = new Set(peers.filter(({ expires }) => expires !== undefined && expires <= now));
  if (peers.length - gone.size <= limit.most) return [...gone];
  let goal = peers.length - gone.size - limit.kept;
  if (family !== 'chromium') return [...gone, ...peers.filter((cookie) => !gone.has(cookie)).slice(0, goal)];
  for (const [priority, sparesSecure] of ROUNDS) {
    const present = peers.filter((cookie) => !gone.has(cookie) && (cookie.priority ?? 'Medium') === priority);
    if (present.length <= SPARED[priority]) continue;
    const secure = sparesSecure ? present.filter((cookie) => cookie.secure).length : 0;
    const candidates = sparesSecure ? present.filter((cookie) => !cookie.secure) : present;
    const removable = candidates.length - Math.max(0, SPARED[priority] - secure);
    for (const cookie of candidates.slice(0, Math.max(0, Math.min(goal, removable)))) {
      gone.add(cookie);
      goal--;
    }
  }
  return [...gone];
}

/** The oldest leave until number and size fit. */
function overPartition(peers: readonly BrowserCookie[], most: number): readonly BrowserCookie[] {
  const gone: BrowserCookie[] = [];
  let bytes = peers.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  for (const cookie of peers) {
    if (peers.length - gone.length <= most && bytes <= PARTITION_BYTES) break;
    gone.push(cookie);
    bytes -= cookie.name.length + cookie.value.length;
  }
  return gone;
}

/** Cookies that are counted together: of a registrable domain, whatever their scheme, and of a partition. */
function groupOf({ domain, partition }: BrowserCookie): string {
  const site = siteOf(`http://${domain.includes(':') ? `[${domain}]` : domain}/`);
  return partition === undefined ? site : `${site} ${partition.topLevelSite} ${partition.hasCrossSiteAncestor}`;
}
