import { concat, sameBytes } from '../bytes.ts';
import type { BytesDecoded, Facts, Warning } from '../layer.ts';
import { type DeflateSettings, deflateRaw, USUAL } from './deflate-settings.ts';

/** The parts of a compressed stream around its raw deflate data. */
export interface Wrapping {
  readonly outer: Uint8Array;
  readonly inner: Uint8Array;
  readonly head: Uint8Array;
  trailer(inner: Uint8Array): Uint8Array;
  readonly windowBits: number;
  readonly settings: DeflateSettings | undefined;
  readonly facts: Facts;
  /** A checksum was there and fits. */
  readonly proven: boolean;
}

/** A decoded deflate stream: unchanged content gives the original bytes, changed content is compressed the same way. */
export function compressedLayer(parts: Wrapping): BytesDecoded {
  const { settings, outer, inner, head, windowBits } = parts;
  const warnings: Warning[] = [];
  if (settings === undefined) {
    const message =
      'No settings of stock zlib or Node give these bytes; an edit compresses the whole anew, still valid';
    warnings.push({ code: 'compression-unknown', message, severity: 'info' });
  }
  return {
    kind: 'bytes',
    bytes: inner,
    proven: parts.proven,
    warnings,
    facts: { ...parts.facts, ...(settings && { engine: settings.engine, level: settings.level }) },
    lossless: settings !== undefined,
    encode(next) {
      if (sameBytes(next, inner)) return outer;
      return concat([head, deflateRaw(next, settings ?? USUAL, windowBits), parts.trailer(next)]);
    },
    outerSpan: () => undefined,
  };
}
