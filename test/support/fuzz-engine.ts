import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { operations } from '../../core/bridge/contract.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface FuzzResult {
  readonly seed: number;
  readonly actions: number;
  /** Health checks that were answered rightly, and those that were not, with what was wrong. */
  readonly healthy: number;
  readonly wrong: readonly string[];
  /** How the process ended when it was told to; anything but 0 is wrong. */
  readonly exit: number | null;
  /** Lines of the log that are no handled sentence. */
  readonly failures: readonly string[];
  /** The longest turn of the engine's thread in its own processor time, in ms; undefined where it cannot be measured. */
  readonly longestTurn: number | undefined;
}

/** Random numbers that a seed gives again (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  bytes(most: number): Buffer {
    return Buffer.from(Array.from({ length: this.below(most + 1) }, () => this.below(256)));
  }
}

const HOSTS = [
  'a%zz',
  '%',
  'a^b',
  'a|b',
  'a<b>',
  'xn--a',
  'a_b',
  '-',
  'A.B',
  'a..b',
  'ü',
  '1.2.3',
  '0x7f.1',
  'a"b',
  '{a}',
  'a,b',
];
const TARGETS = [
  '/',
  '//',
  '/%',
  '/%zz?%zz=%zz',
  '/a b',
  '/?;=&',
  '/..;/..',
  `/${'a'.repeat(5_000)}`,
  '/\u00e9',
  '/#x',
  '*',
  '?q',
];
const FIELDS = [
  'Cookie',
  'Host',
  'X-Forwarded-For',
  'Authorization',
  'Content-Length',
  'Transfer-Encoding',
  'Expect',
  'Upgrade',
  'Connection',
  'Accept-Encoding',
  'Referer',
];
const VALUES = [
  '',
  ' ',
  'a=b',
  ';;=;',
  'a="',
  `sid=${'x'.repeat(9_000)}`,
  'chunked',
  '-1',
  '99999999999',
  'websocket',
  '100-continue',
  'gzip, br',
  '%00',
  '\u00ff\u00fe',
  'a=b\tc',
  '=;=',
  'eyJhIjp7fX0.x.y',
  'gASVBQAAAAAAAAB9lC4=',
];

/** A cookie's value or a record: what formats begin with, cut, repeated and broken. */
function contents(dice: Dice): Buffer {
  const n = dice.below(3_000);
  const shapes: (() => Buffer)[] = [
    () => dice.bytes(400),
    () => Buffer.from(`\x80\x02cm\nX\n)\x81${'}b'.repeat(n)}.`, 'latin1'),
    () => Buffer.from(`\x80\x02N${'\x85'.repeat(n)}.`, 'latin1'),
    () => Buffer.from(`\x80\x02N${'Q'.repeat(n)}.`, 'latin1'),
    () => Buffer.from(`\x80\x02)${'\x94h\x00\x86'.repeat(n)}.`, 'latin1'),
    () => Buffer.from(`\x80\x02cos\nsystem\n(U\x02lstR.`, 'latin1'),
    () => Buffer.from(`{${'"k":1,'.repeat(n)}"k":[${'['.repeat(dice.below(900))}`),
    () => Buffer.from(`${'['.repeat(n)}${']'.repeat(n)}`),
    () => Buffer.from(`a:${n}:{${'i:0;i:1;'.repeat(n)}}`),
    () => Buffer.from('x'.repeat(n)),
  ];
  let made = dice.of(shapes)();
  if (dice.chance(0.3)) made = made.subarray(0, dice.below(made.length + 1));
  if (dice.chance(0.3) && made.length > 0) made[dice.below(made.length)] = dice.below(256);
  for (let layers = dice.chance(0.4) ? dice.below(4) : 0; layers > 0; layers -= 1)
    made = Buffer.from(made.toString('base64'));
  return made;
}

