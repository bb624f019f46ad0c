import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../core/diagnosis/diagnose.ts';
import type { Facts } from '../../../core/diagnosis/facts.ts';
import { Scene } from '../../support/scene.ts';

const SHOP = 'http://shop.test';
const LOGIN_PAGE = '<form action=/login><input name=user><input type="password" name=p></form>';
const HOUR = 3_600_000;

/** Logged in as the first two requests, with the cookie as given. */
function loggedIn(cookie = 'sid=abc; Path=/; HttpOnly', origin = SHOP): Scene {
  const scene = new Scene();
  scene.go(`${origin}/login`, { method: 'POST', location: '/', set: [cookie] });
  scene.go(`${origin}/`, { body: 'Hello alice' });
  return scene;
}

interface Situation {
  readonly name: string;
  /** The cause that is the truth; undefined: the session goes on. */
  readonly truth: string | undefined;
  readonly certainty?: 'certain' | 'likely' | 'possible';
  readonly facts: () => Facts;
}

const SITUATIONS: readonly Situation[] = [
  {
    name: 'Secure over plain http is not stored',
    truth: 'refused-at-storing',
    certainty: 'certain',
    facts: () => {
      const scene = new Scene();
      scene.go(`${SHOP}/login`, { method: 'POST', location: '/', set: ['sid=abc; Secure'] });
      scene.go(`${SHOP}/`, { body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: '__Host- with a Domain',
    truth: 'refused-at-storing',
    certainty: 'certain',
    facts: () => {
      const scene = new Scene();
      scene.go('https://shop.test/login', {
        method: 'POST',
        location: '/',
        set: ['__Host-sid=abc; Secure; Path=/; Domain=shop.test'],
      });
      scene.go('https://shop.test/', { status: 401 });
      return scene.facts({ name: '__Host-sid', value: 'abc' });
    },
  },
  {
    name: 'a value of 5,000 bytes',
    truth: 'refused-at-storing',
    certainty: 'certain',
    facts: () => {
      const value = 'x'.repeat(5000);
      const scene = new Scene();
      scene.go(`${SHOP}/login`, { method: 'POST', location: '/', set: [`sid=${value}; Path=/`] });
      scene.go(`${SHOP}/`, { body: LOGIN_PAGE });
      return scene.facts({ value });
    },
  },
  {
    name: 'the cookie of /login is not sent to the page above it',
    truth: 'not-covered',
    certainty: 'certain',
    facts: () => {
      const scene = new Scene();
      scene.go(`${SHOP}/app/login`, { method: 'POST', location: '/', set: ['sid=abc'] });
      scene.go(`${SHOP}/app/home`, { body: 'Hello' });
      scene.go(`${SHOP}/`, { body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'SameSite=Strict after a link from another site',
    truth: 'not-covered',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/; SameSite=Strict');
      scene.go(`${SHOP}/order`, {
        site: 'cross-site',
        headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' },
        location: '/login',
      });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'set over https, asked for over http',
    truth: 'not-covered',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/; Secure', 'https://shop.test');
      scene.go('http://shop.test/', { location: '/login' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'localhost and 127.0.0.1',
    truth: 'other-host',
    certainty: 'certain',
    facts: () => {
      const scene = new Scene();
      scene.go('http://localhost:8080/login', {
        method: 'POST',
        location: 'http://127.0.0.1:8080/',
        set: ['sid=abc; Path=/'],
      });
      scene.go('http://localhost:8080/', { body: 'Hello alice' });
      scene.go('http://127.0.0.1:8080/', { body: LOGIN_PAGE });
      return scene.facts({ value: 'abc', host: 'localhost:8080' });
    },
  },
  {
    name: 'Max-Age of ten minutes, an hour later',
    truth: 'cookie-ran-out',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/; Max-Age=600');
      scene.go(`${SHOP}/`, { at: HOUR, body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'the browser was closed over night',
    truth: 'browser-restarted',
    certainty: 'likely',
    facts: () => {
      const scene = new Scene();
      scene.go(`${SHOP}/login`, { method: 'POST', location: '/', set: ['sid=abc; Path=/', 'theme=dark; Path=/'] });
      scene.go(`${SHOP}/`, { body: 'Hello alice' });
      scene.restart();
      scene.go(`${SHOP}/`, { at: 10 * HOUR, body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'another port of the host set its own cookie',
    truth: 'other-application',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/', 'http://localhost:8080');
      scene.go('http://localhost:9090/', { set: ['sid=zzz; Path=/'], body: 'the other one' });
      scene.go('http://localhost:8080/', { body: LOGIN_PAGE });
      return scene.facts({ value: 'abc', host: 'localhost:8080' });
    },
  },
  {
    name: 'a script wrote the cookie',
    truth: 'script-changed',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/`, { cookie: 'sid=byhand', body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'two cookies of the name',
    truth: 'twin-cookie',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/app/`, { cookie: 'sid=other; sid=abc', body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'fetch without credentials',
    truth: 'without-credentials',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/api`, {
        cookie: '',
        status: 401,
        headers: { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Site': 'same-site', Origin: 'http://www.shop.test' },
      });
      scene.go(`${SHOP}/`, { body: 'Hello alice' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: '431 with a Cookie header of 9 kB',
    truth: 'header-too-large',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/`, { cookie: `sid=abc; blob=${'y'.repeat(9_000)}`, status: 431 });
      scene.go(`${SHOP}/`, { cookie: '', body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a cache gives the Set-Cookie of an earlier answer',
    truth: 'shared-cache',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/news`, { set: ['sid=cached; Path=/'], answer: { Age: '40', 'X-Cache': 'HIT' }, body: 'news' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a logout',
    truth: 'logged-out',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/logout`, { method: 'POST', location: '/', set: ['sid=; Path=/; Max-Age=0'] });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a logout that gives an anonymous id',
    truth: 'logged-out',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/sign-out`, { location: '/', set: ['sid=anon; Path=/'] });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a prefetched logout',
    truth: 'speculative-request',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/logout`, {
        location: '/',
        set: ['sid=; Path=/; Max-Age=0'],
        headers: { 'Sec-Purpose': 'prefetch' },
      });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a login renews the id',
    truth: 'login-replaced',
    certainty: 'certain',
    facts: () => {
      const scene = new Scene();
      scene.go(`${SHOP}/`, { set: ['sid=anon; Path=/'], body: 'Hello' });
      scene.go(`${SHOP}/cart`, { body: 'Cart' });
      scene.go(`${SHOP}/login`, { method: 'POST', location: '/', set: ['sid=abc; Path=/'] });
      return scene.facts({ value: 'anon' });
    },
  },
  {
    name: 'two parallel requests, one renews, the other is refused',
    truth: 'rotation-race',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/a`, { at: 10_000, takes: 300, set: ['sid=next; Path=/'], body: 'a' });
      scene.go(`${SHOP}/b`, { at: 10_050, takes: 400, status: 401, set: ['sid=; Path=/; Max-Age=0'] });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'the cleanup took the record after 25 hours',
    truth: 'record-idle',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn();
      const news = scene.go(`${SHOP}/news`, { at: 25 * HOUR, body: LOGIN_PAGE });
      return scene.facts(
        { value: 'abc' },
        {
          records: [
            { kind: 'found', at: scene.at(2_000), storeId: 'd', recordId: 'abc', lastUsed: scene.at(2_000) },
            {
              kind: 'gone',
              at: scene.at(25 * HOUR + 10),
              flowId: news,
              storeId: 'd',
              recordId: 'abc',
              lastUsed: scene.at(2_000),
              removedHere: false,
            },
          ],
          rules: { framework: 'web.py', idleSeconds: 86_400, idleSetting: 'timeout' },
        },
      );
    },
  },
  {
    name: 'the record was removed a minute after its last use',
    truth: 'record-removed',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/news`, { at: HOUR, body: LOGIN_PAGE });
      return scene.facts(
        { value: 'abc' },
        {
          records: [
            {
              kind: 'gone',
              at: scene.at(60_000),
              storeId: 'd',
              recordId: 'abc',
              lastUsed: scene.at(2_000),
              removedHere: false,
            },
          ],
          rules: { framework: 'web.py', idleSeconds: 86_400, idleSetting: 'timeout' },
        },
      );
    },
  },
  {
    name: 'a POST at the same time wrote over the login',
    truth: 'record-emptied',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/cart`, { method: 'POST', at: 10_000, takes: 500, body: 'ok' });
      const other = scene.go(`${SHOP}/seen`, { method: 'POST', at: 10_100, takes: 800, body: 'ok' });
      scene.go(`${SHOP}/`, { at: 20_000, body: LOGIN_PAGE });
      return scene.facts(
        { value: 'abc' },
        {
          records: [
            {
              kind: 'changed',
              at: scene.at(10_900),
              flowId: other,
              storeId: 'd',
              recordId: 'abc',
              lostKeys: ['user'],
              gainedKeys: [],
            },
          ],
        },
      );
    },
  },
  {
    name: 'a class of the record is gone after an upgrade',
    truth: 'unreadable',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn();
      const page = scene.go(`${SHOP}/`, { status: 500 });
      scene.go(`${SHOP}/`, { location: '/login' });
      return scene.facts(
        { value: 'abc' },
        {
          records: [
            {
              kind: 'unreadable',
              at: scene.at(3_010),
              flowId: page,
              storeId: 'd',
              recordId: 'abc',
              message: 'shop.Cart is not known',
            },
          ],
        },
      );
    },
  },
  {
    name: 'exp of the token has passed',
    truth: 'payload-ran-out',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/`, { at: 2 * HOUR, status: 401 });
      return scene.facts({ value: 'abc', payloadExpires: scene.at(HOUR) });
    },
  },
  {
    name: 'a deployment with another key',
    truth: 'other-secret',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/`, { at: HOUR, location: '/login' });
      return scene.facts({ value: 'abc', signature: 'invalid' });
    },
  },
  {
    name: 'another address',
    truth: 'visitor-changed',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/`, { client: '10.0.0.7', location: '/login' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a wrong CSRF token, and the session lives on',
    truth: 'csrf-look-alike',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/pay`, { method: 'POST', status: 403, body: 'CSRF verification failed' });
      scene.go(`${SHOP}/`, { body: 'Hello alice' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a page for administrators',
    truth: 'stale-page',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/admin`, { status: 403 });
      scene.go(`${SHOP}/`, { body: 'Hello alice' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a logout that deletes another path',
    truth: 'deletion-missed',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/logout`, { location: '/', set: ['sid=; Path=/account; Max-Age=0'], cookie: 'sid=abc' });
      scene.go(`${SHOP}/`, { body: 'Hello alice' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'the answer with the new id was cut off',
    truth: 'renewal-lost',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      scene.go(`${SHOP}/refresh`, {
        method: 'POST',
        set: ['sid=new; Path=/'],
        error: 'the client went away',
        notReceived: true,
      });
      scene.go(`${SHOP}/`, { location: '/login' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'a jar that is full',
    truth: 'too-many-cookies',
    certainty: 'likely',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/; Max-Age=99999');
      for (let i = 0; i < 190; i += 1)
        scene.go(`${SHOP}/t${i}`, { set: [`t${i}=1; Path=/; Max-Age=99999`], cookie: 'sid=abc' });
      scene.go(`${SHOP}/`, { cookie: 't189=1', body: LOGIN_PAGE });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'what the browser itself says',
    truth: 'browser-said-no',
    certainty: 'certain',
    facts: () => {
      const scene = loggedIn('sid=abc; Path=/');
      const page = scene.go(`${SHOP}/frame`, { cookie: '', location: '/login' });
      return scene.facts(
        { value: 'abc' },
        { browser: [{ flowId: page, cookie: 'sid', when: 'sending', reasons: ['ThirdPartyPhaseout'] }] },
      );
    },
  },
  {
    name: 'nothing explains it',
    truth: 'ended-by-application',
    certainty: 'possible',
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/`, { location: '/login' });
      return scene.facts({ value: 'abc' });
    },
  },
  {
    name: 'the session goes on',
    truth: undefined,
    facts: () => {
      const scene = loggedIn();
      scene.go(`${SHOP}/news`, { body: 'news' });
      return scene.facts({ value: 'abc' });
    },
  },
];

describe('why a session ended', () => {
  test.each(SITUATIONS)('$name: $truth', ({ truth, certainty, facts }) => {
    const { loss, causes, answer } = diagnose(facts());
    if (truth === undefined) {
      expect(loss).toBeNull();
      return;
    }
    expect(loss).not.toBeNull();
    expect(causes[0]?.id, JSON.stringify(causes, undefined, 1)).toBe(truth);
    expect(causes[0]?.certainty).toBe(certainty);
    // No neighbour is called certain beside the truth.
    expect(
      causes
        .slice(1)
        .filter((one) => one.certainty === 'certain')
        .map(({ id }) => id),
    ).toEqual([]);
    expect(answer.length).toBeGreaterThan(20);
  });

  test('evidence names flows that are there, and at most seven pieces', () => {
    for (const { facts } of SITUATIONS) {
      const given = facts();
      const ids = new Set(given.exchanges.map(({ flowId }) => flowId));
      for (const { evidence } of diagnose(given).causes) {
        expect(evidence.length).toBeLessThanOrEqual(7);
        for (const { flowId } of evidence) if (flowId !== undefined) expect(ids.has(flowId)).toBe(true);
      }
    }
  });
});
