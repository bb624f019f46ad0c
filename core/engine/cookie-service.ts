import type { JarCookie, LaunchedBrowser } from '../browser/browser-types.ts';
import { cookieCarrier, hostnameOf } from '../cookies/cookie-identity.ts';
import { toCookieView } from '../cookies/cookie-view.ts';
import type { CookieDraft } from '../editing/cookie-edit.ts';
import { type CookieEdit, CookieEditor, type CookieOwner, type CookieTarget } from '../editing/cookie-editor.ts';
import { entryOf, infoOf } from '../editing/edit-entry.ts';
import type { EditLog, LoggedEdit } from '../editing/ports.ts';
import type { CookieApplied, CookieChange, CookieStanding, EditInfo, RuleInfo } from '../model/app.ts';
import { guarded } from '../model/failures.ts';
import { problem } from '../model/problem.ts';
import type { Carrier, CookieView } from '../model/session.ts';
import type { LiveSession } from '../registry/registry.ts';
import { CookieWire, type WireEdit } from './cookie-wire.ts';

export interface CookieServiceOptions {
  readonly log: EditLog;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly jars: () => readonly LaunchedBrowser[];
  readonly onEdit: (edit: EditInfo) => void;
  /** `POST /login (flow …)` */
  readonly describeFlow: (flowId: string) => string;
}

/**
 * Edits of session cookies. A browser that was launched from here gets the edit in its own jar; for any other the edit
 * is held on the wire.
 */
export class CookieService {
  readonly wire: CookieWire;
  readonly #options: CookieServiceOptions;
  readonly #editor: CookieEditor;
  readonly #listeners: (() => void)[] = [];

  constructor(options: CookieServiceOptions) {
    this.#options = options;
    this.wire = new CookieWire({
      overwritten: ({ edit, flowId, value }) =>
        guarded('noticing that a cookie was overwritten', () => {
          const carrier = edit.carrier ?? { kind: 'cookie', name: edit.name };
          this.#editor.wasSet({ host: edit.host, carrier, value, by: options.describeFlow(flowId), flowId });
        }),
      applied: () => this.#rulesChanged(),
    });
    const jar = new JarTarget(options.jars);
    this.#editor = new CookieEditor({
      log: options.log,
      clock: options.clock,
      newId: options.newId,
      onEdit: options.onEdit,
      targets: [jar, new WireTarget(this.wire, jar, () => this.#rulesChanged())],
    });
  }

