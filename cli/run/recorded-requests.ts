import type { Engine } from '../../core/engine/engine.ts';
import { isContent, isUnsafe, type RecordedRequest } from '../../core/policy/record/recording.ts';

/** Flows that are looked through, newest first, and the most of one page. */
const MOST = 5_000;
const PAGE = 200;
/** Longer bodies tell nothing about a login. */
const LONGEST = 1 << 20;

/** What was recorded of an application, oldest first. */
export async function recordedRequests(engine: Engine, origin: string): Promise<RecordedRequest[]> {
  const ids: string[] = [];
  let before: string | undefined;
  do {
    const { flows } = await engine.handlers['flows.list']({ limit: PAGE, ...(before === undefined ? {} : { before }) });
    ids.push(
      ...flows.filter(({ url, kind }) => kind === 'http' && `${url}/`.startsWith(`${origin}/`)).map(({ id }) => id),
    );
    before = flows.length === PAGE ? flows.at(-1)?.id : undefined;
  } while (before !== undefined && ids.length < MOST);
  const found: RecordedRequest[] = [];
  for (const id of ids.reverse()) {
    const request = await readRequest(engine, id);
    if (request !== undefined) found.push(request);
  }
  return found;
}

async function readRequest(engine: Engine, id: string): Promise<RecordedRequest | undefined> {
  const { detail } = await engine.handlers['flow.detail']({ id });
  if (detail === null) return undefined;
  const { request, response } = detail.flow;
  const headers = byName(request.rawHeaders);
  const answers = byName(response?.rawHeaders ?? []);
  const plain = (type: string | undefined): string => (type ?? '').replace(/;.*$/s, '').trim().toLowerCase();
  const made: RecordedRequest = {
    id,
    method: request.method,
    url: request.url,
    contentType: plain(headers['content-type']),
    headers,
    body: undefined,
    sent: Object.fromEntries(detail.requestCookies.map(({ name, value }) => [name, value])),
    status: response?.status,
    location: answers['location'],
    answerType: plain(answers['content-type']),
    answer: undefined,
    set: Object.fromEntries(
      detail.setCookies.flatMap(({ view }) =>
        view === null ? [] : [[view.name, isDeleted(view) ? null : view.value]],
      ),
    ),
  };
  const body = isUnsafe(made) ? await textOf(engine, id, 'request') : undefined;
  const answer = isContent(made) ? await textOf(engine, id, 'response') : undefined;
  return { ...made, body, answer };

  function isDeleted({ value, expires }: { readonly value: string; readonly expires?: number }): boolean {
    return value === '' || (expires !== undefined && expires <= detail!.flow.startedAt);
  }
}

async function textOf(engine: Engine, id: string, part: 'request' | 'response'): Promise<string | undefined> {
  const { text } = await engine.handlers['flow.body']({ id, part });
  return text === undefined || text.length > LONGEST ? undefined : text;
}

/** The last of a name counts. */
function byName(raw: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) found[(raw[at] ?? '').toLowerCase()] = raw[at + 1] ?? '';
  return found;
}
