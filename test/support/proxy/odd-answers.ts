import { execFile } from 'node:child_process';
import { createServer, type Server, type Socket } from 'node:net';
import { openPage, type RealChromium } from '../chromium.ts';
import type { Address } from './raw-client.ts';

/** An answer that no specification allows, or that is only just allowed, as applications send them. */
export interface OddAnswer {
  readonly name: string;
  readonly bytes: string;
  /** The application closes after it; else it leaves the connection open. */
  readonly close?: boolean;
}

/** Where we do not follow one of the two programs, and why. */
export const NOT_FOLLOWED: Readonly<Record<string, { readonly program: 'curl' | 'chromium'; readonly why: string }>> = {
  'Content-Length: "0x5"': { program: 'curl', why: 'curl takes the 0 for the length, Chromium reads to the end' },
  'Content-Length: "5, 6"': { program: 'curl', why: 'two lengths: Chromium refuses them as a way to split answers' },
  'two different lengths': { program: 'curl', why: 'two lengths: Chromium refuses them as a way to split answers' },
  'chunks in HTTP/1.0': { program: 'chromium', why: 'curl and Firefox decode them, Chromium shows the chunks' },
};

const OK = 'HTTP/1.1 200 OK\r\n';
const five = 'Content-Length: 5\r\n\r\nhello';
const chunks = '5\r\nhello\r\n0\r\n\r\n';
const line = (status: string, close = false): OddAnswer => ({
  name: `status line ${JSON.stringify(status)}`,
  bytes: `${status}\r\n${five}`,
  close,
});
const before = (junk: string): OddAnswer => ({
  name: `${JSON.stringify(junk)} before the status line`,
  bytes: `${junk}${OK}${five}`,
});
const length = (value: string, close = true): OddAnswer => ({
  name: `Content-Length: ${JSON.stringify(value)}`,
  bytes: `${OK}Content-Length: ${value}\r\n\r\nhello`,
  close,
});
const coding = (fields: string, body = chunks, close = false): OddAnswer => ({
  name: `${JSON.stringify(fields)} before ${JSON.stringify(body)}${close ? ', closed' : ''}`,
  bytes: `${OK}${fields}\r\n\r\n${body}`,
  close,
});
const chunked = (body: string, close = false) => coding('Transfer-Encoding: chunked', body, close);
const head = (fields: string): OddAnswer => ({
  name: `head ${JSON.stringify(fields)}`,
  bytes: `${OK}${fields}${five}`,
});