  preview(session: LiveSession, change: CookieChange): { owner: CookieOwner; draft: CookieDraft } {
    const owner = ownerOf(session);
    const draft = this.#editor.preview(owner, change);
    if (!setsEachTime(session) || this.#options.jars().length === 0) return { owner, draft };
    const note =
      'The application sets this cookie with each answer: in the browser’s jar the edit lasts until the next one, unless a rule holds it';
    return { owner, draft: { ...draft, notes: [...draft.notes, note] } };
  }

  /** @param hold a rule holds the edit, also where a jar has taken it */
  async apply(session: LiveSession, change: CookieChange, hold = false): Promise<CookieApplied> {
    const applied = await this.#editor.apply(ownerOf(session), change, hold);
    return { ...applied, lasts: this.#lasts(session, applied.editId) };
  }

  /** Puts an edit in force by a rule, so that what the application sets does not undo it. */
  async hold(session: LiveSession, editId: string): Promise<CookieApplied> {
    const applied = await this.#editor.hold(editId, session.cookie?.setCookie);
    return { ...applied, lasts: true };
  }

  #lasts(session: LiveSession, editId: string): boolean {
    return this.wire.has(editId) || !setsEachTime(session);
  }

  /** The cookie as the edit in force makes it; undefined without one. */
  held(session: LiveSession): CookieView | undefined {
    const edit = this.#editor.inForce(session.host, session.carrier);
    if (edit === undefined || session.raw !== edit.afterValue || !edit.attributes) return undefined;
    return toCookieView(edit.after, edit.url, session.cookie?.setAt ?? this.#options.clock());
  }

  /** What is asked for, what holds now, and who changed it last. */
  async standing(session: LiveSession): Promise<CookieStanding> {
    const edit = this.#options.log
      .list({ sessionKey: session.key, phase: 'done', limit: 50 })
      .find((logged) => entryOf(logged).what === 'cookie' && entryOf(logged).state !== 'undone');
    const made = edit === undefined ? undefined : (entryOf(edit).cookie as CookieEdit);
    const values = [session.raw, ...(made === undefined ? [] : [made.afterValue])];
    const held = await findInJars(this.#options.jars(), session, values);
    const isWire = edit !== undefined && this.wire.has(edit.id);
    const asked = made === undefined ? undefined : toCookieView(made.after, made.url, edit?.at ?? 0);
    const inForce = edit !== undefined && entryOf(edit).state === 'applied' ? asked : undefined;
    return {
      ...(edit === undefined ? {} : { edit: infoOf(edit), by: isWire ? 'wire' : 'jar' }),
      ...(made === undefined ? {} : { asked: made.after }),
      ...present(session, held?.cookie, inForce, isWire),
      ...changedBy(session, edit),
      setEachTime: setsEachTime(session),
    };
  }

  undo(editId: string): Promise<EditInfo> {
    return this.#editor.undo(editId);
  }

  redo(editId: string): Promise<EditInfo> {
    return this.#editor.redo(editId);
  }

  resume(): Promise<void> {
    return this.#editor.resume();
  }

  /**
   * An application answered a request that carried an edited value out of a jar with another value: the edit is marked
   * as overwritten, with the culprit. (On the wire this is seen exchange by exchange.)
   */
  answered(
    host: string,
    carrier: Carrier,
    sent: string,
    set: { value: string; setCookie: string },
    flowId: string,
  ): void {
    const edit = this.#editor.inForce(host, carrier);
    if (edit === undefined || edit.afterValue !== sent || this.wire.has(edit.editId)) return;
    this.#editor.wasSet({ host, carrier, ...set, by: this.#options.describeFlow(flowId), flowId });
  }

  rules(): RuleInfo[] {
    return this.wire.list().map((edit) => ({
      ruleId: edit.editId,
      editId: edit.editId,
      title: titleOf(edit),
      host: edit.host,
      enabled: edit.enabled,
      applied: edit.applied,
    }));
  }

  /** @throws ProblemError `not-found` */
  enable(ruleId: string, enabled: boolean): void {
    if (!this.wire.enable(ruleId, enabled)) throw problem('not-found', 'That rule is not there any more');
    this.#rulesChanged();
  }

  /** Tells of each change of `rules()`. */
  onRulesChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #rulesChanged(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Host (with port) of the application that issued a session's cookie, as the jar of a launched browser says. */
  async issuerOf(session: LiveSession): Promise<string | undefined> {
    const cookie = await this.inBrowser(session);
    // Of a cookie for a whole domain the jar says the port, but not which host.
    if (cookie?.sourcePort === undefined || cookie.sourceScheme === undefined || !cookie.hostOnly) return undefined;
    const usual = cookie.sourceScheme === 'https' ? 443 : 80;
    const hostname = session.host.replace(/:\d+$/, '');
    return cookie.sourcePort === usual ? hostname : `${hostname}:${cookie.sourcePort}`;
  }

  /** The same cookie in the jar of a browser that was launched from here. */
  async inBrowser(session: LiveSession): Promise<CookieView | undefined> {
    const { carrier } = session;
    if (carrier.kind !== 'cookie') return undefined;
    return (await findInJars(this.#options.jars(), session, [session.raw]))?.cookie;
  }
}

/** Held on the wire, unless a jar has taken the edit. */
class WireTarget implements CookieTarget {
  readonly #wire: CookieWire;
  readonly #jar: JarTarget;
  readonly #changed: () => void;

  constructor(wire: CookieWire, jar: JarTarget, changed: () => void) {
    this.#wire = wire;
    this.#jar = jar;
    this.#changed = changed;
  }

  async apply(edit: CookieEdit): Promise<string | null> {
    if (this.#jar.holds(edit.editId) && edit.hold !== true) return null;
    const attributes = edit.attributes ? attributesBetween(edit) : undefined;
    this.#wire.add({
      editId: edit.editId,
      host: edit.host,
      name: edit.name,
      // Without a Set-Cookie nothing is known of path and domain.
      ...(edit.carrier === undefined || !edit.before.includes(';') ? {} : { carrier: edit.carrier }),
      from: edit.beforeValue,
      ...(edit.afterValue === edit.beforeValue ? {} : { to: edit.afterValue }),
      ...(edit.companions === undefined ? {} : { companions: edit.companions }),
      ...(attributes === undefined ? {} : { attributes, inject: withValue(edit.after, edit.beforeValue) }),
    });
    this.#changed();
    return `On the wire: requests to ${edit.host} that carry the old value, and their answers`;
  }

  async revert(edit: CookieEdit): Promise<void> {
    if (this.#wire.remove(edit.editId)) this.#changed();
  }
}

/** The jar of the launched browser that holds the cookie. */
class JarTarget implements CookieTarget {
  readonly #jars: () => readonly LaunchedBrowser[];
  /** What each edit replaced, by its id. */
  readonly #replaced = new Map<string, { browser: LaunchedBrowser; before: CookieView }>();

  constructor(jars: () => readonly LaunchedBrowser[]) {
    this.#jars = jars;
  }

  holds(editId: string): boolean {
    return this.#replaced.has(editId);
  }

  async apply(edit: CookieEdit): Promise<string | null> {
    // Several cookies as one are a matter of the wire: there all of them change with the same request.
    if (edit.companions !== undefined) return null;
    const carrier = edit.carrier ?? { kind: 'cookie', name: edit.name };
    const values = edit.hold === true ? [edit.beforeValue, edit.afterValue] : [edit.beforeValue];
    const found = await findInJars(this.#jars(), { host: edit.host, carrier }, values);
    const after = toCookieView(edit.after, edit.url, Date.now());
    if (found === undefined || after === null) return null;
    const { browser, cookie: before } = found;
    await replaceInJar(browser, before, jarCookie(after));
    this.#replaced.set(edit.editId, { browser, before });
    return `In the jar of ${browser.identity?.name ?? browser.found.name}`;
  }

  async revert(edit: CookieEdit): Promise<void> {
    const kept = this.#replaced.get(edit.editId);
    this.#replaced.delete(edit.editId);
    if (kept === undefined || !this.#jars().includes(kept.browser)) return;
    const after = toCookieView(edit.after, edit.url, Date.now());
    await replaceInJar(kept.browser, after ?? kept.before, jarCookie(kept.before));
  }
}

async function replaceInJar(browser: LaunchedBrowser, old: CookieView, cookie: JarCookie): Promise<void> {
  await browser.deleteCookie({ name: old.name, domain: domainOf(old, cookie.domain), path: old.path });
  // It counts as issued by the same origin as before.
  const { sourceScheme, sourcePort, partition } = old;
  await browser.setCookie({
    ...(sourceScheme === undefined ? {} : { sourceScheme }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(partition === undefined ? {} : { partition }),
    ...cookie,
  });
}

/** The cookie of a session with one of these values; that of its own path and domain goes before its namesakes. */
async function findInJars(
  jars: readonly LaunchedBrowser[],
  { host, carrier }: Pick<LiveSession, 'host' | 'carrier'>,
  values: readonly string[],
): Promise<{ browser: LaunchedBrowser; cookie: CookieView } | undefined> {
  if (carrier.kind !== 'cookie') return undefined;
  const hostname = hostnameOf(host);
  for (const browser of jars) {
    const cookies = (await browser.cookies().catch(() => [])).filter(
      (held) =>
        held.name === carrier.name &&
        values.includes(held.value) &&
        (held.domain === undefined || fits(hostname, held.domain)),
    );
    const cookie = cookies.find((held) => isOf(held, carrier, hostname)) ?? cookies[0];
    if (cookie !== undefined) return { browser, cookie };
  }
  return undefined;
}

function isOf(held: CookieView, carrier: Carrier & { kind: 'cookie' }, hostname: string): boolean {
  const { path, domain } = cookieCarrier(held, hostname);
  return path === carrier.path && domain === carrier.domain;
}

/** Answers of a session's flows set its cookie, all of them or all but the first. */
function setsEachTime({ sets = 0, flows }: LiveSession): boolean {
  return sets > 1 && sets >= flows - 1;
}

/** The cookie as the browser has it, and from where that is known. */
function present(
  session: LiveSession,
  held: CookieView | undefined,
  inForce: CookieView | undefined,
  isWire: boolean,
): Pick<CookieStanding, 'now' | 'from'> {
  const { cookie } = session;
  if (held !== undefined) {
    // The jar keeps no text: where it holds what an edit or an answer said, that text is the cookie.
    const said = [inForce, cookie].find((one) => one !== undefined && isSaid(one, held));
    return { now: said ?? held, from: 'jar' };
  }
  if (inForce !== undefined && isWire) return { now: inForce, from: 'rule' };
  return cookie === undefined ? { now: null, from: 'request' } : { now: cookie, from: 'answer' };
}

function isSaid(said: CookieView, held: CookieView): boolean {
  return (
    said.value === held.value &&
    said.secure === held.secure &&
    said.httpOnly === held.httpOnly &&
    said.path === held.path &&
    (said.sameSite ?? '').toLowerCase() === (held.sameSite ?? '').toLowerCase() &&
    (said.expires === undefined) === (held.expires === undefined)
  );
}

function changedBy(session: LiveSession, edit: LoggedEdit | undefined): Pick<CookieStanding, 'changedBy'> {
  const { cookie, setIn } = session;
  const entry = edit === undefined ? undefined : entryOf(edit);
  if (edit !== undefined && entry?.state === 'applied') return { changedBy: { who: 'edit', at: edit.at } };
  const at = entry?.overwrittenAt ?? cookie?.setAt;
  const flowId = entry?.overwrittenIn ?? setIn;
  if (at === undefined) return {};
  return { changedBy: { who: 'application', at, ...(flowId === undefined ? {} : { flowId }) } };
}

function fits(hostname: string, domain: string): boolean {
  const bare = domain.replace(/^\./, '').replace(/^\[|\]$/g, '');
  return hostname === bare || hostname.endsWith(`.${bare}`);
}

function domainOf({ domain }: CookieView, otherwise: string): string {
  return domain?.replace(/^\./, '') ?? otherwise;
}

function jarCookie(view: CookieView): JarCookie {
  return {
    name: view.name,
    value: view.value,
    domain: domainOf(view, ''),
    hostOnly: view.hostOnly,
    path: view.path,
    ...(view.expires === undefined ? {} : { expires: view.expires }),
    secure: view.secure,
    httpOnly: view.httpOnly,
    ...(view.sameSite === undefined ? {} : { sameSite: view.sameSite }),
    partitioned: view.partitioned,
    ...(view.priority === undefined ? {} : { priority: view.priority }),
  };
}

/** @throws ProblemError `not-a-cookie` for a session that is carried otherwise */
function ownerOf(session: LiveSession): CookieOwner {
  const { carrier, host, key } = session;
  if (carrier.kind !== 'cookie') {
    throw problem('not-a-cookie', 'This session id is not carried by a cookie', {
      remedy: 'Replay a flow with another header or URL instead.',
    });
  }
  const secure = session.cookie?.secure === true;
  const path = session.cookie?.path ?? '/';
  return {
    key,
    host,
    name: carrier.name,
    carrier,
    // A request whose default path is the cookie's.
    url: `${secure ? 'https' : 'http'}://${host}${path === '/' ? '/' : `${path.replace(/\/$/, '')}/x`}`,
    cookie: session.cookie ?? { name: carrier.name, value: session.raw },
  };
}

function attributesBetween(edit: CookieEdit): WireEdit['attributes'] {
  const attributes = (setCookie: string) =>
    new Map(
      setCookie
        .split(';')
        .slice(1)
        .map((piece) => piece.trim())
        .filter((piece) => piece !== '')
        .map((piece): [string, string] => [(piece.split('=', 1)[0] ?? '').trim(), piece]),
    );
  const before = attributes(edit.before);
  const after = attributes(edit.after);
  const lower = new Map([...before].map(([name, piece]) => [name.toLowerCase(), piece]));
  const kept = new Set([...after.keys()].map((name) => name.toLowerCase()));
  const set: Record<string, string | true> = {};
  for (const [name, piece] of after) {
    if (lower.get(name.toLowerCase()) === piece) continue;
    const equals = piece.indexOf('=');
    set[name] = equals < 0 ? true : piece.slice(equals + 1).trim();
  }
  return { set, remove: [...before.keys()].filter((name) => !kept.has(name.toLowerCase())) };
}

function withValue(setCookie: string, value: string): string {
  const end = setCookie.indexOf(';');
  const pair = end < 0 ? setCookie : setCookie.slice(0, end);
  return `${pair.slice(0, pair.indexOf('=') + 1)}${value}${end < 0 ? '' : setCookie.slice(end)}`;
}

function titleOf(edit: WireEdit): string {
  const parts: string[] = [];
  if (edit.to !== undefined) parts.push(`${edit.name}: ${brief(edit.from)} → ${brief(edit.to)}`);
  for (const [name, value] of Object.entries(edit.attributes?.set ?? {})) {
    parts.push(value === true ? `${name} added` : `${name}=${value}`);
  }
  for (const name of edit.attributes?.remove ?? []) parts.push(`${name} removed`);
  return parts.join(', ');
}

function brief(value: string): string {
  return value.length > 14 ? `${value.slice(0, 6)}…${value.slice(-4)}` : value;
}
