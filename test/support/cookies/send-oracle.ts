import type { SiteContext } from '../../../core/cookies/browser-cookie.ts';
import type { CookieRules } from '../../../core/cookies/browser-rules.ts';
import { BrowserJar } from '../../../core/cookies/jar.ts';
import { wouldSend } from '../../../core/cookies/would-send.ts';
import { openPage, type RealChromium, type RealPage } from '../chromium.ts';
import type { OracleSite } from './cookie-oracle.ts';

/* Kinds of request to one application, each with twelve cookies; what Chromium sends beside what the judge says. */

/** Where things are. */
interface Places {
  /** The application that has the cookies. */
  readonly app: string;
  /** The same host over http. */
  readonly appPlain: string;
  /** Another host of its site. */
  readonly sibling: string;
  /** Another site. */
  readonly other: string;
  readonly otherPlain: string;
}

const SITE = 'https://shop.test';
const FOREIGN = 'https://other.test';

/** Set by a navigation of the tab to the application. */
export const FIRST_PARTY = [
  'strict=1; SameSite=Strict; Secure; Path=/',
  'lax=1; SameSite=Lax; Path=/',
  'none=1; SameSite=None; Secure; Path=/',
  'default=1; Path=/',
  'secure=1; Secure; Path=/',
  'http=1; HttpOnly; SameSite=None; Secure; Path=/',
  'deep=1; Path=/deep; SameSite=None; Secure',
  'domain=1; Domain=shop.test; SameSite=None; Secure; Path=/',
  'own=1; SameSite=None; Secure; Partitioned; Path=/',
  '__Host-none=1; SameSite=None; Secure; Path=/',
] as const;
/** Set in a frame of the application in a page of another site. */
export const FRAMED = [
  'framed=1; SameSite=None; Secure; Partitioned; Path=/',
  'third=1; SameSite=None; Secure; Path=/',
] as const;

export interface RequestKind {
  readonly name: string;
  /** The page from which it is made; none: typed. */
  readonly from?: keyof Places;
  /** Makes the request; `target` is an address of the application. */
  run(page: RealPage, target: string, places: Places): Promise<unknown>;
  readonly plainTarget?: boolean;
  readonly context: Partial<SiteContext>;
}

const js = (page: RealPage, code: string) => page.evaluate(`(async () => { ${code} })()`);
const fetched = (init: string) => (page: RealPage, target: string) =>
  js(page, `await fetch(${JSON.stringify(target)}, ${init}).then((a) => a.text(), () => {});`);
const element =
  (tag: string, attribute: string, more = '') =>
  (page: RealPage, target: string) =>
    js(
      page,
      `await new Promise((done) => { const e = document.createElement('${tag}'); ${more}
      e.onload = e.onerror = done; e.${attribute} = ${JSON.stringify(target)}; document.body.append(e); });`,
    );
/** The tab leaves by itself; the page that follows is waited for outside. */
const leave = (code: (target: string) => string) => async (page: RealPage, target: string) => {
  await page.evaluate(`(() => { setTimeout(() => { ${code(JSON.stringify(target))} }, 0); })()`);
};
const form = (method: string) =>
  leave(
    (target) =>
      `const f = document.createElement('form'); f.method = '${method}'; f.action = ${target};
       for (const [n, v] of new URL(${target}).searchParams) { const i = document.createElement('input'); i.name = n; i.value = v; f.append(i); }
       document.body.append(f); f.submit();`,
  );

const cross = { site: 'cross-site' } as const;
const foreignTab = {
  ...cross,
  topLevel: false,
  partition: { topLevelSite: FOREIGN, hasCrossSiteAncestor: true },
} as const;
const ownTab = { topLevel: false, partition: { topLevelSite: SITE, hasCrossSiteAncestor: false } } as const;

