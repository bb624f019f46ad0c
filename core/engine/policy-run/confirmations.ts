import type { Policy } from '../../policy/file/policy.ts';
import { withoutSecrets } from '../../policy/file/result.ts';
import { experimentsOf, toConfirm } from '../../policy/live/run-experiments.ts';
import { requestFlow, urlOf } from './request-flow.ts';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a run of this policy writes or sends that may change things, in words; empty: nothing to confirm. */
export function confirmationsOf({ target, live, simulated, record, secrets }: Policy): string[] {
  if (target === undefined) return [];
  const asked: string[] = [];
  const logsIn = live !== undefined || (simulated.length > 0 && record.of === 'session');
  for (const request of logsIn ? target.login : []) {
    if (!SAFE.has(request.method)) asked.push(`${request.method} ${urlOf(target, request)} is sent to log in`);
  }
  if (live !== undefined) {
    const { verification, logout } = target;
    const bodies = { open: () => ({ append() {}, info: nobody, close: nobody }) };
    const flow = (request: typeof verification) => requestFlow(target, request, [], { bodies });
    asked.push(
      ...toConfirm(experimentsOf(live.expected.map(([id]) => id)), {
        verification: flow(verification),
        ...(logout === undefined ? {} : { logout: flow(logout) }),
        acts: Object.fromEntries(Object.entries(target.acts).map(([key, act]) => [key, { request: flow(act) }])),
      }),
    );
  }
  return withoutSecrets(asked, secrets);
}

const nobody = () => ({ size: 0, kept: 0 });
