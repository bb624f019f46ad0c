import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { FlowSummary } from '../../model/flow.ts';
import { problem } from '../../model/problem.ts';
import { resolveAddress, webAddress } from '../../model/web-address.ts';
import { cookieOf, referenceTo } from '../references.ts';
import { type Answer, type ToolPorts, tool } from '../tool.ts';
import { detailOf, session } from './sessions.ts';

const SAFE = /^(GET|HEAD|OPTIONS)$/;

/** Sends a request again as a session, to the session's own origins only. */
export const replay = tool({
  name: 'replay',
  title: 'Replay a request as a session',
  description:
    'Sends a recorded request of a session again, with its present cookie. The first call is a dry run: it says what would be sent and gives a word; ' +
    'calling again with confirm set to that word sends it. It goes to origins of the session only, and follows no redirect. ' +
    'Requests other than GET, HEAD and OPTIONS need --allow-writes.',
  operations: ['flow.replay', 'session.detail', 'flow.detail', 'flow.body'],
  input: z.object({
    session,
    request: z.string().max(100).optional().describe('Id of a request of the session; default: the newest GET'),
    path: z.string().max(4_000).optional().describe('Another path of the same origin, with its query'),
    without_cookie: z.boolean().default(false).describe('Leaves the cookie of the session out: the control'),
    confirm: z.string().max(100).optional(),
  }),
  async run({ session: key, request, path, without_cookie: without, confirm }, ports) {
    const { summary, flows } = await detailOf(key, ports);
    const { carrier } = summary;
    if (carrier.kind !== 'cookie') {
      throw problem('not-found', 'Only sessions that a cookie carries can be replayed as a session', {
        remedy: 'Replay the request in the window.',
      });
    }
    const flow = flowOf(flows, request);
    const url = path === undefined ? flow.url : addressOf(flow.url, path);
    if (!ownOrigins(flows, summary.host).has(webAddress(url).origin)) {
      throw problem(
        'bad-url',
        `${webAddress(url).origin} is no origin of this session: it goes to ${summary.host} only`,
        {
          remedy: 'Give a path of the session’s own application.',
        },
      );
    }
    if (!SAFE.test(flow.method) && !ports.writes) {
      throw problem('needs-confirmation', `${flow.method} may change something at the application`, {
        remedy: 'Choose a GET, or let the user start sessionscope mcp with --allow-writes.',
      });
    }
    const plan = JSON.stringify([key, flow.id, url, without]);
    const word = `send-${createHash('sha256').update(plan).digest('hex').slice(0, 8)}`;
    if (confirm === undefined || ports.plans.get(confirm) !== plan) {
      ports.plans.set(word, plan);
      return {
        said: {
          dry_run: true,
          ...(confirm === undefined ? {} : { problem: 'The word of confirm belongs to another request' }),
          confirm: word,
          would_send: { method: flow.method, cookie: without ? '(left out)' : `${referenceTo(key)}` },
        },
        outside: { url },
      };
    }
    ports.plans.delete(confirm);
    const cookies = { [carrier.name]: without ? null : await cookieOf(key, ports.handlers) };
    const { flowId } = await ports.handlers['flow.replay']({ id: flow.id, url, cookies, followRedirects: false });
    return sent(flowId, ports);
  },
});

function flowOf(flows: readonly FlowSummary[], wanted: string | undefined): FlowSummary {
  const found =
    wanted === undefined
      ? flows.find(({ method, kind }) => method === 'GET' && kind === 'http')
      : flows.find(({ id }) => id === wanted);
  if (found === undefined) {
    throw problem(
      'not-found',
      wanted === undefined ? 'The session has no GET request' : `The session has no request ${wanted}`,
      {
        remedy: 'The tool session with part "requests" lists them.',
      },
    );
  }
  return found;
}

/** @throws ProblemError `bad-url` for what is no path */
function addressOf(base: string, path: string): string {
  const address = resolveAddress(path, base);
  if (address === undefined || !path.startsWith('/')) {
    throw problem('bad-url', 'path must begin with a slash', { remedy: 'Give a path such as /account?tab=2.' });
  }
  return address.url;
}

/** Schemes and ports under which requests of the session itself went to its host. */
function ownOrigins(flows: readonly FlowSummary[], host: string): Set<string> {
  return new Set(
    flows
      .map(({ url }) => webAddress(url))
      .filter((address) => address.host === host)
      .map(({ origin }) => origin),
  );
}

async function sent(flowId: string, { handlers }: ToolPorts): Promise<Answer> {
  const [{ detail }, body] = await Promise.all([
    handlers['flow.detail']({ id: flowId }),
    handlers['flow.body']({ id: flowId, part: 'response' }),
  ]);
  const raw = detail?.flow.response?.rawHeaders ?? [];
  const lines: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) lines.push(`${raw[i]}: ${raw[i + 1]}`);
  return {
    said: { sent: true, request: flowId, status: detail?.flow.response?.status ?? null },
    outside: {
      ...(detail?.flow.error === undefined ? {} : { error: detail.flow.error }),
      headers: lines,
      body: body.text ?? `(${body.size} bytes that are no text)`,
    },
  };
}