export const KINDS: readonly RequestKind[] = [
  { name: 'a typed address', run: (page, target) => page.goTo(target), context: {} },
  { name: 'a link of the same origin', from: 'app', run: leave((t) => `location.href = ${t};`), context: {} },
  { name: 'a link of the same site', from: 'sibling', run: leave((t) => `location.href = ${t};`), context: {} },
  { name: 'a link of another site', from: 'other', run: leave((t) => `location.href = ${t};`), context: cross },
  { name: 'a POST form of another site', from: 'other', run: form('post'), context: { ...cross, method: 'POST' } },
  { name: 'a GET form of another site', from: 'other', run: form('get'), context: cross },
  { name: 'a POST form of the same site', from: 'sibling', run: form('post'), context: { method: 'POST' } },
  { name: 'a fetch of the same origin', from: 'app', run: fetched('{}'), context: ownTab },
  {
    name: 'the same without credentials',
    from: 'app',
    run: fetched("{credentials:'omit'}"),
    context: { ...ownTab, credentials: 'omit' },
  },
  {
    name: 'a fetch of the same site',
    from: 'sibling',
    run: fetched('{}'),
    context: { ...ownTab, credentials: 'same-origin', sameOrigin: false },
  },
  { name: 'the same with credentials', from: 'sibling', run: fetched("{credentials:'include'}"), context: ownTab },
  {
    name: 'a POST fetch of the same site with credentials',
    from: 'sibling',
    run: fetched("{method:'POST',credentials:'include'}"),
    context: { ...ownTab, method: 'POST' },
  },
  {
    name: 'a fetch of another site',
    from: 'other',
    run: fetched("{mode:'no-cors',credentials:'same-origin'}"),
    context: { ...foreignTab, credentials: 'same-origin', sameOrigin: false },
  },
  { name: 'the same with credentials', from: 'other', run: fetched("{credentials:'include'}"), context: foreignTab },
  { name: 'an image of the same site', from: 'sibling', run: element('img', 'src'), context: ownTab },
  { name: 'an image of another site', from: 'other', run: element('img', 'src'), context: foreignTab },
  {
    name: 'an anonymous image of another site',
    from: 'other',
    run: element('img', 'src', "e.crossOrigin = 'anonymous';"),
    context: { ...foreignTab, credentials: 'same-origin', sameOrigin: false },
  },
  { name: 'a script of another site', from: 'other', run: element('script', 'src'), context: foreignTab },
  { name: 'a frame of the same site', from: 'sibling', run: element('iframe', 'src'), context: ownTab },
  { name: 'a frame of another site', from: 'other', run: element('iframe', 'src'), context: foreignTab },
  {
    name: 'a beacon of another site',
    from: 'other',
    run: (page, t) => js(page, `navigator.sendBeacon(${JSON.stringify(t)}, 'x');`),
    context: { ...foreignTab, method: 'POST' },
  },
  {
    name: 'a link from http to https of the host',
    from: 'appPlain',
    run: leave((t) => `location.href = ${t};`),
    context: { otherScheme: true },
  },
  {
    name: 'a POST form from http to https of the host',
    from: 'appPlain',
    run: form('post'),
    context: { otherScheme: true, method: 'POST' },
  },
  {
    name: 'a fetch from http to https of the host',
    from: 'appPlain',
    run: fetched("{credentials:'include'}"),
    context: {
      otherScheme: true,
      topLevel: false,
      partition: { topLevelSite: 'http://shop.test', hasCrossSiteAncestor: true },
    },
  },
  {
    name: 'a link to the application over http',
    from: 'appPlain',
    plainTarget: true,
    run: leave((t) => `location.href = ${t};`),
    context: {},
  },
  {
    name: 'an image over http in a page of another site',
    from: 'otherPlain',
    plainTarget: true,
    run: element('img', 'src'),
    context: {
      ...cross,
      topLevel: false,
      partition: { topLevelSite: 'http://other.test', hasCrossSiteAncestor: true },
    },
  },
  {
    name: 'a fetch of the application inside a frame of its own below another site',
    from: 'other',
    run: (page, target, { app }) => {
      const html = `<script>fetch(${JSON.stringify(target)}).then((a) => a.text()).then(() => parent.postMessage('done', '*'))</script>`;
      const url = `${app}/frame?html=${encodeURIComponent(html)}`;
      return js(
        page,
        `await new Promise((done) => { addEventListener('message', done); const e = document.createElement('iframe'); e.src = ${JSON.stringify(url)}; document.body.append(e); });`,
      );
    },
    context: { ...foreignTab },
  },
  {
    name: 'a link of the same site that another site redirects on',
    from: 'sibling',
    run: (page, target, { other }) =>
      page.evaluate(
        `(() => { setTimeout(() => { location.href = ${JSON.stringify(`${other}/go?to=${encodeURIComponent(target)}`)}; }, 0); })()`,
      ),
    context: {},
  },
];

