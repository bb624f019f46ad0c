import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabApplication, policyText, startApplication } from '../../../support/lab-apps/applications.ts';
import { needs } from '../../../support/needs.ts';
import { policyHarness } from '../../../support/policy-harness.ts';

/*
 * Experiments that send a request of the policy, and those about tokens and https, on real applications: what is right,
 * what is wrong, and requests that do nothing, of which nothing may be said.
 */

const [H, X, Q, N] = ['holds', 'does-not-hold', 'cannot-tell', 'not-applicable'];
const TARGET = {
  cookie: 'connect.sid',
  act: { method: 'POST', url: '/nick', fields: ['csrf_token'], form: { nick: 'ally' } },
  sensitive_change: { method: 'POST', url: '/email', form: { email: 'other@shop.test' } },
  privilege_change: 'POST /sudo',
  password_change: { method: 'POST', url: '/password', form: { new: 'another one' } },
  logout_everywhere: 'POST /everywhere',
  disable_user: 'POST /disable',
};
const acts = (config: LabApplication['config'], target: object = {}): LabApplication => ({
  name: JSON.stringify(config),
  kind: 'express-acts',
  config,
  needs: [],
  target: { ...TARGET, ...target },
  truth: '',
});

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-acts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;
/** The verdict of one experiment on an application of its own, with its sentence. */
async function verdictOn(application: LabApplication, experiment: string) {
  const place = path.join(folder, String(runs++));
  mkdirSync(place);
  const app = await startApplication(application, place);
  const harness = policyHarness();
  try {
    const [result] = await harness.run(policyText(application, app.origin, place, [experiment]));
    expect(result?.problem).toBeUndefined();
    expect(result?.restored).toBe(true);
    const outcome = result?.live[0]?.outcome;
    return { verdict: outcome?.verdict, sentence: outcome?.sentence, difference: outcome?.difference ?? [] };
  } finally {
    harness.close();
    await app.stop();
  }
}

type Case = readonly [
  experiment: string,
  config: LabApplication['config'],
  verdict: string | undefined,
  target?: object,
];

const CASES: readonly Case[] = [
  ['csrf-request', {}, X],
  ['csrf-request', { adverts: true }, X],
  ['csrf-request', { csrf: 'token' }, H],
  ['csrf-request', { csrf: 'page' }, H],
  ['csrf-request', { csrf: 'page', adverts: true }, H],
  ['csrf-request', { csrf: 'flash' }, H],
  ['csrf-request', { csrf: 'origin' }, H],
  ['csrf-request', { sameSite: 'lax' }, H],
  // Without its token the request of the application itself is refused: then nothing can be said.
  ['csrf-request', { csrf: 'token' }, Q, { act: 'POST /nick?nick=ally', verification: '/front' }],
  ['csrf-request', {}, Q, { act: 'POST /nothing-here' }],
  ['reauthentication', {}, X],
  ['reauthentication', { adverts: true }, X],
  ['reauthentication', { reauth: 'status' }, H],
  ['reauthentication', { reauth: 'form' }, H],
  ['reauthentication', { reauth: 'redirect' }, H],
  [
    'reauthentication',
    {},
    Q,
    { sensitive_change: { method: 'POST', url: '/nothing-here', form: { email: 'a@b.test' } } },
  ],
  ['privilege-change', {}, X],
  ['privilege-change', { privilege: 'renew' }, H],
  ['privilege-change', { privilege: 'old' }, X],
  ['privilege-change', { privilege: 'wrong' }, Q],
  ['privilege-change', { privilege: 'wrong', adverts: true }, Q],
  ['logout-everywhere', { everywhere: 'ends' }, H],
  ['logout-everywhere', {}, X],
  ['logout-everywhere', { everywhere: 'nothing' }, Q],
  ['password-change', { password: 'ends' }, H],
  ['password-change', {}, N],
  ['disabled-user', { disable: 'ends' }, H],
  ['disabled-user', {}, X],
  ['disabled-user', { disable: 'nothing' }, Q],
];

describe('requests of the policy', () => {
  it.each(
    CASES.map(([experiment, config, expected, target = {}]) => ({
      experiment,
      config,
      expected,
      target,
      of: JSON.stringify(config),
    })),
  )('$experiment, $of: $expected', { timeout: 60_000 }, async ({ experiment, config, expected, target }) => {
    const got = await verdictOn(acts(config, target), experiment);
    expect(got.verdict, got.sentence).toBe(expected);
    expect(got.difference.length > 0).toBe(expected === H || expected === X);
  });
});

describe('tokens', () => {
  it.each([
    [{ verify: 'right' }, H],
    [{ verify: 'none' }, X],
    [{ verify: 'unsigned' }, X],
    [{ verify: 'right', exp: false }, X],
  ])('%j: %s', { timeout: 60_000 }, async (config, expected) => {
    const application = { ...acts(config), kind: 'express-tokens', target: { cookie: 'token' } } as const;
    const got = await verdictOn(application, 'jwt');
    expect(got.verdict, got.sentence).toBe(expected);
  });
});

needs('webpy', 'php')('requests at once', () => {
  it.each([
    // web.py reads the whole session, and writes it back at the end of the request.
    ['webpy', { timeout: 3600 }, X],
    // PHP locks the file of the session.
    ['php', { strict: true, regenerate: true, logout: 'destroy' }, H],
  ] as const)('lost-updates, %s: %s', { timeout: 60_000 }, async (kind, config, expected) => {
    const cookie = kind === 'php' ? 'PHPSESSID' : 'webpy_session_id';
    const application = { ...acts(config), kind, store: 'disk', target: { cookie, act: 'POST /count' } } as const;
    const got = await verdictOn(application, 'lost-updates');
    expect(got.verdict, got.sentence).toBe(expected);
  });
});

needs('openssl')('https', () => {
  it.each<readonly [string, LabApplication['config'], string | undefined]>([
    ['http-downgrade', { secure: true }, H],
    // Nothing listens at the port for http.
    ['http-downgrade', {}, Q],
    ['csrf-request', { secure: true, sameSite: 'none' }, X],
    ['csrf-request', { secure: true, sameSite: 'none', csrf: 'flash' }, H],
  ])('%s, %j: %s', { timeout: 60_000 }, async (experiment, config, expected) => {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=127.0.0.1',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    const got = await verdictOn(acts({ ...config, tls }, { verify_certificate: false }), experiment);
    expect(got.verdict, got.sentence).toBe(expected);
  });
});
