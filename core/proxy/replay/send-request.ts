import { connect as connectHttp2, constants } from 'node:http2';
import { problem } from '../../model/problem.ts';
import type { ResponseHead } from '../exchange.ts';
import { noBody } from '../http1/facts.ts';
import { ResponseReader } from '../http1/response-reader.ts';
import { writeHead } from '../http1/write-head.ts';
import { keepsOddFields } from '../http2/raw-lists.ts';
import { watchStreamEnd } from '../http2/stream-end.ts';
import { defaultLimits } from '../limits.ts';
import { type Destination, originOf } from '../target.ts';
import type { ReplayConnection } from './replay-connection.ts';
import type { ReadyRequest } from './replay-request.ts';

const INCOMPLETE = 'the application closed the connection before its answer was complete';

/** What comes back, in passing. */
export interface ResponseSink {
  head(head: ResponseHead): void;
  chunk(chunk: Buffer): void;
  trailers(rawTrailers: string[]): void;
}

/** Sends one request over an open connection and hands on the answer. Resolves at the end of its body. */
export function sendRequest(
  request: ReadyRequest,
  target: Destination,
  connection: ReplayConnection,
  sink: ResponseSink,
  signal: AbortSignal,
): Promise<void> {
  return connection.protocol === 'h2'
    ? sendHttp2(request, target, connection, sink, signal)
    : sendHttp1(request, target, connection, sink, signal);
}

function sendHttp1(
  request: ReadyRequest,
  target: Destination,
  { socket, forward }: ReplayConnection,
  sink: ResponseSink,
  signal: AbortSignal,
): Promise<void> {
  const { method, body } = request;
  const fields = forward?.rawHeaders ?? [];
  const extra = fields.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.destroy();
      reject(signal.aborted ? problem('cancelled', 'Cancelled') : error);
    };
    const done = () => {
      socket.destroy();
      resolve();
    };
    // The proxy's own reader: what works in a browser, however odd, can be asked again.
    const reader = new ResponseReader(defaultLimits, {
      readInformational: () => {},
      readHead: (head) => sink.head(head),
      readBody: (chunk) => sink.chunk(chunk),
      readEnd: (trailers = []) => {
        if (trailers.length > 0) sink.trailers(trailers);
        done();
      },
      // An answer with 101 has no end; the head is all that a replay wants of it.
      readSwitch: (head) => {
        sink.head(head);
        done();
      },
      readSurplus: () => {},
    });
    const guarded = (step: () => void) => {
      try {
        step();
      } catch (error) {
        fail(error as Error);
      }
    };
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      guarded(() => {
        if (!reader.idle && !reader.finish()) fail(new Error(INCOMPLETE));
      });
    };
    signal.addEventListener('abort', () => fail(new Error('Cancelled')), { once: true });
    socket.on('error', fail);
    socket.on('data', (bytes: Buffer) => guarded(() => reader.feed(bytes)));
    socket.on('end', end);
    socket.on('close', end);
    guarded(() => {
      const head = requestHead(
        request,
        forward === undefined ? target.path : `${originOf(target)}${target.path}`,
        extra,
      );
      reader.expect(method, true);
      socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body ?? Buffer.alloc(0)]));
      socket.resume();
    });
  });
}

/** @throws HeadError for a field that would break the head. */
function requestHead({ method, rawHeaders, body }: ReadyRequest, path: string, extra: string): string {
  const bodiless = body === undefined && /^(GET|HEAD|OPTIONS|TRACE|DELETE)$/.test(method);
  return writeHead(`${method} ${path} HTTP/1.1`, rawHeaders, {
    request: true,
    framing: bodiless ? noBody : { kind: 'length', length: body?.length ?? 0 },
    connection: '',
    upgrade: false,
    describesBody: false,
    extra: `${extra}Connection: close\r\n`,
  });
}

function sendHttp2(
  request: ReadyRequest,
  target: Destination,
  { socket }: ReplayConnection,
  sink: ResponseSink,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(originOf(target), { createConnection: () => socket, ...keepsOddFields });
    const fail = (error: Error) => {
      reject(signal.aborted ? problem('cancelled', 'Cancelled') : error);
      session.destroy();
    };
    session.on('error', fail);
    const abort = () => fail(problem('cancelled', 'Cancelled'));
    signal.addEventListener('abort', abort, { once: true });
    const stream = session.request(http2Headers(request, target), { endStream: request.body === undefined });
    const ending = watchStreamEnd(stream);
    stream.on('error', (error) => fail(stream.rstCode > 0 ? reset(stream.rstCode) : error));
    stream.on('response', (_headers, _flags, raw: string[]) => {
      const fields: string[] = [];
      let status = 0;
      for (let i = 0; i + 1 < raw.length; i += 2) {
        if (raw[i] === ':status') status = Number(raw[i + 1]);
        else if (raw[i]?.startsWith(':') !== true) fields.push(raw[i] ?? '', raw[i + 1] ?? '');
      }
      sink.head({ status, reason: '', httpVersion: '2.0', rawHeaders: fields });
    });
    stream.on('trailers', (_headers, _flags, raw?: string[]) => sink.trailers(raw ?? []));
    stream.on('data', (chunk: Buffer) => sink.chunk(chunk));
    // A reset also ends the readable side, and a cancelled stream or a connection that is gone is no error.
    stream.on('close', () => fail(stream.rstCode > 0 ? reset(stream.rstCode) : new Error(INCOMPLETE)));
    stream.on('end', () => {
      if (ending() !== 'whole') return;
      signal.removeEventListener('abort', abort);
      session.close();
      resolve();
    });
    if (request.body !== undefined) stream.end(request.body);
  });
}

function reset(code: number): Error {
  return new Error(`the application reset the stream (HTTP/2 error ${code})`);
}

/** Fields of one name become a list, as node:http2 takes them; `Host` becomes `:authority` (RFC 9113 section 8.3.1). */
function http2Headers(request: ReadyRequest, target: Destination): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    [constants.HTTP2_HEADER_METHOD]: request.method,
    [constants.HTTP2_HEADER_SCHEME]: target.secure ? 'https' : 'http',
    [constants.HTTP2_HEADER_PATH]: target.path,
  };
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const name = (request.rawHeaders[i] ?? '').toLowerCase();
    const value = request.rawHeaders[i + 1] ?? '';
    const key = name === 'host' ? constants.HTTP2_HEADER_AUTHORITY : name;
    const present = headers[key];
    if (present === undefined) headers[key] = value;
    else if (name === 'cookie') headers[key] = `${String(present)}; ${value}`;
    else headers[key] = Array.isArray(present) ? [...present, value] : [present, value];
  }
  return headers;
}
