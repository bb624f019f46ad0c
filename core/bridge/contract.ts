import * as z from 'zod/mini';
import type {
  AppInfo,
  BodyView,
  BrowserInfo,
  CookieApplied,
  CookiePreview,
  CookieProof,
  EditInfo,
  FlowDetail,
  Notice,
  PolicyAnswer,
  PolicyBand,
  PracticeInfo,
  Progress,
  ProxyInfo,
  RecordApplied,
  RecordPreview,
  RecordRow,
  RuleInfo,
  RunningBrowser,
  SessionDetail,
  StoreInfo,
} from '../model/app.ts';
import type { FlowSummary } from '../model/flow.ts';
import type { ExperimentMeta, LabRun, Matrix } from '../model/lab.ts';
import type { LayerInfo, Peel, ValueSpan } from '../model/peel.ts';
import type {
  Breakpoints,
  CertificateInfo,
  ExportedText,
  FrameView,
  HeldEnded,
  HeldInfo,
  ImportedCookies,
  ProxySettings,
} from '../model/proxy-settings.ts';
import type { RecordView, SessionSummary, TimelineEntry } from '../model/session.ts';
import { edit, givenBytes, layerNames, path } from './edit-shapes.ts';
import {
  breakpoints,
  certificateForm,
  cookieForm,
  fileText,
  messageEdit,
  proxySettingsChange,
  replayAsk,
  ruleAsk,
} from './proxy-shapes.ts';

/*
 * The bridge, written once. Preload, host, web transport, client and fake derive from these two maps: a method that is
 * missing on any side does not compile. `request` schemas are checked by the host, `reply` and event schemas by the
 * client; both sides treat what arrives as unknown.
 */

// The evaluator that zod would build at run time is forbidden by the window's content security policy.
z.config({ jitless: true });

const text = z.string().check(z.maxLength(65_536));
const shortText = z.string().check(z.maxLength(4_096));
const count = z.int().check(z.nonnegative());

const recordAddress = { storeId: shortText, id: shortText } as const;
const recordEdit = z.strictObject({
  ...recordAddress,
  revision: text,
  edits: z.array(edit).check(z.maxLength(10_000)),
  sessionKey: z.exactOptional(shortText),
  as: z.exactOptional(layerNames),
});

const cookieChange = z.strictObject({
  value: z.exactOptional(text),
  set: z.exactOptional(z.record(shortText, z.nullable(text))),
  remove: z.exactOptional(z.array(shortText)),
});

const profile = z.enum(['0.37', '0.40', '0.62', 'intended']);
/** Parameters that are the same in all cells of a matrix. */
const otherParameters = {
  secret_key: z.exactOptional(shortText),
  expired_message: z.exactOptional(shortText),
  cookie_domain: z.exactOptional(shortText),
  cookie_path: z.exactOptional(shortText),
  samesite: z.exactOptional(shortText),
  httponly: z.exactOptional(z.boolean()),
  secure: z.exactOptional(z.boolean()),
};
/** The rest of a question that is not looked at for each cell. */
const surroundings = {
  proxyAddress: z.exactOptional(shortText),
  initializer: z.exactOptional(
    z.strictObject({ kind: z.enum(['dict', 'function']), values: z.record(shortText, z.unknown()) }),
  ),
  cleanup: z.enum(['at-request', 'not-due']),
};
const policyQuestion = z.strictObject({
  parameters: z.strictObject({
    timeout: z.union([z.number(), shortText]),
    ignore_expiry: z.boolean(),
    ignore_change_ip: z.boolean(),
    ...otherParameters,
  }),
  profile,
  afterSeconds: z.number(),
  fromAddress: shortText,
  ...surroundings,
});

const nothing = z.strictObject({});
/** A reply whose shape TypeScript knows on both sides; on receipt it must at least be an object. */
const object = <T>() => z.custom<T>(isRecord, 'an object');
const listOf = <T>() =>
  z.custom<readonly T[]>((value) => Array.isArray(value) && value.every(isRecord), 'a list of objects');
const done = z.object({});

