import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editCommand } from '../../cli/run/edit.ts';
import { tokenCommand } from '../../cli/run/values.ts';
import { bytesOf, type Sample, samplesOf, secretsOf } from '../support/format-samples.ts';

/* The commands `edit` and `token` as a user calls them: files, keys, companions, exit status. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sessionscope-edit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function io(stdin = '') {
  const said = { out: '', err: '' };
  return {
    said,
    stdin: (async function* () {
      yield stdin;
    })(),
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  };
}

async function fileOf(sample: Sample): Promise<string> {
  const file = path.join(folder, `${sample.id}.txt`);
  await writeFile(file, bytesOf(sample));
  return file;
}

const named = (format: string, id: string): Sample => {
  const found = samplesOf(format).find((one) => one.id === id);
  if (found === undefined) throw new Error(`no sample ${format}/${id}`);
  return found;
};

describe('edit', () => {
  it.each([
    ['flask', 'simple'],
    ['starlette', 'simple'],
    ['jwt', 'jws-HS256'],
    ['django', 'db-json'],
    ['cookie-session', 'simple'],
  ])('%s/%s: writes what the framework writes, with its companions', async (format, id) => {
    const sample = named(format, id);
    const { edit } = sample;
    if (edit === null || edit === undefined) throw new Error('the sample has no edit');
    const at = edit.path.replace(/^\//, '').replaceAll('/', '.');
    const run = io();
    const status = await editCommand(run, await fileOf(sample), at, JSON.stringify(edit.value), {
      secret: secretsOf(sample),
      json: true,
      ...(typeof sample.name === 'string' && { name: sample.name }),
      ...(sample.sig && { companion: [`${sample.sig.name}=${sample.sig.raw}`] }),
    });
    expect(status, run.said.err).toBe(0);
    const made = JSON.parse(run.said.out) as {
      raw: string;
      companions: Record<string, string>;
      signature: { state: string };
    };
    expect(made.raw).toBe(edit.expectedRaw);
    expect(made.signature.state).toBe('valid');
    if (edit.expectedSig !== undefined) expect(made.companions[sample.sig?.name ?? '']).toBe(edit.expectedSig);
  });

  it('without the key: status 2, and which setting of the framework it is', async () => {
    const run = io();
    const file = await fileOf(named('flask', 'simple'));
    expect(await editCommand(run, file, 'step', '"done"', { json: true })).toBe(2);
    expect(JSON.parse(run.said.out)).toMatchObject({ error: { kind: 'needs-secret' } });
    expect(run.said.err).toContain('SECRET_KEY');
  });

  it('with another key: status 2, nothing is written', async () => {
    const run = io();
    const file = await fileOf(named('flask', 'simple'));
    expect(await editCommand(run, file, 'step', '"done"', { secret: ['another'] })).toBe(2);
    expect(run.said.out).toBe('');
  });

  it('what is already so keeps its bytes; --stamp now makes another stamp', async () => {
    const sample = named('flask', 'simple');
    const file = await fileOf(sample);
    const same = io();
    const options = { secret: secretsOf(sample) };
    const value = (sample.expected as Record<string, unknown>)['user'] ?? null;
    const [key, present] =
      value === null ? (Object.entries(sample.expected as object)[0] ?? ['', null]) : ['user', value];
    expect(await editCommand(same, file, String(key), JSON.stringify(present), options)).toBe(0);
    expect(same.said.out).toBe(sample.raw);
    const now = io();
    expect(await editCommand(now, file, 'step', '"done"', { ...options, stamp: 'now' })).toBe(0);
    expect(now.said.out.split('.')[1]).not.toBe(sample.raw?.split('.')[1]);
    const wrong = io();
    expect(await editCommand(wrong, file, 'step', '"done"', { ...options, stamp: 'later' })).toBe(2);
  });
});

describe('token', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256' })}.${part({ sub: '7', exp: 4_000_000_000 })}`;
  const token = `${text}.${createHmac('sha256', 'nobody knows this key').update(text).digest('base64url')}`;

  it.each([
    ['the key fits', ['nobody knows this key'], 0, 'valid'],
    ['another key', ['another'], 1, 'invalid'],
    ['no key', [], 0, 'unchecked'],
  ] as const)('%s', async (_what, secret, status, state) => {
    const run = io(`Bearer ${token}\n`);
    expect(await tokenCommand(run, undefined, { secret, json: true })).toBe(status);
    expect(JSON.parse(run.said.out)).toMatchObject({ signature: { state }, findings: [] });
  });

  it('tells a published key, and a sealed value that no key opens', async () => {
    const id = `s:abcdef.${createHmac('sha256', 'keyboard cat').update('abcdef').digest('base64').replace(/=+$/, '')}`;
    const weak = io();
    expect(await tokenCommand(weak, id, {})).toBe(0);
    expect(weak.said.out).toMatch(/danger: .*express-session.*random key/);
    expect(weak.said.out).not.toContain('keyboard cat');
    const sealed = io();
    expect(
      await tokenCommand(sealed, named('iron-session', 'simple').raw, { secret: ['x'.repeat(40)], json: true }),
    ).toBe(2);
    expect(JSON.parse(sealed.said.out)).toMatchObject({ error: { kind: 'wrong-key' } });
  });
});
