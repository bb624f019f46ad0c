import { stat } from 'node:fs/promises';
import { BrowserJar } from '../../cookies/jar.ts';
import { readCookiesTxt } from '../../interop/cookies-txt.ts';
import { readStorageState } from '../../interop/storage-state.ts';
import { problem } from '../../model/problem.ts';
import { webAddress } from '../../model/web-address.ts';
import type { PolicyTarget } from '../../policy/file/policy.ts';
import { readQuietly } from '../../stores/quiet-files.ts';

const MOST_BYTES = 4 << 20;

/** Cookies of one visit: those that the policy gives, and over them those that the application sets. */
export class CookieSource {
  readonly #jar = new BrowserJar();
  readonly #given: ReadonlyMap<string, string>;
  readonly #origin: string;
  /** Names that the application has set or removed: what the policy gave under them is over. */
  readonly #set = new Set<string>();
  /** The last Set-Cookie field of each name. */
  readonly fields = new Map<string, string>();

  constructor(origin: string, given: ReadonlyMap<string, string>) {
    this.#origin = origin;
    this.#given = given;
  }

  /** Takes the Set-Cookie fields of an answer; gives the raw values that it set. */
  take(url: string, rawHeaders: readonly string[], now: number): string[] {
    const taken: string[] = [];
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      if (rawHeaders[i]?.toLowerCase() !== 'set-cookie') continue;
      const { cookie, stored, removes } = this.#jar.set(rawHeaders[i + 1] ?? '', { url, at: now });
      if (cookie === undefined || !(stored || removes)) continue;
      this.fields.set(cookie.name, rawHeaders[i + 1] ?? '');
      if (webAddress(url).origin === this.#origin) this.#set.add(cookie.name);
      if (stored && !removes) taken.push(cookie.value);
    }
    return taken;
  }

  /** What a browser would send with a request: name and raw value. */
  matching(url: string, now: number): (readonly [name: string, raw: string])[] {
    const given =
      webAddress(url).origin === this.#origin ? [...this.#given].filter(([name]) => !this.#set.has(name)) : [];
    return [...given, ...this.#jar.matching({ url, at: now }).map(({ name, value }) => [name, value] as const)];
  }

  /** Names of all cookies there are, for messages. */
  get names(): string[] {
    return [...new Set([...this.#given.keys(), ...this.#jar.cookies.map(({ name }) => name)])];
  }
}

/**
 * The cookies that a policy gives: those of its cookie file that belong to the origin, and its own over them.
 * @throws ProblemError `file-unreadable`, `bad-cookies`
 */
export async function givenCookies(
  { origin, cookieFile, cookies }: Pick<PolicyTarget, 'origin' | 'cookieFile' | 'cookies'>,
  now: number,
): Promise<ReadonlyMap<string, string>> {
  const given = new Map<string, string>();
  if (cookieFile !== undefined) {
    const text = await textOf(cookieFile);
    const read = /^\s*[[{]/.test(text) ? readStorageState(text) : readCookiesTxt(text);
    const host = webAddress(origin)
      .hostname.replace(/^\[|\]$/g, '')
      .toLowerCase();
    for (const { name, value, domain = '', hostOnly, expires } of read.cookies) {
      const fits = host === domain || (!hostOnly && host.endsWith(`.${domain}`));
      if (fits && (expires === undefined || expires > now)) given.set(name, value);
    }
    if (given.size === 0) {
      throw problem('no-session', `There is no cookie for ${host} in this file that has not run out`, {
        where: cookieFile,
        remedy: 'Log in with the browser and export its cookies again',
      });
    }
  }
  for (const [name, value] of Object.entries(cookies)) given.set(name, value);
  return given;
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) throw problem('file-unreadable', 'The cookie file is too large', { where: file });
    return Buffer.from(readQuietly(file)).toString('utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw problem('file-unreadable', `The cookie file ${file} cannot be read: ${(cause as Error).message}`, {
      where: file,
      remedy: 'cookie_file counts from the folder of the policy',
      cause,
    });
  }
}
