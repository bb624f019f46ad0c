import { fromBase64, utf8 } from './bytes.ts';

/** A key as a layer uses it. */
export interface Secret {
  /** As it was given, for formats that take the text itself (PEM, JWK, base64 with meaning). */
  readonly text: string;
  readonly bytes: Uint8Array;
}

const PREFIXED = /^(text|hex|base64):/;

/**
 * Reads a key as commands, policy files and the window take it: text stands for its UTF-8 bytes, `hex:` and `base64:`
 * for bytes, `text:` for a text that happens to start like one of those. What is damaged after its prefix is text.
 */
export function readSecret(given: string): Secret {
  const kind = PREFIXED.exec(given)?.[1];
  const rest = kind === undefined ? given : given.slice(kind.length + 1);
  if (kind === 'text') return { text: rest, bytes: utf8(rest) };
  if (kind === 'hex' && /^([0-9a-f]{2})+$/i.test(rest)) {
    return { text: given, bytes: Uint8Array.from(rest.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)) };
  }
  if (kind === 'base64') {
    const bytes = anyBase64(rest);
    if (bytes !== undefined) return { text: given, bytes };
  }
  return { text: given, bytes: utf8(given) };
}

/** Base64 in either alphabet, with or without padding; undefined when it is none. */
export function anyBase64(text: string): Uint8Array | undefined {
  const plain = text.trim().replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (plain === '' || plain.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(plain)) return undefined;
  return fromBase64(plain.padEnd(Math.ceil(plain.length / 4) * 4, '='));
}
