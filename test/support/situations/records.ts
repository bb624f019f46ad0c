import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startRedis } from '../redis-server.ts';
import { startExpressShop } from './express-shop.ts';
import { newId, Shop } from './shop.ts';
import type { Situation } from './situation.ts';
import type { Visitor, World } from './world.ts';

/** What became of the record in the store. */
export const STORE_SITUATIONS: readonly Situation[] = [
  {
    truth: 'record-removed',
    certainty: 'likely',
    name: 'somebody removed the file of the session',
    async run(world) {
      const { visitor, origin, folder } = await inExpress(world);
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
      await joinedLoss(world);
      await visitor.go(`${origin}/account`);
      return world.why('shop.sid');
    },
  },
  {
    truth: 'store-emptied',
    certainty: 'likely',
    name: 'the folder of sessions was emptied with a deployment',
    async run(world) {
      const { visitor, origin, folder } = await inExpress(world, 3);
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name));
      await joinedLoss(world);
      await visitor.go(`${origin}/account`);
      return world.why('shop.sid');
    },
  },
  {
    truth: 'record-emptied',
    certainty: 'likely',
    name: 'another program took the login out of the record',
    async run(world) {
      const { visitor, origin, folder } = await inExpress(world);
      const [name = ''] = readdirSync(folder);
      const file = path.join(folder, name);
      writeFileSync(
        file,
        JSON.stringify({
          cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: '/' },
          __lastAccess: Date.now(),
        }),
      );
      await joinedLoss(world);
      await visitor.go(`${origin}/account`);
      return world.why('shop.sid');
    },
  },
  {
    truth: 'unreadable',
    certainty: 'likely',
    name: 'the file of the session was cut',
    async run(world) {
      const { visitor, origin, folder } = await inExpress(world);
      const [name = ''] = readdirSync(folder);
      writeFileSync(path.join(folder, name), '{"cookie":{"originalMaxAge":nu');
      await joinedLoss(world);
      await visitor.go(`${origin}/account`);
      return world.why('shop.sid');
    },
  },
  {
    truth: 'neighbour-cleanup',
    certainty: 'likely',
    name: 'a job of another application removes PHP’s session files that are older than its own, shorter limit',
    async run(world) {
      const folder = path.join(world.folder, 'php');
      mkdirSync(folder);
      const id = newId().slice(0, 26);
      const shop = new Shop(world, {
        cookie: 'PHPSESSID',
        first: (asked, { cookie, set, alive }) => {
          if (asked.path.startsWith('/login') && asked.method === 'POST') {
            shop.last = id;
            alive.add(id);
            writeFileSync(path.join(folder, `sess_${id}`), 'user|s:5:"alice";');
            return { status: 302, headers: { Location: '/' }, set: [set.call(shop, id)] };
          }
          if (asked.cookie(cookie) === id && !readdirSync(folder).includes(`sess_${id}`)) alive.delete(id);
          return undefined;
        },
      });
      await world.engine.handlers['stores.attach']({ address: `disk:${folder}?as=php-files` });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await until(world, 'PHPSESSID', ({ record }) => record !== undefined);
      const old = Date.now() / 1_000 - 700;
      utimesSync(path.join(folder, `sess_${id}`), old, old);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      rmSync(path.join(folder, `sess_${id}`));
      await joinedLoss(world);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, id);
    },
  },
  {
    truth: 'store-evicted',
    certainty: 'likely',
    name: 'a full Redis evicts the session before its time',
    async run(world) {
      const redis = await startRedis('--maxmemory', '2mb', '--maxmemory-policy', 'allkeys-random');
      world.after(() => redis.stop());
      const { createClient } = await import('@redis/client');
      const client = createClient({ url: `redis://127.0.0.1:${redis.port}` });
      await client.connect();
      world.after(() => client.destroy());
      const shop = new Shop(world, {
        cookie: 'connect.sid',
        first: async (asked, { alive, cookie, set }) => {
          if (asked.path.startsWith('/login') && asked.method === 'POST') {
            const id = newId();
            shop.last = `s%3A${id}.${'A'.repeat(43)}`;
            alive.add(shop.last);
            await client.set(`sess:${id}`, JSON.stringify({ cookie: { originalMaxAge: 86_400_000 }, user: 'alice' }), {
              expiration: { type: 'EX', value: 86_400 },
            });
            return { status: 302, headers: { Location: '/' }, set: [set.call(shop, shop.last)] };
          }
          const given = asked.cookie(cookie);
          if (given !== undefined && (await client.get(`sess:${given.slice(4).split('.')[0]}`)) === null)
            alive.delete(given);
          return undefined;
        },
      });
      await world.engine.handlers['stores.attach']({ address: `redis://127.0.0.1:${redis.port}` });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await until(world, 'connect.sid', ({ record }) => record !== undefined);
      const key = `sess:${shop.last.slice(4).split('.')[0]}`;
      for (let i = 0; (await client.exists(key)) === 1 && i < 20_000; i += 1)
        await client.set(`cache:${i}`, 'x'.repeat(2_000));
      await joinedLoss(world);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie);
    },
  },
  {
    truth: 'store-refused',
    certainty: 'likely',
    name: 'the folder of the sessions cannot be written',
    async run(world) {
      const folder = path.join(world.folder, 'sessions');
      mkdirSync(folder);
      await world.engine.handlers['stores.attach']({ address: `disk:${folder}?as=session-file-store` });
      // What a store that cannot write does: the login is answered, and nothing is kept.
      const shop = new Shop(world, {
        cookie: 'connect.sid',
        first: (asked, { set }) => {
          if (asked.path.startsWith('/login') && asked.method === 'POST') {
            shop.last = `s%3A${newId()}.${'A'.repeat(43)}`;
            return { status: 302, headers: { Location: '/' }, set: [set.call(shop, shop.last)] };
          }
          return undefined;
        },
      });
      const visitor = await world.visitor();
      await visitor.go(`${shop.origin}/login`);
      await visitor.post(`${shop.origin}/login`);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie);
    },
  },
  {
    truth: 'record-idle',
    certainty: 'likely',
    name: 'PHP’s session file is removed after its 24 minutes',
    async run(world) {
      const folder = path.join(world.folder, 'php');
      mkdirSync(folder);
      const id = newId().slice(0, 26);
      const file = path.join(folder, `sess_${id}`);
      const shop = new Shop(world, {
        cookie: 'PHPSESSID',
        first: (asked, { cookie, set, alive }) => {
          if (asked.path.startsWith('/login') && asked.method === 'POST') {
            shop.last = id;
            alive.add(id);
            writeFileSync(file, 'user|s:5:"alice";');
            return { status: 302, headers: { Location: '/' }, set: [set.call(shop, id)] };
          }
          if (asked.cookie(cookie) === id && !readdirSync(folder).includes(`sess_${id}`)) alive.delete(id);
          return undefined;
        },
      });
      await world.engine.handlers['stores.attach']({ address: `disk:${folder}?as=php-files` });
      const visitor = await world.visitor();
      await shop.enter(visitor);
      await until(world, 'PHPSESSID', ({ record }) => record !== undefined);
      const old = Date.now() / 1_000 - 1_500;
      utimesSync(file, old, old);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      rmSync(file);
      await joinedLoss(world);
      await visitor.go(`${shop.origin}/orders`);
      return world.why(shop.cookie, id);
    },
  },
];

