import type { HandlersOf } from '../../bridge/contract.ts';
import type { transfer as table } from '../../bridge/operations/transfer.ts';
import type { BodyStore } from '../../capture/body-store.ts';
import { cookiesTxt, readCookiesTxt } from '../../interop/cookies-txt.ts';
import { requestCode } from '../../interop/copy-as.ts';
import { curlCommand } from '../../interop/curl.ts';
import { maskedRequest } from '../../interop/masked-request.ts';
import { readStorageState, storageState } from '../../interop/storage-state.ts';
import { problem } from '../../model/problem.ts';
import type { ImportedCookies } from '../../model/proxy-settings.ts';
import type { CookieView } from '../../model/session.ts';
import type { Registry } from '../../registry/registry.ts';
import { MASK } from '../../secrets/mask.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { BrowserService } from '../browser-service.ts';
import type { HarExports } from '../har-exports.ts';
import type { HarImports } from '../har-imports.ts';
import { cookiesOfFlows } from '../session-cookies.ts';

export interface TransferHandlerPorts {
  readonly workspace: Pick<Workspace, 'flows'>;
  readonly registry: Registry;
  readonly browsers: BrowserService;
  readonly bodies: BodyStore;
  readonly imports: HarImports;
  readonly exports: HarExports;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Flows of a session that are looked through for its cookies. */
const LOOKED_AT = 500;

/** What other programs write and read: HAR, curl, cookies.txt, storageState. */
export function transferHandlers(ports: TransferHandlerPorts): HandlersOf<typeof table> {
  const { workspace, registry, browsers, bodies, imports, exports } = ports;

  /** A recorded request with its body, without its secrets unless they are wanted. */
  const requestOf = async (id: string, secrets: boolean) => {
    const flow = workspace.flows.get(id);
    if (flow === undefined) throw problem('not-found', 'That flow is not in the workspace any more');
    const { ref } = flow.request.body;
    const body = ref === undefined ? undefined : await bodies.read(ref);
    return secrets ? { flow, body, notes: [] } : await maskedRequest(flow, body);
  };

  return {
    'export.har': (query) => exports.text(query),
    'export.harFile': async ({ title, ...query }) => {
      const { notes, ...saved } = await exports.file(title, query);
      return { ...saved, notes: [...notes] };
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
