import type { CookieApplied, CookieChange, EditInfo } from '../model/app.ts';
import { problem, toProblem } from '../model/problem.ts';
import type { CookieView } from '../model/session.ts';
import { type CookieDraft, checkChange, cookieValue, describeCookieChange, draftCookie } from './cookie-edit.ts';
import { type EditEntry, entryOf, infoOf, mustGet } from './edit-entry.ts';
import type { EditLog, LoggedEdit } from './ports.ts';

/** An edit of a cookie, as the places that carry it out get it. */
export interface CookieEdit {
  readonly editId: string;
  readonly host: string;
  readonly name: string;
  /** The URL for which the cookie was set or sent, for paths and domains. */
  readonly url: string;
  readonly beforeValue: string;
  readonly afterValue: string;
  /** Whole Set-Cookie values (Latin-1). */
  readonly before: string;
  readonly after: string;
  /** Whether an attribute changes. */
  readonly attributes: boolean;
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
  readonly onEdit?: (edit: EditInfo) => void;
}

/** A cookie set by the server, a script or the person in the browser. */
export interface CookieSetByOther {
  readonly host: string;
  readonly name: string;
  readonly value: string;
  /** The whole Set-Cookie, where there was one. */
  readonly setCookie?: string;
  /** Who, in words: "the answer to POST /login (flow f12)", "a script in the page". */
  readonly by: string;
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

  /** Puts the edit in force at every target that can. Throws kind `nowhere-to-apply` when none can. */
  async apply(owner: CookieOwner, change: CookieChange): Promise<CookieApplied> {
    const draft = this.preview(owner, change);
    const edit: CookieEdit = {
      editId: this.#options.newId(),
      host: owner.host,
      name: owner.name,
      url: owner.url,
      beforeValue: cookieValue(draft.before),
      afterValue: cookieValue(draft.after),
      before: draft.before,
      after: draft.after,
      attributes:
        draft.before.slice(draft.before.indexOf(';') >>> 0) !== draft.after.slice(draft.after.indexOf(';') >>> 0),
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
    this.#tell(edit.editId);
    return { editId: edit.editId, after: draft.after, appliedTo };
  }

  async undo(editId: string): Promise<EditInfo> {
    const logged = mustGet(this.#options.log, editId);
    const entry = entryOf(logged);
    if (entry.state === 'undone') throw problem('already-undone', 'This edit has been undone already');
    const edit = entry.cookie as CookieEdit;
    for (const target of this.#options.targets) await target.revert(edit);
    if (this.#inForce.get(placeOf(edit.host, edit.name))?.editId === editId) {
      this.#inForce.delete(placeOf(edit.host, edit.name));
    }
    const { overwrittenBy: _, ...rest } = entry;
    this.#options.log.put({
      ...logged,
      phase: 'done',
      entry: { ...rest, state: 'undone', doing: 'undo' } satisfies EditEntry,
    });
    return this.#tell(editId);
  }

  async redo(editId: string): Promise<EditInfo> {
    const logged = mustGet(this.#options.log, editId);
    const entry = entryOf(logged);
    if (entry.state !== 'undone') throw problem('not-undone', 'This edit is not undone');
    const edit = entry.cookie as CookieEdit;
    await this.#applyAll(edit);
    this.#remember(edit);
    this.#options.log.put({ ...logged, entry: { ...entry, state: 'applied', doing: 'redo' } satisfies EditEntry });
    return this.#tell(editId);
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
    const { host, name, value, by, setCookie, rewritten } = seen;
    const edit = this.#inForce.get(placeOf(host, name));
    if (edit === undefined || rewritten === true) return undefined;
    const otherValue = value !== edit.afterValue;
    const otherAttributes = edit.attributes && setCookie !== undefined && tail(setCookie) !== tail(edit.after);
    if (!otherValue && !otherAttributes) return undefined;
    const logged = this.#options.log.get(edit.editId);
    if (logged === undefined || entryOf(logged).state !== 'applied') return undefined;
    const entry: EditEntry = { ...entryOf(logged), state: 'overwritten', overwrittenBy: by };
    this.#options.log.put({ ...logged, entry });
    this.#inForce.delete(placeOf(host, name));
    return this.#tell(edit.editId);
  }

  /** The edit that is in force for a cookie. */
  inForce(host: string, name: string): CookieEdit | undefined {
    return this.#inForce.get(placeOf(host, name));
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
    this.#inForce.set(placeOf(edit.host, edit.name), edit);
  }

  #tell(editId: string): EditInfo {
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

function placeOf(host: string, name: string): string {
  return `${host.toLowerCase()} ${name}`;
}
