import type { HandlersOf } from '../../bridge/contract.ts';
import type { transfer as table } from '../../bridge/operations/transfer.ts';
import type { BodyStore } from '../../capture/body-store.ts';
import { cookiesTxt, readCookiesTxt } from '../../interop/cookies-txt.ts';
import { requestCode } from '../../interop/copy-as.ts';
import { curlCommand } from '../../interop/curl.ts';
import { maskedRequest } from '../../interop/masked-request.ts';
import { readStorageState, storageState } from '../../interop/storage-state.ts';
import { harText } from '../../interop/write-har.ts';
import type { Flow } from '../../model/flow.ts';
import { problem } from '../../model/problem.ts';
import type { ImportedCookies } from '../../model/proxy-settings.ts';
import type { CookieView } from '../../model/session.ts';
import type { Registry } from '../../registry/registry.ts';
import { MASK } from '../../secrets/mask.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { BrowserService } from '../browser-service.ts';
import type { HarImports } from '../har-imports.ts';
import type { RecordedTraffic } from '../recorded-traffic.ts';
import { cookiesOfFlows } from '../session-cookies.ts';

export interface TransferHandlerPorts {
  readonly workspace: Pick<Workspace, 'flows'>;
  readonly registry: Registry;
  readonly browsers: BrowserService;
  readonly bodies: BodyStore;
  readonly traffic: Pick<RecordedTraffic, 'frames'>;
  readonly imports: HarImports;
  /** Of this program: a HAR names its creator. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Flows whose ids are read at once, and most characters of one HAR over the bridge. */
const PAGE = 5_000;
const MOST_TEXT = 200_000_000;
/** Flows of a session that are looked through for its cookies. */
const LOOKED_AT = 500;

/** What other programs write and read: HAR, curl, cookies.txt, storageState. */
export function transferHandlers(ports: TransferHandlerPorts): HandlersOf<typeof table> {
  const { workspace, registry, browsers, bodies, version, clock, traffic, imports } = ports;

  /** All that the filter lets through, page by page: none is left out without a word. */
  const everyId = (filter: string | undefined): string[] => {
    const found: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = workspace.flows.list({
        limit: PAGE,
        ...(filter === undefined ? {} : { filter }),
        ...(before === undefined ? {} : { before }),
      });
      for (const { id } of page) found.push(id);
      before = page.at(-1)?.id;
      if (page.length < PAGE || before === undefined) return found.reverse();
    }
  };

  /** Oldest first, as a HAR has them. */
  const chosen = function* (ids: readonly string[] | undefined, filter: string | undefined): Generator<Flow> {
    for (const id of ids ?? everyId(filter)) {
      const flow = workspace.flows.get(id);
      if (flow !== undefined) yield flow;
    }
  };

  /** A recorded request with its body, without its secrets unless they are wanted. */
  const requestOf = async (id: string, secrets: boolean) => {
    const flow = workspace.flows.get(id);
    if (flow === undefined) throw problem('not-found', 'That flow is not in the workspace any more');
    const { ref } = flow.request.body;
    const body = ref === undefined ? undefined : await bodies.read(ref);
    return secrets ? { flow, body, notes: [] } : await maskedRequest(flow, body);
  };

