import { createHash } from 'node:crypto';
import { readSecret } from '../codec/secrets.ts';
import type { KeyInfo } from '../model/keys.ts';
import { problem } from '../model/problem.ts';
import type { KeyProtection } from './host.ts';
import { seal, unseal } from './secret-box.ts';
import { texts } from './settings.ts';

export interface KeyServiceOptions {
  readonly load: () => unknown;
  readonly save: (value: unknown) => void;
  /** The host's keychain, where it has one. */
  readonly protectKey: KeyProtection | undefined;
}

/** Keys of one place beyond this are refused. */
const MOST = 50;

/**
 * Keys with which applications sign and seal, by place: `site HOST` or `store ID`. They are sealed in the workspace and
 * never leave the engine again: lists show a fingerprint.
 */
export class KeyService {
  readonly #options: KeyServiceOptions;
  readonly #keys: Map<string, readonly string[]>;
  readonly #listeners = new Set<(place: string) => void>();

  constructor(options: KeyServiceOptions) {
    this.#options = options;
    const stored = unseal(options.load(), options.protectKey);
    this.#keys = new Map(Object.entries(stored).map(([place, keys]) => [place, listOf(keys)]));
  }

  /** Notifies when the keys of a place are others than before: what was decoded with them is decoded again. */
  onChange(listener: (place: string) => void): void {
    this.#listeners.add(listener);
  }

  /** The keys themselves, in the order in which they are tried; the first signs. */
  of(place: string): readonly string[] {
    return this.#keys.get(place) ?? [];
  }

  list(place: string): KeyInfo[] {
    return this.of(place).map((key) => ({ id: fingerprint(key), bytes: readSecret(key).bytes.length }));
  }

  /** A new key goes in front: it is the one that signs. */
  add(place: string, key: string): void {
    if (key === '') throw problem('bad-value', 'A key is not empty');
    const keys = this.of(place).filter((one) => one !== key);
    if (keys.length >= MOST) throw problem('too-large', `More than ${MOST} keys for one place`);
    this.#set(place, [key, ...keys]);
  }

  remove(place: string, id: string): void {
    this.#set(
      place,
      this.of(place).filter((key) => fingerprint(key) !== id),
    );
  }

  #set(place: string, keys: readonly string[]): void {
    if (keys.length === 0) this.#keys.delete(place);
    else this.#keys.set(place, keys);
    const all = Object.fromEntries([...this.#keys].map(([name, value]) => [name, JSON.stringify(value)]));
    this.#options.save(seal(all, this.#options.protectKey));
    for (const listener of this.#listeners) listener(place);
  }
}

function listOf(text: string): string[] {
  try {
    return texts(JSON.parse(text));
  } catch {
    return [];
  }
}

/** Enough to tell keys apart, nothing to find one by. */
export function fingerprint(key: string): string {
  return createHash('sha256').update('sessionscope key\0').update(key).digest('hex').slice(0, 12);
}
