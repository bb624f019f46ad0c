import type { PolicyQuestion } from '../../../core/model/app.ts';
import type { MatrixQuestion } from '../../../core/model/lab.ts';
import { parseSpan } from '../format.ts';

/** The lab's fields as typed; `question` says what is asked, or which field is not understood. */
export interface PolicyForm {
  readonly after: string;
  readonly address: string;
  readonly timeout: string;
  readonly ignoreExpiry: boolean;
  readonly ignoreChangeIp: boolean;
  readonly profile: PolicyQuestion['profile'];
  readonly cleanup: PolicyQuestion['cleanup'];
  /** Address of a reverse proxy before the application; empty: none. */
  readonly proxy: string;
  /** Empty texts stand for web.py's defaults. */
  readonly secretKey: string;
  readonly expiredMessage: string;
  readonly cookieDomain: string;
  readonly cookiePath: string;
  readonly samesite: string;
  readonly httponly: boolean;
  readonly secure: boolean;
  readonly initializerKind: 'none' | 'dict' | 'function';
  /** A JSON object. */
  readonly initializer: string;
}

/** The fields that are the same in all cells of a matrix. */
export type PolicySurroundings = Pick<MatrixQuestion, 'others' | 'initializer' | 'proxyAddress'>;

/** web.py's defaults, asked an hour after the default timeout. */
export const defaultPolicyForm: PolicyForm = {
  after: '25 h',
  address: '127.0.0.1',
  timeout: '86400',
  ignoreExpiry: true,
  ignoreChangeIp: true,
  profile: '0.62',
  cleanup: 'at-request',
  proxy: '',
  secretKey: '',
  expiredMessage: '',
  cookieDomain: '',
  cookiePath: '',
  samesite: '',
  httponly: true,
  secure: false,
  initializerKind: 'none',
  initializer: '{"count": 0}',
};

/** Steps of the slider in seconds: fine where sessions expire. */
export const afterSteps: readonly number[] = [
  0, 1, 5, 10, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 2_700, 3_600, 7_200, 14_400, 21_600, 43_200, 64_800, 82_800,
  86_399, 86_400, 86_401, 90_000, 108_000, 129_600, 172_800, 259_200, 432_000, 604_800, 1_209_600, 2_592_000, 7_776_000,
  31_536_000,
];

/** The step nearest to a number of seconds. */
export function nearestStep(seconds: number): number {
  let best = 0;
  afterSteps.forEach((step, i) => {
    if (Math.abs(step - seconds) < Math.abs((afterSteps[best] ?? 0) - seconds)) best = i;
  });
  return best;
}

export type FormProblem = 'after' | 'timeout' | 'address' | 'proxy' | 'initializer';

const ADDRESS = /^[0-9a-fA-F.:]+$/;

export function question(form: PolicyForm): PolicyQuestion | { readonly bad: FormProblem } {
  const afterSeconds = parseSpan(form.after);
  if (afterSeconds === null || afterSeconds < 0) return { bad: 'after' };
  const timeout = form.timeout.trim();
  if (timeout === '') return { bad: 'timeout' };
  const fromAddress = form.address.trim();
  if (!ADDRESS.test(fromAddress)) return { bad: 'address' };
  const around = surroundings(form);
  if ('bad' in around) return around;
  const { others, ...rest } = around;
  return {
    parameters: {
      ...others,
      // What is no plain number is Python for the engine to read: `86400,`, None.
      timeout: Number.isFinite(Number(timeout)) ? Number(timeout) : timeout,
      ignore_expiry: form.ignoreExpiry,
      ignore_change_ip: form.ignoreChangeIp,
    },
    ...rest,
    profile: form.profile,
    afterSeconds,
    fromAddress,
    cleanup: form.cleanup,
  };
}

/** The parameters beyond timeout and flags, the initializer and the reverse proxy; only what is not web.py's default. */
export function surroundings(form: PolicyForm): PolicySurroundings | { readonly bad: FormProblem } {
  const proxyAddress = form.proxy.trim();
  if (proxyAddress !== '' && !ADDRESS.test(proxyAddress)) return { bad: 'proxy' };
  const values = form.initializerKind === 'none' ? null : jsonObject(form.initializer);
  if (values === undefined) return { bad: 'initializer' };
  const texts = {
    secret_key: form.secretKey,
    expired_message: form.expiredMessage,
    cookie_domain: form.cookieDomain.trim(),
    cookie_path: form.cookiePath.trim(),
    samesite: form.samesite,
  };
  const others = {
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')),
    ...(form.httponly ? {} : { httponly: false }),
    ...(form.secure ? { secure: true } : {}),
  };
  return {
    ...(Object.keys(others).length === 0 ? {} : { others }),
    ...(proxyAddress === '' ? {} : { proxyAddress }),
    ...(values === null || form.initializerKind === 'none'
      ? {}
      : { initializer: { kind: form.initializerKind, values } }),
  };
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** The line of time under the answer: logarithmic, with most of its length where the marks are. */
export interface BandScale {
  /** Seconds at the right end. */
  readonly end: number;
  /** Seconds below which the line is nearly linear. */
  readonly unit: number;
}

export function bandScale(marks: readonly (number | null)[]): BandScale {
  const known = marks.filter((mark): mark is number => mark !== null && mark > 0);
  return { end: Math.max(60, ...known) * 3, unit: Math.max(1, Math.min(...known, 86_400) / 3) };
}

/** Where a number of seconds stands on the line, 0 to 1. */
export function bandPosition(seconds: number, { end, unit }: BandScale): number {
  if (seconds <= 0) return 0;
  return Math.min(1, Math.log1p(seconds / unit) / Math.log1p(end / unit));
}
