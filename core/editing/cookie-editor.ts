import type { CookieApplied, CookieChange, EditInfo } from '../model/app.ts';
import { carrierKey, carrierName } from '../model/carrier.ts';
import { problem, toProblem } from '../model/problem.ts';
import type { Carrier, CookieView } from '../model/session.ts';
import { type CookieDraft, checkChange, cookieValue, describeCookieChange, draftCookie } from './cookie-edit.ts';
import { type EditEntry, entryOf, infoOf, mustGet, standing } from './edit-entry.ts';
import type { EditLog, LoggedEdit } from './ports.ts';

/** An edit of a cookie, as the places that carry it out get it. */
export interface CookieEdit {
  readonly editId: string;
  readonly host: string;
  readonly name: string;
  /** Path and domain of the cookie, which is no other of its name; absent in edits of earlier workspaces. */
  readonly carrier?: Carrier;
  /** The URL for which the cookie was set or sent, for paths and domains. */
  readonly url: string;
  readonly beforeValue: string;
  readonly afterValue: string;
  /** Whole Set-Cookie values (Latin-1). */
  readonly before: string;
  readonly after: string;
  /** Whether an attribute changes. */
  readonly attributes: boolean;
  /** A rule is to hold it although a jar has it, since the application sets the cookie with each answer. */
  readonly hold?: boolean;
  /** Cookies that change together with it, which only a rule on the wire can do as one; null: the cookie goes. */
  readonly companions?: Readonly<Record<string, string | null>>;
  readonly identity?: string;
}

/** Where an edit can be in force: the proxy's rules, the jar of a browser that was launched from here. */
export interface CookieTarget {
  /** Puts the edit in force. Answers where, in words ("on the wire: requests and answers of shop.test"), or null. */
  apply(edit: CookieEdit): Promise<string | null>;
  /** Takes it out of force, and puts back what was before where that is kept (a jar). */
  revert(edit: CookieEdit): Promise<void>;
}

/** The session whose cookie is edited. */
export interface CookieOwner {
  readonly key: string;
  readonly host: string;
  readonly name: string;
  readonly carrier: Carrier;
  readonly url: string;
  /** As last set; without `setCookie` when no answer set it. */
  readonly cookie: Pick<CookieView, 'name' | 'value' | 'setCookie'>;
  readonly identity?: string;
}

export interface CookieEditorOptions {
  readonly log: EditLog;
  readonly targets: readonly CookieTarget[];
  readonly clock: () => number;
  readonly newId: () => string;
  readonly onEdit: ((edit: EditInfo) => void) | undefined;
}

/** A cookie set by the server, a script or the user in the browser. */
export interface CookieSetByOther {
  readonly host: string;
  readonly carrier: Carrier;
  readonly value: string;
  /** The whole Set-Cookie, where there was one. */
  readonly setCookie?: string;
  /** Who, in words: "the answer to POST /login", "a script in the page". */
  readonly by: string;
  readonly flowId?: string;
  /** Our own rule changed this Set-Cookie on its way, so the browser got what the edit says. */
  readonly rewritten?: boolean;
}

/** Edits cookies where they travel and where they lie; says who writes over an edit. */
export class CookieEditor {
  readonly #options: CookieEditorOptions;
  /** Edits in force, by host and name; the newest counts. */
  readonly #inForce = new Map<string, CookieEdit>();

  constructor(options: CookieEditorOptions) {
    this.#options = options;
    for (const logged of [...options.log.list({ phase: 'done', limit: 2_000 })].reverse()) {
      const entry = entryOf(logged);
      if (entry.what === 'cookie' && entry.state === 'applied') this.#remember(entry.cookie as CookieEdit);
    }
  }

  preview(owner: CookieOwner, change: CookieChange): CookieDraft {
    checkChange(change);
    return draftCookie(owner.cookie, change);
  }

