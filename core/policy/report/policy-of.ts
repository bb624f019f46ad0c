import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import { durationText } from '../../model/duration.ts';
import { webAddress } from '../../model/web-address.ts';
import { POLICY_VERSION } from '../file/schema.ts';
import type { LabReport } from './report.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A run as a policy file to run again: what was found is not what is wanted, so it asks for `holds` everywhere but where
 * the question does not apply. Secrets are not in it: comments say what to fill in.
 */
export function policyOf({ run, target }: LabReport): string {
  const { settings } = run;
  const { name } = target.cookie;
  const store =
    target.store === undefined
      ? undefined
      : literal(target.store).replace(':***@', `:${variable('DATABASE_PASSWORD')}@`);
  const document = new Document({
    version: POLICY_VERSION,
    title: literal(run.title),
    target: {
      origin: target.origin,
      cookie: literal(name),
      verification: requestOf(target.verification),
      cookies: { [name]: variable('SESSION_ID') },
      ...(target.logout === undefined ? {} : { logout: requestOf(target.logout) }),
    },
    ...(store === undefined ? {} : { store }),
    live: {
      idle: durationText(settings.idleSeconds),
      ...(settings.absoluteSeconds === null ? {} : { absolute: durationText(settings.absoluteSeconds) }),
      address_may_change: settings.addressMayChange,
      addresses: [...settings.addresses],
      experiments: Object.fromEntries(
        run.outcomes.map(({ experimentId, verdict }) => [
          experimentId,
          verdict === 'not-applicable' ? verdict : 'holds',
        ]),
      ),
    },
    confirm: true,
  });
  document.commentBefore = ' A session policy. Run it with: sessionscope lab run policy.yaml';
  const say = (path: readonly string[], lines: readonly string[]) => comment(document, path, lines);
  const { method } = target.verification;
  if (!SAFE.has(method)) say(['target', 'verification'], ['Its body is not in this file: add form, json or body.']);
  const others = target.otherCookies ?? [];
  say(
    ['target', 'cookies'],
    [
      'To fill in: set SESSION_ID to the raw value of a session cookie, or better put a login in its place,',
      'which gets a session of its own each time:',
      '  login:',
      '    url: /login',
      `    form: { user: alice, password: "${variable('PASSWORD')}" }`,
      ...(others.length === 0
        ? []
        : [`The browser sent these cookies too; add those that the login needs: ${others.join(', ')}`]),
    ],
  );
  if (store?.includes(variable('DATABASE_PASSWORD')) === true) {
    say(['store'], ['To fill in: set DATABASE_PASSWORD in the environment.']);
  }
  say(['live', 'experiments'], ['What is wanted, not what was found: change what your policy has otherwise.']);
  say(['confirm'], ['Experiments write into the store and put everything back; without this line, run with --yes.']);
  return document.toString({ lineWidth: 0 });

  function requestOf({ method, url }: { method: string; url: string }): object | string {
    const { origin, pathname, search } = webAddress(url);
    const at = literal(origin === target.origin ? pathname + search : url);
    return method === 'GET' ? at : { method, url: at };
  }
}

/** Replaced from the environment when the policy is run. */
function variable(name: string): string {
  return `\${${name}}`;
}

/** Text of the application that must not be taken for a variable. */
function literal(text: string): string {
  return text.replace(/\$(?=\{)/g, '$$$$');
}

function comment(document: Document, path: readonly string[], lines: readonly string[]): void {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1));
  if (!isMap(parent)) return;
  const pair = (parent as YAMLMap).items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (!isScalar(pair?.key)) return;
  pair.key.commentBefore = lines.map((line) => ` ${line.replace(/[\r\n]/g, ' ')}`).join('\n');
}
