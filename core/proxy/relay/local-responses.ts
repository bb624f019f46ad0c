import { STATUS_CODES } from 'node:http';
import { toProblem } from '../../model/problem.ts';
import type { EngineExchange } from '../engine-exchange.ts';
import type { OwnResponse, ResponseHead } from '../exchange.ts';
import { type Framing, noBody } from '../http1/facts.ts';
import { HeadError } from '../http1/head-error.ts';

/** What the proxy says itself when no hook answers a request that is meant for the proxy. */
export function ownAnswer(exchange: EngineExchange): OwnResponse {
  if (exchange.own === 'loop') return text(508, 'This address is the proxy itself. It does not ask itself.');
  if (exchange.own === 'direct') {
    return text(
      400,
      'This is a proxy. Set it as the HTTP and HTTPS proxy of a browser instead of opening its address.',
    );
  }
  return text(404, 'There is no such page of the proxy.');
}

/** The answer to a client when the application could not be asked or understood. */
export function errorResponse(error: Error, method: string): { head: ResponseHead; framing: Framing; body: Buffer } {
  const { kind, message, remedy } = toProblem(error);
  const status =
    error instanceof HeadError ? error.status : kind === 'upstream-timeout' ? 504 : kind === 'loop' ? 508 : 502;
  const own = text(
    status >= 400 && status < 600 ? status : 502,
    remedy === undefined ? message : `${message}. ${remedy}.`,
  );
  const body = Buffer.from(own.body as string);
  return {
    head: {
      status: own.status,
      reason: own.reason ?? '',
      httpVersion: '1.1',
      rawHeaders: [...(own.rawHeaders ?? []), 'Content-Length', String(body.length)],
    },
    framing: method === 'HEAD' ? noBody : { kind: 'length', length: body.length },
    body,
  };
}

function text(status: number, line: string): OwnResponse {
  return {
    status,
    reason: STATUS_CODES[status] ?? '',
    rawHeaders: ['Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store', 'Via', '1.1 sessionscope'],
    body: `Sessionscope: ${line}\n`,
  };
}