/** A cookie that went with a kind of request or not, otherwise than the judge says. */
export interface SendDifference {
  readonly kind: string;
  readonly cookie: string;
  readonly browser: boolean;
  readonly judge: string;
}

/** Kinds that are tried at the same time, each in a context of its own. */
const AT_ONCE = 7;

/** Tries every kind of request. */
export async function compareSent(
  browser: RealChromium,
  site: OracleSite,
  rules: CookieRules,
): Promise<readonly SendDifference[]> {
  const differences: SendDifference[] = [];
  site.lines = [...FIRST_PARTY, ...FRAMED];
  for (let n = 0; n < KINDS.length; n += AT_ONCE) {
    const some = KINDS.slice(n, n + AT_ONCE).map((kind, i) => compareOne(browser, site, rules, kind, `k${n + i}`));
    differences.push(...(await Promise.all(some)).flat());
  }
  return differences;
}

async function compareOne(
  browser: RealChromium,
  site: OracleSite,
  rules: CookieRules,
  { name: kind, from, run, plainTarget, context }: RequestKind,
  k: string,
): Promise<readonly SendDifference[]> {
  const places: Places = {
    app: `https://app.shop.test:${site.secure}`,
    appPlain: `http://app.shop.test:${site.plain}`,
    sibling: `https://www.shop.test:${site.secure}`,
    other: `https://other.test:${site.secure}`,
    otherPlain: `http://other.test:${site.plain}`,
  };
  const page = await openPage(browser);
  const jar = new BrowserJar(rules);
  await page.goTo(`${places.app}/start?n=${FIRST_PARTY.map((_, n) => n).join()}`);
  jar.setAll(FIRST_PARTY, { url: `${places.app}/start`, at: Date.now() });
  await page.goTo(`${places.other}/`);
  const framed = `${places.app}/framed?n=${FRAMED.map((_, n) => FIRST_PARTY.length + n).join()}`;
  await element('iframe', 'src')(page, framed);
  jar.setAll(FRAMED, { url: framed, at: Date.now(), ...foreignTab });

  const target = `${plainTarget === true ? places.appPlain : places.app}/target?k=${k}`;
  await page.goTo(from === undefined ? 'about:blank' : `${places[from]}/from`);
  const came = site.next(k);
  await run(page, target, places);
  const sent = new Set((await came).split('; ').map((pair) => pair.split('=')[0]));
  await page.close();
  return [...FIRST_PARTY, ...FRAMED].flatMap((line) => {
    const cookie = line.split('=')[0] as string;
    const held = jar.cookies.find(({ name }) => name === cookie);
    const judged = held === undefined ? undefined : wouldSend(held, { url: target, at: Date.now(), ...context }, rules);
    if ((judged?.sent ?? false) === sent.has(cookie)) return [];
    const reasons = judged?.reasons.filter(({ verdict }) => verdict === 'no').map(({ code }) => code);
    return [{ kind, cookie, browser: sent.has(cookie), judge: reasons?.join(' ') ?? 'not stored' }];
  });
}
