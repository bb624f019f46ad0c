import { stringify } from 'yaml';
import type { LabReport } from './report.ts';

/**
 * A run as a policy file to run again: what was found is not what is wanted, so it asks for `holds` everywhere but where
 * the question does not apply. Passwords and the session id are left for the person to fill in.
 */
export function policyOf({ run, target }: LabReport): string {
  const { settings } = run;
  const document = {
    version: 1,
    title: run.title,
    target: {
      origin: target.origin,
      cookie: target.cookie.name,
      verification: requestOf(target.verification),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: replaced from the environment when the policy is run
      cookies: { [target.cookie.name]: '${SESSION_ID}' },
      ...(target.logout === undefined ? {} : { logout: requestOf(target.logout) }),
    },
    ...(target.store === undefined ? {} : { store: target.store }),
    parameters: {
      idle: settings.idleSeconds,
      ...(settings.absoluteSeconds === null ? {} : { absolute: settings.absoluteSeconds }),
      addressMayChange: settings.addressMayChange,
      addresses: [...settings.addresses],
    },
    confirmed: true,
    experiments: Object.fromEntries(
      run.outcomes.map(({ experimentId, verdict }) => [
        experimentId,
        verdict === 'not-applicable' ? 'not-applicable' : 'holds',
      ]),
    ),
  };
  const head = [
    '# A session policy: sessionscope lab run policy.yaml',
    '# Set SESSION_ID to the value of a session cookie, or replace `cookies` by a `login` request.',
    '',
  ].join('\n');
  return head + stringify(document);

  function requestOf({ method, url }: { method: string; url: string }): object | string {
    const { origin, pathname, search } = new URL(url);
    const at = origin === target.origin ? pathname + search : url;
    return method === 'GET' ? at : { method, url: at };
  }
}
