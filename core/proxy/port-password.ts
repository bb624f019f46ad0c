import { timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** So many wrong passwords an address has free: people mistype, and browsers try again what they have kept. */
const FREE = 5;
/** The wait after the first one that is not free, in milliseconds; it doubles with each further one. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;
/** Wrong passwords are forgotten when none has come for so long, in milliseconds. */
const FORGET = 15 * 60_000;
/** Addresses that are remembered. */
const MOST = 1000;

/** `wait`: too many wrong ones came from there; this one was not even looked at. */
export type Shown = 'right' | 'none' | 'wrong' | 'wait';

interface Guesses {
  wrong: number;
  at: number;
}

/** The password of a port (Basic, RFC 7617), and a brake on those who guess it. */
export class PortPassword {
  readonly #wanted: Buffer;
  readonly #clock: () => number;
  /** By where they come from; the one that guessed last is the last. */
  readonly #guesses = new Map<string, Guesses>();

  /** @param clock milliseconds since 1970. */
  constructor(auth: { readonly user: string; readonly password: string }, clock: () => number) {
    this.#wanted = Buffer.from(`Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`, 'latin1');
    this.#clock = clock;
  }

  /**
   * What a request shows: only its first password counts, which is compared in constant time. While an address has to
   * wait the right one is refused as well, and does not shorten the wait: somebody else may share the address.
   */
  check(address: string, rawHeaders: readonly string[]): Shown {
    const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && isPassword(name));
    if (at < 0) return 'none';
    const from = networkOf(address);
    const before = this.#guesses.get(from);
    const passed = before === undefined ? FORGET : Math.abs(this.#clock() - before.at);
    const wrong = before === undefined || passed >= FORGET ? 0 : before.wrong;
    if (wrong > FREE && passed < Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (wrong - FREE - 1))) return 'wait';
    if (this.#is(rawHeaders[at + 1] as string)) return 'right';
    this.#guesses.delete(from);
    this.#guesses.set(from, { wrong: wrong + 1, at: this.#clock() });
    if (this.#guesses.size > MOST) this.#guesses.delete(this.#guesses.keys().next().value as string);
    return 'wrong';
  }

  #is(text: string): boolean {
    const given = Buffer.from(text, 'latin1');
    return given.length === this.#wanted.length && timingSafeEqual(given, this.#wanted);
  }
}

/** A request's fields without the password: it is meant for this proxy, and for nobody who looks at what passed. */
export function withoutPassword(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => !isPassword(rawHeaders[i - (i % 2)] as string));
}

function isPassword(name: string): boolean {
  return name.length === 19 && name.toLowerCase() === 'proxy-authorization';
}

/** One computer has a whole /64 of IPv6 addresses to guess from (RFC 4291 section 2.5.4). */
function networkOf(address: string): string {
  if (!isIPv6(address) || /^::ffff:\d+\./i.test(address)) return address;
  const [head = '', tail] = (address.split('%')[0] as string).split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length;
  while (tail !== undefined && groups.length + after < 8) groups.push('0');
  return groups.slice(0, 4).join(':');
}