function json(dice: Dice, depth = 0): unknown {
  const leaf = [null, true, -1, 1e308, '', 'a%zz', '\u0000', '\ud800', 's1', 'http://a%zz/', '//', [], {}];
  if (depth > 3 || dice.chance(0.5)) return dice.of(leaf);
  if (dice.chance(0.5)) return Array.from({ length: dice.below(5) }, () => json(dice, depth + 1));
  const keys = [
    'key',
    'id',
    'filter',
    'limit',
    'storeId',
    'url',
    'text',
    'of',
    'edits',
    'path',
    '__proto__',
    'flowId',
    'address',
  ];
  return Object.fromEntries(Array.from({ length: dice.below(5) }, () => [dice.of(keys), json(dice, depth + 1)]));
}

/** Requests that are well formed and meet odd values: they come further than random ones. */
function request(dice: Dice, known: { readonly flows: string[]; readonly sessions: string[] }): [string, unknown] {
  const id = dice.of([...known.flows, 'none']);
  const key = dice.of([...known.sessions, 's0', 'x']);
  const of = { base64: contents(dice).toString('base64') };
  const filter = dice.of([
    '',
    'a',
    '"',
    '-',
    'host:',
    'data.x>',
    '%zz',
    '(',
    'is:error',
    'url:%',
    'status:5xx -',
    '\\',
  ]);
  return dice.of<[string, unknown]>([
    ['flows.list', { limit: dice.below(300), filter }],
    ['sessions.list', { filter }],
    ['session.detail', { key }],
    ['session.timeline', { key, limit: 50 }],
    ['flow.detail', { id }],
    ['flow.body', { id, part: dice.of(['request', 'response']) }],
    ['flow.frames', { id }],
    ['flow.replay', { id }],
    ['export.har', { filter }],
    ['export.curl', { id }],
    ['export.cookies', { key, form: dice.of(['cookies-txt', 'storage-state']) }],
    ['import.har', { text: JSON.stringify(json(dice)) }],
    ['import.cookies', { text: dice.of([JSON.stringify(json(dice)), contents(dice).toString('latin1')]) }],
    ['value.decode', { of }],
    ['value.findings', { of }],
    ['value.edit', { of, edits: [] }],
    ['cookie.judge', { setCookie: contents(dice).toString('latin1'), url: `http://${dice.of(HOSTS)}/` }],
    ['rules.list', {}],
    ['settings.set', { key: `fuzz${dice.below(5)}`, value: json(dice) }],
    ['session.prove', { key, flowId: id }],
    ['policy.ask', { key, question: json(dice) }],
    [
      dice.of(
        Object.keys(operations).filter(
          (name) => !/^(app\.|browser|practice|proxy\.|certificate|intercept|stores)/.test(name),
        ),
      ),
      json(dice),
    ],
  ]);
}

/**
 * A real web mode in a process of its own, under random traffic, records, bridge messages and web requests, cut off at
 * random places. The process, other traffic and the answers of the bridge are to survive.
 */
