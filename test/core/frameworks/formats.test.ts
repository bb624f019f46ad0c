import { describe, expect, it } from 'vitest';
import { parsePath, resolvePath } from '../../../core/codec/path.ts';
import { fromPlainJson } from '../../../core/codec/typed.ts';
import { applyEditsFully, type DecodeOptions, decode } from '../../../core/frameworks/codec.ts';
import {
  bytesOf,
  expectedPlain,
  formatNames,
  type Sample,
  samplesOf,
  secretsOf,
  typedPlain,
  within,
} from '../../support/format-samples.ts';

/** Read by configuration alone, or sealed by a library that is not read here. */
const NOT_READ = new Set(['express/file-store-encrypted', 'php/igbinary-scalars', 'php/msgpack-scalars']);
/** A bare text has no form of its own. */
const PLAIN_TEXT = new Set(['express/res-cookie-plain']);
/** Their frameworks put their own keys behind a new one when they make the session again. */
const OWN_KEYS_LAST = new Set(['beaker/cookie-pickle', 'beaker/cookie-json', 'beaker/cookie-json-unicode']);
/** The same bytes come from an application that sorts its keys and from one that does not. */
const UNSORTED = new Set(['flask/bytes-secret-unsorted']);
const WRONG = ['wrong key 0123456789abcdef0123456789abcdef'];

const SEALED = new Set(['aiohttp-session', 'authjs', 'client-sessions', 'fastify-secure-session', 'iron-session']);

function isSealed(format: string, sample: Sample): boolean {
  const meta = JSON.stringify(sample.meta ?? {});
  if (secretsOf(sample).length === 0) return false;
  if (SEALED.has(format)) return true;
  if (format === 'jwt') return sample.id.startsWith('jwe');
  if (format === 'rails') return meta.includes('aes');
  if (format === 'laravel') return !sample.id.startsWith('cookie-driver');
  return format === 'beaker' && meta.includes('"encrypted":true');
}

function isSigned(format: string, sample: Sample): boolean {
  if (secretsOf(sample).length === 0 || isSealed(format, sample)) return false;
  if (['flask-session', 'pickle', 'php', 'symfony', 'spring-session'].includes(format)) return false;
  if (format === 'beaker') return sample.carrier === 'cookie';
  if (format === 'django') return !sample.id.startsWith('cache');
  if (format === 'express') return sample.id.startsWith('res-cookie-signed');
  return true;
}

function optionsOf(sample: Sample, secrets: readonly string[]): DecodeOptions {
  return {
    secrets,
    companions: sample.sig ? { [sample.sig.name]: sample.sig.raw } : {},
    ...(typeof sample.name === 'string' && { name: sample.name }),
  };
}

describe.each(formatNames().filter((name) => name !== 'negatives' && name !== 'pickle'))('%s', (format) => {
  const samples = samplesOf(format).filter(
    ({ id }) => !NOT_READ.has(`${format}/${id}`) && !PLAIN_TEXT.has(`${format}/${id}`),
  );

  it.each(samples.map((sample) => [sample.id, sample] as const))(
    '%s is decoded, and its bytes are kept',
    (_id, sample) => {
      const bytes = bytesOf(sample);
      const found = decode(bytes, optionsOf(sample, secretsOf(sample)));
      expect(found.error).toBeUndefined();
      expect(found.value).not.toBeNull();
      if (found.value === null) return;
      expect(within(expectedPlain(sample.expected), typedPlain(found.value))).toBe(true);
      const same = applyEditsFully(
        bytes,
        [{ op: 'set', path: [], value: found.value }],
        optionsOf(sample, secretsOf(sample)),
      );
      expect(Buffer.from(same.bytes)).toEqual(Buffer.from(bytes));
    },
  );

  it.each(samples.filter((one) => isSigned(format, one)).map((sample) => [sample.id, sample] as const))(
    '%s: its signature is checked; with another key the data is still shown',
    (_id, sample) => {
      const right = decode(bytesOf(sample), optionsOf(sample, secretsOf(sample)));
      expect(right.signature?.state).toBe('valid');
      const wrong = decode(bytesOf(sample), optionsOf(sample, WRONG));
      expect(wrong.signature?.state).toBe('invalid');
      expect(wrong.value).not.toBeNull();
      expect(decode(bytesOf(sample), optionsOf(sample, [])).signature?.state).toBe('unchecked');
    },
  );

  it.each(samples.filter((one) => isSealed(format, one)).map((sample) => [sample.id, sample] as const))(
    '%s: nothing is shown without the right key, and the reason says so',
    (_id, sample) => {
      expect(decode(bytesOf(sample), optionsOf(sample, WRONG)).error?.kind).toBe('wrong-key');
      expect(decode(bytesOf(sample), optionsOf(sample, [])).error?.kind).toBe('needs-secret');
    },
  );

  const edited = samples.filter(({ id, edit }) => {
    const known = OWN_KEYS_LAST.has(`${format}/${id}`) || UNSORTED.has(`${format}/${id}`);
    return !known && edit && (edit.expectedRaw || edit.expectedRawBase64);
  });
  it.each(edited.map((sample) => [sample.id, sample] as const))(
    '%s: an edit gives the bytes that the framework writes',
    (_id, sample) => {
      const { edit } = sample;
      if (!edit) return;
      const options = optionsOf(sample, secretsOf(sample));
      const root = decode(bytesOf(sample), options).value;
      if (root === null) throw new Error('not decoded');
      const path = parsePath(edit.path.slice(1).replaceAll('/', '.'));
      const value = fromPlainJson(edit.value);
      const op = resolvePath(root, path) === undefined ? ('insert' as const) : ('set' as const);
      const made = applyEditsFully(bytesOf(sample), [{ op, path, value }], options);
      const wanted = bytesOf({
        raw: edit.expectedRaw ?? null,
        ...(edit.expectedRawBase64 && { rawBase64: edit.expectedRawBase64 }),
      });
      expect(Buffer.from(made.bytes).toString('latin1')).toBe(Buffer.from(wanted).toString('latin1'));
      if (edit.expectedSig) expect(made.companions[`${sample.name}.sig`]).toBe(edit.expectedSig);
    },
  );
});

describe('values that are no session', () => {
  const GENERIC = new Set(
    'percent quotes base64 base64url base64-nopad hex gzip zlib deflate brotli text latin1 bytes json'.split(' '),
  );
  it.each(samplesOf('negatives').map((sample) => [sample.id, sample] as const))(
    '%s is taken for no framework',
    (_id, sample) => {
      const found = decode(bytesOf(sample), typeof sample.name === 'string' ? { name: sample.name } : {});
      if (found.value === null) return;
      expect(found.layers.filter((layer) => !GENERIC.has(layer.split(':')[0] ?? ''))).toEqual([]);
    },
  );
});