export const ODD_ANSWERS: readonly OddAnswer[] = [
  { name: 'a sound one', bytes: `${OK}${five}` },
  line('HTTP/2 200 OK'),
  line('HTTP/2.0 200 OK'),
  line('HTTP/3 200 OK'),
  line('HTTP/1.2 200 OK'),
  line('HTTP/1.9 200 OK'),
  line('HTTP/1 200 OK'),
  line('HTTP/0.9 200 OK'),
  line('HTTP/1.10 200 OK'),
  line('HTTP/11.1 200 OK'),
  line('http/1.1 200 ok'),
  line('HTTP/1.1 200'),
  line('HTTP/1.1 200 '),
  line('HTTP/1.1  200   OK'),
  line('HTTP/1.1 200OK'),
  line('HTTP/1.1 200\tOK'),
  line('HTTP/1.1\t200 OK'),
  line('HTTP/1.1'),
  line('HTTP/1.1 '),
  line('HTTP/1.1 OK'),
  line('HTTP 200 OK'),
  line('HTTP/ 200 OK'),
  line('HTTP/1.1 299 OK'),
  line('HTTP/1.1 600 Odd'),
  line('HTTP/1.1 999 Odd'),
  line('HTTP/1.1 20 OK'),
  line('HTTP/1.1 2000 OK'),
  line('HTTP/1.1 0200 OK'),
  line('HTTP/1.1 000 OK'),
  line('HTTP/1.1 099 OK'),
  line('HTTP/1.1 -200 OK'),
  line('HTTP/1.1 200 \x01\x7f\xe9'),
  line('ICY 200 OK'),
  before('\r\n'),
  before('\n'),
  before('\n\n'),
  before('\r\n\r\n'),
  before('\r\n\r\n\r\n'),
  before(' '),
  before('abcd'),
  before('abcde'),
  before('\0'),
  before('\xef\xbb\xbf'),
  length('-1'),
  length('-5'),
  length('+5'),
  length('5 '),
  length(' 5', false),
  length(''),
  length('abc'),
  length('5abc'),
  length('5;'),
  length('5.0'),
  length('0x5'),
  length('5 5'),
  length('5, 5', false),
  length('5,5', false),
  length('5, 6'),
  length('5,'),
  length('000000000000000000005', false),
  length('99999999999999999999'),
  length('9007199254740993'),
  length('"5"'),
  { name: 'two equal lengths', bytes: `${OK}Content-Length: 5\r\n${five}` },
  { name: 'two different lengths', bytes: `${OK}Content-Length: 6\r\n${five}`, close: true },
  { name: 'a negative length, kept open', bytes: `${OK}Content-Length: -1\r\n\r\nhello` },
  { name: 'more than announced', bytes: `${OK}${five} and more` },
  { name: 'no length', bytes: `${OK}\r\nhello`, close: true },
  coding('Transfer-Encoding: chunked\r\ntransfer-encoding: chunked'),
  coding('Transfer-Encoding: chunked, chunked'),
  coding('Transfer-Encoding: CHUNKED'),
  coding('Transfer-Encoding:  chunked '),
  coding('Transfer-Encoding: chunked,'),
  coding('Transfer-Encoding: ,chunked'),
  coding('Transfer-Encoding: identity, chunked'),
  coding('Transfer-Encoding: chunked, identity'),
  coding('Transfer-Encoding: chunked;q=1', chunks, true),
  coding('Transfer-Encoding: xchunked', chunks, true),
  coding('Transfer-Encoding: "chunked"', chunks, true),
  coding('Transfer-Encoding: chunked\r\nContent-Length: 3'),
  coding('Content-Length: 3\r\nTransfer-Encoding: chunked'),
  coding('Content-Length: abc\r\nTransfer-Encoding: chunked'),
  coding('Content-Length: 3\r\nContent-Length: 4\r\nTransfer-Encoding: chunked'),
  coding('Transfer-Encoding: identity\r\nContent-Length: 5', 'hello'),
  coding('Content-Length: 5\r\nTransfer-Encoding: identity', 'hello'),
  coding('Transfer-Encoding: identity', 'hello', true),
  coding('Transfer-Encoding:\r\nContent-Length: 5', 'hello'),
  coding('Transfer-Encoding: none\r\nContent-Length: 5', 'hello'),
  coding('Transfer-Encoding: binary', 'hello', true),
  coding('Transfer-Encoding: gzip\r\nContent-Length: 5', 'hello'),
  coding('Transfer-Encoding: gzip, chunked'),
  chunked('0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n'),
  chunked('00000000000000000005\r\nhello\r\n00000000000000000000\r\n\r\n'),
  chunked('5 \r\nhello\r\n0\r\n\r\n'),
  chunked('5\t\r\nhello\r\n0\r\n\r\n'),
  chunked('5        \r\nhello\r\n0   \r\n\r\n'),
  chunked(' 5\r\nhello\r\n0\r\n\r\n'),
  chunked('5;a=b\r\nhello\r\n0\r\n\r\n'),
  chunked('5 ; a="x;y"\r\nhello\r\n0;end\r\n\r\n'),
  chunked('5;\x01\r\nhello\r\n0\r\n\r\n'),
  chunked('5 junk\r\nhello\r\n0\r\n\r\n'),
  chunked('5g\r\nhello\r\n0\r\n\r\n'),
  chunked('0x5\r\nhello\r\n0\r\n\r\n'),
  chunked('+5\r\nhello\r\n0\r\n\r\n'),
  chunked('-5\r\nhello\r\n0\r\n\r\n'),
  chunked('\r\n5\r\nhello\r\n0\r\n\r\n'),
  chunked('5\nhello\n0\n\n'),
  chunked('5\r\nhello0\r\n\r\n'),
  chunked('5\r\nhello \r\n0\r\n\r\n'),
  chunked('5\r\nhello\r\n\r\n0\r\n\r\n'),
  chunked('5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n'),
  chunked('5\r\nhello\r\n0\r\nno colon\r\n\r\n'),
  chunked('5\r\nhello\r\n0\r\n', true),
  chunked('5\r\nhello\r\n0', true),
  chunked('5\r\nhello\r\n', true),
  chunked('5\r\nhel', true),
  { name: 'chunks in HTTP/1.0', bytes: `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`, close: true },
  head('X-A: 1\r\n folded\r\n'),
  head(' leading: 1\r\n'),
  head('no colon here\r\n'),
  head(': empty\r\n'),
  head('X A: 1\r\n'),
  head('X-A : 1\r\n'),
  head('X-\xe9: 1\r\n'),
  head('X-A: a\rb\r\n'),
  head('X-A: a\x01b\r\n'),
  head('X-A: a\x7fb\r\n'),
  head('X-A: 1\n'),
  head('X-A: 1\r\r\n'),
  { name: 'bare line feeds', bytes: 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello' },
  { name: 'a head without its end', bytes: `${OK}X-A: 1\r\nContent-Length: 0\r\n`, close: true },
  { name: 'a head without its end and length', bytes: `${OK}X-A: 1\r\n`, close: true },
  { name: 'a head cut in a line', bytes: `${OK}Content-Length: 0\r\nX-A: 1`, close: true },
  { name: '204 with a body', bytes: `HTTP/1.1 204 No Content\r\n${five}` },
  { name: '205 with a body', bytes: `HTTP/1.1 205 Reset Content\r\n${five}` },
  { name: '304 with a body', bytes: `HTTP/1.1 304 Not Modified\r\n${five}` },
  { name: 'a 1xx before', bytes: `HTTP/1.1 102 Processing\r\nX: 1\r\n\r\n${OK}${five}` },
  { name: 'an unknown 1xx before', bytes: `HTTP/1.1 199 Odd\r\n\r\n${OK}${five}` },
  { name: 'a 100 with a length before', bytes: `HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n${OK}${five}` },
  { name: 'a broken 100 before', bytes: `HTTP/1.1 100 Continue\r\n\r\n\r\n${OK}${five}` },
];

/** An application that sends the answer of that number for `/n`, and a page for everything else. */
export async function oddApplication(): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const number = /^\w+ \S*?\/(\d+)(?:\?\S*)? /.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 4);
        const answer = number === undefined ? undefined : ODD_ANSWERS[Number(number)];
        const page = `${OK}Content-Type: text/html\r\nContent-Length: 2\r\n\r\nok`;
        socket.write(answer?.bytes ?? page, 'latin1');
        if (answer?.close === true) socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** What a program made of each answer: status and body, or that it refused it. */
