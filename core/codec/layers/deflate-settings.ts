import { deflateRawSync } from 'node:zlib';
import pako from 'pako';
import { sameBytes } from '../bytes.ts';

/** A way of compressing: whose deflate, at which level. */
export interface DeflateSettings {
  readonly engine: 'zlib' | 'node';
  readonly level: number;
  readonly memLevel: number;
}

/** Work that one search may do, in bytes compressed; the search for the settings of a large stream is cut short. */
const SEARCH_BYTES = 24 * 1024 * 1024;

/** What stock zlib does by default; any reader takes it. */
export const USUAL: DeflateSettings = { engine: 'zlib', level: 6, memLevel: 8 };

/**
 * Compresses with the bytes of stock zlib (pako is a port of it), which CPython, Ruby and PHP use, or with those of
 * Node's own zlib, which differs in details.
 */
export function deflateRaw(inner: Uint8Array, settings: DeflateSettings, windowBits: number): Uint8Array {
  const { level, memLevel } = settings;
  if (settings.engine === 'node') return deflateRawSync(inner, { level, memLevel, windowBits });
  return pako.deflateRaw(inner, { level: level as 6, memLevel, windowBits: windowBits as 15 });
}

/** The settings that give exactly these raw deflate bytes, most usual first; undefined when none of those tried does. */
export function findSettings(
  inner: Uint8Array,
  deflated: Uint8Array,
  windowBits: number,
  levels: readonly number[],
): DeflateSettings | undefined {
  let work = 0;
  for (const engine of ['zlib', 'node'] as const) {
    for (const level of levels) {
      for (const memLevel of [8, 9]) {
        if (work > 0 && work + inner.length > SEARCH_BYTES) return undefined;
        work += inner.length;
        const settings = { engine, level, memLevel };
        if (sameBytes(deflateRaw(inner, settings, windowBits), deflated)) return settings;
      }
    }
  }
  return undefined;
}
