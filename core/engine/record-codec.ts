import { applyEdits, decode } from '../codec/codec.ts';
import type { DecodedRecord, RecordCodec } from '../editing/ports.ts';
import { toProblem } from '../model/problem.ts';
import type { TypedNode } from '../model/typed.ts';

/** Bytes of a record as far as they can be understood. Never throws. */
export function decodeRecord(bytes: Uint8Array): DecodedRecord {
  try {
    const { layers, value, lossless, warnings, error } = decode(bytes);
    return {
      layers,
      value,
      lossless,
      warnings: warnings.map(({ code, message, severity, at }) => ({
        code,
        message,
        severity,
        ...(at === undefined ? {} : { at }),
      })),
      ...(error === undefined ? {} : { error }),
    };
  } catch (error) {
    return { layers: [], value: null, lossless: false, warnings: [], error: toProblem(error) };
  }
}

/** What is inside a cookie's value, for an id that it carries among other things; null when it is just text. */
export function decodeCookieValue(raw: string): TypedNode | null {
  const { value } = decodeRecord(Buffer.from(raw, 'latin1'));
  return value;
}

/** The codec as the editor uses it. */
export const recordCodec: RecordCodec = {
  decode: decodeRecord,
  edit: (bytes, edits) => applyEdits(bytes, edits),
};
