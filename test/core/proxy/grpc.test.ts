import {
  Client,
  type ClientOptions,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
  type ServiceError,
  type StatusObject,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange } from '../../../core/proxy/exchange.ts';
import { HOST, labWithProxy } from '../../support/proxy/lab.ts';

/** A service without a .proto file: messages are texts. */
const text = { serialize: (value: string) => Buffer.from(value), deserialize: (bytes: Buffer) => bytes.toString() };
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/shop.Carts/${name}`,
  requestStream,
  responseStream,
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
});
const service = {
  echo: method('Echo', false, false),
  sum: method('Sum', true, false),
  list: method('List', false, true),
  chat: method('Chat', true, true),
} satisfies ServiceDefinition;
type Texts = ServerDuplexStream<string, string>;

const handlers = {
  echo(
    call: { request: string; metadata: Metadata },
    done: (error: Partial<ServiceError> | null, value?: string, trailer?: Metadata) => void,
  ) {
    const trailer = new Metadata();
    trailer.set('cart-total', '42');
    trailer.set('digest-bin', Buffer.from([0, 1, 254, 255]));
    if (call.request === 'refuse') {
      done({ code: status.PERMISSION_DENIED, details: 'not your cart: \u00fc%', metadata: trailer });
      return;
    }
    done(null, `${call.metadata.get('cookie')[0] ?? ''}|${call.request}`, trailer);
  },
  sum(call: Texts, done: (error: null, value: string) => void) {
    let sum = 0;
    call.on('data', (value: string) => {
      sum += value.length;
    });
    call.on('end', () => done(null, String(sum)));
  },
  list(call: Texts & { request: string }) {
    const first = new Metadata();
    first.set('set-cookie', 'theme=dark');
    call.sendMetadata(first);
    for (let i = 0; i < Number(call.request); i++) call.write(`item ${i} ${'x'.repeat(1000)}`);
    const trailer = new Metadata();
    trailer.set('listed', call.request);
    call.end(trailer);
  },
  chat(call: Texts) {
    call.on('data', (value: string) => call.write(value.toUpperCase()));
    call.on('end', () => call.end());
    call.on('cancelled', () => cancelled());
  },
} as unknown as Record<string, UntypedHandleCall>;

let cancelled: () => void = () => {};
const ended: Exchange[] = [];
let waiting: (() => void) | undefined;
let running: Awaited<ReturnType<typeof labWithProxy>>;
const before = { grpc_proxy: process.env['grpc_proxy'], no_grpc_proxy: process.env['no_grpc_proxy'] };

beforeAll(async () => {
  running = await labWithProxy([
    {
      name: 'ends',
      end(exchange) {
        ended.push(exchange);
        waiting?.();
      },
    },
  ]);
  // How gRPC clients are told of a proxy: they send CONNECT for both kinds of channel.
  process.env['grpc_proxy'] = `http://${running.proxy.address}`;
  process.env['no_grpc_proxy'] = '';
});
afterAll(async () => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await running.close();
});

/** The exchange of the call to `path`, as the proxy saw it once it was over. */
async function exchangeOf(path: string, from: number): Promise<Exchange> {
  for (;;) {
    const found = ended.slice(from).find(({ request }) => request.url.endsWith(path));
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => {
      waiting = resolve;
    });
  }
}

