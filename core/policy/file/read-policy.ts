import path from 'node:path';
import type { z } from 'zod';
import { defaultParameters, type SessionParameters } from '../../frameworks/webpy/session/parameters.ts';
import type { PolicyQuestion } from '../../model/app.ts';
import { durationText } from '../../model/duration.ts';
import { webAddress } from '../../model/web-address.ts';
import { formatStoreUrl, parseStoreUrl } from '../../stores/url.ts';
import { EXPERIMENTS } from '../live/catalog.ts';
import { type Environment, substitute } from './environment.ts';
import { problemsOf } from './issues.ts';
import type { LivePlan, Policy, PolicyRecord, PolicyTarget, SimulatedQuestion } from './policy.ts';
import { PolicyFileError, type PolicyFileProblem } from './policy-file-error.ts';
import { withoutSecrets } from './result.ts';
import { brokenRules, hasSession } from './rules.ts';
import { CHECK_UP, type PolicyDocument, type PolicyRequest, policySchema, VERDICTS } from './schema.ts';
import { readYaml, type YamlPart } from './yaml-source.ts';

export interface ReadPolicyOptions {
  /** Path of the file: for messages, and relative paths in it count from its folder. */
  readonly file: string;
  /** Where `${NAME}` is looked up. */
  readonly env: Environment;
}

/** What only looking at a file gives: whether it is right, and what it needs of its surroundings. */
export interface PolicyCheck {
  /** Policies that could be read whole; those with variables that are not set are missing here. */
  readonly policies: readonly Policy[];
  readonly count: number;
  /** Names of variables that are not set, each once. */
  readonly unset: readonly string[];
}

const DEFAULT_ADDRESSES = ['127.0.0.2', '127.0.0.3'];
/** For experiments that do not ask about the idle time, and need some: canaries are planted around it. */
const UNASKED_IDLE = 7_200;

/**
 * Reads the policies of a file, one of each YAML document.
 * @throws PolicyFileError with every mistake and its place; a variable that is not set is one
 */
export function readPolicies(text: string, options: ReadPolicyOptions): Policy[] {
  const read = readYaml(text, options.file).map((part) => readOne(part, options));
  const wrong = read.flatMap(({ problems, unset }) => [
    ...problems,
    ...unset.map(({ place, name }) => ({
      place,
      message: `The variable ${name} is not set`,
      remedy: `Set it in the environment, or write \${${name}:-otherwise}`,
    })),
  ]);
  if (wrong.length > 0) throw new PolicyFileError(options.file, wrong);
  return read.flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
}

/**
 * Checks a file without running it; variables that are not set are told and are no mistakes.
 * @throws PolicyFileError with every mistake and its place
 */
export function checkPolicies(text: string, options: ReadPolicyOptions): PolicyCheck {
  const read = readYaml(text, options.file).map((part) => readOne(part, options));
  const wrong = read.flatMap(({ problems }) => problems);
  if (wrong.length > 0) throw new PolicyFileError(options.file, wrong);
  return {
    policies: read.flatMap(({ policy }) => (policy === undefined ? [] : [policy])),
    count: read.length,
    unset: [...new Set(read.flatMap(({ unset }) => unset.map(({ name }) => name)))],
  };
}

interface ReadOne {
  readonly policy?: Policy;
  readonly problems: readonly PolicyFileProblem[];
  readonly unset: readonly { readonly name: string; readonly place: PolicyFileProblem['place'] }[];
}

function readOne(part: YamlPart, { file, env }: ReadPolicyOptions): ReadOne {
  const folder = path.dirname(path.resolve(file));
  const { value, unset, secrets } = substitute(part.value, env);
  const touchesUnset = (at: readonly PropertyKey[]) =>
    unset.some((one) => at.every((step, i) => one.path[i] === step) && one.path.length >= at.length && at.length > 0);
  const missing = unset.map(({ path: at, name }) => ({ name, place: part.placeOf(at) }));
  const parsed = policySchema.safeParse(value, { error: plainWords });
  if (!parsed.success) {
    return { problems: withoutSecrets(problemsOf(parsed.error.issues, part, touchesUnset), secrets), unset: missing };
  }
  const known = (at: readonly PropertyKey[]) => !touchesUnset(at);
  const problems = withoutSecrets(brokenRules(parsed.data, part, known, folder), secrets);
  if (problems.length > 0 || unset.length > 0) return { problems, unset: missing };
  const policy = policyOf(parsed.data, file, folder, secrets);
  return { policy: { ...policy, lines: linesOf(policy, part) }, problems, unset: missing };
}

/** For what the schema has no words of its own for. */
function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.input === undefined && issue.code === 'invalid_type' ? 'This is missing' : undefined;
}

