import type { ByteSpan } from '../../../core/model/peel.ts';

export const HEX_WIDTH = 16;

/** One line of a hex view: offset, bytes, and the printable characters. */
export function hexLine(bytes: Uint8Array, row: number): { offset: string; hex: string; text: string } {
  const part = bytes.subarray(row * HEX_WIDTH, (row + 1) * HEX_WIDTH);
  let hex = '';
  let text = '';
  part.forEach((byte, i) => {
    hex += `${byte.toString(16).padStart(2, '0')}${i === 7 ? '  ' : ' '}`;
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
  });
  return { offset: (row * HEX_WIDTH).toString(16).padStart(8, '0'), hex, text };
}

/** A text cut in three: what stands before, inside and behind the lit bytes. */
export type LitParts = readonly [before: string, lit: string, after: string];

/** The two texts of a line with the bytes of a value lit. */
export function litLine(
  { hex, text }: { hex: string; text: string },
  row: number,
  span: ByteSpan | null,
): { hex: LitParts; text: LitParts } {
  const from = Math.min(Math.max(0, (span?.start ?? 0) - row * HEX_WIDTH), text.length);
  const to = Math.min(Math.max(from, (span?.end ?? 0) - row * HEX_WIDTH), text.length);
  if (span === null || from >= to) return { hex: [hex, '', ''], text: [text, '', ''] };
  const start = hexColumn(from);
  // Up to the last digit: the space behind it is not part of the value.
  const end = hexColumn(to - 1) + 2;
  return {
    hex: [hex.slice(0, start), hex.slice(start, end), hex.slice(end)],
    text: [text.slice(0, from), text.slice(from, to), text.slice(to)],
  };
}

function hexColumn(byte: number): number {
  return byte * 3 + (byte >= 8 ? 1 : 0);
}