  return {
    'export.har': async ({ ids, filter, secrets = false }) => {
      let count = 0;
      const counted = function* () {
        for (const flow of chosen(ids, filter)) {
          count += 1;
          yield flow;
        }
      };
      const pieces: string[] = [];
      let size = 0;
      let notes: readonly string[] = [];
      for await (const piece of harText(counted(), {
        version,
        readBody: (ref) => bodies.read(ref),
        readFrames: (flow) => traffic.frames.read(flow, { whole: true }),
        withSecrets: secrets,
        onNotes: (all) => {
          notes = all;
        },
      })) {
        size += piece.length;
        if (size > MOST_TEXT) {
          throw problem('too-large', 'This HAR would be larger than 200 MB', {
            remedy: 'Filter the flows first, or run: sessionscope proxy --har FILE.',
          });
        }
        pieces.push(piece);
      }
      return { name: `sessionscope-${dateName(clock())}.har`, text: pieces.join(''), count, notes };
    },

    'import.har': ({ text }) => imports.whole(text),
    'import.begin': async ({ name, size }) => ({ importId: imports.begin(name, size) }),
    'import.piece': async ({ importId, text, size }) => {
      await imports.take(importId, text, size);
      return {};
    },
    'import.end': async ({ importId }) => {
      const { flowIds, notes } = await imports.end(importId);
      return { count: flowIds.length, notes };
    },

    'export.code': async ({ id, form, secrets = false }) => {
      const sent = await requestOf(id, secrets);
      const { text, notes } = requestCode(sent.flow, sent.body, form);
      const name = { fetch: 'request.mjs', python: 'request.py', httpie: 'request.sh' }[form];
      return { name, count: 1, text, notes: [...sent.notes, ...notes] };
    },

    'export.curl': async ({ id, shell = 'posix', secrets = false }) => {
      const sent = await requestOf(id, secrets);
      const { text, notes } = curlCommand(sent.flow, sent.body, { shell });
      return { name: 'request.sh', count: 1, text, notes: [...sent.notes, ...notes] };
    },

    'export.cookies': async ({ key, form, secrets = false }) => {
      const session = registry.get(key);
      if (session === undefined) throw problem('not-found', 'That session is not in this workspace any more');
      const found = await cookiesOf(ports, key, session.host);
      if (found.length === 0) {
        throw problem('no-cookies', 'No cookie of this session is known', {
          remedy: 'Its flows carry no cookie, or they are not kept any more.',
        });
      }
      const cookies = secrets ? found : found.map((cookie) => ({ ...cookie, value: MASK }));
      const { text, notes } = form === 'cookies.txt' ? cookiesTxt(cookies) : storageState(cookies);
      return {
        name: form === 'cookies.txt' ? 'cookies.txt' : 'storage-state.json',
        text,
        count: cookies.length,
        notes,
      };
    },

    'import.cookies': async ({ text, runId }): Promise<ImportedCookies> => {
      const { cookies, notes } = /^\s*[[{]/.test(text.replace(/^\ufeff/, ''))
        ? readStorageState(text.replace(/^\ufeff/, ''))
        : readCookiesTxt(text.replace(/^\ufeff/, ''));
      if (runId === undefined) return { cookies, stored: null, notes };
      const browser = browsers.jarOf(runId);
      let stored = 0;
      for (const cookie of cookies) {
        try {
          await browser.setCookie({ ...cookie, domain: cookie.domain ?? '' });
          stored += 1;
        } catch (error) {
          notes.push(`${cookie.name} was refused: ${(error as Error).message}`);
        }
      }
      return { cookies, stored, notes };
    },
  };
}

/** From the jar of a browser that holds this session, otherwise from the session's flows. */
async function cookiesOf(
  { browsers, workspace, registry, clock }: TransferHandlerPorts,
  key: string,
  host: string,
): Promise<CookieView[]> {
  const session = registry.get(key);
  const hostname = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  for (const browser of browsers.jars()) {
    const held = (await browser.cookies().catch(() => [])).filter(({ domain = '' }) => {
      const bare = domain.replace(/^\./, '');
      return hostname === bare || hostname.endsWith(`.${bare}`);
    });
    if (held.some(({ value }) => value === session?.raw)) return held;
  }
  const flows = workspace.flows
    .list({ sessionKey: key, limit: LOOKED_AT })
    .reverse()
    .flatMap(({ id }) => workspace.flows.get(id) ?? []);
  return cookiesOfFlows(flows, clock());
}

/** `2026-11-23-1840`, in UTC. */
function dateName(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', '-').replace(':', '');
}
