import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealChromium, startChromium } from '../../support/chromium.ts';
import { needs } from '../../support/needs.ts';
import { HOST, labWithProxy, serve } from '../../support/proxy/lab.ts';
import {
  NOT_FOLLOWED,
  ODD_ANSWERS,
  oddApplication,
  type Readings,
  readByChromium,
  readByCurl,
} from '../../support/proxy/odd-answers.ts';
import { Reader, tcp } from '../../support/proxy/raw-client.ts';

/* What real programs read when they are connected straight, they read through the proxy too. */

let application: Awaited<ReturnType<typeof oddApplication>>;
let running: Awaited<ReturnType<typeof labWithProxy>>;
beforeAll(async () => {
  application = await oddApplication();
  running = await labWithProxy();
});
afterAll(async () => {
  application.close();
  await running.close();
});

/** Answers that a program reads when it is connected straight, and otherwise through the proxy. */
function differences(program: 'curl' | 'chromium', straight: Readings, proxied: Readings): string[] {
  return ODD_ANSWERS.flatMap(({ name }, n) =>
    straight[n] === 'refused' || straight[n] === proxied[n] || NOT_FOLLOWED[name]?.program === program
      ? []
      : [`${name}: ${straight[n]} became ${proxied[n]}`],
  );
}

needs('curl')('curl', () => {
  it('reads every odd answer that it reads without the proxy', async () => {
    const straight = await readByCurl(application.port);
    expect(straight.filter((reading) => reading !== 'refused').length).toBeGreaterThan(60);
    expect(differences('curl', straight, await readByCurl(application.port, running.lab.proxy))).toEqual([]);
  }, 120_000);
});

needs('chromium')('Chromium', () => {
  let browser: RealChromium;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  it('reads every odd answer that it reads without the proxy', async () => {
    const straight = await readByChromium(browser, application.port);
    expect(straight.filter((reading) => reading !== 'refused').length).toBeGreaterThan(90);
    const proxied = await readByChromium(browser, application.port, running.lab.proxy);
    expect(differences('chromium', straight, proxied)).toEqual([]);
  }, 120_000);
});

describe('a connection that gave an answer whose end is not sure', () => {
  const unsure = [
    'HTTP/2 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200OK\r\nContent-Length: 5\r\n\r\nhello',
    '\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nContent-Length: 0000000000000000005\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello',
  ];
  const sure = [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ];

  /** How many connections two requests take, one after the other. */
  async function connections(answer: string): Promise<number> {
    let opened = 0;
    const app = await serve((socket) => {
      opened++;
      socket.on('data', () => socket.write(answer));
    });
    const client = await tcp(running.lab.proxy);
    const reader = new Reader(client);
    for (let n = 0; n < 2; n++) {
      client.write(`GET http://${HOST}:${app.port}/ HTTP/1.1\r\nHost: ${HOST}:${app.port}\r\n\r\n`);
      expect(await reader.until((text) => text.includes('hello'))).toMatch(/^HTTP\/1\.1 200 /);
      await reader.until((text) => /hello$|0\r\n\r\n$/.test(text));
      reader.clear();
    }
    client.destroy();
    app.close();
    return opened;
  }

  it.each(unsure)('is not used again: %j', async (answer) => expect(await connections(answer)).toBe(2));
  it.each(sure)('but is after a sound one: %j', async (answer) => expect(await connections(answer)).toBe(1));
});
