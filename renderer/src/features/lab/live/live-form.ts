import type { RequestOf } from '../../../../../core/bridge/contract.ts';
import type { SessionDetail, StoreInfo } from '../../../../../core/model/app.ts';
import type { FlowSummary } from '../../../../../core/model/flow.ts';
import type { ExperimentMeta, ExperimentNeed } from '../../../../../core/model/lab.ts';
import { pathnameOf } from '../../../../../core/model/web-address.ts';
import { parseSpan } from '../../../format.ts';
import { parseAddresses } from '../matrix-form.ts';

/** What the user has typed and chosen; what they left alone follows the session's traffic. */
export interface LiveForm {
  readonly idle: string;
  /** Empty: not asked. */
  readonly absolute: string;
  readonly mayChange: boolean;
  readonly addresses: string;
  /** Id of a flow; null: the newest that suits. */
  readonly verification: string | null;
  /** Id of a flow, or empty for none; null: the newest that looks like a logout. */
  readonly logout: string | null;
  /** Ids of experiments; null: all that can run. */
  readonly chosen: ReadonlySet<string> | null;
}

export const defaultLiveForm: LiveForm = {
  idle: '24 h',
  absolute: '',
  mayChange: false,
  addresses: '127.0.0.2, ::1',
  verification: null,
  logout: null,
  chosen: null,
};

export type LiveFormProblem = 'idle' | 'absolute' | 'addresses';
/** What an experiment still lacks; `absolute`: the lifetime that is to be checked. */
export type Lack = ExperimentNeed | 'absolute';

/** The form against one session: what will be sent, and what can run. */
export interface LivePlan {
  readonly verification: FlowSummary | undefined;
  readonly logout: FlowSummary | undefined;
  readonly lacks: ReadonlyMap<string, readonly Lack[]>;
  readonly chosen: readonly ExperimentMeta[];
  readonly bad: LiveFormProblem | null;
}

const STATIC = /\.(css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|woff2?)$/i;
const LOGOUT = /log-?out|sign-?out|log-?off/i;
const MOST_OFFERED = 60;

/** Requests of the session that can be sent again, newest first, each address once. */
export function offeredFlows(flows: readonly FlowSummary[]): readonly FlowSummary[] {
  const seen = new Set<string>();
  return [...flows]
    .filter((flow) => flow.kind === 'http' && flow.origin === undefined && flow.error === undefined)
    .sort((a, b) => b.startedAt - a.startedAt)
    .filter((flow) => {
      const name = `${flow.method} ${flow.url}`;
      return seen.has(name) ? false : seen.add(name);
    })
    .slice(0, MOST_OFFERED);
}

/** The newest page that was asked for with GET and answered well. */
function suitsVerification(flow: FlowSummary): boolean {
  const pathname = pathnameOf(flow.url);
  return (
    flow.method === 'GET' &&
    (flow.status ?? 500) < 300 &&
    !STATIC.test(pathname) &&
    !ends(pathname) &&
    flow.responseBytes > 0
  );
}

const ends = (pathname: string) => LOGOUT.test(pathname) || /\/(reset|kill)$/i.test(pathname);

/** Ids of the flows that were there when recording began: the next one is wanted. */
export type Recording = ReadonlySet<string>;

/** The first request of the session since then that a user may mean: answered, no picture, style or script. */
export function recordedFlow(flows: readonly FlowSummary[], known: Recording): FlowSummary | undefined {
  return flows
    .filter((flow) => flow.kind === 'http' && flow.origin === undefined && flow.status !== undefined)
    .filter(({ id, url }) => !known.has(id) && !STATIC.test(pathnameOf(url)))
    .sort((a, b) => a.startedAt - b.startedAt)[0];
}

export function plan(
  form: LiveForm,
  detail: SessionDetail,
  stores: readonly StoreInfo[],
  catalog: readonly ExperimentMeta[],
): LivePlan {
  const flows = offeredFlows(detail.flows);
  const byId = (id: string) => detail.flows.find((flow) => flow.id === id);
  const verification =
    form.verification === null
      ? (flows.find(suitsVerification) ?? flows.find(({ method }) => method === 'GET'))
      : byId(form.verification);
  const logout =
    form.logout === null
      ? flows.find(({ url }) => LOGOUT.test(pathnameOf(url)))
      : form.logout === ''
        ? undefined
        : byId(form.logout);
  const store = stores.find(({ storeId }) => storeId === detail.record?.storeId);
  const there: Record<Lack, boolean> = {
    request: verification !== undefined,
    logout: logout !== undefined,
    record: detail.record !== null && store?.canWrite === true,
    age: detail.record !== null && store?.canAge === true,
    absolute: form.absolute.trim() !== '',
    // Only a policy file can say how to log in, and which further requests there are.
    login: false,
    act: false,
    privilege_change: false,
    password_change: false,
    logout_everywhere: false,
    disable_user: false,
    sensitive_change: false,
  };
  const lacks = new Map(
    catalog.map((meta) => {
      const wanted: readonly Lack[] = meta.id === 'absolute-lifetime' ? [...meta.needs, 'absolute'] : meta.needs;
      return [meta.id, wanted.filter((need) => !there[need])] as const;
    }),
  );
  const canRun = catalog.filter(({ id }) => lacks.get(id)?.length === 0);
  return {
    verification,
    logout,
    lacks,
    chosen: canRun.filter(({ id }) => form.chosen?.has(id) ?? true),
    bad: badField(form),
  };
}

function badField(form: LiveForm): LiveFormProblem | null {
  const idle = parseSpan(form.idle);
  if (idle === null || idle <= 0) return 'idle';
  const absolute = form.absolute.trim() === '' ? 1 : parseSpan(form.absolute);
  if (absolute === null || absolute <= 0) return 'absolute';
  return parseAddresses(form.addresses) === null ? 'addresses' : null;
}

/** What the engine is asked for; only for a form without a bad field. */
export function runRequest(
  key: string,
  form: LiveForm,
  { chosen, verification, logout }: LivePlan,
  confirmed: boolean,
): RequestOf<'lab.run'> {
  return {
    key,
    experiments: chosen.map(({ id }) => id),
    settings: {
      idleSeconds: parseSpan(form.idle) ?? 0,
      absoluteSeconds: form.absolute.trim() === '' ? null : parseSpan(form.absolute),
      addressMayChange: form.mayChange,
      addresses: [...(parseAddresses(form.addresses) ?? [])],
    },
    ...(verification === undefined ? {} : { verificationFlowId: verification.id }),
    ...(logout === undefined ? {} : { logoutFlowId: logout.id }),
    confirmed,
  };
}
