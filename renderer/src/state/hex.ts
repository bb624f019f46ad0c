import { base64Bytes } from './value-text.ts';

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

/** Peels one layer, where the window can do it without the engine; null where it cannot. */
export async function peel(layer: string, bytes: Uint8Array): Promise<Uint8Array | null> {
  const kind = layer.replace(/\(.*$/, '').trim().toLowerCase();
  try {
    if (kind === 'base64') return base64Bytes(latin1(bytes).replace(/\s+/g, ''));
    if (kind === 'base64url')
      return base64Bytes(latin1(bytes).replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/'));
    if (kind === 'hex') return fromHex(latin1(bytes));
    if (kind === 'url' || kind === 'percent') return new TextEncoder().encode(decodeURIComponent(latin1(bytes)));
    if (kind === 'zlib') return await inflate(bytes, 'deflate');
    if (kind === 'deflate') return await inflate(bytes, 'deflate-raw');
    if (kind === 'gzip') return await inflate(bytes, 'gzip');
  } catch {
    return null;
  }
  return null;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.trim().match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8_192) text += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  return text;
}

async function inflate(bytes: Uint8Array, format: CompressionFormat): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
