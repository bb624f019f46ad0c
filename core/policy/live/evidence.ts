import { duration } from '../../model/duration.ts';
import type { ExperimentEvidence } from '../../model/lab.ts';
import type { StoredRecord } from '../../model/record.ts';
import type { Answer } from './context.ts';
import { recordFacts } from './record-facts.ts';

const MOST_BODY = 300;
const MOST_TEXT = 4_000;
/** Shorter values are no ids that give anything away, and could be any word. */
const LEAST_ID = 12;

export interface EvidenceOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Session ids that must not leave the machine in a report. */
  readonly ids: Iterable<string>;
  readonly hasStore: boolean;
}

/** One request of a run for the evidence: what was sent, what came back, the record before and after. */
export function evidenceOf(title: string, answer: Answer, body: string, options: EvidenceOptions): ExperimentEvidence {
  const { flow, judgement, before, after } = answer;
  const ids = [...options.ids];
  const { request, response } = flow;
  const sent = fields(request.rawHeaders, /^(cookie|x-forwarded-for|forwarded|x-real-ip)$/i);
  const got = fields(response?.rawHeaders ?? [], /^(set-cookie|location)$/i);
  const text = body.length > MOST_BODY ? `${body.slice(0, MOST_BODY)}…` : body;
  return {
    title,
    text: judgement.because,
    flowId: flow.id,
    request: hideIds([`${request.method} ${request.url} from ${flow.client.address}`, ...sent].join('\n'), ids),
    response:
      response === undefined
        ? (flow.error ?? 'no answer')
        : hideIds([`${response.status} ${response.reason}`, ...got, '', text].join('\n'), ids),
    ...(options.hasStore
      ? { recordBefore: describe(before, options.now), recordAfter: describe(after, options.now) }
      : {}),
  };
}

function describe(record: StoredRecord | undefined, now: number): string {
  if (record === undefined) return 'no record';
  const { ip } = recordFacts(record.bytes, now);
  const age = record.lastUsed === null ? '' : `, last used ${duration((now - record.lastUsed) / 1000)} ago`;
  return `${record.bytes.length} bytes${age}${ip === undefined ? '' : `, ip ${ip ?? 'None'}`}`;
}

/** Ids are shortened beyond use. */
function hideIds(text: string, ids: readonly string[]): string {
  let hidden = text;
  for (const id of ids) if (id.length > LEAST_ID) hidden = hidden.replaceAll(id, `${id.slice(0, 6)}…`);
  return hidden.length > MOST_TEXT ? `${hidden.slice(0, MOST_TEXT)}…` : hidden;
}

function fields(rawHeaders: readonly string[], name: RegExp): string[] {
  return rawHeaders.flatMap((field, i) => (i % 2 === 0 && name.test(field) ? [`${field}: ${rawHeaders[i + 1]}`] : []));
}