/** What the window asks and the engine answers. */
export const methods = {
  'app.info': { request: nothing, reply: object<AppInfo>() },
  /** Shows the host's file dialog; null when the person cancels. Only where `canPickFiles`. */
  'app.pickFile': {
    request: z.strictObject({
      kind: z.enum(['directory', 'file', 'save']),
      title: shortText,
      name: z.exactOptional(shortText),
    }),
    reply: z.object({ path: z.nullable(z.string()) }),
  },
  'settings.get': { request: nothing, reply: z.object({ values: z.record(z.string(), z.unknown()) }) },
  'settings.set': { request: z.strictObject({ key: shortText, value: z.unknown() }), reply: done },

  'sessions.list': {
    request: z.strictObject({ filter: z.exactOptional(shortText) }),
    reply: z.object({
      sessions: listOf<SessionSummary>(),
      /** Cookies that were seen and did not look like sessions, and why the list may be empty. */
      total: count,
      emptyReason: z.nullable(z.string()),
    }),
  },
  'session.detail': {
    request: z.strictObject({ key: shortText }),
    reply: z.object({ detail: z.nullable(object<SessionDetail>()) }),
  },
  'session.timeline': {
    request: z.strictObject({ key: shortText, before: z.exactOptional(count), limit: count }),
    reply: z.object({ entries: listOf<TimelineEntry>() }),
  },
  'session.overrule': {
    request: z.strictObject({ key: shortText, verdict: z.nullable(z.enum(['session', 'not-session'])) }),
    reply: done,
  },
  /** Removes the session's record from its store, as `session.kill()` does. */
  'session.kill': { request: z.strictObject({ key: shortText }), reply: z.object({ editId: z.string() }) },

  /**
   * Which cookies keep the login? Replays a flow of the session (the newest that can be repeated safely unless one is
   * named) without each of them in turn. A method that changes things needs `confirmed`.
   */
  'session.prove': {
    request: z.strictObject({
      key: shortText,
      flowId: z.exactOptional(shortText),
      confirmed: z.exactOptional(z.boolean()),
    }),
    reply: object<CookieProof>(),
  },

  /** `as`: read by these layers instead of the guessed or chosen ones. */
  'record.get': {
    request: z.strictObject({ ...recordAddress, as: z.exactOptional(layerNames) }),
    reply: z.object({ record: z.nullable(object<RecordView>()) }),
  },
  'record.preview': { request: recordEdit, reply: object<RecordPreview>() },
  'record.apply': { request: recordEdit, reply: object<RecordApplied>() },
  'record.remove': {
    request: z.strictObject({ ...recordAddress, revision: z.exactOptional(text) }),
    reply: z.object({ editId: z.string() }),
  },
  /** Back-dates the last use by so many seconds. */
  'record.age': {
    request: z.strictObject({ ...recordAddress, seconds: z.number() }),
    reply: z.object({ editId: z.string() }),
  },
  /** Brings a past state of the record back (a timeline entry's `snapshot`). */
  'record.restore': {
    request: z.strictObject({ ...recordAddress, snapshot: shortText }),
    reply: z.object({ editId: z.string() }),
  },

  /** Each layer of a record with its settings, its warnings and its bytes (the first million of each). */
  'record.peel': {
    request: z.strictObject({ ...recordAddress, as: z.exactOptional(layerNames) }),
    reply: object<Peel>(),
  },
  /** Where a value stands in the record's bytes, outermost and innermost. */
  'record.span': {
    request: z.strictObject({ ...recordAddress, path, as: z.exactOptional(layerNames) }),
    reply: object<ValueSpan>(),
  },
  /** Names the layers of a record for all reading and writing from now on; null: guess again. */
  'record.layers': {
    request: z.strictObject({ ...recordAddress, layers: z.nullable(layerNames) }),
    reply: done,
  },
  'layers.list': { request: nothing, reply: z.object({ layers: listOf<LayerInfo>() }) },
  /** Any bytes taken apart, as a cookie's value. */
  'value.decode': {
    request: z.strictObject({ of: givenBytes, as: z.exactOptional(layerNames) }),
    reply: object<Peel>(),
  },
  /** The same bytes with a change inside their layers. Formats that need a secret to be written are refused. */
  'value.edit': {
    request: z.strictObject({
      of: givenBytes,
      edits: z.array(edit).check(z.maxLength(10_000)),
      as: z.exactOptional(layerNames),
    }),
    reply: z.object({ text: z.string(), base64: z.string() }),
  },

  'cookie.preview': {
    request: z.strictObject({ key: shortText, change: cookieChange }),
    reply: object<CookiePreview>(),
  },
  'cookie.apply': { request: z.strictObject({ key: shortText, change: cookieChange }), reply: object<CookieApplied>() },
  'cookie.judge': {
    request: z.strictObject({ setCookie: text, url: text }),
    reply: z.object({ stored: z.boolean(), reasons: z.array(z.string()) }),
  },

  'edits.list': {
    request: z.strictObject({ sessionKey: z.exactOptional(shortText) }),
    reply: z.object({ edits: listOf<EditInfo>() }),
  },
  /**
   * Takes an edit back. When the record has changed since in the same places, `guarded` (the default) is refused with
   * kind `changed-since`; `mine` puts back only what the edit changed, `whole` the whole earlier record.
   */
  'edit.undo': {
    request: z.strictObject({ editId: shortText, how: z.exactOptional(z.enum(['guarded', 'mine', 'whole'])) }),
    reply: done,
  },
  'edit.redo': { request: z.strictObject({ editId: shortText }), reply: done },
  'rules.list': { request: nothing, reply: z.object({ rules: listOf<RuleInfo>() }) },
  /** @see RuleAsk Applies after the rules that are there already. */
  'rules.add': { request: ruleAsk, reply: z.object({ rule: object<RuleInfo>() }) },
  'rule.enable': { request: z.strictObject({ ruleId: shortText, enabled: z.boolean() }), reply: done },
  'rule.remove': { request: z.strictObject({ ruleId: shortText }), reply: done },

  'stores.list': { request: nothing, reply: z.object({ stores: listOf<StoreInfo>() }) },
  /** `address` is a store URL or the path of a folder or file. */
  'stores.attach': { request: z.strictObject({ address: shortText }), reply: z.object({ store: object<StoreInfo>() }) },
  'stores.detach': { request: z.strictObject({ storeId: shortText }), reply: done },
  'stores.records': {
    request: z.strictObject({ storeId: shortText, filter: z.exactOptional(shortText), offset: count, limit: count }),
    reply: z.object({ rows: listOf<RecordRow>(), total: count }),
  },

  'flows.list': {
    request: z.strictObject({ filter: z.exactOptional(shortText), before: z.exactOptional(shortText), limit: count }),
    reply: z.object({ flows: listOf<FlowSummary>(), total: count }),
  },
  'flow.detail': {
    request: z.strictObject({ id: shortText }),
    reply: z.object({ detail: z.nullable(object<FlowDetail>()) }),
  },
  'flow.body': {
    request: z.strictObject({ id: shortText, part: z.enum(['request', 'response']) }),
    reply: object<BodyView>(),
  },
  /**
   * Sends the request again; `cookies` and `headers` replace values by name, null leaves one out. `flowIds` are the new
   * flows in order of time and hop, `flowId` the last of them. `method`, `url`, `body`: other than recorded.
   */
  'flow.replay': {
    request: replayAsk,
    reply: z.object({ flowId: z.string(), flowIds: z.array(z.string()) }),
  },
  /** The frames that were kept of a WebSocket. */
  'flow.frames': {
    request: z.strictObject({ id: shortText }),
    reply: z.object({ frames: listOf<FrameView>(), total: count }),
  },

  'proxy.settings.get': { request: nothing, reply: z.object({ settings: object<ProxySettings>() }) },
  /** Applied at once and kept. What is wrong is refused as a whole, with nothing changed. */
  'proxy.settings.set': {
    request: proxySettingsChange,
    reply: z.object({ settings: object<ProxySettings>() }),
  },
  /** Lets other computers use the proxy until it is closed or the program ends. The password is kept nowhere. */
  'proxy.network.open': {
    request: z.strictObject({
      host: shortText,
      port: z.int().check(z.gte(0), z.lte(65_535)),
      user: shortText,
      password: shortText,
    }),
    reply: z.object({ proxy: object<ProxyInfo>() }),
  },
  'proxy.network.close': { request: nothing, reply: z.object({ proxy: object<ProxyInfo>() }) },
  'intercept.breakpoints.get': { request: nothing, reply: object<Breakpoints>() },
  'intercept.breakpoints.set': { request: breakpoints, reply: object<Breakpoints>() },
  'intercept.list': { request: nothing, reply: z.object({ held: listOf<HeldInfo>() }) },
  /** The whole body of a held message without its content coding. */
  'intercept.body': {
    request: z.strictObject({ id: shortText }),
    reply: z.object({ text: z.nullable(z.string()), base64: z.nullable(z.string()), size: count }),
  },
  'intercept.resume': {
    request: z.strictObject({ id: shortText, edit: z.exactOptional(messageEdit) }),
    reply: done,
  },
  'intercept.resumeAll': { request: nothing, reply: done },
  'intercept.drop': { request: z.strictObject({ id: shortText }), reply: done },

  /** The certificate alone, never its key. DER comes as base64. */
  'certificate.export': {
    request: z.strictObject({ form: certificateForm }),
    reply: z.object({ name: z.string(), text: z.nullable(z.string()), base64: z.nullable(z.string()) }),
  },
  /** A new authority in place of the old one. Browsers that trusted the old one must be given the new one. */
  'certificate.rotate': { request: nothing, reply: z.object({ certificate: object<CertificateInfo>() }) },
  /** Deletes the authority's files; until the next start one is used that is only in memory. */
  'certificate.remove': { request: nothing, reply: z.object({ certificate: object<CertificateInfo>() }) },

  /** HAR 1.2 of the named flows, or of those that the filter lets through. Masked unless `secrets`. */
  'export.har': {
    request: z.strictObject({
      ids: z.exactOptional(z.array(shortText).check(z.maxLength(10_000))),
      filter: z.exactOptional(shortText),
      secrets: z.exactOptional(z.boolean()),
    }),
    reply: object<ExportedText>(),
  },
  'import.har': {
    request: z.strictObject({ text: fileText }),
    reply: z.object({ flowIds: z.array(z.string()), notes: z.array(z.string()) }),
  },
  /** A command line that sends the same request. */
  'export.curl': {
    request: z.strictObject({
      id: shortText,
      shell: z.exactOptional(z.enum(['posix', 'windows'])),
      secrets: z.exactOptional(z.boolean()),
    }),
    reply: object<ExportedText>(),
  },
  /** The cookies that belong to a session's host, as its browser holds them or as its flows showed them. */
  'export.cookies': {
    request: z.strictObject({ key: shortText, form: cookieForm, secrets: z.exactOptional(z.boolean()) }),
    reply: object<ExportedText>(),
  },
  /** Reads cookies.txt or storageState (told apart by their looks); with `runId` they go into that browser's jar. */
  'import.cookies': {
    request: z.strictObject({ text: fileText, runId: z.exactOptional(shortText) }),
    reply: object<ImportedCookies>(),
  },

  'proxy.record': { request: z.strictObject({ on: z.boolean() }), reply: done },
  'browsers.list': {
    request: nothing,
    reply: z.object({ found: listOf<BrowserInfo>(), running: listOf<RunningBrowser>() }),
  },
  'browser.launch': {
    request: z.strictObject({
      browserId: shortText,
      identity: z.exactOptional(shortText),
      startUrl: z.exactOptional(shortText),
    }),
    reply: z.object({ runId: z.string() }),
  },
  'browser.close': { request: z.strictObject({ runId: shortText }), reply: done },
  'practice.start': {
    request: z.strictObject({ kind: z.enum(['disk', 'sqlite']) }),
    reply: z.object({ practice: object<PracticeInfo>() }),
  },
  'practice.stop': { request: nothing, reply: done },
  'practice.info': { request: nothing, reply: z.object({ practice: z.nullable(object<PracticeInfo>()) }) },

  /** The question asked of the session's own record, in a scratch copy with a movable clock. */
  'policy.ask': {
    request: z.strictObject({ key: shortText, question: policyQuestion }),
    reply: z.object({
      answer: object<PolicyAnswer>(),
      band: object<PolicyBand>(),
      /** The same question to every version of web.py. */
      versions: listOf<PolicyAnswer>(),
    }),
  },
  /** The same question for many parameters at once: for the heat map. */
  'lab.matrix': {
    request: z.strictObject({
      key: shortText,
      question: z.strictObject({
        profiles: z.array(profile).check(z.minLength(1), z.maxLength(4)),
        addresses: z.array(shortText).check(z.minLength(1), z.maxLength(20)),
        timeouts: z.array(z.number()).check(z.minLength(1), z.maxLength(500)),
        ages: z.array(z.number()).check(z.minLength(1), z.maxLength(500)),
        ignore_expiry: z.boolean(),
        ignore_change_ip: z.boolean(),
        others: z.exactOptional(z.strictObject(otherParameters)),
        ...surroundings,
      }),
    }),
    reply: object<Matrix>(),
  },
  'lab.catalog': { request: nothing, reply: z.object({ experiments: listOf<ExperimentMeta>() }) },
  /**
   * Starts experiments on the live application; the answer comes as `lab.changed`. Without `confirmed` an experiment
   * that writes or needs an unsafe method is refused with kind `needs-confirmation`.
   */
  'lab.run': {
    request: z.strictObject({
      key: shortText,
      experiments: z.array(shortText).check(z.minLength(1), z.maxLength(100)),
      settings: z.strictObject({
        idleSeconds: z.number(),
        absoluteSeconds: z.nullable(z.number()),
        addressMayChange: z.boolean(),
        addresses: z.array(shortText).check(z.maxLength(20)),
      }),
      verificationFlowId: z.exactOptional(shortText),
      logoutFlowId: z.exactOptional(shortText),
      confirmed: z.boolean(),
    }),
    reply: z.object({ runId: z.string() }),
  },
  'lab.runs': { request: nothing, reply: z.object({ runs: listOf<LabRun>() }) },
  'lab.cancel': { request: z.strictObject({ runId: shortText }), reply: done },
  /** A finished run as a document: report with evidence, JUnit, or a policy file to run again. */
  'lab.report': {
    request: z.strictObject({ runId: shortText, form: z.enum(['html', 'json', 'junit', 'policy']) }),
    reply: z.object({ name: z.string(), text: z.string() }),
  },
  'task.cancel': { request: z.strictObject({ taskId: shortText }), reply: done },
} as const;

