import { diff } from '../codec/diff.ts';
import type { TypedNode } from '../model/typed.ts';
import type { Fates } from './fates.ts';
import { keptDifferences } from './kept-differences.ts';
import type { LiveSession } from './live-session.ts';
import { factsOf, labelOf, member, visitorOf } from './record-facts.ts';
import type { SessionWriter } from './session-writer.ts';

/** Lines of a difference that the timeline keeps. */
const MOST_LINES = 200;
/** Values that are compared; of larger ones the timeline says only that they changed. */
const MOST_STEPS = 300_000;
/** Where tokens keep when they end: at the top, or in the part that holds the claims. */
const CLAIMS = [undefined, 'payload', 'claims'] as const;

/** The data that a cookie's (or header's) value holds itself, decoded. */
export interface InsideSeen {
  readonly key: string;
  /** The raw value. */
  readonly raw: string;
  readonly value: TypedNode;
  /** The decoded value before, where it is known. */
  readonly before: TypedNode | null;
  readonly at: number;
  readonly flowId?: string;
}

/** Sessions whose data is in the cookie itself: label, third clock and what each answer changed. */
export class PayloadTracker {
  readonly #writer: SessionWriter;
  readonly #fates: Fates;

  constructor(writer: SessionWriter, fates: Fates) {
    this.#writer = writer;
    this.#fates = fates;
  }

  seen({ key, raw, value, before, at, flowId }: InsideSeen): void {
    const session = this.#writer.cache.session(key);
    if (session === undefined || session.inside?.raw === raw) return;
    const keep = (text: string) =>
      this.#writer.archive.putSnapshot({
        storeId: 'cookie',
        recordId: key,
        at,
        lastUsed: null,
        bytes: Buffer.from(text, 'latin1'),
      });
    const snapshot = keep(raw);
    const differences =
      session.inside === undefined || before === null
        ? []
        : keptDifferences(diff(before, value, { max: MOST_LINES, steps: MOST_STEPS }));
    if (differences.length > 0 && session.inside !== undefined) {
      const flow = flowId === undefined ? {} : { flowId };
      this.#writer.note(key, {
        kind: 'data-changed',
        at,
        ...flow,
        differences,
        snapshot,
        before: keep(session.inside.raw),
      });
    }
    const { label: _l, visitor: _v, payload: _p, ...rest } = session;
    const label = labelOf(value);
    const visitor = visitorOf(value);
    const payload = endOf(value);
    this.#writer.archive.putData(key, factsOf(value));
    const next: LiveSession = {
      ...rest,
      inside: { raw },
      ...(label === undefined ? {} : { label }),
      ...(visitor === undefined ? {} : { visitor }),
      ...(payload === undefined ? {} : { payload }),
    };
    this.#writer.save(this.#fates.insideRead(next, at));
  }
}

/** When the data says that it ends (`exp` in seconds since 1970, RFC 7519 section 4.1.4), and where it says so. */
function endOf(value: TypedNode): LiveSession['payload'] {
  for (const part of CLAIMS) {
    const claims = part === undefined ? value : member(value, part);
    const exp = claims === undefined ? undefined : member(claims, 'exp');
    if (exp === undefined || !(exp.t === 'int' || exp.t === 'number' || exp.t === 'float')) continue;
    const seconds = Number(exp.v);
    if (!Number.isFinite(seconds) || seconds < 1e8 || seconds > 1e11) continue;
    return { expires: seconds * 1000, at: part === undefined ? 'exp' : `${part}.exp` };
  }
  return undefined;
}
