import type { HandlersOf } from '../../bridge/contract.ts';
import type { flows as table } from '../../bridge/operations/flows.ts';
import type { BodyStore } from '../../capture/body-store.ts';
import { hostOf } from '../../capture/capture.ts';
import { decodeBody } from '../../capture/decode-body.ts';
import type { FrameRecorder } from '../../capture/frame-recorder.ts';
import { toCookieView } from '../../cookies/cookie-view.ts';
import { tokenizeCookie } from '../../cookies/tokenizer.ts';
import type { BodyView, FlowDetail } from '../../model/app.ts';
import type { Flow } from '../../model/flow.ts';
import { problem, toProblem } from '../../model/problem.ts';
import type { Replay } from '../../proxy/replay/replay-types.ts';
import type { Registry } from '../../registry/registry.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { bytesOf } from './proxy.ts';

const MOST_SHOWN = 2 * 1024 * 1024;

export interface FlowHandlerPorts {
  readonly workspace: Pick<Workspace, 'flows' | 'lists'>;
  readonly registry: Registry;
  readonly bodies: Pick<BodyStore, 'read'>;
  readonly replay: Replay;
  readonly frames: FrameRecorder;
}

/** Flows: list, detail, bodies. */
export function flowHandlers(ports: FlowHandlerPorts): Omit<HandlersOf<typeof table>, 'flow.why'> {
  const { workspace, replay, frames } = ports;
  const need = (id: string): Flow => {
    const flow = workspace.flows.get(id);
    if (flow === undefined) {
      throw problem('not-found', 'That flow is not in the workspace any more', {
        remedy: 'Old flows are removed by age and size; the limits are in the settings.',
      });
    }
    return flow;
  };
  return {
    'flows.list': async ({ filter, before, limit, hideOwn, lane }) =>
      workspace.lists.read(
        'flows',
        {
          limit: Math.min(limit, 10_000),
          ...(filter === undefined ? {} : { filter }),
          ...(hideOwn === undefined ? {} : { hideOwn }),
          ...(before === undefined ? {} : { before }),
        },
        lane,
      ),
    'flow.detail': async ({ id }) => {
      const flow = workspace.flows.get(id);
      return { detail: flow === undefined ? null : detailOf(ports, flow) };
    },
    'flow.body': async ({ id, part }) => bodyOf(ports, need(id), part),
    'flow.frames': async ({ id }) => frames.read(need(id)),
    'flow.replay': async ({ id, ...changes }) => {
      const { cookies, headers, method, url, body, followCookies, ...options } = changes;
      const flows = await replay(
        need(id),
        {
          ...(cookies === undefined ? {} : { cookies }),
          ...(headers === undefined ? {} : { headers }),
          ...(method === undefined ? {} : { method }),
          ...(url === undefined ? {} : { url }),
          ...(body === undefined ? {} : { body: body === null ? null : bytesOf(body) }),
        },
        { ...options, ...(followCookies === true ? { cookies: 'follow' as const } : {}) },
      );
      const flowIds = flows.map((flow) => flow.id);
      const flowId = flowIds.at(-1);
      if (flowId === undefined) throw new Error('a replay gave no flow');
      return { flowId, flowIds };
    },
  };
}

function detailOf({ registry }: FlowHandlerPorts, flow: Flow): FlowDetail {
  const host = hostOf(flow.request.url);
  const keyOf = (name: string, value: string) => {
    const found = registry.find(host, { kind: 'cookie', name }, value);
    return found === undefined ? {} : { sessionKey: found.key };
  };
  return {
    flow,
    requestCookies: valuesOf(flow.request.rawHeaders, 'cookie')
      .flatMap((header) => tokenizeCookie(header))
      .filter(({ hasEquals }) => hasEquals)
      .map(({ name, value }) => ({ name, value, ...keyOf(name, value) })),
    setCookies: valuesOf(flow.response?.rawHeaders ?? [], 'set-cookie').map((raw) => {
      const view = toCookieView(raw, flow.request.url, flow.endedAt ?? flow.startedAt);
      return { raw, view, ...(view === null ? {} : keyOf(view.name, view.value)) };
    }),
  };
}

export async function bodyOf(
  { bodies }: Pick<FlowHandlerPorts, 'bodies'>,
  flow: Flow,
  part: 'request' | 'response',
): Promise<BodyView> {
  const half = part === 'request' ? flow.request : flow.response;
  const info = half?.body ?? { size: 0, kept: 0 };
  const contentType = valuesOf(half?.rawHeaders ?? [], 'content-type')[0] ?? null;
  const contentEncoding = valuesOf(half?.rawHeaders ?? [], 'content-encoding')[0] ?? null;
  const base = { size: info.size, kept: info.kept, contentType, contentEncoding };
  if (info.ref === undefined) return { ...base, truncated: info.size > 0 };
  try {
    const decoded = await decodeBody(await bodies.read(info.ref), contentEncoding ?? undefined);
    const shown = decoded.bytes.subarray(0, MOST_SHOWN);
    const truncated = info.kept < info.size || !decoded.complete || shown.length < decoded.bytes.length;
    const text = isText(shown, contentType) ? { text: shown.toString('utf8') } : { base64: shown.toString('base64') };
    const kind = decoded.left === undefined ? ('body-cut' as const) : ('body-coding' as const);
    const note = decoded.note === undefined ? {} : { problem: { kind, message: decoded.note } };
    return { ...base, ...text, truncated, ...note };
  } catch (error) {
    return { ...base, truncated: true, problem: toProblem(error) };
  }
}

function isText(bytes: Buffer, contentType: string | null): boolean {
  if (contentType !== null && /^(image|audio|video|font)\/(?!svg)/i.test(contentType)) return false;
  if (bytes.includes(0)) return false;
  // A cut in the middle of a character at the end is not damage.
  return !bytes
    .subarray(0, Math.max(0, bytes.length - 4))
    .toString('utf8')
    .includes('�');
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
