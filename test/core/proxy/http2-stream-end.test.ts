import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, type Server } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { FLAG, FrameClient, fields, frame, PREFACE, settings, TYPE, uint32 } from '../../support/proxy/http2-frames.ts';
import { HOST, labWithProxy } from '../../support/proxy/lab.ts';
import { tlsTunnel, within } from '../../support/proxy/raw-client.ts';
import { originCertificates } from '../../support/proxy/test-certificates.ts';

/* Streams reset with NO_ERROR, before and after END_STREAM (RFC 9113 section 8.1), frame by frame on both sides. */

const { endHeaders, endStream } = FLAG;
const NO_ERROR = uint32(0);
const reset = (stream: number) => frame(TYPE.rstStream, 0, stream, NO_ERROR);
const answer = (stream: number) => frame(TYPE.headers, endHeaders, stream, fields([':status', '200']));

let running: Awaited<ReturnType<typeof labWithProxy>>;
let origin: Server;
afterEach(async () => {
  origin.close();
  await running.close();
});

/** An application that answers by `serve`, given its first request; a client of the proxy; and how the exchange ends. */
async function setUp(serve: (connection: FrameClient, stream: number) => void | Promise<void>) {
  const pair = originCertificates();
  origin = createTlsServer({ key: pair.key, cert: pair.cert, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => {});
    socket.write(settings());
    socket.once('data', async (first: Buffer) => {
      socket.pause();
      socket.unshift(first.subarray(PREFACE.length));
      const connection = new FrameClient(socket);
      const request = await connection.until(({ type }) => type === TYPE.headers);
      if (request !== undefined) await serve(connection, request.stream);
    });
  });
  await once(origin.listen(0, HOST), 'listening');
  let told: (error: string | undefined) => void = () => {};
  const ended = new Promise<string | undefined>((resolve) => {
    told = resolve;
  });
  running = await labWithProxy([{ name: 'ends', end: ({ error }) => told(error) }], { tls: () => ({ ca: [pair.ca] }) });
  const { port } = origin.address() as AddressInfo;
  const client = new FrameClient(await tlsTunnel(running.lab.proxy, { host: HOST, port }, { alpn: ['h2'] }));
  await client.greet();
  const request = (method: string, flags: number) =>
    frame(
      TYPE.headers,
      flags | endHeaders,
      1,
      fields([':method', method], [':scheme', 'https'], [':authority', `${HOST}:${port}`], [':path', '/']),
    );
  return { client, request, ended: within('the end', ended) };
}

describe('a reset with NO_ERROR', () => {
  it('before the end of the answer makes it incomplete', async () => {
    const { client, request, ended } = await setUp((connection, stream) =>
      connection.send(answer(stream), frame(TYPE.data, 0, stream, Buffer.from('half')), reset(stream)),
    );
    client.send(request('GET', endStream));
    expect(await ended).toMatch(/the application reset the stream/);
    const last = await client.until(
      ({ type, flags }) => type === TYPE.rstStream || (type === TYPE.data && (flags & endStream) !== 0),
    );
    expect(last?.type).toBe(TYPE.rstStream);
    expect(last?.payload.readUInt32BE(0)).not.toBe(0);
    client.destroy();
  });

  it('behind a whole answer only says that the rest of the request is not wanted', async () => {
    const { client, request, ended } = await setUp((connection, stream) =>
      connection.send(answer(stream), frame(TYPE.data, endStream, stream, Buffer.from('whole')), reset(stream)),
    );
    client.send(request('POST', 0), frame(TYPE.data, 0, 1, Buffer.from('begun')));
    expect(await ended).toBe(undefined);
    await client.until(({ type, flags }) => type === TYPE.data && (flags & endStream) !== 0);
    const body = client.frames.filter(({ type }) => type === TYPE.data).map(({ payload }) => payload);
    expect(Buffer.concat(body).toString()).toBe('whole');
    client.destroy();
  });

  it('before the end of a request never makes it look complete to the application', async () => {
    let seen: Promise<unknown> = Promise.resolve();
    const { client, request, ended } = await setUp(async (connection, stream) => {
      seen = connection.until((got) => got.stream === stream && got.type === TYPE.data && got.payload.length > 0);
      await seen;
      client.send(reset(1));
      seen = connection.until(
        ({ type, flags }) => type === TYPE.rstStream || (type === TYPE.data && (flags & endStream) !== 0),
      );
    });
    client.send(request('POST', 0), frame(TYPE.data, 0, 1, Buffer.from('half')));
    expect(await ended).toMatch(/the client reset the stream/);
    expect(await seen).toMatchObject({ type: TYPE.rstStream });
    client.destroy();
  });
});