/** Visitors who are logged in at the real express-session; the first of them is given. */
async function inExpress(world: World, visitors = 1): Promise<{ visitor: Visitor; origin: string; folder: string }> {
  const folder = path.join(world.folder, 'sessions');
  mkdirSync(folder, { recursive: true });
  const { port } = await startExpressShop(world, { SESSIONS: folder });
  const origin = world.server('shop.test', port);
  await world.engine.handlers['stores.attach']({ address: `disk:${folder}?as=session-file-store` });
  const all: Visitor[] = [];
  for (let i = 0; i < visitors; i += 1) {
    const visitor = await world.visitor(i === 0 ? {} : { userAgent: `Mozilla/5.0 (X11; Linux) visitor ${i}` });
    await visitor.go(`${origin}/login`);
    await visitor.post(`${origin}/login`, { user: 'alice' });
    await visitor.go(`${origin}/account`);
    all.push(visitor);
  }
  await until(world, 'shop.sid', ({ record }) => record !== undefined, visitors);
  return { visitor: all[0] as Visitor, origin, folder };
}

type Summary = Awaited<ReturnType<World['engine']['handlers']['sessions.list']>>['sessions'][number];

async function until(world: World, cookie: string, holds: (one: Summary) => boolean, count = 1): Promise<void> {
  const end = performance.now() + 8_000;
  for (;;) {
    const { sessions } = await world.engine.handlers['sessions.list']({});
    const mine = sessions.filter(({ carrier }) => carrier.kind === 'cookie' && carrier.name === cookie);
    if (mine.filter(holds).length >= count) return;
    if (performance.now() > end)
      throw new Error(`not reached: ${JSON.stringify(mine.map(({ state, record }) => ({ state, record })))}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** So long that the store was looked at again. */
async function joinedLoss(_world: World): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}
