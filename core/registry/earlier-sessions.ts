import type { Fate, LiveSession } from './live-session.ts';

/** How a session's end was kept before states were events. */
interface EarlierForm {
  readonly rotatedFrom?: string;
  readonly rotatedTo?: string;
  readonly rotatedBy?: { readonly flowId: string; readonly login: boolean };
  readonly killedAt?: number;
  readonly expiredAt?: number;
}

/**
 * A session of an earlier workspace in the present form. Its end is taken over as far as it was seen then: a change of
 * the id at a login is known as such, any other is only a change; what was called "killed" was an end.
 */
export function migratedSession(memo: LiveSession): LiveSession {
  const earlier = memo as LiveSession & EarlierForm;
  const { rotatedFrom, rotatedTo, rotatedBy, killedAt, expiredAt, ...rest } = earlier;
  const isPresent =
    rotatedFrom === undefined &&
    rotatedTo === undefined &&
    rotatedBy === undefined &&
    killedAt === undefined &&
    expiredAt === undefined;
  if (isPresent) return memo;
  const fate = fateOf(earlier);
  return {
    ...rest,
    ...(rotatedFrom === undefined ? {} : { follows: rotatedFrom }),
    ...(fate === undefined || rest.fate !== undefined ? {} : { fate }),
  };
}

function fateOf(earlier: LiveSession & EarlierForm): Fate | undefined {
  const { rotatedTo, rotatedBy, killedAt, expiredAt, lastActivity } = earlier;
  if (rotatedTo !== undefined) {
    const how = { at: lastActivity, as: rotatedTo, id: '', ...(rotatedBy && { flowId: rotatedBy.flowId }) };
    return rotatedBy?.login === true
      ? { ...how, state: 'continued', because: 'login' }
      : { ...how, state: 'replaced', because: 'another-id' };
  }
  if (killedAt !== undefined) return { at: killedAt, state: 'ended', because: 'application' };
  if (expiredAt !== undefined) {
    return { at: expiredAt, state: 'expired', because: earlier.record?.goneAt === undefined ? 'cookie' : 'record' };
  }
  return undefined;
}
