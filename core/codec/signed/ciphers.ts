import { createCipheriv, createDecipheriv } from 'node:crypto';

/** AES as the sealed formats use it. Reading gives undefined where key or data do not fit. */

export interface Sealed {
  readonly data: Uint8Array;
  readonly tag: Uint8Array;
}

function aes(mode: 'gcm' | 'cbc', key: Uint8Array): string | undefined {
  return [16, 24, 32].includes(key.length) ? `aes-${key.length * 8}-${mode}` : undefined;
}

export function openGcm(
  key: Uint8Array,
  iv: Uint8Array,
  { data, tag }: Sealed,
  extra?: Uint8Array,
): Uint8Array | undefined {
  const name = aes('gcm', key);
  if (name === undefined || tag.length !== 16 || iv.length === 0) return undefined;
  try {
    const decipher = createDecipheriv(name as 'aes-256-gcm', key, iv);
    decipher.setAuthTag(tag);
    if (extra !== undefined) decipher.setAAD(extra);
    return new Uint8Array(Buffer.concat([decipher.update(data), decipher.final()]));
  } catch {
    return undefined;
  }
}

export function sealGcm(key: Uint8Array, iv: Uint8Array, plain: Uint8Array, extra?: Uint8Array): Sealed {
  const cipher = createCipheriv(`aes-${key.length * 8}-gcm` as 'aes-256-gcm', key, iv);
  if (extra !== undefined) cipher.setAAD(extra);
  const data = new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final()]));
  return { data, tag: new Uint8Array(cipher.getAuthTag()) };
}

export function openCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  const name = aes('cbc', key);
  if (name === undefined || iv.length !== 16 || data.length === 0 || data.length % 16 !== 0) return undefined;
  try {
    const decipher = createDecipheriv(name, key, iv);
    return new Uint8Array(Buffer.concat([decipher.update(data), decipher.final()]));
  } catch {
    return undefined;
  }
}

export function sealCbc(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv);
  return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final()]));
}
