import type { PolicyQuestion } from '../../../../core/model/app.ts';
import type { MatrixQuestion } from '../../../../core/model/lab.ts';
import { parseSpan } from '../../format.ts';
import { type PolicyForm, surroundings } from '../../state/policy-form.ts';

export type Profile = PolicyQuestion['profile'];
export const PROFILES: readonly Profile[] = ['0.37', '0.40', '0.62', 'intended'];

/** How many timeouts and ages are asked. */
export const DETAIL = { coarse: [12, 24], medium: [24, 48], fine: [50, 100] } as const;
export type Detail = keyof typeof DETAIL;

/** The matrix's own fields as typed; the parameters it shares with the single question are in `PolicyForm`. */
export interface MatrixForm {
  readonly profiles: readonly Profile[];
  readonly addresses: string;
  readonly timeoutFrom: string;
  readonly timeoutTo: string;
  readonly ageFrom: string;
  readonly ageTo: string;
  readonly detail: Detail;
}

export const defaultMatrixForm: MatrixForm = {
  profiles: ['0.62', 'intended'],
  addresses: '127.0.0.1, 127.0.0.2',
  timeoutFrom: '5 min',
  timeoutTo: '7 d',
  ageFrom: '1 min',
  ageTo: '14 d',
  detail: 'medium',
};

export type MatrixFormProblem = 'profiles' | 'addresses' | 'timeouts' | 'ages' | 'others';

const ADDRESS = /^[0-9a-fA-F.:]+$/;
const MOST_ADDRESSES = 20;

/** Addresses from what a user writes; null when one cannot be an address or there are too many. */
export function parseAddresses(text: string): readonly string[] | null {
  const found = [...new Set(text.split(/[\s,;，、]+/).filter((one) => one !== ''))];
  return found.length > 0 && found.length <= MOST_ADDRESSES && found.every((one) => ADDRESS.test(one)) ? found : null;
}

export function matrixQuestion(
  form: MatrixForm,
  shared: PolicyForm,
): MatrixQuestion | { readonly bad: MatrixFormProblem } {
  if (form.profiles.length === 0) return { bad: 'profiles' };
  const addresses = parseAddresses(form.addresses);
  if (addresses === null) return { bad: 'addresses' };
  const [rows, columns] = DETAIL[form.detail];
  const timeouts = range(form.timeoutFrom, form.timeoutTo, rows);
  if (timeouts === null) return { bad: 'timeouts' };
  const ages = range(form.ageFrom, form.ageTo, columns);
  if (ages === null) return { bad: 'ages' };
  const around = surroundings(shared);
  if ('bad' in around) return { bad: 'others' };
  return {
    ...around,
    profiles: PROFILES.filter((one) => form.profiles.includes(one)),
    addresses,
    timeouts,
    ages,
    ignore_expiry: shared.ignoreExpiry,
    ignore_change_ip: shared.ignoreChangeIp,
    cleanup: shared.cleanup,
  };
}

function range(from: string, to: string, count: number): readonly number[] | null {
  const [first, last] = [parseSpan(from), parseSpan(to)];
  if (first === null || last === null || first < 0 || last <= first) return null;
  return ladder(first, last, count);
}

/** Spans that people know; steps near one of them take its place. */
const KNOWN = [
  60, 120, 300, 600, 900, 1_200, 1_800, 2_700, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800, 259_200, 604_800,
  1_209_600, 2_592_000,
];
const ROUND = [1, 5, 10, 30, 60, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];

/**
 * At most `count` whole seconds from `first` to `last`, each about as many times longer than the one before, rounded as
 * far as the steps allow. Ascending, both ends included.
 */
export function ladder(first: number, last: number, count: number): readonly number[] {
  const start = Math.max(1, first);
  const ratio = (last / start) ** (1 / Math.max(1, count - 1));
  const steps = new Set([Math.round(first)]);
  for (let i = 1; i < count - 1; i++) {
    const exact = start * ratio ** i;
    const known = KNOWN.find((one) => Math.abs(Math.log(one / exact)) < Math.log(ratio) / 2);
    const unit = ROUND.findLast((one) => one <= (exact * (ratio - 1)) / 2) ?? 1;
    const step = known ?? Math.round(exact / unit) * unit;
    if (step > first && step < last) steps.add(step);
  }
  steps.add(Math.round(last));
  return [...steps].sort((a, b) => a - b);
}
