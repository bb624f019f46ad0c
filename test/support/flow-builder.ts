import type { Flow } from '../../core/model/flow.ts';
import type { Carrier, SessionSummary, Sighting } from '../../core/model/session.ts';

export interface FlowSketch {
  readonly id?: string;
  readonly at?: number;
  readonly method?: string;
  readonly url?: string;
  /** The Cookie header. */
  readonly cookie?: string;
  readonly setCookie?: readonly string[];
  /** 0: not answered yet. */
  readonly status?: number;
  readonly type?: string;
  readonly address?: string;
  readonly identity?: string;
  readonly responseBytes?: number;
  readonly editedBy?: readonly string[];
  readonly error?: string;
  readonly ended?: boolean;
}

let count = 0;

/** A flow from a few words; everything else is plausible. */
export function makeFlow(sketch: FlowSketch = {}): Flow {
  count += 1;
  const { at = 1_700_000_000_000 + count, status = 200, url = 'http://shop.test/' } = sketch;
  const { host } = new URL(url);
  const cookie = sketch.cookie === undefined ? [] : ['Cookie', sketch.cookie];
  const response = {
    status,
    reason: 'OK',
    httpVersion: '1.1',
    rawHeaders: [
      'Content-Type',
      sketch.type ?? 'text/html; charset=utf-8',
      ...(sketch.setCookie ?? []).flatMap((value) => ['Set-Cookie', value]),
    ],
    body: { size: sketch.responseBytes ?? 120, kept: 0 },
  };
  return {
    id: sketch.id ?? `f${count}`,
    startedAt: at,
    ...(sketch.ended === false || status === 0 ? {} : { endedAt: at + 5 }),
    client: {
      address: sketch.address ?? '127.0.0.1',
      port: 40_000,
      ...(sketch.identity === undefined ? {} : { identity: sketch.identity }),
    },
    request: {
      method: sketch.method ?? 'GET',
      url,
      httpVersion: '1.1',
      rawHeaders: ['Host', host, 'User-Agent', 'test', ...cookie],
      body: { size: 0, kept: 0 },
    },
    ...(status === 0 ? {} : { response }),
    ...(sketch.editedBy === undefined ? {} : { editedBy: sketch.editedBy }),
    ...(sketch.error === undefined ? {} : { error: sketch.error }),
    kind: 'http',
  };
}

/** The sightings that capture makes of a flow with one session cookie. */
export function sightingsOf(flow: Flow, name = 'sid'): Sighting[] {
  const { host } = new URL(flow.request.url);
  const carrier: Carrier = { kind: 'cookie', name };
  const out: Sighting[] = [];
  const take = (text: string, direction: Sighting['direction'], at: number) => {
    for (const [, raw = ''] of text.matchAll(new RegExp(`(?:^|; )${name}=([^;]*)`, 'g'))) {
      out.push({ flowId: flow.id, at, host, carrier, id: decodeURIComponent(raw), raw, direction });
    }
  };
  for (let i = 0; i < flow.request.rawHeaders.length; i += 2) {
    if (flow.request.rawHeaders[i] === 'Cookie') take(flow.request.rawHeaders[i + 1] ?? '', 'request', flow.startedAt);
  }
  const headers = flow.response?.rawHeaders ?? [];
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'Set-Cookie') take(headers[i + 1] ?? '', 'response', flow.startedAt + 2);
  }
  return out;
}

export function makeSummary(sketch: Partial<SessionSummary> & { readonly key: string }): SessionSummary {
  return {
    host: 'shop.test',
    carrier: { kind: 'cookie', name: 'sid' },
    id: '3f2a00000000000000000000000000000000009c',
    state: 'live',
    event: { state: 'live', because: 'used', at: 1_700_000_000_000 },
    score: { value: 90, reasons: [] },
    firstSeen: 1_700_000_000_000,
    lastActivity: 1_700_000_000_000,
    flows: 1,
    clocks: { cookie: { expires: null } },
    flags: { httpOnly: true, secure: false },
    ...sketch,
  };
}
