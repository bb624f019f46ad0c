import { type Problem, ProblemError, problem } from '../../model/problem.ts';
import type { Layer, LayerContext, Recognition, ValueDecoded, Warning } from '../layer.ts';
import { decodePickle, editPickle, encodePickle, type PickleDecoded, type PickleOptions } from '../pickle/pickle.ts';
import { refuse } from '../pickle/refusal.ts';

const STOP = 0x2e;
const ENCODINGS = ['ASCII', 'utf8', 'latin1', 'bytes'] as const;

/** What `pickle.dumps` of Python 3.8 to 3.13 writes, and so web.py. */
const USUAL_PROTOCOL = 4;

/**
 * Python's pickle, protocols 0 to 5; nothing is ever executed. `pickle:latin1` and `pickle:bytes` read the byte strings
 * of Python 2 as `pickle.loads(…, encoding=…)` would, `pickle:utf8` each as UTF-8 where it is and as Latin-1 where not;
 * plain `pickle` takes them as ASCII, which is what web.py does.
 */
export const pickle: Layer = {
  id: 'pickle',
  title: 'Python pickle',
  recognise,
  decode: decodeLayer,
  make: { kind: 'value', write: (value) => encodePickle(value, { protocol: USUAL_PROTOCOL, python: 3 }) },
};

function recognise(bytes: Uint8Array): Recognition | undefined {
  const [first, second] = bytes;
  if (first === 0x80 && second !== undefined && second >= 2 && second <= 5) {
    return { score: 0.95, reasons: [`Starts with the mark of pickle protocol ${second}`] };
  }
  if (bytes.length < 4 || bytes[bytes.length - 1] !== STOP) return undefined;
  // Protocols 0 and 1 have no mark. A container begins with one of: ( ] } c
  if (first !== 0x28 && first !== 0x5d && first !== 0x7d && first !== 0x63) return undefined;
  return { score: 0.4, reasons: ['Begins like a pickle of protocol 0 or 1 and ends with its STOP'] };
}

function optionsOf(context: LayerContext): PickleOptions {
  const encoding = context.argument ?? 'ASCII';
  if (!ENCODINGS.includes(encoding as 'ASCII')) {
    throw problem('bad-layer', `pickle knows no "${encoding}"`, {
      remedy: `Use one of pickle:${ENCODINGS.join(', pickle:')}`,
    });
  }
  return {
    encoding: encoding as (typeof ENCODINGS)[number],
    limits: { ...context.budget.limits, now: context.budget.now, spend: context.budget.spend },
  };
}

function decodeLayer(bytes: Uint8Array, context: LayerContext): ValueDecoded {
  context.budget.spend(bytes.length >> 2);
  const { decoded, options, refusal } = read(bytes, optionsOf(context));
  const facts: Record<string, string | number | boolean> = { protocol: decoded.protocol, end: decoded.end };
  if (options.encoding !== 'ASCII') facts['encoding'] = options.encoding ?? '';
  return {
    kind: 'value',
    value: decoded.value,
    evidence: evidenceOf(decoded, bytes),
    warnings: warningsOf(decoded),
    facts,
    lossless: true,
    ...(refusal && { refusal }),
    spanOf: (path) => decoded.spanOf(path),
    edit: (edits) => editPickle(bytes, edits, options),
  };
}

interface Read {
  readonly decoded: PickleDecoded;
  readonly options: PickleOptions;
  readonly refusal: Problem | undefined;
}

/**
 * Byte strings of Python 2 that are not ASCII make Python 3, and so web.py, refuse the whole pickle. What is inside can
 * be shown all the same: what is UTF-8 is read as UTF-8 and the rest as Latin-1, which loses nothing, and the refusal is
 * told beside it.
 */
function read(bytes: Uint8Array, options: PickleOptions): Read {
  try {
    const decoded = decodePickle(bytes, options);
    const { refusal } = decoded;
    return { decoded, options, refusal: refusal && refuse(refusal.exception, refusal.message, refusal.at).problem };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.kind !== 'pickle-unicode-decode-error') throw error;
    if (options.encoding !== 'ASCII') throw error;
    const utf8: PickleOptions = { ...options, encoding: 'utf8' };
    const remedy =
      'Its byte strings are shown as UTF-8, or as Latin-1 where they are not UTF-8; choose pickle:utf8, pickle:latin1 or pickle:bytes to accept that';
    return { decoded: decodePickle(bytes, utf8), options: utf8, refusal: { ...error.problem, remedy } };
  }
}

function warningsOf(decoded: PickleDecoded): Warning[] {
  const warnings: Warning[] = decoded.warnings.map(({ what, message, at }) => ({
    code: `pickle-${what}`,
    message,
    severity: 'warning' as const,
    at,
  }));
  for (const { beyondEnd, severity, what, reason, at } of decoded.danger) {
    // Said by the warning already.
    if (beyondEnd) continue;
    warnings.push({ code: 'pickle-danger', message: `Loading it ${what}: ${reason}`, severity, at });
  }
  return warnings;
}

/**
 * With the mark of protocol 2 and later, a stream that is read to its end is a pickle for certain. Without it, only a
 * container with members that takes every byte is: texts like `N.` or `].` are none.
 */
function evidenceOf(decoded: PickleDecoded, bytes: Uint8Array): ValueDecoded['evidence'] {
  const { value, end } = decoded;
  const whole = end === bytes.length;
  const container = 'v' in value && Array.isArray(value.v);
  if (bytes[0] === 0x80) return whole || container || value.t === 'object' ? 'structure' : 'none';
  if (!whole) return 'none';
  if (value.t === 'object' || value.t === 'reduce') return 'structure';
  return container && (value.v as readonly unknown[]).length > 0 ? 'structure' : 'none';
}
