import { Shop } from './shop.ts';
import type { Situation } from './situation.ts';
import { LOGIN_PAGE, page } from './world.ts';

/** The browser did not store it, did not send it, or sent another. */
export const BROWSER_SITUATIONS: readonly Situation[] = [
  {
    truth: 'refused-at-storing',
    certainty: 'certain',
    name: 'Secure over plain http',
    async run(world) {
      const shop = new Shop(world, { attributes: '; Path=/; Secure; HttpOnly' });
      await shop.enter(await world.visitor());
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'refused-at-storing',
    certainty: 'certain',
    name: 'a name with __Host- and a Domain',
    async run(world) {
      const shop = new Shop(world, { cookie: '__Host-session', attributes: '; Path=/; Domain=shop.test; Secure' });
      await shop.enter(await world.visitor());
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'not-covered',
    certainty: 'certain',
    name: 'the cookie of /shop is not sent to /account',
    async run(world) {
      const shop = new Shop(world, {
        attributes: '; Path=/shop',
        first: ({ path, method }, { isIn: _, logIn }) =>
          path.startsWith('/shop/login') && method === 'POST' ? logIn.call(shop) : undefined,
      });
      const visitor = await world.visitor();
      await visitor.go(`${shop.origin}/login`);
      await visitor.post(`${shop.origin}/shop/login`);
      await visitor.go(`${shop.origin}/shop/orders`);
      await visitor.go(`${shop.origin}/account`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'not-covered',
    certainty: 'certain',
    name: 'SameSite=Strict after a link from another site',
    async run(world) {
      const shop = new Shop(world, { attributes: '; Path=/; SameSite=Strict' });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.go(world.site('mail.example', () => ({ body: page('You have mail') })));
      await visitor.follow(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'cookie-ran-out',
    certainty: 'certain',
    name: 'Max-Age of two seconds',
    async run(world) {
      const shop = new Shop(world, { attributes: '; Path=/; Max-Age=2' });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'other-host',
    certainty: 'certain',
    name: 'logged in at www.shop.test, opened as shop.test',
    async run(world) {
      const shop = new Shop(world, { host: 'www.shop.test' });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      world.site('shop.test', shop.answer);
      await visitor.go('http://shop.test/orders');
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'other-application',
    certainty: 'certain',
    name: 'two applications on two ports with one cookie name',
    async run(world) {
      const shop = new Shop(world, { host: 'shop.test:8001' });
      const other = new Shop(world, { host: 'shop.test:8002' });
      const visitor = await world.visitor();
      const id = await shop.enter(visitor);
      await other.enter(visitor);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'script-changed',
    certainty: 'likely',
    name: 'a script of the page writes the cookie',
    async run(world) {
      const shop = new Shop(world, { attributes: '; Path=/' });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.page.evaluate(() => {
        // biome-ignore lint/suspicious/noDocumentCookie: this is what is asked about
        document.cookie = 'sessionid=ffffffffffffffffffffffffffffffff; path=/';
      });
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'twin-cookie',
    certainty: 'likely',
    name: 'an older cookie of the same name at a deeper path',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path }, { set }) =>
          path === '/orders/old'
            ? { body: page('Old'), set: [set.call(shop, 'stale00000000000stale', '; Path=/orders')] }
            : undefined,
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.go(`${shop.origin}/orders/old`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'too-many-cookies',
    certainty: 'likely',
    name: 'more than 180 cookies of one site',
    async run(world) {
      const shop = new Shop(world, {
        first: ({ path }) =>
          path === '/flood'
            ? { body: page('Many'), set: Array.from({ length: 230 }, (_, i) => `filter_${i}=1; Path=/; Max-Age=86400`) }
            : undefined,
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.go(`${shop.origin}/flood`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'without-credentials',
    certainty: 'certain',
    name: 'a fetch to the API on another origin without credentials',
    async run(world) {
      const shop = new Shop(world, {
        attributes: '; Path=/; Domain=shop.test',
        first: ({ path, method, headers }) =>
          path.startsWith('/api') && method === 'GET'
            ? {
                status: 401,
                headers: { 'Access-Control-Allow-Origin': headers.origin ?? '*', 'Content-Type': 'application/json' },
                body: '{}',
              }
            : undefined,
      });
      world.site('api.shop.test', shop.answer);
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.fetch('http://api.shop.test/api/me');
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'browser-restarted',
    certainty: 'likely',
    name: 'a session cookie after the browser was closed, while a lasting one is still sent',
    async run(world) {
      const shop = new Shop(world, { also: ['theme=dark; Path=/'] });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      // What a restart leaves: the cookies with an end.
      const kept = (await visitor.context.cookies()).filter(({ expires }) => expires > 0);
      await visitor.context.close();
      const again = await world.visitor({ storageState: { cookies: kept, origins: [] } });
      await again.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'speculative-request',
    certainty: 'certain',
    name: 'the browser fetches the link to the logout in advance',
    async run(world) {
      const shop = new Shop(world, {
        first: (asked, { alive, cookie, isIn }) => {
          if (asked.path === '/logout') {
            alive.delete(asked.cookie(cookie) ?? '');
            return { status: 302, headers: { Location: '/login' }, set: [`${cookie}=; Path=/; Max-Age=0`] };
          }
          return asked.path === '/orders' && isIn.call(shop, asked)
            ? { body: `${page('Orders')}<link rel="prefetch" href="/logout">` }
            : undefined;
        },
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await visitor.page.waitForTimeout(500);
      await visitor.go(`${shop.origin}/account`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'clock-skew',
    certainty: 'likely',
    name: 'Expires by a server whose clock is an hour behind, behind a proxy that sets its own Date',
    async run(world) {
      const shop = new Shop(world, {
        attributes: `; Path=/; Expires=${new Date(Date.now() - 60_000).toUTCString()}`,
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      return world.whyLast(shop.origin);
    },
  },
  {
    truth: 'device-bound',
    certainty: 'likely',
    name: 'the short cookie of a device-bound session runs out, and is renewed',
    async run(world) {
      let renewed = false;
      const shop = new Shop(world, {
        attributes: '; Path=/; Max-Age=1',
        first: (asked, { cookie, set, last }) => {
          if (asked.path === '/bind/refresh') {
            renewed = true;
            return {
              set: [set.call(shop, last)],
              headers: { 'Secure-Session-Challenge': '"abc";id="s1"' },
              body: '{}',
            };
          }
          if (asked.path === '/login' && asked.method === 'POST') {
            const answer = shop.logIn();
            return {
              ...answer,
              headers: {
                ...answer.headers,
                'Secure-Session-Registration': '(ES256);path="/bind/start";challenge="abc"',
              },
            };
          }
          return asked.cookie(cookie) === undefined && asked.path === '/orders' && !renewed
            ? { status: 401, body: LOGIN_PAGE }
            : undefined;
        },
      });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await visitor.go(`${shop.origin}/orders`);
      await visitor.page.evaluate(() =>
        fetch('/bind/refresh', { method: 'POST', headers: { 'Sec-Secure-Session-Id': 's1' } }),
      );
      await visitor.go(`${shop.origin}/account`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'browser-capped',
    certainty: 'possible',
    name: 'a web view of an application that was opened from a link has a jar of its own',
    async run(world) {
      const shop = new Shop(world);
      const visitor = await world.visitor();
      await shop.enter(visitor);
      const kept = (await visitor.context.cookies()).filter(({ expires }) => expires > 0);
      await visitor.context.close();
      const view = await world.visitor({
        storageState: { cookies: kept, origins: [] },
        userAgent:
          'Mozilla/5.0 (Linux; Android 15; Pixel 9; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0 Mobile Safari/537.36',
      });
      await view.go(`${shop.origin}/orders`);
      return world.whyLast(shop.origin);
    },
  },
];
