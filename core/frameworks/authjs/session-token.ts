import { jweParts, openJwe } from '../../codec/jose/jwe.ts';
import type { Layer } from '../../codec/layer.ts';
import { hkdf } from '../../codec/signed/derived.ts';
import { NEVER_NEW } from '../../codec/signed/never.ts';

/** Names under which the token is usually sent; they take part in the key of version 5. */
const NAMES = ['authjs.session-token', '__Secure-authjs.session-token', 'next-auth.session-token'];
const NAMED = /(?:authjs|next-auth)\.(?:session-token|[\w.]+)$/;

/** The session token of Auth.js: an encrypted token whose key is derived from the secret. */
export const authjs: Layer = {
  id: 'authjs',
  title: 'Session token of Auth.js',
  recognise(bytes, { name }) {
    const header = jweParts(bytes)?.header;
    const { alg, enc } = header ?? {};
    if (alg !== 'dir' || (enc !== 'A256GCM' && enc !== 'A256CBC-HS512')) return undefined;
    const named = name !== undefined && NAMED.test(withoutChunk(name));
    const reason = `An encrypted token with alg dir and enc ${enc}`;
    return { score: named ? 0.98 : 0.9, reasons: [named ? `${reason}, under a name of Auth.js` : reason] };
  },
  decode: (bytes, context) =>
    openJwe(bytes, context, 'AUTH_SECRET', (secret, header, encrypted, length) => {
      if (header.alg !== 'dir' || encrypted.length > 0) return [];
      if (length === 32) return [hkdf(secret.bytes, '', 'NextAuth.js Generated Encryption Key', 32)];
      const own = context.name === undefined ? [] : [withoutChunk(context.name)];
      const names = context.argument === undefined ? [...own, ...NAMES] : [context.argument];
      const salted = names.map((name) =>
        hkdf(secret.bytes, name, `Auth.js Generated Encryption Key (${name})`, length),
      );
      // Version 4 beside the encryption of version 5: tokens from the time between the two.
      return [...salted, hkdf(secret.bytes, '', 'NextAuth.js Generated Encryption Key', length)];
    }),
  make: NEVER_NEW,
};

function withoutChunk(name: string): string {
  return name.replace(/\.\d+$/, '');
}