/** What the engine tells without being asked. A client that missed some gets `reset` and asks again. */
export const events = {
  'sessions.changed': z.object({ updated: listOf<SessionSummary>(), removed: z.array(z.string()) }),
  /** The named sessions' details have changed. */
  'sessions.touched': z.object({ keys: z.array(z.string()) }),
  /** `more`: so many changed at once that only the newest are named; ask for the list again. */
  'flows.changed': z.object({ flows: listOf<FlowSummary>(), more: z.exactOptional(z.literal(true)) }),
  'stores.changed': z.object({ stores: listOf<StoreInfo>() }),
  'edits.changed': z.object({ edits: listOf<EditInfo>() }),
  'rules.changed': z.object({ rules: listOf<RuleInfo>() }),
  /** All that is held now; `ended`: how one went on. */
  'intercept.changed': z.object({ held: listOf<HeldInfo>(), ended: z.nullable(object<HeldEnded>()) }),
  'proxy.changed': z.object({ proxy: object<ProxyInfo>() }),
  'proxy.settings.changed': z.object({ settings: object<ProxySettings>() }),
  'browsers.changed': z.object({ running: listOf<RunningBrowser>() }),
  'practice.changed': z.object({ practice: z.nullable(object<PracticeInfo>()) }),
  /** An experiment was finished, or the run has ended. */
  'lab.changed': z.object({ run: object<LabRun>() }),
  notice: object<Notice>(),
  progress: object<Progress>(),
  reset: z.object({}),
} as const;

export type Methods = typeof methods;
export type Method = keyof Methods;
export type RequestOf<M extends Method> = z.infer<Methods[M]['request']>;
export type ReplyOf<M extends Method> = z.infer<Methods[M]['reply']>;

export type Events = typeof events;
export type EventName = keyof Events;
export type EventOf<E extends EventName> = z.infer<Events[E]>;

/** Every method as a function: what a host implements and a client offers. */
export type Handlers = { readonly [M in Method]: (request: RequestOf<M>) => Promise<ReplyOf<M>> };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