export async function fuzzEngine(options: { seed: number; actions?: number; seconds?: number }): Promise<FuzzResult> {
  const dice = new Dice(options.seed);
  const folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-fuzz-'));
  const records = path.join(folder, 'sessions');
  mkdirSync(records);
  const origin = await listen((socket) => answer(socket, dice));
  const good = await listen((socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood')),
  );
  const probe = path.join(import.meta.dirname, 'stall-probe.mjs');
  const serve = ['serve', '--port', '0', '--proxy-port', '0', '--data', path.join(folder, 'data')];
  const child = spawn(process.execPath, ['--import', probe, path.join(ROOT, 'cli/main.ts'), ...serve]);
  let out = '';
  let log = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (log += chunk));
  const started = /Sessionscope: http:\/\/127\.0\.0\.1:(\d+)\/#token=(\S+)[\s\S]*Proxy: 127\.0\.0\.1:(\d+)/;
  const wrong: string[] = [];
  let actions = 0;
  let healthy = 0;
  try {
    await waitFor(() => started.test(out) || child.exitCode !== null);
    const [, page = '0', token = '', proxy = '0'] = started.exec(out) ?? [];
    child.kill('SIGUSR2');
    const call = (method: string, body: unknown) => bridge(Number(page), token, method, body);
    await call('stores.attach', { address: `disk:${records}` });
    const known = { flows: [] as string[], sessions: [] as string[] };
    const until = performance.now() + (options.seconds ?? 1e9) * 1_000;
    while (actions < (options.actions ?? Infinity) && performance.now() < until && child.exitCode === null) {
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          actions += 1;
          const kind = dice.next();
          if (kind < 0.45) await throughProxy(Number(proxy), portOf(origin), dice);
          else if (kind < 0.55)
            writeFileSync(path.join(records, dice.of(['a', 'b', 'c', '5f2d9c0a1b'.repeat(4)])), contents(dice));
          else if (kind < 0.7) await webRequest(Number(page), token, dice);
          else await call(...request(dice, known)).catch(() => undefined);
        }),
      );
      if (actions % 160 !== 0) continue;
      const said = await health(call, Number(proxy), portOf(good));
      if (said === undefined) healthy += 1;
      else wrong.push(`after ${actions} actions: ${said}`);
      const flows = (await call('flows.list', { limit: 50 }).catch(() => ({}))) as { flows?: { id: string }[] };
      const sessions = (await call('sessions.list', {}).catch(() => ({}))) as { sessions?: { key: string }[] };
      known.flows = (flows.flows ?? []).map(({ id }) => id);
      known.sessions = (sessions.sessions ?? []).map(({ key }) => key);
    }
    const exit = await end(child);
    const turn = /longest turn ([\d.]+) ms/.exec(out)?.[1];
    return {
      ...{ seed: options.seed, actions, healthy, wrong, exit },
      failures: log
        .split('\n')
        .filter((line) => /internal failure|\bat .*:\d+:\d+|failed; traffic carries on/.test(line)),
      longestTurn: turn === undefined ? undefined : Number(turn),
    };
  } finally {
    await end(child);
    origin.close();
    good.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  return child.exitCode;
}

/** undefined when all is well. */
async function health(
  call: (method: string, body: unknown) => Promise<unknown>,
  proxy: number,
  good: number,
): Promise<string | undefined> {
  const info = (await call('app.info', {}).catch((error: unknown) => String(error))) as { proxy?: unknown } | string;
  if (typeof info === 'string' || info.proxy === undefined) return `app.info: ${JSON.stringify(info)}`;
  const url = `http://127.0.0.1:${good}/good`;
  const text = await send(proxy, `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1:${good}\r\nConnection: close\r\n\r\n`);
  return text.endsWith('good') ? undefined : `a request was answered with ${JSON.stringify(text.slice(0, 200))}`;
}

function answer(socket: net.Socket, dice: Dice): void {
  socket.on('error', () => {});
  socket.once('data', () => {
    const cookie = `Set-Cookie: ${dice.of(['session_id', 'webpy_session_id', 'a b', '__Host-x', ''])}=${contents(dice).toString('base64').slice(0, 7_000)}${dice.of(['', '; Path=/%zz', '; Domain=a%zz', '; Expires=x', '; Max-Age=1e9'])}`;
    const location = dice.chance(0.2) ? `Location: ${dice.of(['//', 'http://a%zz/', '/%', 'mailto:x'])}\r\n` : '';
    const coding = dice.chance(0.2) ? `Content-Encoding: ${dice.of(['gzip', 'br', 'zstd', 'x'])}\r\n` : '';
    const body = dice.chance(0.5) ? contents(dice) : Buffer.from('hello');
    const status = dice.of([
      '200 OK',
      '302 Found',
      '404',
      '500 \u00ff',
      '101 Switching Protocols',
      '204 No Content',
      '999 x',
    ]);
    const head = `HTTP/1.1 ${status}\r\n${cookie}\r\n${location}${coding}Content-Length: ${body.length}\r\n\r\n`;
    const whole = Buffer.concat([Buffer.from(head, 'latin1'), body]);
    const cut = dice.chance(0.2) ? dice.below(whole.length + 1) : whole.length;
    if (dice.chance(0.05)) socket.write(dice.bytes(300));
    socket.write(whole.subarray(0, cut), () => (dice.chance(0.1) ? socket.destroy() : socket.end()));
  });
}

