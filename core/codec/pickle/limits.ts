/** Bounds of one reading. Beyond a bound the value says so at that place (`{t:'limit'}`), and the rest stays readable. */
export interface PickleLimits {
  /** Longest stream, in bytes. */
  readonly bytes?: number;
  /** Deepest nesting of the typed value; at most 1000, so that walking it never overflows the native stack. */
  readonly depth?: number;
  /** Most opcodes, and so most values of one stream; also most nodes of the typed value. */
  readonly nodes?: number;
  /** Highest memo index. */
  readonly memo?: number;
  /** Most decimal digits of one integer. */
  readonly digits?: number;
  /** Most bytes of one text or byte string in the typed value. */
  readonly text?: number;
  /** Longest time, in milliseconds. */
  readonly milliseconds?: number;
  /** The clock that `milliseconds` is measured with. */
  readonly now?: () => number;
  /**
   * Is told of work in steps of some ten nanoseconds, before it is done; throws to end it. Everything after the reading
   * (typed value, keys, dangers) counts here, so that no stream costs more than its length allows.
   */
  readonly spend?: (steps: number) => void;
}

export type FullLimits = Required<PickleLimits>;

/** Bounds that fit a session by two orders of magnitude and keep a hostile stream within 256 MB. */
const DEFAULT_PICKLE_LIMITS: FullLimits = {
  bytes: 64 * 1024 * 1024,
  depth: 1000,
  nodes: 1_000_000,
  memo: 1_000_000,
  digits: 100_000,
  text: 16 * 1024 * 1024,
  milliseconds: 10_000,
  now: () => performance.now(),
  spend: () => {},
};

const DEEPEST = 1000;

/** The given bounds, with defaults for the rest. */
export function fullLimits(limits: PickleLimits | undefined): FullLimits {
  if (limits === undefined) return DEFAULT_PICKLE_LIMITS;
  const all = { ...DEFAULT_PICKLE_LIMITS, ...limits };
  return { ...all, depth: Math.min(all.depth, DEEPEST) };
}