export type Readings = readonly string[];

const REFUSED = 'refused';
/** Milliseconds that a program waits for an answer whose end does not come. */
const PATIENCE = 1200;

/** curl's reading of each answer. */
export async function readByCurl(port: number, proxy?: Address): Promise<Readings> {
  const through = proxy === undefined ? ['--noproxy', '*'] : ['--proxy', `http://${proxy.host}:${proxy.port}`];
  const one = (n: number) =>
    new Promise<string>((resolve) => {
      const args = ['-sS', '--max-time', String(PATIENCE / 1000), '-w', '\n%{http_code}', ...through];
      execFile('curl', [...args, `http://127.0.0.1:${port}/${n}`], { encoding: 'latin1' }, (error, out) => {
        const cut = out.lastIndexOf('\n');
        resolve(error === null ? `${out.slice(cut + 1)} ${out.slice(0, cut)}` : REFUSED);
      });
    });
  return inBatches(one);
}

/** Chromium's reading of each answer, by `fetch` in a page of the application. */
export async function readByChromium(browser: RealChromium, port: number, proxy?: Address): Promise<Readings> {
  const page = await openPage(browser, proxy);
  await page.goTo(`http://127.0.0.1:${port}/page`);
  const readings = await inBatches((n) =>
    page.evaluate<string>(`(async () => {
      try {
        const answer = await fetch('/${n}', { signal: AbortSignal.timeout(${PATIENCE}), cache: 'no-store' });
        return answer.status + ' ' + await answer.text();
      } catch { return '${REFUSED}'; }
    })()`),
  );
  await page.close();
  return readings;
}

async function inBatches(one: (n: number) => Promise<string>): Promise<string[]> {
  const readings: string[] = [];
  for (let n = 0; n < ODD_ANSWERS.length; n += 12) {
    const batch = ODD_ANSWERS.slice(n, n + 12).map((_, i) => one(n + i));
    readings.push(...(await Promise.all(batch)));
  }
  return readings;
}
