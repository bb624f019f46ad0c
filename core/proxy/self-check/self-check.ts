import type { CertificateAuthority } from '../certificates/authority.ts';
import { CHECK_HOST } from '../engine.ts';
import type { Exchange, OwnResponse } from '../exchange.ts';
import type { ProxyHooks } from '../hooks.ts';
import { isLoopback } from '../own-addresses.ts';
import { splitUrl } from '../target.ts';
import { checkPage } from './check-page.ts';
import { textsFor } from './check-texts.ts';
import { startEcho, THROUGH_HEADER } from './echo-server.ts';

export interface SelfCheckOptions {
  readonly authority: () => CertificateAuthority;
  /** The proxy's address for people: `127.0.0.1:8640`. */
  readonly proxyAddress: () => string;
  readonly recording: () => boolean;
  /** Where the user may go next: the practice site, applications seen before. */
  readonly links: () => readonly { readonly title: string; readonly url: string }[];
  /** Unguessable text, 16 bytes or more: nonces and the mark of the check's own requests. */
  readonly random: () => string;
}

export interface SelfCheck {
  /** Answers the proxy's own pages. To stand first in the list of hooks. */
  readonly hooks: ProxyHooks;
  /** Whether an exchange is one of the check's own requests to this computer, which are not recorded. */
  isOwn(exchange: Pick<Exchange, 'request' | 'own'>): boolean;
  close(): Promise<void>;
}

const ORIGINS = [`http://${CHECK_HOST}`, `https://${CHECK_HOST}`];

/** The part of the check that other exchanges meet: an echo on this computer, asked once past the proxy and once through. */
export interface CheckEcho {
  /** 0: it could not be started, and the page says less. */
  readonly port: number;
  /** What only the proxy knows: requests that carry it have passed. */
  readonly mark: string;
  isEcho(url: string): boolean;
  /** @see SelfCheck.isOwn */
  isOwn(exchange: Pick<Exchange, 'request' | 'own'>): boolean;
  close(): Promise<void>;
}

/** @param random gives unguessable text, 16 bytes or more */
export async function openCheckEcho(random: () => string): Promise<CheckEcho> {
  const mark = random();
  const echo = await startEcho(mark, ORIGINS).catch(() => undefined);
  const port = echo?.port ?? 0;
  const isEcho = (url: string): boolean => {
    if (port === 0) return false;
    const target = splitUrl(url);
    return target !== undefined && target.port === port && /^(localhost|127\.0\.0\.1|::1)$/.test(target.host);
  };
  return {
    port,
    mark,
    isEcho,
    isOwn: ({ request, own }) => own !== undefined || isEcho(request.url),
    async close() {
      await echo?.close();
    },
  };
}

/** The page at http://sessionscope.local/: proves from within the browser that everything passes, or says what to do. */
export async function createSelfCheck(options: SelfCheckOptions): Promise<SelfCheck> {
  const echo = await openCheckEcho(options.random);
  return { hooks: checkPages(options, echo), isOwn: echo.isOwn, close: () => echo.close() };
}

/** Answers the proxy's own pages and marks what goes to the echo. To stand first in the list of hooks. */
export function checkPages(options: SelfCheckOptions, { port: echoPort, mark, isEcho }: CheckEcho): ProxyHooks {
  const page = (exchange: Exchange, direct: boolean): OwnResponse => {
    // To another computer, localhost is itself, and the port on this one's loopback is of no use to it.
    const near = isLoopback(exchange.client.address);
    const { html, policy } = checkPage({
      texts: textsFor(exchange.header('request', 'accept-language')),
      host: CHECK_HOST,
      proxyAddress: near ? options.proxyAddress() : undefined,
      echoPort: near ? echoPort : 0,
      fingerprint: options.authority().fingerprint,
      direct,
      nonce: options.random(),
    });
    return answer(200, 'text/html; charset=utf-8', html, ['Content-Security-Policy', policy]);
  };

  const respond = (exchange: Exchange): OwnResponse | undefined => {
    const path = splitUrl(exchange.request.url)?.path.split('?', 1)[0] ?? '/';
    const certificate = options.authority();
    // Who asks the proxy's bare address may have been sent there by any web site: it learns nothing of the user's work.
    if (exchange.own === 'direct' && path !== '/' && !path.startsWith('/certificate.')) return undefined;
    switch (path) {
      case '/':
        return page(exchange, exchange.own === 'direct');
      case '/certificate.pem':
        return file('application/x-pem-file', certificate.pem, 'sessionscope-ca.pem');
      case '/certificate.cer':
        return file('application/x-x509-ca-cert', certificate.certificate, 'sessionscope-ca.cer');
      case '/check/http':
      case '/check/https':
        return json({ through: true, secure: exchange.secure }, allowed(exchange));
      case '/status.json':
        return json({ recording: options.recording(), links: options.links() });
      default:
        return undefined;
    }
  };

  return {
    name: 'self-check',
    request(exchange) {
      if (exchange.own === 'check' || exchange.own === 'direct') {
        if (!/^(GET|HEAD)$/.test(exchange.request.method)) return;
        const own = respond(exchange);
        if (own !== undefined) exchange.respond(own);
      } else if (exchange.own === undefined && isEcho(exchange.request.url)) {
        exchange.request.rawHeaders = [...exchange.request.rawHeaders, THROUGH_HEADER, mark];
      }
    },
  };
}

/** The check page asks https from http and the other way round; nobody else may read the answers. */
function allowed(exchange: Exchange): string[] {
  const origin = exchange.header('request', 'origin');
  return origin !== undefined && ORIGINS.includes(origin)
    ? ['Access-Control-Allow-Origin', origin, 'Vary', 'Origin']
    : ['Vary', 'Origin'];
}

function json(value: unknown, more: readonly string[] = []): OwnResponse {
  return answer(200, 'application/json', JSON.stringify(value), more);
}

function file(type: string, body: string | Uint8Array, name: string): OwnResponse {
  return answer(200, type, body, ['Content-Disposition', `attachment; filename="${name}"`]);
}

function answer(status: number, type: string, body: string | Uint8Array, more: readonly string[]): OwnResponse {
  return {
    status,
    reason: 'OK',
    rawHeaders: [
      'Content-Type',
      type,
      'Cache-Control',
      'no-store',
      'X-Content-Type-Options',
      'nosniff',
      'Referrer-Policy',
      'no-referrer',
      'Cross-Origin-Resource-Policy',
      'cross-origin',
      ...more,
    ],
    body,
  };
}