describe.each([
  ['over TLS', true],
  ['without TLS, HTTP/2 by prior knowledge', false],
] as const)('a gRPC client and server %s', (_how, secure) => {
  let server: Server;
  let client: Client;

  beforeAll(async () => {
    server = new Server();
    server.addService(service, handlers);
    const { key, cert } = running.lab.pair;
    const own = secure
      ? ServerCredentials.createSsl(null, [{ private_key: Buffer.from(key), cert_chain: Buffer.from(cert) }])
      : ServerCredentials.createInsecure();
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`${HOST}:0`, own, (error, bound) => (error === null ? resolve(bound) : reject(error))),
    );
    // Node refuses an address as the server name of TLS.
    const options: ClientOptions = secure ? { 'grpc.ssl_target_name_override': 'localhost' } : {};
    client = new Client(
      `${HOST}:${port}`,
      secure ? credentials.createSsl(Buffer.from(running.authority.pem)) : credentials.createInsecure(),
      options,
    );
  });
  afterAll(() => {
    client.close();
    server.forceShutdown();
  });

  const unary = (value: string, metadata = new Metadata()) =>
    new Promise<{ value?: string; error: ServiceError | null; ended: StatusObject }>((resolve) => {
      const { path, requestSerialize, responseDeserialize } = service.echo;
      let answer: { value?: string; error: ServiceError | null } | undefined;
      let over: StatusObject | undefined;
      const settle = () => answer !== undefined && over !== undefined && resolve({ ...answer, ended: over });
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        value,
        metadata,
        (error, got) => {
          answer = { error, ...(got === undefined ? {} : { value: got }) };
          settle();
        },
      );
      call.on('status', (told) => {
        over = told;
        settle();
      });
    });

  it('makes a unary call, with metadata and trailers', async () => {
    const from = ended.length;
    const metadata = new Metadata();
    metadata.set('cookie', 'sid=abc');
    const answer = await unary('hello', metadata);
    expect(answer.error).toBeNull();
    expect(answer.value).toBe('sid=abc|hello');
    expect(answer.ended.code).toBe(status.OK);
    expect(answer.ended.metadata.get('cart-total')).toEqual(['42']);
    expect(answer.ended.metadata.get('digest-bin')).toEqual([Buffer.from([0, 1, 254, 255])]);
    const seen = await exchangeOf('/shop.Carts/Echo', from);
    expect(seen.request).toMatchObject({ method: 'POST', httpVersion: '2.0' });
    expect(seen.request.url).toMatch(secure ? /^https:/ : /^http:/);
    expect(seen.header('request', 'te')).toBe('trailers');
    expect(seen.responseTrailers).toEqual(expect.arrayContaining(['grpc-status', '0', 'cart-total', '42']));
    expect(seen.error).toBeUndefined();
  });

  it('keeps the status and message of a refusal', async () => {
    const answer = await unary('refuse');
    expect(answer.error).toMatchObject({ code: status.PERMISSION_DENIED, details: 'not your cart: \u00fc%' });
    expect(answer.error?.metadata.get('cart-total')).toEqual(['42']);
  });

  it('tells that a method is not implemented: an answer of trailers only', async () => {
    const answer = await new Promise<ServiceError | null>((resolve) => {
      const { requestSerialize, responseDeserialize } = service.echo;
      client.makeUnaryRequest('/shop.Carts/None', requestSerialize, responseDeserialize, '', (error) => resolve(error));
    });
    expect(answer?.code).toBe(status.UNIMPLEMENTED);
  });

  it('streams to the server: 3 MB in 300 messages', async () => {
    const { path, requestSerialize, responseDeserialize } = service.sum;
    const sum = await new Promise((resolve, reject) => {
      const call = client.makeClientStreamRequest(path, requestSerialize, responseDeserialize, (error, value) =>
        error === null ? resolve(value) : reject(error),
      );
      for (let i = 0; i < 300; i++) call.write('y'.repeat(10_000));
      call.end();
    });
    expect(sum).toBe('3000000');
  });

  it('streams from the server: 1,000 messages in order, first metadata and trailers', async () => {
    const { path, requestSerialize, responseDeserialize } = service.list;
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, '1000');
    const got: string[] = [];
    let first: Metadata | undefined;
    call.on('metadata', (metadata: Metadata) => {
      first = metadata;
    });
    call.on('data', (value: string) => got.push(value));
    const over = await new Promise<StatusObject>((resolve) => call.on('status', resolve));
    expect(over.code).toBe(status.OK);
    expect(over.metadata.get('listed')).toEqual(['1000']);
    expect(first?.get('set-cookie')).toEqual(['theme=dark']);
    expect(got).toHaveLength(1000);
    expect(got.every((value, i) => value.startsWith(`item ${i} `))).toBe(true);
  });

  it('speaks both ways at once: each answer comes before the next question', async () => {
    const { path, requestSerialize, responseDeserialize } = service.chat;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    for (const word of ['one', 'two', 'three']) {
      const answer = new Promise((resolve) => call.once('data', resolve));
      call.write(word);
      expect(await answer).toBe(word.toUpperCase());
    }
    const over = new Promise<StatusObject>((resolve) => call.on('status', resolve));
    call.end();
    call.resume();
    expect((await over).code).toBe(status.OK);
  });

  it('passes a cancelled call on to the server', async () => {
    const { path, requestSerialize, responseDeserialize } = service.chat;
    const told = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    call.on('error', () => {});
    const answer = new Promise((resolve) => call.once('data', resolve));
    call.write('begin');
    await answer;
    const over = new Promise<StatusObject>((resolve) => call.on('status', resolve));
    call.cancel();
    expect((await over).code).toBe(status.CANCELLED);
    await told;
  });

  it('keeps a deadline: the status is the client\u2019s own', async () => {
    const { path, requestSerialize, responseDeserialize } = service.chat;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, {
      deadline: Date.now() + 300,
    });
    call.on('error', () => {});
    call.resume();
    const over = await new Promise<StatusObject>((resolve) => call.on('status', resolve));
    expect(over.code).toBe(status.DEADLINE_EXCEEDED);
  });
});
