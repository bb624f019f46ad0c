import type { EventName, EventOf, Handlers } from '../../../core/bridge/contract.ts';
import type { RuleInfo } from '../../../core/model/app.ts';
import type { FlowSummary } from '../../../core/model/flow.ts';
import { problem } from '../../../core/model/problem.ts';
import type {
  Breakpoints,
  CertificateInfo,
  FrameView,
  HeldEnded,
  HeldInfo,
  ProxySettings,
  RuleAsk,
} from '../../../core/model/proxy-settings.ts';

type Names =
  | `proxy.settings.${string}`
  | 'rules.add'
  | `intercept.${string}`
  | `certificate.${string}`
  | `export.${string}`
  | `import.${string}`
  | 'flow.frames';
type ProxyHandlers = Pick<Handlers, Extract<keyof Handlers, Names>>;

export interface FakeProxy {
  readonly handlers: ProxyHandlers;
  /** A request that waits, as one would at a breakpoint. */
  hold(side?: 'request' | 'response'): void;
}

/** The proxy's settings, rules, breakpoints, certificate and formats, in memory. */
export function createFakeProxy(tools: {
  emit<E extends EventName>(name: E, event: EventOf<E>): void;
  addRule(rule: RuleInfo): void;
  addFlow(flow: FlowSummary): void;
  flows(): readonly FlowSummary[];
  certificate: CertificateInfo;
}): FakeProxy {
  let settings: ProxySettings = {
    upstream: { address: 'direct', hasPassword: false },
    bypass: ['<local>'],
    localAccess: [],
    scope: { others: 'record', hosts: [{ host: '*.bank.test', treat: 'blind' }] },
    tls: [],
  };
  let breakpoints: Breakpoints = { breakpoints: [], timeLimitSeconds: 300 };
  let held: HeldInfo[] = [];
  let serial = 0;
  let piece = '';
  const importText = (text: string): string[] => {
    const { log } = JSON.parse(text) as { log?: { entries?: { request: { method: string; url: string } }[] } };
    if (log?.entries === undefined) throw problem('bad-har', 'This is no HAR: it has no list of entries');
    const flowIds = log.entries.map(({ request }) => {
      const id = `imported${++serial}`;
      const at = Date.now();
      tools.addFlow({
        id,
        startedAt: at,
        endedAt: at + 5,
        method: request.method,
        url: request.url,
        status: 200,
        requestBytes: 0,
        responseBytes: 0,
        kind: 'http',
        origin: { imported: 'HAR' },
        sessions: [],
      });
      return id;
    });
    return flowIds;
  };
  let certificate = tools.certificate;
  const end = (id: string, how: HeldEnded['end']) => {
    if (!held.some((one) => one.id === id)) throw problem('not-held', 'This message is not held any more');
    held = held.filter((one) => one.id !== id);
    tools.emit('intercept.changed', { held, ended: { id, end: how } });
  };
  const renewed = (): { certificate: CertificateInfo } => {
    certificate = { ...certificate, fingerprint: `${(++serial).toString(16)}`.padStart(64, 'f') };
    return { certificate };
  };

  const handlers: ProxyHandlers = {
    'proxy.settings.get': async () => ({ settings }),
    'proxy.settings.set': async (change) => {
      const { upstream, tls, ...rest } = change;
      if (upstream !== undefined && /\s/.test(upstream.address)) {
        throw problem('bad-upstream', `${upstream.address} is no address of a proxy`, {
          remedy: 'Write http://host:port, https://host:port, socks5://host:port or pac+http://host/proxy.pac.',
        });
      }
      settings = { ...settings, ...rest };
      if (upstream !== undefined) {
        const { password, ...kept } = upstream;
        const hasPassword = password === undefined ? settings.upstream.hasPassword : (password ?? '') !== '';
        settings = { ...settings, upstream: { ...kept, hasPassword } };
      }
      if (tls !== undefined) {
        const list = tls.map(({ key, passphrase, ...one }) => ({
          ...one,
          hasKey: typeof key === 'string' && key !== '',
          hasPassphrase: typeof passphrase === 'string' && passphrase !== '',
        }));
        settings = { ...settings, tls: list };
      }
      tools.emit('proxy.settings.changed', { settings });
      return { settings };
    },
    'rules.add': async (ask) => {
      const rule: RuleInfo = {
        ruleId: `added${++serial}`,
        title: ruleTitle(ask),
        host: ask.host ?? '*',
        enabled: true,
        applied: 0,
        on: ask.on,
        ...(ask.path === undefined ? {} : { path: ask.path }),
      };
      tools.addRule(rule);
      return { rule };
    },
    'intercept.breakpoints.get': async () => breakpoints,
    'intercept.breakpoints.set': async (next) => {
      breakpoints = next;
      return breakpoints;
    },
    'intercept.list': async () => ({ held }),
    'intercept.body': async () => ({ text: 'item=88&n=3', base64: null, size: 11 }),
    'intercept.resume': async ({ id, edit }) => {
      end(id, edit === undefined ? 'resumed' : 'edited');
      return {};
    },
    'intercept.resumeAll': async () => {
      for (const { id } of held) end(id, 'resumed');
      return {};
    },
    'intercept.drop': async ({ id }) => {
      end(id, 'dropped');
      return {};
    },
    'certificate.export': async ({ form }) =>
      form === 'pem'
        ? {
            name: 'sessionscope.pem',
            text: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
            base64: null,
          }
        : { name: 'sessionscope.cer', text: null, base64: 'MIIB' },
    'certificate.rotate': async () => renewed(),
    'certificate.remove': async () => {
      certificate = { ...renewed().certificate, state: 'temporary' };
      return { certificate };
    },
    'export.har': async ({ ids }) => ({
      name: 'sessionscope.har',
      text: '{"log":{"version":"1.2","entries":[]}}',
      count: ids?.length ?? tools.flows().length,
      notes: [],
    }),
    'export.harFile': async () => ({ path: '/tmp/sessionscope.har', count: tools.flows().length, notes: [] }),
    'import.har': async ({ text }) => ({ flowIds: importText(text), notes: [] }),
    'import.begin': async () => ({ importId: 'import1' }),
    'import.piece': async ({ text }) => {
      piece += text;
      return {};
    },
    'import.end': async () => {
      const { length: count } = importText(piece);
      piece = '';
      return { count, notes: [] };
    },
    'export.curl': async ({ id, secrets }) => {
      const flow = tools.flows().find((one) => one.id === id);
      const value = secrets === true ? '3f2a9c' : '[masked]';
      return {
        name: 'request.sh',
        text: `curl ${flow?.url ?? ''} \\\n  --header 'Cookie: sid=${value}'`,
        count: 1,
        notes: [],
      };
    },
    'export.code': async ({ form }) => ({ name: 'request', text: `# ${form}`, count: 1, notes: [] }),
    'export.cookies': async ({ form }) => ({ name: form, text: '# Netscape HTTP Cookie File\n', count: 1, notes: [] }),
    'import.cookies': async ({ runId }) => ({ cookies: [], stored: runId === undefined ? null : 0, notes: [] }),
    'flow.frames': async () => {
      const at = Date.now();
      const frame = { fin: true, compressed: false, opcode: 1, size: 5 };
      const frames: FrameView[] = [
        { ...frame, at, from: 'client', text: 'hello' },
        {
          ...frame,
          at: at + 3,
          from: 'server',
          compressed: true,
          size: 61,
          inflated: 640,
          text: '{"cart":[1,2]}'.repeat(40),
        },
        { ...frame, at: at + 9, from: 'server', opcode: 2, size: 3, base64: 'AQL/' },
        { ...frame, at: at + 12, from: 'server', compressed: true, size: 20, base64: 'qlYqLU4t', note: 'context' },
        { ...frame, at: at + 15, from: 'client', opcode: 9, size: 0, text: '' },
        { ...frame, at: at + 20, from: 'server', opcode: 8, size: 8, close: { code: 1001, reason: 'moving' } },
      ];
      return { frames, total: 8 };
    },
  };

  return {
    handlers,
    hold(side = 'request') {
      const heldAt = Date.now();
      const one: HeldInfo = {
        id: `held-${++serial}`,
        flowId: 'f1',
        side,
        method: 'POST',
        url: 'http://shop.test/cart',
        httpVersion: '1.1',
        ...(side === 'response' ? { status: 200, reason: 'OK' } : {}),
        rawHeaders: ['Host', 'shop.test', 'Cookie', 'sid=3f2a9c; lang=en', 'Content-Length', '11'],
        heldAt,
        until: heldAt + breakpoints.timeLimitSeconds * 1000,
        bodyEditable: true,
      };
      held = [...held, one];
      tools.emit('intercept.changed', { held, ended: null });
    },
  };
}

function ruleTitle({ on, change }: RuleAsk): string {
  const name = change.kind === 'cookie' ? change.cookie : change.header;
  return change.remove === true ? `Remove ${name} from ${on}s` : `${name} = ${change.value ?? ''} in ${on}s`;
}
