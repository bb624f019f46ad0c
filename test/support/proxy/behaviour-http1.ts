import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { type Lab, lines, type Mode } from './lab.ts';
import { Reader, within } from './raw-client.ts';
import { chunk } from './raw-origin.ts';

export interface Check {
  readonly name: string;
  readonly run: (lab: Lab) => Promise<void>;
}

const afterHead = (text: string) => text.split('\r\n\r\n').slice(1).join('\r\n\r\n');
const theme = (lab: Lab) => (lab.edits ? 'EDITED' : 'dark');
const refusedBy = (status: number) => status >= 400;

/** What an HTTP/1 client and origin must see of each other, whatever lies between. Each runs over HTTP and HTTPS. */
export function http1Checks(mode: Mode): Check[] {
  const check = (name: string, run: (lab: Lab) => Promise<void>): Check => ({ name: `${mode}.${name}`, run });
  return [
    check('set-cookie separate, in order', async (lab) => {
      const { text } = await lab.ask(mode, 'cookies');
      const values = lines(text, /^set-cookie:/i).map((line) => line.replace(/^[^:]+: */, ''));
      assert.deepEqual(values, ['a=1; Path=/', `theme=${theme(lab)}; Expires=Wed, 09 Jun 2027 10:18:14 GMT`, 'a=3']);
    }),
    check('response header case + order kept', async (lab) => {
      const { text } = await lab.ask(mode, 'cookies');
      const names = lines(text, /^(set-cookie|x-mid):/i).map((line) => line.split(':')[0]);
      assert.deepEqual(names, ['SET-COOKIE', 'X-Mid', 'Set-Cookie', 'set-cookie', 'X-Mid']);
    }),
    check('request header case, order, duplicates kept', async (lab) => {
      const headers = ['X-b: 1', 'COOKIE: theme=dark; a=1', 'x-A: 2', 'X-b: 3', 'cookie: b=2'];
      const { seen } = await lab.ask(mode, 'ok', { headers });
      const want = ['X-b: 1', `COOKIE: theme=${theme(lab)}; a=1`, 'x-A: 2', 'X-b: 3', 'cookie: b=2'];
      assert.deepEqual(lines(seen.head, /^(x-[ab]|cookie):/i), want);
    }),
    check('request cookie reaches origin', async (lab) => {
      const { seen } = await lab.ask(mode, 'ok', { headers: ['Cookie: theme=dark; a=1'] });
      assert.deepEqual(lines(seen.head, /^cookie:/i), [`Cookie: theme=${theme(lab)}; a=1`]);
    }),
    check('latin1/UTF-8 bytes in headers kept', async (lab) => {
      const { text, seen } = await lab.ask(mode, 'latin1', { headers: ['Cookie: n=caf\xe9'] });
      assert.ok(text.includes('n=caf\xe9\r\n') && text.includes('\xc3\xa9\xe2\x82\xac'));
      assert.ok(seen.head.includes('n=caf\xe9'));
    }),
    check('chunked upload + request trailers', async (lab) => {
      const body = `${chunk('abc')}${chunk('def')}0\r\nX-T: 9\r\n\r\n`;
      const headers = ['Transfer-Encoding: chunked', 'Trailer: X-T'];
      const { seen } = await lab.ask(mode, 'chunkup', { method: 'POST', headers, body });
      assert.match(seen.body, /X-T: 9/);
    }),
    check('response trailers', async (lab) => {
      const { text } = await lab.ask(mode, 'trailers', {
        until: (got) => /0\r\n([\s\S]*\r\n)?\r\n$/.test(afterHead(got)),
      });
      assert.match(afterHead(text), /X-Sum: abc123/);
    }),
    check('expect 100 comes from origin', async (lab) => {
      const headers = ['Expect: 100-continue', 'Content-Length: 5'];
      const { socket, seen, reader } = await lab.send(mode, 'expect', { method: 'POST', headers });
      await within('head at the origin', seen.arrived.opened);
      assert.match(seen.head, /expect: 100-continue/i);
      assert.equal(reader.text, '', 'nothing may be answered before the origin does');
      seen.go.open();
      assert.match(await reader.head(), /^HTTP\/1.1 100/);
      socket.write('hello');
      assert.match(await reader.until((text) => text.endsWith('ok')), /^HTTP\/1.1 200/);
      socket.destroy();
    }),
    check('expect: 417 passed on', async (lab) => {
      const headers = ['Expect: 100-continue', 'Content-Length: 5'];
      const until = (text: string) => text.endsWith('no');
      const { text } = await lab.ask(mode, 'expect417', { method: 'POST', headers, until });
      assert.match(text, /^HTTP\/1.1 417/);
      assert.doesNotMatch(text, /100 Continue/);
    }),
    check('HEAD keeps content-length, no body', async (lab) => {
      const socket = await lab.connect(mode);
      const reader = new Reader(socket);
      await lab.send(mode, 'head', { method: 'HEAD', socket, reader });
      assert.match(await reader.head(), /content-length: 12345/i);
      await lab.send(mode, 'ok', { socket, reader });
      assert.match(await reader.head(), /^HTTP\/1.1 200 /, 'the next answer follows at once');
      socket.destroy();
    }),
    check('103 early hints passed on', async (lab) => {
      const { socket, seen, reader } = await lab.send(mode, 'early');
      const hint = await reader.head();
      assert.match(hint, /^HTTP\/1.1 103 /);
      assert.match(hint, /preload/);
      seen.go.open();
      assert.match(await reader.head(), /^HTTP\/1.1 200 /);
      socket.destroy();
    }),
    check('204 and 304 clean', async (lab) => {
      const socket = await lab.connect(mode);
      const reader = new Reader(socket);
      await lab.send(mode, 's204', { socket, reader });
      const none = await reader.head();
      await lab.send(mode, 's304', { socket, reader, headers: ['If-None-Match: "x"'] });
      const same = await reader.head();
      await lab.send(mode, 'ok', { socket, reader });
      const next = await reader.head();
      assert.match(none, /^HTTP\/1.1 204 /);
      assert.doesNotMatch(none, /transfer-encoding/i);
      assert.match(same, /^HTTP\/1.1 304 /);
      assert.match(same, /Content-Length: 999/);
      assert.match(next, /^HTTP\/1.1 200 /);
      socket.destroy();
    }),
    check('unusual status + reason phrase', async (lab) => {
      assert.match((await lab.ask(mode, 'reason')).text, /^HTTP\/1.1 299 Very Special Reason\r\n/);
    }),
    check('gzip body untouched', async (lab) => {
      const { text } = await lab.ask(mode, 'gzip', { until: (got) => afterHead(got).length >= 25 });
      assert.equal(
        Buffer.from(afterHead(text), 'latin1').toString('hex'),
        '1f8b0800000000000003cb48cdc9c9070086a6103605000000',
      );
      assert.match(text, /content-encoding: gzip/i);
    }),
    check('smuggling CL+TE not passed on', async (lab) => {
      const { seen } = await lab.ask(mode, 'ok', {
        method: 'POST',
        headers: ['Content-Length: 6', 'Transfer-Encoding: chunked'],
        body: '0\r\n\r\nGET /c/ok?id=smug HTTP/1.1\r\nHost: x\r\n\r\n',
        until: () => false,
      });
      assert.ok(!(/content-length/i.test(seen.head) && /transfer-encoding/i.test(seen.head)));
      assert.equal(lab.raw.seen.get('smug'), undefined);
    }),
    check('two different Content-Length refused', async (lab) => {
      const headers = ['Content-Length: 5', 'Content-Length: 6'];
      const { seen, status } = await lab.ask(mode, 'ok', {
        method: 'POST',
        headers,
        body: 'hello',
        until: () => false,
      });
      assert.ok(refusedBy(status));
      assert.equal(seen.head, '');
    }),
    check('"Transfer-Encoding : chunked" (space) refused', async (lab) => {
      const headers = ['Transfer-Encoding : chunked', 'Content-Length: 5'];
      const { seen, status } = await lab.ask(mode, 'ok', {
        method: 'POST',
        headers,
        body: '0\r\n\r\n',
        until: () => false,
      });
      assert.ok(refusedBy(status));
      assert.equal(seen.head, '');
    }),
    check('TE: xchunked refused', async (lab) => {
      const headers = ['Transfer-Encoding: xchunked'];
      const { seen, status } = await lab.ask(mode, 'ok', {
        method: 'POST',
        headers,
        body: '0\r\n\r\n',
        until: () => false,
      });
      assert.ok(refusedBy(status));
      assert.equal(seen.head, '');
    }),
    ...[20, 100].map((size) =>
      check(`request header of ${size} kB`, async (lab) => {
        const { status, seen } = await lab.ask(mode, 'ok', { headers: [`Cookie: big=${'y'.repeat(size * 1000)}`] });
        assert.equal(status, 200);
        assert.ok(seen.head.includes('y'.repeat(size * 1000)));
      }),
    ),
    ...[20, 100].map((size) =>
      check(`response header of ${size} kB`, async (lab) => {
        const { text } = await lab.ask(mode, 'bighead', { query: `&n=${size * 1000}` });
        assert.ok(text.includes('x'.repeat(size * 1000)));
      }),
    ),
    check('origin bare LF heads tolerated', async (lab) => {
      const { status, text } = await lab.ask(mode, 'barelf');
      assert.equal(status, 200);
      assert.match(text, /\r\nSet-Cookie: lf=1\r\n/);
    }),
    check('origin obs-fold header tolerated', async (lab) => {
      const { text } = await lab.ask(mode, 'obsfold');
      assert.match(text, /\r\nX-Fold: a b\r\n/);
    }),
    check('origin CL+TE response', async (lab) => {
      const { text } = await lab.ask(mode, 'clte', { until: (got) => got.endsWith('0\r\n\r\n') });
      assert.doesNotMatch(text, /content-length/i);
      assert.match(text, /\r\n5\r\nhello\r\n0\r\n\r\n$/);
    }),
    check('client abort -> upstream aborted (mid-body)', async (lab) => {
      const { socket, seen, reader } = await lab.send(mode, 'hang');
      await reader.until((text) => text.includes('first'));
      socket.destroy();
      await within('close at the origin', seen.closed.opened);
    }),
    check('client abort -> upstream aborted (before head)', async (lab) => {
      const { socket, seen } = await lab.send(mode, 'hanghead');
      await within('head at the origin', seen.arrived.opened);
      socket.destroy();
      await within('close at the origin', seen.closed.opened);
    }),
    check('upstream dies mid-body (Content-Length)', async (lab) => {
      const { seen, reader } = await lab.send(mode, 'diecl');
      await reader.until((text) => afterHead(text).length >= 5000);
      seen.go.open();
      const text = await reader.toEnd();
      assert.match(text, /content-length: 100000/i);
      assert.equal(afterHead(text).length, 5000);
    }),
    check('upstream dies mid-body (chunked)', async (lab) => {
      const { seen, reader } = await lab.send(mode, 'diechunk');
      await reader.until((text) => text.includes('x'.repeat(5000)));
      seen.go.open();
      assert.doesNotMatch(await reader.toEnd(), /0\r\n\r\n$/);
    }),
    check('upstream closes before head -> error answer', async (lab) => {
      assert.equal((await lab.ask(mode, 'diehead', { until: (text) => /\r\n\r\n/.test(text) })).status, 502);
    }),
    check('body without length (close-delimited)', async (lab) => {
      const { seen, reader } = await lab.send(mode, 'closedelim');
      await reader.until((text) => text.includes('hello'));
      seen.go.open();
      assert.match(afterHead(await reader.toEnd()), /hello [\s\S]*world/);
    }),
    check('stale keep-alive upstream hidden', async (lab) => {
      const socket = await lab.connect(mode);
      for (let i = 0; i < 6; i++) {
        const reader = new Reader(socket);
        const { seen } = await lab.send(mode, 'stale', { socket, reader });
        assert.match(await reader.until((text) => text.endsWith('ok')), / 200 /);
        reader.release();
        seen.go.open();
        // The close and the next request meet on the way, or the close is first.
        if (i % 2 === 1) await within('close at the origin', seen.closed.opened);
      }
      socket.destroy();
    }),
    check('pipelined requests answered in order', async (lab) => {
      const socket = await lab.connect(mode);
      const requests = ['reason', 'ok', 'reason'].map(
        (name) => `GET ${lab.target(mode, `/c/${name}?id=${lab.nextId()}`)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      );
      socket.write(requests.join(''));
      const all = (text: string) => (text.match(/HTTP\/1\.1 /g) ?? []).length === 3 && text.endsWith('ok');
      const text = await new Reader(socket).until(all);
      assert.deepEqual(
        [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]),
        ['299', '200', '299'],
      );
      socket.destroy();
    }),
    check('upload streams (origin sees it before the end)', async (lab) => {
      const { socket, seen, reader } = await lab.send(mode, 'slowup', {
        method: 'POST',
        headers: ['Content-Length: 30'],
      });
      socket.write('0123456789');
      await within('body at the origin', seen.bodyArrived.opened);
      socket.write('01234567890123456789');
      seen.go.open();
      assert.match(await reader.until((text) => text.endsWith('ok')), / 200 /);
      socket.destroy();
    }),
    check('20 MB upload intact', async (lab) => {
      const body = randomBytes(20 << 20);
      const { socket, reader } = await lab.send(mode, 'upload', {
        method: 'POST',
        query: `&n=${body.length}`,
        headers: [`Content-Length: ${body.length}`],
      });
      socket.write(body);
      const want = createHash('sha1').update(body).digest('hex');
      assert.equal((await reader.until((text) => text.includes(want))).slice(-40), want);
      socket.destroy();
    }),
    check('sse streams', async (lab) => {
      const { socket, seen, reader } = await lab.send(mode, 'sse');
      for (let i = 0; i < 6; i++) {
        seen.step(i).open();
        // The next event is only sent once this one has arrived.
        assert.match(await reader.until((text) => text.includes(`data: ${i}`)), new RegExp(`data: ${i}`));
      }
      socket.destroy();
    }),
    check('sse head before first event', async (lab) => {
      const { socket, reader } = await lab.send(mode, 'sse');
      assert.match(await reader.head(), /text\/event-stream/);
      socket.destroy();
    }),
    check('Host header differs from target: target wins, header kept', async (lab) => {
      const { status, seen } = await lab.ask(mode, 'ok', { host: 'other.invalid' });
      assert.equal(status, 200);
      assert.deepEqual(lines(seen.head, /^host:/i), ['Host: other.invalid']);
    }),
  ];
}
