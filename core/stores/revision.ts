import * as crypto from 'node:crypto';
import type { Revision } from '../model/record.ts';

/** The revision of stored bytes: a digest, so that a save of the very same bytes is no change. */
export function revisionOf(bytes: Uint8Array): Revision {
  return digest(bytes).slice(0, 27);
}

/** `crypto.hash` takes a third of the time for small inputs; Electron's Node before 20.12 lacks it. */
const digest: (bytes: Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (bytes) => crypto.hash('sha256', bytes, 'base64url')
    : (bytes) => crypto.createHash('sha256').update(bytes).digest('base64url');
