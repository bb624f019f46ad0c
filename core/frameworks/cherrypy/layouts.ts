import type { LayerContext, ValueDecoded } from '../../codec/layer.ts';
import { pickle } from '../../codec/layers/pickle.ts';
import { DEFAULT_LIMITS, makeBudget } from '../../codec/limits.ts';
import type { Path } from '../../model/path.ts';
import { problem } from '../../model/problem.ts';
import type { TypedNode } from '../../model/typed.ts';
import type { FileLayout, InsideClock } from '../../stores/layout.ts';

const PREFIX = 'session-';
/** 20 random bytes in hex. */
const ID = /^[0-9a-f]{40}$/;

/** A session file is a pickle of the data and the end. */
const END: Path = [{ kind: 'index', index: 1 }];

const isRecord = (name: string): boolean => name.startsWith(PREFIX) && ID.test(name.slice(PREFIX.length));

/**
 * The end as a `datetime` of the application's own wall clock, without a zone. Files lie on this machine, so the zone is
 * the one of this process.
 */
const SECOND_OF_PAIR: InsideClock = {
  clock: 'expires',
  where: 'the date behind the pickled data',
  read(bytes) {
    try {
      return endOf(opened(bytes).value)?.ms ?? null;
    } catch {
      return null;
    }
  },
  write(bytes, ms) {
    const decoded = opened(bytes);
    const end = endOf(decoded.value);
    if (end === undefined) throw problem('cannot-age', 'The file holds no pair of data and a date');
    return decoded.edit([{ op: 'set', path: END, value: { ...end.node, v: wallClock(ms, end.microseconds) } }]);
  },
};

function opened(bytes: Uint8Array): ValueDecoded {
  const context: LayerContext = {
    budget: makeBudget(DEFAULT_LIMITS),
    chosen: true,
    outer: [],
    keys: [],
    companions: {},
    stamp: 'keep',
    time: 0,
  };
  const decoded = pickle.decode(bytes, context);
  if (decoded.kind !== 'value') throw problem('layer-form', 'This is no pickle', { at: 0 });
  return decoded;
}

interface End {
  readonly node: Extract<TypedNode, { readonly t: 'datetime' | 'time' }>;
  readonly ms: number;
  /** Below a millisecond, so that a written end has the same digits. */
  readonly microseconds: string;
}

function endOf(value: TypedNode): End | undefined {
  const node = value.t === 'tuple' && value.v.length === 2 ? value.v[1] : undefined;
  if (node?.t !== 'datetime' || node.tz.t !== 'none') return undefined;
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3})(\d{3}))?$/.exec(node.v);
  if (parts === null) return undefined;
  const [, seconds = '', milliseconds = '000', microseconds = '000'] = parts;
  // Without a zone in the text, the zone of this process counts.
  const ms = new Date(`${seconds}.${milliseconds}`).getTime();
  return Number.isNaN(ms) ? undefined : { node, ms, microseconds };
}

function wallClock(ms: number, microseconds: string): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime()) || date.getFullYear() < 1 || date.getFullYear() > 9999) {
    throw problem('cannot-age', 'The end would lie outside of the years that Python has');
  }
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const below = `${String(date.getMilliseconds()).padStart(3, '0')}${microseconds}`;
  return below === '000000' ? `${day}T${time}` : `${day}T${time}.${below}`;
}

/** `tools.sessions.storage_class = FileSession`: `session-<id>`, and `session-<id>.lock` while a request has it. */
export const cherrypyFiles: FileLayout = {
  kind: 'file',
  id: 'cherrypy-files',
  title: 'CherryPy session files',
  framework: 'cherrypy',
  belongs: isRecord,
  looksLike: (name, head) => isRecord(name) && head[0] === 0x80 && (head[1] ?? 9) <= 5,
  recordNames: (id) => (ID.test(id) ? [PREFIX + id] : []),
  publicId: (name) => (isRecord(name) ? name.slice(PREFIX.length) : undefined),
  lastUsedIn: undefined,
  compares: 'expires',
  inside: [SECOND_OF_PAIR],
  layers: ['pickle'],
};
