import { jwe } from './jose/jwe.ts';
import { jws } from './jose/jws.ts';
import type { Layer } from './layer.ts';
import { base64 } from './layers/base64.ts';
import { base64nopad, base64url } from './layers/base64-strict.ts';
import { brotli } from './layers/brotli.ts';
import { chunks } from './layers/chunks.ts';
import { cookieSignature, jsonCookie } from './layers/cookie-signature.ts';
import { deflate } from './layers/deflate.ts';
import { fernet } from './layers/fernet.ts';
import { gzip } from './layers/gzip.ts';
import { hex } from './layers/hex.ts';
import { itsdangerous } from './layers/itsdangerous.ts';
import { java } from './layers/java.ts';
import { json } from './layers/json.ts';
import { keygrip } from './layers/keygrip.ts';
import { marshal } from './layers/marshal.ts';
import { jsonItem, jsonMember, marshalItem, marshalMember, pickleItem, pickleMember } from './layers/members.ts';
import { messageEncryptor } from './layers/message-encryptor.ts';
import { messageVerifier } from './layers/message-verifier.ts';
import { msgpack } from './layers/msgpack.ts';
import { percent } from './layers/percent.ts';
import { phpBinary, phpSerialize, phpSession, phpString } from './layers/php.ts';
import { pickle } from './layers/pickle.ts';
import { quotes } from './layers/quotes.ts';
import { latin1Text, rawBytes, text } from './layers/text.ts';
import { zlib } from './layers/zlib.ts';

/**
 * The layers that are no framework's own; of equal scores the earlier one is tried first. A new format that several
 * frameworks share is a file and a line here; one framework's own stands in its folder (`core/frameworks/layers.ts`).
 */
export const LAYERS: readonly Layer[] = [
  chunks,
  keygrip,
  percent,
  quotes,
  jws,
  jwe,
  cookieSignature,
  jsonCookie,
  fernet,
  messageEncryptor,
  messageVerifier,
  itsdangerous,
  java,
  marshal,
  phpSerialize,
  phpString,
  phpSession,
  phpBinary,
  pickle,
  msgpack,
  json,
  gzip,
  zlib,
  base64,
  base64url,
  base64nopad,
  hex,
  deflate,
  brotli,
  jsonItem,
  jsonMember,
  pickleItem,
  pickleMember,
  marshalItem,
  marshalMember,
  text,
  latin1Text,
  rawBytes,
];

/** A layer by its id, without what stands after a colon. */
export function layerById(id: string, layers: readonly Layer[] = LAYERS): Layer | undefined {
  const wanted = id.split(':', 1)[0] ?? '';
  return layers.find((layer) => layer.id === wanted);
}
