import { problem } from '../../model/problem.ts';
import { latin1 } from '../bytes.ts';
import type { BytesDecoded, Layer, LayerContext } from '../layer.ts';
import { deflateRaw, USUAL } from '../layers/deflate-settings.ts';
import { inflate } from '../layers/inflate.ts';
import type { Secret } from '../secrets.ts';
import { NEVER_NEW } from '../signed/never.ts';
import { asciiText, envelope, readBase64Text, writeBase64Text } from '../signed/parts.ts';
import { cannotOpen } from '../signed/signing.ts';
import { type Encryption, encryptionOf } from './content.ts';
import { contentKeys } from './content-key.ts';
import { headerOf, type JoseHeader } from './header.ts';

/** Encrypted tokens (RFC 7516, compact). An edit keeps the header, the wrapped key and so the key of the content. */
export const jwe: Layer = {
  id: 'jwe',
  title: 'Encrypted token (JWE)',
  recognise(bytes) {
    const parts = jweParts(bytes);
    if (parts === undefined) return undefined;
    const { alg, enc } = parts.header;
    return { score: 0.96, reasons: [`Five parts, the first a header with alg ${alg} and enc ${enc}`] };
  },
  decode: (bytes, context) => openJwe(bytes, context, 'the key of the token', contentKeys),
  make: NEVER_NEW,
};

export interface JweParts {
  readonly head: string;
  readonly wrapped: string;
  readonly header: JoseHeader;
  readonly encrypted: Uint8Array;
  readonly iv: Uint8Array;
  readonly data: Uint8Array;
  readonly tag: Uint8Array;
}

export function jweParts(bytes: Uint8Array): JweParts | undefined {
  const texts = asciiText(bytes)?.split('.') ?? [];
  const [head = '', wrapped = ''] = texts;
  if (texts.length !== 5) return undefined;
  const header = headerOf(head);
  const [encrypted, iv, data, tag] = texts.slice(1).map((text) => readBase64Text(text, 'url'));
  if (header === undefined || typeof header.enc !== 'string') return undefined;
  if (encrypted === undefined || iv === undefined || data === undefined || tag === undefined) return undefined;
  return { head, wrapped, header, encrypted, iv, data, tag };
}

/** Possible keys of the content for one secret. */
export type ContentKeys = (secret: Secret, header: JoseHeader, encrypted: Uint8Array, length: number) => Uint8Array[];

/** Opens a token with whichever secret gives its key. */
export function openJwe(bytes: Uint8Array, context: LayerContext, setting: string, keysOf: ContentKeys): BytesDecoded {
  const parts = jweParts(bytes);
  if (parts === undefined) throw problem('layer-form', 'These are not the five parts of an encrypted token', { at: 0 });
  const { head, header, encrypted } = parts;
  const encryption = encryptionOf(header.enc ?? '');
  if (encryption === undefined) throw problem('layer-unsupported', `Tokens with enc ${header.enc} are not known here`);
  for (const [index, secret] of context.keys.entries()) {
    for (const key of keysOf(secret, header, encrypted, encryption.keyBytes)) {
      const plain = encryption.open(key, parts, latin1(head));
      if (plain !== undefined) return opened({ bytes, parts, plain, key, index, encryption, context });
    }
  }
  throw cannotOpen(context.keys, setting);
}

interface Found {
  readonly bytes: Uint8Array;
  readonly parts: JweParts;
  readonly plain: Uint8Array;
  readonly key: Uint8Array;
  readonly index: number;
  readonly encryption: Encryption;
  readonly context: LayerContext;
}

function opened({ bytes, parts, plain, key, index, encryption, context }: Found): BytesDecoded {
  const { head, wrapped, header } = parts;
  const zip = header['zip'] === 'DEF';
  const inner = zip ? inflate(plain, 'deflate', context).bytes : plain;
  return envelope({
    outer: bytes,
    inner,
    proven: true,
    signature: { scheme: `jwe ${header.alg}`, state: 'valid', key: index },
    facts: {
      alg: header.alg,
      enc: header.enc ?? '',
      ...(zip && { zip: 'DEF' }),
      header: Buffer.from(head, 'base64url').toString('utf8'),
    },
    inside: ['json', 'jws'],
    habits: { ascii: false },
    build(next) {
      const sealed = encryption.seal(key, zip ? deflateRaw(next, USUAL, 15) : next, latin1(head));
      const rest = [sealed.iv, sealed.data, sealed.tag].map((part) => writeBase64Text(part, 'url'));
      return [head, wrapped, ...rest].join('.');
    },
  });
}
