import { startNginx } from './nginx.ts';
import { newId, Shop } from './shop.ts';
import type { Situation } from './situation.ts';
import { LOGIN_PAGE, page } from './world.ts';

/** Something between the browser and the application. */
export const BETWEEN_SITUATIONS: readonly Situation[] = [
  {
    truth: 'shared-cache',
    certainty: 'certain',
    name: 'nginx caches a page with its Set-Cookie',
    async run(world) {
      const shop = new Shop(world, {
        host: 'origin.shop.test',
        first: (asked, { alive, cookie, set }) => {
          if (asked.path !== '/start') return undefined;
          const id = newId();
          alive.add(id);
          return { body: page(`Hello ${asked.cookie(cookie) ?? 'stranger'}`), set: [set.call(shop, id)] };
        },
      });
      const port = await world.behind(shop.answer);
      const nginx = await startNginx(`
        proxy_cache_path $CACHE keys_zone=pages:1m;
        server {
          listen 127.0.0.1:$PORT;
          location / {
            proxy_pass http://127.0.0.1:${port};
            proxy_cache pages; proxy_cache_valid 200 10m; proxy_ignore_headers Set-Cookie Cache-Control; proxy_cache_key $uri;
            add_header X-Cache $upstream_cache_status;
          }
        }`);
      world.after(() => nginx.stop());
      const origin = world.server('shop.test', nginx.port);
      const [first, second] = [
        await world.visitor(),
        await world.visitor({ userAgent: 'Mozilla/5.0 (X11; Linux) second visitor' }),
      ];
      await first.go(`${origin}/start`);
      await first.go(`${origin}/orders`);
      // The second logs in, and then gets what was kept for the first.
      await second.go(`${origin}/login`);
      await second.post(`${origin}/login`);
      const id = shop.last;
      await second.go(`${origin}/start`);
      await second.go(`${origin}/account`);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'header-too-large',
    certainty: 'likely',
    name: 'nginx refuses a Cookie header of 9 kB with 400',
    async run(world) {
      const shop = new Shop(world, {
        host: 'origin.shop.test',
        first: ({ path }) =>
          path.startsWith('/preferences')
            ? { body: page('Saved'), set: [`basket${path.at(-1)}=${'x'.repeat(3_000)}; Path=/`] }
            : undefined,
      });
      const port = await world.behind(shop.answer);
      const nginx = await startNginx(
        `server { listen 127.0.0.1:$PORT; location / { proxy_pass http://127.0.0.1:${port}; } }`,
      );
      world.after(() => nginx.stop());
      const origin = world.server('shop.test', nginx.port);
      const visitor = await world.visitor();
      await visitor.go(`${origin}/login`);
      await visitor.post(`${origin}/login`);
      await visitor.go(`${origin}/orders`);
      for (const n of [1, 2, 3]) await visitor.go(`${origin}/preferences/${n}`);
      await visitor.go(`${origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'domain-not-rewritten',
    certainty: 'certain',
    name: 'a development proxy passes Domain of the real site on to localhost',
    async run(world) {
      const shop = new Shop(world, { host: 'localhost:5173', attributes: '; Path=/; Domain=api.shop.test; HttpOnly' });
      await shop.enter(await world.visitor());
      return world.why(shop.cookie, shop.last);
    },
  },
  {
    truth: 'node-store',
    certainty: 'likely',
    name: 'a balancer without stickiness before two servers that keep sessions for themselves',
    async run(world) {
      const [a, b] = [new Shop(world, { host: 'a.test' }), new Shop(world, { host: 'b.test' })];
      const [one, two] = [await world.behind(a.answer), await world.behind(b.answer)];
      const nginx = await startNginx(`
        upstream shop { server 127.0.0.1:${one}; server 127.0.0.1:${two}; }
        server { listen 127.0.0.1:$PORT; location / { proxy_pass http://shop; add_header X-Backend $upstream_addr; } }`);
      world.after(() => nginx.stop());
      const origin = world.server('shop.test', nginx.port);
      const visitor = await world.visitor();
      await visitor.go(`${origin}/login`);
      await visitor.post(`${origin}/login`);
      for (let i = 0; i < 9; i += 1) await visitor.fetch(`${origin}/orders`, { redirect: 'manual' });
      await visitor.go(`${origin}/orders`);
      await visitor.go(`${origin}/orders`);
      return world.why(a.cookie);
    },
  },
  {
    truth: 'renewal-lost',
    certainty: 'likely',
    name: 'the answer with the renewed id is cut off',
    async run(world) {
      const shop = new Shop(world, {
        first: (asked, { alive, cookie, set }) => {
          if (asked.path !== '/renew') return undefined;
          alive.delete(asked.cookie(cookie) ?? '');
          const next = newId();
          alive.add(next);
          return { status: 200, set: [set.call(shop, next)], body: '<p>', cut: true };
        },
      });
      const visitor = await world.visitor();
      const id = await shop.enter(visitor);
      await visitor.fetch(`${shop.origin}/renew`).catch(() => 0);
      // The browser took what had come of it; this visitor's did not, as one that was closed meanwhile.
      await visitor.context.clearCookies();
      await visitor.context.addCookies([{ name: shop.cookie, value: id, url: shop.origin }]);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'cached-page',
    certainty: 'certain',
    name: 'nginx keeps the login page of /account for everybody',
    async run(world) {
      const shop = new Shop(world, {
        host: 'origin.shop.test',
        first: (asked) => (asked.path === '/account' && !shop.isIn(asked) ? { body: LOGIN_PAGE } : undefined),
      });
      const port = await world.behind(shop.answer);
      const nginx = await startNginx(`
        proxy_cache_path $CACHE keys_zone=pages:1m;
        server {
          listen 127.0.0.1:$PORT;
          location /account {
            proxy_pass http://127.0.0.1:${port};
            proxy_cache pages; proxy_cache_valid 200 10m; proxy_cache_key $uri; add_header X-Cache $upstream_cache_status;
          }
          location / { proxy_pass http://127.0.0.1:${port}; }
        }`);
      world.after(() => nginx.stop());
      const origin = world.server('shop.test', nginx.port);
      const stranger = await world.visitor({ userAgent: 'Mozilla/5.0 (X11; Linux) stranger' });
      await stranger.go(`${origin}/account`);
      const visitor = await world.visitor();
      await visitor.go(`${origin}/login`);
      await visitor.post(`${origin}/login`);
      await visitor.go(`${origin}/orders`);
      await visitor.go(`${origin}/account`);
      await visitor.go(`${origin}/orders`);
      return world.why(shop.cookie, shop.last);
    },
  },
];
