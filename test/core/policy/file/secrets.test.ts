import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { sealData, unsealData } from 'iron-session';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeNew } from '../../../../core/frameworks/codec.ts';
import { readPolicies } from '../../../../core/policy/file/read-policy.ts';
import { type PolicyHarness, policyHarness, verdictsOf } from '../../../support/policy-harness.ts';

/* `secrets:` of a policy file: the cookie seals the id, so only the key leads to the record. */

const KEY = 'a key for the tests of policy files, long enough';

let harness: PolicyHarness;
let server: http.Server;
let origin: string;

beforeEach(async () => {
  harness = policyHarness();
  const sessions = path.join(harness.folder, 'sessions');
  mkdirSync(sessions);
  server = http.createServer(async (request, response) => {
    if (request.url === '/login') {
      const sid = randomBytes(20).toString('hex');
      const record = encodeNew(
        {
          t: 'dict',
          v: [
            [
              { t: 'str', v: 'user' },
              { t: 'str', v: 'alice' },
            ],
          ],
        },
        ['base64', 'pickle'],
      );
      writeFileSync(path.join(sessions, sid), record);
      const sealed = await sealData({ session_id: sid }, { password: KEY });
      response.setHeader('Set-Cookie', `sealed=${sealed}; HttpOnly; Path=/`);
      return response.writeHead(302, { Location: '/' }).end();
    }
    const value = /sealed=([^;]*)/.exec(request.headers.cookie ?? '')?.[1];
    const { session_id: sid } =
      value === undefined
        ? {}
        : await unsealData<{ session_id?: string }>(value, { password: KEY }).catch(() => ({ session_id: undefined }));
    if (sid === undefined || !existsSync(path.join(sessions, sid)))
      return response.writeHead(302, { Location: '/login' }).end();
    return response
      .writeHead(200, { 'Content-Type': 'text/html' })
      .end('<h1>Hello alice</h1><a href="/logout">Log out</a>');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.close();
  harness.close();
});

const text = (secrets: string) => `version: 1
target:
  origin: ${origin}
  cookie: sealed
  verification: /
  login: { url: /login, method: POST }
store: disk:./sessions
${secrets}
live: { experiments: { record-alone: [holds, cannot-tell, does-not-hold, not-applicable] } }
`;

it('the record is found through the key, and not without it', async () => {
  const [with_] = await harness.run(text('secrets: ["$' + '{SESSION_KEY}"]'), { env: { SESSION_KEY: KEY } });
  expect(with_?.problem).toBeUndefined();
  const decided = verdictsOf(with_ as never)['record-alone'];
  const sentence = with_?.live[0]?.outcome.sentence ?? '';
  expect(['holds', 'does-not-hold'], sentence).toContain(decided);
  const [without] = await harness.run(text(''));
  expect(['holds', 'does-not-hold'], 'the key made the difference').not.toContain(
    verdictsOf(without as never)['record-alone'],
  );
});

it('keys are in no report, however they were given', async () => {
  const variable = '$' + '{SESSION_KEY}';
  const [result] = await harness.run(text(`secrets: ["${variable}", "a second key in the file itself"]`), {
    env: { SESSION_KEY: KEY },
  });
  const shown = JSON.stringify(result);
  expect(shown).not.toContain(KEY);
  expect(shown).not.toContain('a second key in the file itself');
});

it('one key or a list; nothing else', () => {
  const read = (secrets: string) => readPolicies(text(secrets), { file: 'p.yaml', env: {} })[0]?.keys;
  expect(read('secrets: hex:00ff')).toEqual(['hex:00ff']);
  expect(read('secrets: [a key, another]')).toEqual(['a key', 'another']);
  expect(() => read('secrets: []')).toThrow(/empty/);
  expect(() => read('secrets: { a: b }')).toThrow();
});