async function throughProxy(proxy: number, origin: number, dice: Dice): Promise<void> {
  const host = dice.chance(0.7) ? `${dice.of(HOSTS)}.localhost:${origin}` : `127.0.0.1:${origin}`;
  const method = dice.of(['GET', 'GET', 'POST', 'OPTIONS', 'CONNECT', 'X', 'g e t']);
  const target =
    method === 'CONNECT'
      ? host
      : dice.of(['http://', 'http://', 'http://', 'https://', 'ws://', '']) + host + dice.of(TARGETS);
  const cookie = dice.chance(0.6)
    ? `Cookie: session_id=${contents(dice).toString('base64').slice(0, 7_000)}; b=${dice.of(VALUES)}\r\n`
    : '';
  const fields = Array.from({ length: dice.below(4) }, () => `${dice.of(FIELDS)}: ${dice.of(VALUES)}\r\n`).join('');
  const text = `${method} ${target} HTTP/1.${dice.below(3)}\r\nHost: ${host}\r\n${cookie}${fields}Connection: close\r\n\r\n`;
  const whole = Buffer.concat([Buffer.from(text, 'latin1'), dice.chance(0.3) ? dice.bytes(300) : Buffer.alloc(0)]);
  await send(proxy, dice.chance(0.2) ? whole.subarray(0, dice.below(whole.length)) : whole, dice.chance(0.15), 500);
}

async function webRequest(page: number, token: string, dice: Dice): Promise<void> {
  const target = dice.chance(0.5)
    ? `/api/${dice.of([...Object.keys(operations), 'events', '%zz', '', '..'])}`
    : dice.of(TARGETS);
  const auth = dice.chance(0.6) ? `X-Sessionscope-Token: ${token}\r\nContent-Type: application/json\r\n` : '';
  const body = dice.chance(0.5) ? JSON.stringify(json(dice)) : dice.bytes(200).toString('latin1');
  // Nothing random may end the process by an answer that means it.
  if (/^\/api\/(app|browser|practice|proxy|certificate|intercept|stores)/.test(target)) return;
  const length = dice.chance(0.3) ? dice.below(10_000) : Buffer.byteLength(body);
  const text =
    `${dice.of(['GET', 'POST', 'PUT', 'HEAD'])} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${page}\r\n${auth}` +
    `Content-Length: ${length}\r\nConnection: close\r\n\r\n${body}`;
  await send(page, dice.chance(0.2) ? text.slice(0, dice.below(text.length)) : text, dice.chance(0.3), 500);
}

/** What comes back until the other side is done; after `patience` it is cut off from here. */
function send(port: number, data: Buffer | string, destroy = false, patience = 20_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(data, () => destroy && socket.destroy()));
    const timer = setTimeout(() => socket.destroy(), patience);
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}

async function bridge(page: number, token: string, method: string, body: unknown): Promise<unknown> {
  const reply = await fetch(`http://127.0.0.1:${page}/api/${method}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Sessionscope-Token': token },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const answered = (await reply.json()) as { ok: boolean; value?: unknown; problem?: unknown };
  if (!answered.ok) throw new Error(JSON.stringify(answered.problem));
  return answered.value;
}

function listen(onConnection: (socket: net.Socket) => void): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

async function waitFor(there: () => boolean): Promise<void> {
  while (!there()) await new Promise((resolve) => setTimeout(resolve, 20));
}
