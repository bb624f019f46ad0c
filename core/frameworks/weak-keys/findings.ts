import type { DecodedData } from '../../codec/codec.ts';
import type { DecodeOptions } from '../../codec/peel.ts';
import type { FindingId, ValueFinding } from '../../model/finding.ts';
import { decode } from '../codec.ts';
import { KNOWN_KEYS } from './known-keys.ts';
import { keySettingOf } from './settings.ts';

/** The published keys as `secrets` of a decoding: the index of one that fits is its place in this list. */
export const PUBLISHED_SECRETS: readonly string[] = KNOWN_KEYS.map(({ key }) => key);

type Steps = Pick<DecodedData, 'steps' | 'warnings' | 'error'>;

/** Whether there is a signature or a seal that a key could fit. */
export function takesKey({ steps, error }: Steps): boolean {
  if (error?.kind === 'needs-secret' || error?.kind === 'wrong-key') return true;
  return steps.some(({ signature }) => signature !== undefined && signature.state !== 'none');
}

/** What the warnings of the layers say that concerns the value's safety. */
export function findingsOf({ warnings }: Steps): ValueFinding[] {
  const found: ValueFinding[] = [];
  for (const { code, message } of warnings) {
    if (!Object.hasOwn(MENDS, code) || found.some(({ id }) => id === code)) continue;
    const id = code as Exclude<FindingId, 'weak-key'>;
    found.push({ id, severity: id === 'jwt-no-exp' ? 'warning' : 'danger', sentence: message, mend: MENDS[id] });
  }
  return found;
}

/** @param tried the same bytes decoded with `PUBLISHED_SECRETS` */
export function weakKeysIn({ steps }: Steps): ValueFinding[] {
  const found: ValueFinding[] = [];
  for (const { id: layer, signature } of steps) {
    if (signature?.state !== 'valid' || signature.key === undefined) continue;
    const known = KNOWN_KEYS[signature.key];
    if (known === undefined || found.some(({ source }) => source === known.source)) continue;
    found.push({
      id: 'weak-key',
      severity: 'danger',
      sentence: `The value is made with a public key: ${known.source}. Anybody can make one like it`,
      mend: keySettingOf(layer),
      source: known.source,
    });
  }
  return found;
}

/**
 * All findings of some bytes, in this thread: deriving keys for sealed formats takes up to some hundred milliseconds. The
 * published keys are tried offline, on these bytes alone.
 */
export function allFindings(bytes: Uint8Array, decoded: Steps, options: DecodeOptions = {}): ValueFinding[] {
  const own = findingsOf(decoded);
  if (!takesKey(decoded)) return own;
  return [...weakKeysIn(decode(bytes, { ...options, secrets: PUBLISHED_SECRETS })), ...own];
}

const MENDS: Readonly<Record<Exclude<FindingId, 'weak-key'>, string>> = {
  'jwt-alg-none': 'Name the one algorithm that is allowed where tokens are verified, and sign them',
  'jwt-public-key-as-secret':
    'Name the asymmetric algorithm (RS256, ES256, EdDSA) where tokens are verified, so that a public key is never taken for a secret',
  'jwt-no-exp': 'Give each token an exp, and check it',
};
