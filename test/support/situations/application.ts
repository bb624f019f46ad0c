import { randomBytes } from 'node:crypto';
import { startExpressShop } from './express-shop.ts';
import { startNginx } from './nginx.ts';
import { newId, Shop } from './shop.ts';
import type { Situation } from './situation.ts';
import { LOGIN_PAGE, page } from './world.ts';

/** What the application itself did. */
export const APPLICATION_SITUATIONS: readonly Situation[] = [
  {
    truth: 'logged-out',
    certainty: 'certain',
    name: 'the user logged out',
    async run(world) {
      const shop = new Shop(world, { first: logout });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.post(`${shop.origin}/logout`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'login-replaced',
    certainty: 'certain',
    name: 'a second login renews the id',
    async run(world) {
      const shop = new Shop(world);
      const visitor = await world.visitor();
      const id = await shop.enter(visitor);
      await shop.enter(visitor);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'deletion-missed',
    certainty: 'certain',
    name: 'the logout deletes another path, and the server forgets nothing',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path: place }, { cookie }) =>
          place === '/logout'
            ? { status: 302, headers: { Location: '/login' }, set: [`${cookie}=; Path=/logout; Max-Age=0`] }
            : undefined,
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.post(`${shop.origin}/logout`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'csrf-look-alike',
    certainty: 'certain',
    name: 'a form without its token is refused with 403',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path: place, method }) =>
          place === '/transfer' && method === 'POST'
            ? { status: 403, body: page('CSRF verification failed. Your session may have expired.') }
            : undefined,
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.post(`${shop.origin}/transfer`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'stale-page',
    certainty: 'likely',
    name: 'an address for administrators',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path: place }) =>
          place === '/admin' ? { status: 403, body: page('Only for administrators') } : undefined,
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.go(`${shop.origin}/admin`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'rotation-race',
    certainty: 'certain',
    name: 'two tabs renew the token at once, and the loser’s answer deletes the cookie',
    async run(world) {
      const shop = new Shop(world, {
        first: async (asked, { alive, cookie, set }) => {
          if (!asked.path.startsWith('/refresh')) return undefined;
          const old = asked.cookie(cookie) ?? '';
          const isFirst = alive.delete(old);
          await new Promise((resolve) => setTimeout(resolve, isFirst ? 150 : 400));
          if (!isFirst) return { status: 401, set: [`${cookie}=; Path=/; Max-Age=0`] };
          const next = newId();
          alive.add(next);
          return { set: [set.call(shop, next)], body: '{}' };
        },
      });
      const visitor = await world.visitor();
      const id = await shop.enter(visitor);
      await visitor.page.evaluate(() =>
        Promise.all([fetch('/refresh?1', { method: 'POST' }), fetch('/refresh?2', { method: 'POST' })]),
      );
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'visitor-changed',
    certainty: 'likely',
    name: 'the session is bound to the User-Agent',
    async run(world) {
      const agents = new Map<string, string>();
      const shop = new Shop(world, {
        first: (asked, { cookie }) => {
          const id = asked.cookie(cookie);
          const agent = String(asked.headers['user-agent']);
          if (id === undefined || asked.path.startsWith('/login')) return undefined;
          if (!agents.has(id)) agents.set(id, agent);
          return agents.get(id) === agent ? undefined : { body: LOGIN_PAGE };
        },
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      const state = await visitor.context.storageState();
      const changed = await world.visitor({
        storageState: state,
        userAgent: 'Mozilla/5.0 (X11; Linux) Chrome/199 updated',
      });
      await changed.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'ended-by-application',
    certainty: 'possible',
    name: 'the application forgot it, and nothing shows why',
    async run(world) {
      const shop = new Shop(world);
      const visitor = await world.visitor();
      await shop.enter(visitor);
      shop.alive.clear();
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'payload-ran-out',
    certainty: 'certain',
    name: 'a JWT whose exp passes',
    async run(world) {
      const token = (exp: number) =>
        `${b64({ alg: 'HS256', typ: 'JWT' })}.${b64({ sub: 'alice', exp })}.${'c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl'}`;
      const shop = new Shop(world, {
        first: (asked, { cookie, set }) => {
          if (asked.path === '/login' && asked.method === 'POST') {
            shop.last = token(Math.floor(Date.now() / 1_000) + 2);
            return { status: 302, headers: { Location: '/' }, set: [set.call(shop, shop.last)] };
          }
          const given = asked.cookie(cookie);
          if (given === undefined || asked.path.startsWith('/login')) return undefined;
          const { exp } = JSON.parse(Buffer.from(given.split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
          return exp * 1_000 > Date.now() ? { body: page('Hello alice') } : { status: 401, body: LOGIN_PAGE };
        },
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'companion-ended',
    certainty: 'likely',
    name: 'the refresh token ends before the access token',
    async run(world) {
      const shop = new Shop(world, {
        cookie: 'access_token',
        also: [`refresh_token=${newId()}; Path=/; HttpOnly; Max-Age=2`],
        first: (asked, { cookie }) =>
          asked.cookie(cookie) !== undefined &&
          asked.cookie('refresh_token') === undefined &&
          !asked.path.startsWith('/login')
            ? { status: 302, headers: { Location: '/login' } }
            : undefined,
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'logged-out-elsewhere',
    certainty: 'likely',
    name: 'a logout everywhere in another browser',
    async run(world) {
      const shop = new Shop(world, {
        first: (asked, its) => (asked.path === '/logout-everywhere' ? logoutEverywhere(asked, its) : undefined),
      });
      const [first, second] = [
        await world.visitor(),
        await world.visitor({ userAgent: 'Mozilla/5.0 (X11; Linux) other computer' }),
      ];
      const id = await shop.enter(first);
      await shop.enter(second);
      await second.post(`${shop.origin}/logout-everywhere`);
      await first.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'too-many-sessions',
    certainty: 'likely',
    name: 'a login in another browser ends the first session',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path: place, method }, { alive }) => {
          if (place === '/login' && method === 'POST') alive.clear();
          return undefined;
        },
      });
      const [first, second] = [
        await world.visitor(),
        await world.visitor({ userAgent: 'Mozilla/5.0 (X11; Linux) other computer' }),
      ];
      const id = await shop.enter(first);
      await shop.enter(second);
      await first.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'application-restarted',
    certainty: 'likely',
    name: 'express-session in memory, and the application is started again',
    async run(world) {
      const first = await startExpressShop(world, {});
      const origin = world.server('shop.test', first.port);
      const visitor = await world.visitor();
      await visitor.go(`${origin}/login`);
      await visitor.post(`${origin}/login`, { user: 'alice' });
      await visitor.go(`${origin}/account`);
      await first.stop();
      await visitor.go(`${origin}/account`);
      await startExpressShop(world, { PORT: String(first.port) });
      await visitor.go(`${origin}/account`);
      return world.why('shop.sid');
    },
  },
  {
    truth: 'lost-update',
    certainty: 'certain',
    name: 'a slow request of another tab writes the session from before the login over it',
    async run(world) {
      const shop = new Shop(world, {
        cookie: 'session',
        first: async (asked, { cookie, set }) => {
          const data = (asked.cookie(cookie) ?? '').split('.')[0] ?? '';
          const before =
            data === '' ? {} : (JSON.parse(Buffer.from(data, 'base64url').toString()) as { user?: string });
          const answer = (value: unknown) => ({ body: page('Welcome'), set: [set.call(shop, flask(value))] });
          if (asked.path === '/start') return answer({ seen: 1 });
          if (asked.path === '/poll') {
            await new Promise((resolve) => setTimeout(resolve, 2_500));
            return answer({ ...before, seen: 2 });
          }
          if (asked.path === '/login' && asked.method === 'POST') {
            shop.last = flask({ ...before, user: 'alice' });
            return { status: 302, headers: { Location: '/' }, set: [set.call(shop, shop.last)] };
          }
          if (asked.path === '/login') return undefined;
          return before.user === undefined
            ? { status: 302, headers: { Location: '/login' } }
            : { body: page('Hello alice') };
        },
      });
      const visitor = await world.visitor();
      const tab = await visitor.context.newPage();
      await tab.goto(`${shop.origin}/start`);
      const poll = tab.evaluate(() => fetch('/poll').then(({ status }) => status));
      await shop.enter(visitor);
      await poll;
      await visitor.go(`${shop.origin}/orders`);
      return world.whyLast(shop.origin);
    },
  },
  {
    truth: 'other-profile',
    certainty: 'likely',
    name: 'the page is opened in another browser',
    async run(world) {
      const shop = new Shop(world);
      await shop.enter(await world.visitor());
      const other = await world.visitor({ userAgent: 'Mozilla/5.0 (X11; Linux) Gecko Firefox/145.0' });
      await other.go(`${shop.origin}/orders`);
      return world.whyLast(shop.origin);
    },
  },
  {
    truth: 'column-too-small',
    certainty: 'likely',
    name: 'the database refuses a session that is too long',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path: place }, { alive }) => {
          if (place !== '/cart/fill') return undefined;
          alive.clear();
          return { status: 500, body: page('DataError: (1406, "Data too long for column \'session_data\' at row 1")') };
        },
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.go(`${shop.origin}/cart/fill`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'other-secret',
    certainty: 'likely',
    name: 'deployed with another secret: express-session no longer takes the signature',
    async run(world) {
      const first = await startExpressShop(world, { SECRET: 'the old secret' });
      const origin = world.server('shop.test', first.port);
      const visitor = await world.visitor();
      await visitor.go(`${origin}/login`);
      await visitor.post(`${origin}/login`, { user: 'alice' });
      await visitor.go(`${origin}/account`);
      await first.stop();
      await startExpressShop(world, { SECRET: 'the new secret', PORT: String(first.port) });
      await world.engine.handlers['keys.add']({ place: 'site shop.test', key: 'the new secret' });
      await visitor.go(`${origin}/account`);
      return world.why('shop.sid');
    },
  },
  {
    truth: 'credentials-changed',
    certainty: 'likely',
    name: 'the password was changed, which ends every session',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path: place, method }, { alive }) => {
          if (place !== '/account/password' || method !== 'POST') return undefined;
          alive.clear();
          return { body: page('Your password was changed') };
        },
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.post(`${shop.origin}/account/password`, { new_password: 'another' });
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'key-per-worker',
    certainty: 'likely',
    name: 'each of two workers signs with a random key of its own',
    async run(world) {
      let turn = 0;
      const values = [flask({ user: 'alice' }), flask({ user: 'alice' })];
      const signedBy = (worker: number) => values[worker] ?? '';
      const shop = new Shop(world, {
        cookie: 'session',
        first: (asked, { cookie, set }) => {
          const worker = (turn += 1) % 2;
          if (asked.path.startsWith('/login')) {
            if (asked.method !== 'POST') return { body: LOGIN_PAGE };
            shop.last = signedBy(worker);
            return { status: 302, headers: { Location: '/' }, set: [set.call(shop, shop.last)] };
          }
          return asked.cookie(cookie) === signedBy(worker)
            ? { body: page('Hello alice') }
            : { status: 401, body: LOGIN_PAGE };
        },
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      for (let i = 0; i < 7; i += 1) await visitor.fetch(`${shop.origin}/orders`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'set-cookie-withheld',
    certainty: 'likely',
    name: 'express-session with a Secure cookie and no trust proxy behind a proxy that ends TLS',
    async run(world) {
      const { port } = await startExpressShop(world, { SECURE: '1' });
      const nginx = await startNginx(
        `server { listen 127.0.0.1:$PORT; location / { proxy_pass http://127.0.0.1:${port}; proxy_set_header X-Forwarded-Proto https; } }`,
      );
      world.after(() => nginx.stop());
      const origin = world.server('shop.test', nginx.port);
      const visitor = await world.visitor();
      await visitor.go(`${origin}/visit`);
      await visitor.go(`${origin}/login`);
      await visitor.post(`${origin}/login`, { user: 'alice' });
      return world.whyLast(origin);
    },
  },
  {
    truth: 'oauth-state-lost',
    certainty: 'certain',
    name: 'the answer of the identity provider comes as a form from another site, and the state cookie is Lax',
    async run(world) {
      const idp = world.site('login.example', ({ path: place }) => {
        const state = new URL(place, 'http://login.example').searchParams.get('state');
        return {
          body: `<form method="post" action="http://shop.test/callback"><input name="code" value="c"><input name="state" value="${state}"></form><script>setTimeout(() => document.forms[0].submit(), 50)</script>`,
        };
      });
      const shop = new Shop(world, {
        first: ({ path: place, method, cookie }) => {
          if (place === '/login') {
            const state = newId();
            return {
              status: 302,
              headers: { Location: `${idp}/authorize?state=${state}&client_id=shop` },
              set: [`oauth_state=${state}; Path=/; SameSite=Lax; HttpOnly`],
            };
          }
          if (place === '/callback' && method === 'POST') {
            return cookie('oauth_state') === undefined ? { status: 400, body: page('Invalid state') } : undefined;
          }
          return undefined;
        },
      });
      const visitor = await world.visitor();
      await visitor.go(`${shop.origin}/login`);
      await visitor.page.waitForURL('**/callback').catch(() => undefined);
      await visitor.page.waitForTimeout(300);
      return world.whyLast(shop.origin);
    },
  },
];

function logout(asked: { path: string; cookie(name: string): string | undefined }, { alive, cookie }: Shop) {
  if (!asked.path.startsWith('/logout')) return undefined;
  alive.delete(asked.cookie(cookie) ?? '');
  return { status: 302, headers: { Location: '/login' }, set: [`${cookie}=; Path=/; Max-Age=0`] };
}

function logoutEverywhere(asked: Parameters<typeof logout>[0], its: Shop) {
  its.alive.clear();
  return logout(asked, its);
}

/** A value as Flask writes it: data, time, signature. */
function flask(value: unknown): string {
  const time = Buffer.alloc(4);
  time.writeUInt32BE(Math.floor(Date.now() / 1_000));
  return `${b64(value)}.${time.toString('base64url')}.${randomBytes(20).toString('base64url')}`;
}

function b64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
