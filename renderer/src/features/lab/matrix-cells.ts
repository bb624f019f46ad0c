import type { PolicyOutcome, PolicyQuestion } from '../../../../core/model/app.ts';
import type { Matrix, MatrixQuestion } from '../../../../core/model/lab.ts';
import type { Translate } from '../../i18n/index.ts';

export const OUTCOMES: readonly PolicyOutcome[] = ['accepted', 'new-session', 'expired-message', 'server-error'];

/** One map of the matrix: a profile and an address, by their places in the question. */
export interface MapPlace {
  readonly p: number;
  readonly a: number;
}

/** A cell of a map: its timeout and its age, by their places in the question. */
export interface CellPlace {
  readonly t: number;
  readonly n: number;
}

export function outcomeAt({ question, cells }: Matrix, { p, a }: MapPlace, { t, n }: CellPlace): PolicyOutcome {
  const { addresses, timeouts, ages } = question;
  const outcome = cells[((p * addresses.length + a) * timeouts.length + t) * ages.length + n];
  if (outcome === undefined) throw new RangeError(`the matrix has no cell ${p} ${a} ${t} ${n}`);
  return outcome;
}

/** Neighbours in a row with the same outcome: `[from, to)` of the ages. */
export interface Run {
  readonly outcome: PolicyOutcome;
  readonly from: number;
  readonly to: number;
}

export function runsOf(matrix: Matrix, map: MapPlace, t: number): readonly Run[] {
  const runs: Run[] = [];
  const count = matrix.question.ages.length;
  let from = 0;
  for (let n = 1; n <= count; n++) {
    const outcome = outcomeAt(matrix, map, { t, n: from });
    if (n < count && outcomeAt(matrix, map, { t, n }) === outcome) continue;
    runs.push({ outcome, from, to: n });
    from = n;
  }
  return runs;
}

/** The question that a cell is the answer to. */
export function questionOf(question: MatrixQuestion, { p, a }: MapPlace, { t, n }: CellPlace): PolicyQuestion {
  const { profiles, addresses, timeouts, ages, ignore_change_ip, ignore_expiry, cleanup } = question;
  const [profile, fromAddress, timeout, afterSeconds] = [profiles[p], addresses[a], timeouts[t], ages[n]];
  if (profile === undefined || fromAddress === undefined || timeout === undefined || afterSeconds === undefined) {
    throw new RangeError(`the question has no cell ${p} ${a} ${t} ${n}`);
  }
  const { others, initializer, proxyAddress } = question;
  return {
    parameters: { ...others, timeout, ignore_expiry, ignore_change_ip },
    profile,
    afterSeconds,
    fromAddress,
    cleanup,
    ...(initializer === undefined ? {} : { initializer }),
    ...(proxyAddress === undefined ? {} : { proxyAddress }),
  };
}

/** Index of the number nearest to `wanted` as a ratio. */
export function nearest(values: readonly number[], wanted: number): number {
  let best = 0;
  const far = (value: number) => Math.abs(Math.log((value + 1) / (wanted + 1)));
  values.forEach((value, i) => {
    if (far(value) < far(values[best] ?? 0)) best = i;
  });
  return best;
}

/** Seconds to the second, in the largest units that keep it short: `95 min`, `25 h`, `3 d 4 h`, `2 min 13 s`. */
export function exactSpan(seconds: number, t: Translate): string {
  const parts: string[] = [];
  const whole = Math.round(seconds);
  const put = (n: number, key: 'time.d' | 'time.h' | 'time.min' | 'time.s') => {
    if (n > 0) parts.push(t(key, { n }));
  };
  if (whole === 60) return t('time.min', { n: 1 });
  if (whole < 120) return t('time.s', { n: whole });
  if (whole < 7_200 && whole % 60 === 0 && whole !== 3_600) return t('time.min', { n: whole / 60 });
  if (whole < 259_200 && whole % 3_600 === 0) return t('time.h', { n: whole / 3_600 });
  put(Math.floor(whole / 86_400), 'time.d');
  put(Math.floor((whole % 86_400) / 3_600), 'time.h');
  put(Math.floor((whole % 3_600) / 60), 'time.min');
  put(whole % 60, 'time.s');
  return parts.join(' ');
}

/** "timeout 1 h, used after 25 h, from 127.0.0.2: a new session" */
export function cellName(matrix: Matrix, map: MapPlace, cell: CellPlace, t: Translate): string {
  const { parameters, afterSeconds, fromAddress } = questionOf(matrix.question, map, cell);
  return t('lab.matrix.cell', {
    timeout: exactSpan(Number(parameters.timeout), t),
    age: exactSpan(afterSeconds, t),
    address: fromAddress,
    outcome: t(`lab.outcome.said.${outcomeAt(matrix, map, cell)}`),
  });
}

export function mapName({ profiles, addresses }: MatrixQuestion, { p, a }: MapPlace, t: Translate): string {
  const profile = profiles[p] ?? '';
  const address = addresses[a] ?? '';
  return profile === 'intended' ? t('lab.matrix.map.intended', { address }) : t('lab.matrix.map', { profile, address });
}
