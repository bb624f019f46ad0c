import type { PolicyQuestion } from '../../../model/app.ts';
import { duration } from '../../../model/duration.ts';
import { PyTuple } from '../../../python/python-values.ts';
import type { Sandbox } from '../stores/sandbox.ts';
import type { Experiment } from './experiment.ts';
import { timeoutSeconds } from './python-timeout.ts';

/** Why a question is answered as it is, in web.py's terms, in the order in which it happens. Sections of the reference. */
export function reasons(
  experiment: Experiment,
  question: PolicyQuestion,
  { kind, accessTimes }: Pick<Sandbox, 'kind' | 'accessTimes'>,
): string[] {
  const { result, profile, timeout } = experiment;
  const seconds = timeoutSeconds(timeout, profile.oddTimeout === 'unwrap');
  return [
    ...aboutTimeout(timeout, profile.oddTimeout),
    ...(seconds === undefined ? [] : aboutAge(experiment, question, seconds)),
    ...(seconds === undefined || !Number.isFinite(seconds) ? [] : aboutTimes(kind, accessTimes)),
    ...aboutProxy(question),
    ...result.explanation.map(({ text, reference }) => `${text} (§ ${reference}).`),
    ...result.errors.map((error) => `The application raised ${error}`),
  ];
}

/** The commonest mistake: a comma at the end of the line makes a tuple of the number. */
function aboutTimeout(timeout: unknown, oddTimeout: Experiment['profile']['oddTimeout']): string[] {
  if (!(timeout instanceof PyTuple)) return [];
  const ends =
    oddTimeout === 'error'
      ? 'which cannot be compared with a number'
      : oddTimeout === 'never'
        ? 'which counts as greater than every number, so that no cleanup ever runs'
        : 'and the number inside of it counts';
  return [`A comma after the number makes timeout a tuple, ${ends} (§ 1).`];
}

function aboutAge(
  { before, existed }: Experiment,
  { afterSeconds, cleanup }: PolicyQuestion,
  timeout: number,
): string[] {
  if (!existed) return ['There is no record in the store.'];
  if (before === undefined) {
    return ['An earlier cleanup has removed the record: it is older than twice the timeout (§ 6).'];
  }
  if (!(afterSeconds > timeout)) {
    return [
      `The record is ${duration(afterSeconds)} old, not older than timeout (${duration(timeout)}), so a cleanup leaves it (§ 6).`,
    ];
  }
  if (cleanup !== 'not-due') return [];
  return [
    'The record is older than timeout, but no cleanup is due: web.py compares no ages at a request, and cleans up at most once in timeout seconds (§ 6).',
  ];
}

/** What the time of the last use is in this kind of store. */
function aboutTimes(kind: Sandbox['kind'], accessTimes: Sandbox['accessTimes']): string[] {
  if (kind === 'mysql') {
    return [
      'The age goes by the column atime. Without digits for a fraction MySQL and MariaDB keep whole seconds, so that a record can look up to a second older than it is (§ 8.4).',
    ];
  }
  if (kind !== 'disk') return [];
  const how = {
    relatime:
      'mounted relatime the first read after a write moves it, and any read once it is a day old, by whichever program (a backup, a viewer)',
    strictatime: 'mounted strictatime every read by whichever program moves it',
    noatime: 'mounted noatime reads do not move it, only writes do',
  }[accessTimes ?? 'relatime'];
  return [`The age of a session on disk goes by the access time of its file: ${how} (§ 6).`];
}

function aboutProxy({ proxyAddress, fromAddress, parameters }: PolicyQuestion): string[] {
  if (proxyAddress === undefined) return [];
  const guard = parameters.ignore_change_ip
    ? ''
    : ' So ignore_change_ip=False tells visitors behind the same proxy apart no more.';
  return [
    `Behind a reverse proxy web.py sees the proxy's address ${proxyAddress} for every visitor, also for ${fromAddress}; X-Forwarded-For is not looked at (§ 4.5).${guard}`,
  ];
}