  /**
   * Puts the edit in force at every target that can. Throws kind `nowhere-to-apply` when none can.
   * @param hold a rule holds it against what the application sets
   */
  async apply(owner: CookieOwner, change: CookieChange, hold = false): Promise<Omit<CookieApplied, 'lasts'>> {
    const draft = this.preview(owner, change);
    const edit: CookieEdit = {
      editId: this.#options.newId(),
      host: owner.host,
      name: owner.name,
      carrier: owner.carrier,
      url: owner.url,
      beforeValue: cookieValue(draft.before),
      afterValue: cookieValue(draft.after),
      before: draft.before,
      after: draft.after,
      attributes:
        draft.before.slice(draft.before.indexOf(';') >>> 0) !== draft.after.slice(draft.after.indexOf(';') >>> 0),
      ...(hold ? { hold } : {}),
      ...(Object.keys(change.companions ?? {}).length === 0 ? {} : { companions: change.companions }),
      ...(owner.identity === undefined ? {} : { identity: owner.identity }),
    };
    const text = describeCookieChange(owner.cookie, draft);
    const entry: EditEntry = {
      what: 'cookie',
      text,
      state: 'applied',
      doing: 'do',
      before: null,
      after: null,
      cookie: edit,
    };
    const { newId: _, ...options } = this.#options;
    const logged: LoggedEdit = { id: edit.editId, at: options.clock(), sessionKey: owner.key, phase: 'intent', entry };
    options.log.put(logged);
    const appliedTo = await this.#applyAll(edit).catch((error: unknown) => {
      options.log.put({ ...logged, phase: 'failed' });
      throw error;
    });
    options.log.put({ ...logged, phase: 'done' });
    this.#remember(edit);
    this.#notify(edit.editId);
    return { editId: edit.editId, after: draft.after, appliedTo };
  }

  async undo(editId: string): Promise<EditInfo> {
    const logged = mustGet(this.#options.log, editId);
    const entry = entryOf(logged);
    if (entry.state === 'undone') throw problem('already-undone', 'This edit has been undone already');
    const edit = entry.cookie as CookieEdit;
    for (const target of this.#options.targets) await target.revert(edit);
    if (this.#inForce.get(placeOf(edit))?.editId === editId) this.#inForce.delete(placeOf(edit));
    this.#options.log.put({
      ...logged,
      phase: 'done',
      entry: { ...standing(entry), state: 'undone', doing: 'undo' } satisfies EditEntry,
    });
    return this.#notify(editId);
  }

  /**
   * Puts an edit that was overwritten, or is to last, in force by a rule: what the application sets is changed on its
   * way from now on. `before` is the Set-Cookie as the application sends it now.
   */
  async hold(editId: string, before: string | undefined): Promise<Omit<CookieApplied, 'lasts'>> {
    const logged = mustGet(this.#options.log, editId);
    const entry = entryOf(logged);
    if (entry.state === 'undone') throw problem('already-undone', 'This edit has been undone already');
    const made = entry.cookie as CookieEdit;
    for (const target of this.#options.targets) await target.revert(made);
    const edit: CookieEdit = {
      ...made,
      ...(before === undefined ? {} : { before, beforeValue: cookieValue(before) }),
      hold: true,
    };
    const appliedTo = await this.#applyAll(edit);
    this.#remember(edit);
    this.#options.log.put({
      ...logged,
      entry: { ...standing(entry), cookie: edit, state: 'applied' } satisfies EditEntry,
    });
    this.#notify(editId);
    return { editId, after: edit.after, appliedTo };
  }

  async redo(editId: string): Promise<EditInfo> {
    const logged = mustGet(this.#options.log, editId);
    const entry = entryOf(logged);
    if (entry.state !== 'undone') throw problem('not-undone', 'This edit is not undone');
    const edit = entry.cookie as CookieEdit;
    await this.#applyAll(edit);
    this.#remember(edit);
    this.#options.log.put({ ...logged, entry: { ...entry, state: 'applied', doing: 'redo' } satisfies EditEntry });
    return this.#notify(editId);
  }

  /** Puts back in force, after a start, what was in force when the program ended; edits half made are struck out. */
  async resume(): Promise<void> {
    for (const logged of this.#options.log.list({ phase: 'intent', limit: 2_000 })) {
      if (entryOf(logged).what === 'cookie') this.#options.log.put({ ...logged, phase: 'failed' });
    }
    for (const edit of this.#inForce.values()) await this.#applyAll(edit).catch(() => undefined);
  }

  /**
   * The cookie was set by somebody other than us: a Set-Cookie as the server sent it, or a change in a jar. If that goes
   * against an edit in force, the edit counts as overwritten and is returned.
   */
  wasSet(seen: CookieSetByOther): EditInfo | undefined {
    const { value, by, setCookie, rewritten, flowId } = seen;
    const edit = this.inForce(seen.host, seen.carrier);
    if (edit === undefined || rewritten === true) return undefined;
    const otherValue = value !== edit.afterValue;
    const otherAttributes = edit.attributes && setCookie !== undefined && tail(setCookie) !== tail(edit.after);
    if (!otherValue && !otherAttributes) return undefined;
    const logged = this.#options.log.get(edit.editId);
    if (logged === undefined || entryOf(logged).state !== 'applied') return undefined;
    const entry: EditEntry = {
      ...entryOf(logged),
      state: 'overwritten',
      overwrittenBy: by,
      overwrittenAt: this.#options.clock(),
      ...(flowId === undefined ? {} : { overwrittenIn: flowId }),
    };
    this.#options.log.put({ ...logged, entry });
    this.#inForce.delete(placeOf(edit));
    return this.#notify(edit.editId);
  }

  /** The edit that is in force for a cookie. */
  inForce(host: string, carrier: Carrier): CookieEdit | undefined {
    // Edits of earlier workspaces know only the name.
    return (
      this.#inForce.get(placeOf({ host, carrier })) ?? this.#inForce.get(placeOf({ host, name: carrierName(carrier) }))
    );
  }

  async #applyAll(edit: CookieEdit): Promise<string[]> {
    const where: string[] = [];
    const failures: string[] = [];
    for (const target of this.#options.targets) {
      try {
        const words = await target.apply(edit);
        if (words !== null) where.push(words);
      } catch (error) {
        failures.push(toProblem(error).message);
      }
    }
    if (where.length > 0) return [...where, ...failures.map((text) => `Not everywhere: ${text}`)];
    throw problem('nowhere-to-apply', failures[0] ?? 'There is no place where this edit could be put in force', {
      remedy: 'Send the traffic through the proxy, or launch the browser from here',
    });
  }

  #remember(edit: CookieEdit): void {
    this.#inForce.set(placeOf(edit), edit);
  }

  #notify(editId: string): EditInfo {
    const info = infoOf(mustGet(this.#options.log, editId));
    this.#options.onEdit?.(info);
    return info;
  }
}

/** The attributes, without the moving date of Expires. */
function tail(setCookie: string): string {
  const start = setCookie.indexOf(';');
  return start < 0 ? '' : setCookie.slice(start).replace(/;\s*expires=[^;]*/gi, '; expires');
}

function placeOf({ host, name, carrier }: { host: string; name?: string; carrier?: Carrier }): string {
  return `${host.toLowerCase()} ${carrier === undefined ? `name ${name ?? ''}` : carrierKey(carrier)}`;
}
