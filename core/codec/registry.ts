import type { Layer } from './layer.ts';
import { base64 } from './layers/base64.ts';
import { base64nopad, base64url } from './layers/base64-strict.ts';
import { brotli } from './layers/brotli.ts';
import { deflate } from './layers/deflate.ts';
import { gzip } from './layers/gzip.ts';
import { hex } from './layers/hex.ts';
import { json } from './layers/json.ts';
import { percent } from './layers/percent.ts';
import { pickle } from './layers/pickle.ts';
import { quotes } from './layers/quotes.ts';
import { latin1Text, rawBytes, text } from './layers/text.ts';
import { zlib } from './layers/zlib.ts';

/** Every layer there is; of equal scores the earlier one is tried first. A new format is a file and a line here. */
export const LAYERS: readonly Layer[] = [
  percent,
  quotes,
  pickle,
  json,
  gzip,
  zlib,
  base64,
  base64url,
  base64nopad,
  hex,
  deflate,
  brotli,
  text,
  latin1Text,
  rawBytes,
];

const BY_ID: ReadonlyMap<string, Layer> = new Map(LAYERS.map((layer) => [layer.id, layer]));

/** A layer by its id, without what stands after a colon. */
export function layerById(id: string): Layer | undefined {
  return BY_ID.get(id.split(':', 1)[0] ?? '');
}
