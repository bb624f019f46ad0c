import { type ProblemError, problem } from '../model/problem.ts';
import { maskStoreUrl } from '../stores/url.ts';
import type { KeyProtection } from './host.ts';
import { seal, unseal } from './secret-box.ts';
import { texts } from './settings.ts';

/** A store of last time: its URL, or why it cannot be attached again. */
export type KeptStore = { readonly url: string } | { readonly problem: ProblemError };

/**
 * The attached stores for the workspace file. A URL with a password stands there without it; the whole URL is sealed by
 * the host's keychain where it has one, like all secrets of settings.
 */
export function keptStores(urls: readonly string[], protection: KeyProtection | undefined): object {
  const secret = urls.flatMap((url, i) => (maskStoreUrl(url) === url ? [] : [[String(i), url] as const]));
  return { urls: urls.map(maskStoreUrl), secrets: seal(Object.fromEntries(secret), protection) };
}

/**
 * Reads them again. An earlier workspace has a plain list of URLs, which counts as well.
 * @returns the stores in their order, and whether they should be saved again because passwords lie open
 */
export function storesOf(
  kept: unknown,
  protection: KeyProtection | undefined,
): { readonly stores: readonly KeptStore[]; readonly outdated: boolean } {
  if (Array.isArray(kept)) {
    const urls = texts(kept);
    return { stores: urls.map((url) => ({ url })), outdated: urls.some((url) => maskStoreUrl(url) !== url) };
  }
  const { urls, secrets } = (kept ?? {}) as { urls?: unknown; secrets?: unknown };
  const whole = unseal(secrets, protection);
  const open = typeof secrets === 'object' && secrets !== null && 'plain' in secrets && Object.keys(whole).length > 0;
  return {
    stores: texts(urls).map((url, i) => {
      const found = whole[String(i)];
      if (found !== undefined) return { url: found };
      return isMasked(url) ? { problem: passwordGone(url) } : { url };
    }),
    // Sealed as soon as there is a keychain.
    outdated: open && protection !== undefined,
  };
}

const isMasked = (url: string): boolean => url.includes(':***@') || /[?&][a-z]+=\*\*\*/i.test(url);

function passwordGone(url: string): ProblemError {
  return problem('store-password-gone', `The password of ${url} cannot be read any more`, {
    remedy: 'The keychain that sealed it is not there. Attach the store again, with its password.',
  });
}
