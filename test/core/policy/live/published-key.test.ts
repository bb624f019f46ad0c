import { createHmac, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { publishedKey } from '../../../../core/policy/live/check-up/published-key.ts';
import type { LabContext } from '../../../../core/policy/live/context.ts';
import { contrast } from '../../../../core/policy/live/proof.ts';

/** The experiment sends nothing: what it needs of a run is the value, a random source and the contrast. */
const verdictOn = (raw: string) =>
  publishedKey.run({
    raw,
    ports: { cookie: { name: 'connect.sid', raw }, randomHex: (bytes: number) => randomBytes(bytes).toString('hex') },
    contrast: (cause: Parameters<typeof contrast>[0], control: Parameters<typeof contrast>[1]) =>
      contrast(cause, control),
  } as unknown as LabContext);

const signed = (key: string) =>
  `s:abcdef.${createHmac('sha256', key).update('abcdef').digest('base64').replace(/=+$/, '')}`;

it('a published key is found, with how to mend it', async () => {
  const found = await verdictOn(signed('keyboard cat'));
  expect(found.verdict).toBe('does-not-hold');
  expect(found.sentence).toMatch(/express-session.*Set secret to a random key/s);
  expect(found.sentence).not.toContain('keyboard cat');
  expect(found.proof?.control).toMatch(/random key: does not fit/);
});

it('a key that nobody published holds, beside a control that was found', async () => {
  const found = await verdictOn(signed(randomBytes(20).toString('hex')));
  expect(found.verdict).toBe('holds');
  expect(found.proof?.control).toMatch(/one fits/);
});

it('an id without a signature has no key', async () => {
  expect((await verdictOn('8a1f0c2d9b7e4a6f8c3d5e7f9a1b2c3d4e5f6a7b')).verdict).toBe('not-applicable');
});
