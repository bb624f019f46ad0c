import { createHash } from 'node:crypto';
import type { Revision } from '../model/record.ts';

/** The revision of stored bytes: a digest, so that a save of the very same bytes is no change. */
export function revisionOf(bytes: Uint8Array): Revision {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 27);
}
