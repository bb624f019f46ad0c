import { type CookieEvidence, isSession, type OwnEvidence, scoreCookie } from '../capture/score.ts';
import { valueShape } from '../capture/value-shape.ts';
import { carrierId, carrierName } from '../model/carrier.ts';
import type { Carrier, CookieView, Score } from '../model/session.ts';
import type { LiveSession } from './live-session.ts';

/** What is known of one carrier (a cookie's name, a header, a URL parameter) of one host, over all its values. */
export interface CarrierState {
  readonly host: string;
  readonly carrier: Carrier;
  /** The latest value, raw. */
  readonly value: string;
  readonly setByServer: boolean;
  readonly sentByClient: boolean;
  readonly httpOnly?: boolean;
  readonly lifetimeSeconds?: number | null;
  readonly setAtLogin?: true;
  readonly changedAtLogin?: true;
  readonly deletedAtLogout?: true;
  readonly foundInStore?: string;
  readonly neededForLogin?: boolean;
  /** Answers that set it, and how many of those gave a value other than the one sent; counted as far as it matters. */
  readonly sets: number;
  readonly replaced: number;
  /** The session that stands for all values as long as it is no session. */
  readonly candidateKey?: string;
}

/** Answers to look at before "every response replaces it" is said. */
const RESTLESS_AFTER = 4;

export function newCarrier(host: string, carrier: Carrier): CarrierState {
  return { host, carrier, value: '', setByServer: false, sentByClient: false, sets: 0, replaced: 0 };
}

/** A request carried a value. */
export function sentValue(state: CarrierState, raw: string): CarrierState {
  return state.sentByClient && state.value === raw ? state : { ...state, value: raw, sentByClient: true };
}

/** What the request was for, as far as it can be told from the flow. */
export interface Occasion {
  readonly login: boolean;
  readonly logout: boolean;
}

/** An answer set a value; `before` is the one that the request had carried. */
export function setValue(
  state: CarrierState,
  view: CookieView | null,
  raw: string,
  before: string | undefined,
  occasion: Occasion,
): CarrierState {
  const changed = before !== undefined && before !== raw;
  let { sets, replaced } = state;
  // Counted until it is known whether every answer replaces the value; then there is nothing more to learn from it.
  if (before !== undefined && replaced >= sets && !(changed && sets >= RESTLESS_AFTER)) {
    sets += 1;
    if (changed) replaced += 1;
  }
  const httpOnly = view === null ? state.httpOnly : view.httpOnly;
  const lifetimeSeconds = view === null ? state.lifetimeSeconds : lifetime(view);
  const changedAtLogin = occasion.login && changed ? true : state.changedAtLogin;
  const setAtLogin = occasion.login && before === undefined ? true : state.setAtLogin;
  // Most answers teach nothing new: the same state then stays the same object, which need not be scored or kept again.
  if (
    state.value === raw &&
    state.setByServer &&
    state.sets === sets &&
    state.replaced === replaced &&
    state.httpOnly === httpOnly &&
    state.lifetimeSeconds === lifetimeSeconds &&
    state.changedAtLogin === changedAtLogin &&
    state.setAtLogin === setAtLogin
  ) {
    return state;
  }
  return {
    ...state,
    value: raw,
    setByServer: true,
    sets,
    replaced,
    ...(httpOnly === undefined ? {} : { httpOnly }),
    ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    ...(changedAtLogin === undefined ? {} : { changedAtLogin }),
    ...(setAtLogin === undefined ? {} : { setAtLogin }),
  };
}

export function deletedValue(state: CarrierState, occasion: Occasion): CarrierState {
  return occasion.logout ? { ...state, setByServer: true, deletedAtLogout: true } : { ...state, setByServer: true };
}

function lifetime(view: CookieView): number | null {
  if (view.expires === undefined) return null;
  return Math.max(0, Math.round((view.expires - (view.setAt ?? view.expires)) / 1000));
}

/**
 * How likely it carries the session, with reasons; the user's word goes first in `isSession`. With `session`, what is
 * known of that very session goes before what is known of the carrier with all its values.
 */
export function scoreOf(state: CarrierState, verdict: Score['verdict'], session?: LiveSession): Score {
  const { carrier } = state;
  const evidence: CookieEvidence = {
    name: carrierName(carrier),
    value: (carrier.kind === 'header' ? session?.id : session?.raw) ?? state.value,
    carrier: carrier.kind,
    ...(state.setByServer || state.sentByClient ? { setByServer: state.setByServer } : {}),
    ...(state.httpOnly === undefined ? {} : { httpOnly: state.httpOnly }),
    ...(state.lifetimeSeconds === undefined ? {} : { lifetimeSeconds: state.lifetimeSeconds }),
    ...(state.setAtLogin === undefined ? {} : { setAtLogin: true }),
    ...(state.changedAtLogin === undefined ? {} : { changedAtLogin: true }),
    ...(state.deletedAtLogout === undefined ? {} : { deletedAtLogout: true }),
    ...(state.foundInStore === undefined ? {} : { foundInStore: state.foundInStore }),
    ...(state.neededForLogin === undefined ? {} : { neededForLogin: state.neededForLogin }),
    ...(state.sets >= RESTLESS_AFTER && state.replaced === state.sets ? { changesAlways: true } : {}),
    ...(session === undefined ? {} : { own: ownEvidence(session) }),
  };
  return scoreCookie(evidence, verdict);
}

/** What was seen of the session itself. */
function ownEvidence({ cookie, record, setAtLogin, foreign, checked }: LiveSession): OwnEvidence {
  if (foreign !== undefined) return {};
  return {
    ...(record === undefined ? {} : { foundInStore: record.store ?? 'an attached store' }),
    ...(cookie === undefined
      ? {}
      : { setByServer: true, httpOnly: cookie.httpOnly, lifetimeSeconds: lifetime(cookie) }),
    ...(setAtLogin === undefined ? {} : { setAtLogin: true }),
    ...(checked?.signature === undefined ? {} : { signature: checked.signature }),
  };
}

export { isSession };

/**
 * The value holds the data itself (signed or sealed), so a new value is not another session but the same one with
 * other data.
 */
export function holdsData(raw: string): boolean {
  return valueShape(raw).holdsData === true;
}

export { carrierId };

/** A kept memo as state again; undefined when it is none. */
export function carrierFrom(memo: unknown): CarrierState | undefined {
  if (typeof memo !== 'object' || memo === null) return undefined;
  const state = memo as Partial<CarrierState>;
  return typeof state.host === 'string' && state.carrier !== undefined && typeof state.sets === 'number'
    ? (memo as CarrierState)
    : undefined;
}
