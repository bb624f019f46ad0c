import { hostOf } from '../capture/capture.ts';
import { cookieCarrier, hostnameOf } from '../cookies/cookie-identity.ts';
import { toCookieView } from '../cookies/cookie-view.ts';
import {
  editSetCookie,
  replaceCookieValue,
  replaceOneValue,
  tokenizeCookie,
  tokenizeSetCookie,
} from '../cookies/tokenizer.ts';
import type { Carrier } from '../model/session.ts';
import type { Exchange } from '../proxy/exchange.ts';
import type { ProxyHooks } from '../proxy/hooks.ts';

/** A cookie edit that is in force on the wire. */
export interface WireEdit {
  readonly editId: string;
  /** Host as in the URL, with the port unless it is the default one. */
  readonly host: string;
  readonly name: string;
  /** Path and domain of the cookie: Set-Cookies of others of its name pass as they are. Absent: not known. */
  readonly carrier?: Carrier;
  /** The raw value that the browser holds. */
  readonly from: string;
  /** The raw value that the application is to see; absent when only attributes are edited. */
  readonly to?: string;
  /** Other cookies of the same request that go along with `to`. */
  readonly companions?: Readonly<Record<string, string | null>>;
  readonly attributes?: {
    readonly set?: Readonly<Record<string, string | true>>;
    readonly remove?: readonly string[];
  };
  /** The whole edited Set-Cookie, given to the browser when the application sends none itself. */
  readonly inject?: string;
}

export interface WireEditState extends WireEdit {
  readonly enabled: boolean;
  /** Exchanges that were changed. */
  readonly applied: number;
}

/** The application gave the cookie another value in answer to an edited request. */
export interface Overwritten {
  readonly edit: WireEdit;
  readonly flowId: string;
  /** The value that the application set. */
  readonly value: string;
}

type Kept = { -readonly [K in keyof WireEditState]: WireEditState[K] } & { injected: boolean };

/**
 * Cookie edits for browsers whose jar cannot be reached. The edit is held on the wire: the application sees the new
 * value, the browser goes on with its own, and where the application repeats the cookie the browser is given its own
 * value back. So an undo is exact: the rule is removed and everything is as before, whoever else shares the new value.
 *
 * Two hooks, because a recorder between them is to see what the application saw and said.
 */
export class CookieWire {
  readonly #edits = new Map<string, Kept>();
  readonly #touched = new WeakMap<Exchange, readonly Kept[]>();
  readonly #onOverwritten: (what: Overwritten) => void;
  readonly #onApplied: (editId: string) => void;

  constructor(notify: { overwritten: (what: Overwritten) => void; applied: (editId: string) => void }) {
    this.#onOverwritten = notify.overwritten;
    this.#onApplied = notify.applied;
  }

  /** To stand before the recorder. */
  readonly requestHooks: ProxyHooks = { name: 'cookie edit', request: (exchange) => this.#request(exchange) };
  /** To stand behind the recorder. */
  readonly responseHooks: ProxyHooks = { name: 'cookie edit', response: (exchange) => this.#response(exchange) };

  add(edit: WireEdit): void {
    this.#edits.set(edit.editId, { ...edit, enabled: true, applied: 0, injected: false });
  }

  remove(editId: string): boolean {
    return this.#edits.delete(editId);
  }

  has(editId: string): boolean {
    return this.#edits.has(editId);
  }

  enable(editId: string, enabled: boolean): boolean {
    const edit = this.#edits.get(editId);
    if (edit !== undefined) edit.enabled = enabled;
    return edit !== undefined;
  }

  list(): WireEditState[] {
    return [...this.#edits.values()].map(({ injected: _, ...edit }) => edit);
  }

  #request(exchange: Exchange): void {
    if (this.#edits.size === 0 || exchange.own !== undefined) return;
    const touched: Kept[] = [];
    const { request } = exchange;
    const host = hostOf(request.url);
    for (const edit of this.#edits.values()) {
      if (!edit.enabled || edit.host !== host) continue;
      let carries = false;
      const headers = mapHeaders(request.rawHeaders, 'cookie', (header) => {
        // Only a cookie that has just this value is the edited session's; another visitor of the host keeps theirs.
        if (!tokenizeCookie(header).some((token) => token.name === edit.name && token.value === edit.from))
          return header;
        carries = true;
        return edit.to === undefined
          ? header
          : withCompanions(replaceOneValue(header, edit.name, edit.from, edit.to), edit);
      });
      if (!carries) continue;
      touched.push(edit);
      if (edit.to === undefined) continue;
      request.rawHeaders = headers;
      this.#mark(exchange, edit);
    }
    if (touched.length > 0) this.#touched.set(exchange, touched);
  }

  #response(exchange: Exchange): void {
    const { response } = exchange;
    const touched = this.#touched.get(exchange);
    if (response === undefined || touched === undefined) return;
    for (const edit of touched) {
      if (this.#edits.get(edit.editId) !== edit || !edit.enabled) continue;
      let repeated = false;
      response.rawHeaders = mapHeaders(response.rawHeaders, 'set-cookie', (header) => {
        const { pair } = tokenizeSetCookie(header);
        if (pair.name !== edit.name || !isSameCookie(edit, header, exchange.request.url)) return header;
        repeated = true;
        if (pair.value !== (edit.to ?? edit.from)) {
          this.#onOverwritten({ edit, flowId: exchange.id, value: pair.value });
          return header;
        }
        return editSetCookie(header, {
          ...(edit.to === undefined ? {} : { value: edit.from }),
          ...(edit.attributes === undefined ? {} : { attributes: edit.attributes }),
        });
      });
      if (repeated && edit.attributes !== undefined) this.#mark(exchange, edit);
      if (repeated || edit.inject === undefined || edit.attributes === undefined || edit.injected) continue;
      edit.injected = true;
      response.rawHeaders = [...response.rawHeaders, 'Set-Cookie', edit.inject];
      this.#mark(exchange, edit);
    }
  }

  #mark(exchange: Exchange, edit: Kept): void {
    exchange.editedBy.push(`cookie ${edit.name}`);
    edit.applied += 1;
    this.#onApplied(edit.editId);
  }
}

/** Whether a Set-Cookie is about the edited cookie and no other of its name (RFC 6265bis section 5.7). */
function isSameCookie({ carrier, host }: WireEdit, setCookie: string, url: string): boolean {
  if (carrier?.kind !== 'cookie') return true;
  const { path, domain } = cookieCarrier(toCookieView(setCookie, url, 0), hostnameOf(host));
  return path === carrier.path && domain === carrier.domain;
}

function mapHeaders(raw: readonly string[], name: string, each: (value: string) => string): string[] {
  return raw.map((text, i) => (i % 2 === 1 && raw[i - 1]?.toLowerCase() === name ? each(text) : text));
}

/** The header with the companions of an edit changed too; one that is not there yet is added. */
function withCompanions(header: string, { companions = {} }: WireEdit): string {
  let made = header;
  for (const [name, value] of Object.entries(companions)) {
    const there = tokenizeCookie(made).some((token) => token.name === name);
    if (value !== null) made = there ? replaceCookieValue(made, name, value) : `${made}; ${name}=${value}`;
    else if (there) {
      made = made
        .split(';')
        .filter((part) => part.split('=', 1)[0]?.trim() !== name)
        .join(';')
        .trimStart();
    }
  }
  return made;
}