function policyOf(document: PolicyDocument, file: string, folder: string, secrets: readonly string[]): Policy {
  const { store, record, live, initializer = {}, confirm = false } = document;
  const parameters = definedOnly(document.parameters ?? {}) as Partial<SessionParameters>;
  const address = store === undefined ? undefined : parseStoreUrl(store, folder);
  const password = address !== undefined && 'password' in address ? [address.password ?? ''] : [];
  const target = document.target === undefined ? undefined : targetOf(document.target, parameters, folder);
  return {
    title: document.title ?? target?.origin ?? path.basename(file),
    ...(target === undefined ? {} : { target }),
    ...(document.start === undefined ? {} : { start: { command: document.start, folder } }),
    ...(address === undefined ? {} : { store: formatStoreUrl(address) }),
    keys: document.secrets ?? [],
    parameters,
    initializer,
    record: recordOf(record, hasSession(document), address !== undefined),
    simulated: (document.simulated ?? []).map((question, i) => questionOf(question, i, document, parameters)),
    ...(live === undefined ? {} : { live: liveOf(live, parameters) }),
    lines: {},
    confirmed: confirm,
    secrets: [...new Set([...secrets, ...(document.secrets ?? []), ...password])].filter((secret) => secret !== ''),
  };
}

/** Where each question stands in the file. */
function linesOf({ live, simulated }: Policy, part: YamlPart): Record<string, number> {
  const lines: Record<string, number> = {};
  for (const [i, { name }] of simulated.entries()) lines[name] = part.placeOf(['simulated', i]).line;
  for (const [id] of live?.expected ?? []) lines[id] = part.placeOf(['live', 'experiments', id], 'key').line;
  return lines;
}

function recordOf(record: string | undefined, logsIn: boolean, hasStore: boolean): PolicyRecord {
  if (record === undefined) return { of: !hasStore ? 'new' : logsIn ? 'session' : 'newest' };
  return record === 'session' || record === 'newest' || record === 'new' ? { of: record } : { of: 'id', id: record };
}

function targetOf(
  target: NonNullable<PolicyDocument['target']>,
  parameters: Partial<SessionParameters>,
  folder: string,
): PolicyTarget {
  const {
    origin,
    cookie,
    verification,
    login = [],
    logout,
    cookies = {},
    cookie_file: cookieFile,
    headers = {},
  } = target;
  return {
    origin: webAddress(origin).origin,
    cookie: cookie ?? parameters.cookie_name ?? defaultParameters().cookie_name,
    verification,
    login,
    ...(logout === undefined ? {} : { logout }),
    acts: definedOnly({
      act: target.act,
      privilege_change: target.privilege_change,
      sensitive_change: target.sensitive_change,
      password_change: target.password_change,
      logout_everywhere: target.logout_everywhere,
      disable_user: target.disable_user,
    }) as Record<string, PolicyRequest>,
    cookies,
    ...(cookieFile === undefined ? {} : { cookieFile: path.resolve(folder, cookieFile) }),
    headers,
    verifyCertificate: target.verify_certificate ?? true,
  };
}

function questionOf(
  question: NonNullable<PolicyDocument['simulated']>[number],
  at: number,
  { profiles = ['0.62'] }: PolicyDocument,
  parameters: Partial<SessionParameters>,
): SimulatedQuestion {
  const usual = { ...defaultParameters(), ...parameters };
  const { after = [0], from = [], expect, cleanup = 'at-request' } = question;
  const asked = {
    after,
    from,
    timeouts: question.timeout ?? [Number(usual.timeout)],
    profiles: (question.profiles ?? profiles) as readonly PolicyQuestion['profile'][],
    ignoreExpiry: question.ignore_expiry ?? usual.ignore_expiry,
    ignoreChangeIp: question.ignore_change_ip ?? usual.ignore_change_ip,
    cleanup,
    expected: expect,
  };
  const when = after.map(durationText).join(', ');
  const where = from.length === 0 ? '' : ` from ${from.join(', ')}`;
  return { name: question.name ?? `${at + 1}: used again after ${when}${where}`, ...asked };
}

function liveOf(live: NonNullable<PolicyDocument['live']>, parameters: Partial<SessionParameters>): LivePlan {
  const { idle = UNASKED_IDLE, absolute, addresses = DEFAULT_ADDRESSES, experiments = CHECK_UP } = live;
  return {
    settings: {
      idleSeconds: idle,
      absoluteSeconds: absolute ?? null,
      addressMayChange: live.address_may_change ?? parameters.ignore_change_ip ?? false,
      addresses,
      sessions: live.sessions ?? null,
    },
    reports: experiments === CHECK_UP,
    expected: EXPERIMENTS.flatMap(({ meta: { id } }) => {
      const allowed = experiments === CHECK_UP ? VERDICTS : experiments[id];
      return allowed === undefined ? [] : [[id, allowed] as const];
    }),
  };
}

function definedOnly(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
