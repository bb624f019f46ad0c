import type { Layer } from '../codec/layer.ts';
import type { TypedNode } from '../model/typed.ts';
import type { ClockName, FileLayout, KeyLayout, TableLayout } from '../stores/layout.ts';
import type { SettingsFile } from './settings-files/settings-file.ts';

/*
 * What a framework declares. A framework is a folder with a `framework.ts` that exports one of these, and one line in
 * `catalog.ts`. Everything but `id`, `title` and `cookieNames` may be left out: nothing is guessed in its place.
 * A declaration is data and small pure functions. It is loaded wherever the catalog is, so it imports nothing heavy.
 */

/** A name that the framework gives its session cookie (or URL parameter). */
export interface CookieName {
  /** Tested against the name in lower case, without `__Host-` and `__Secure-`. Anchor it. */
  readonly pattern: RegExp;
  /** As people write it (`PHPSESSID`), for texts and the command line. Absent for families of names. */
  readonly text?: string;
  /** Others use it as well, so that it names no framework by itself; in words: "Flask, Starlette and others". */
  readonly sharedBy?: string;
}

/** A cookie of the framework's that never carries the session. */
export interface OtherCookie {
  /** Tested as `CookieName.pattern`. */
  readonly pattern: RegExp;
  readonly kind: 'preference' | 'csrf' | 'signature';
  /** What it is, in words. */
  readonly text: string;
}

/**
 * A form of the whole cookie value, after percent signs and one pair of quotes are taken off. It feeds the score and tells
 * whether the data is in the cookie. What a layer reads is recognised by that layer and by nothing else.
 */
export interface ValueForm {
  /** The layer whose `recognise` decides. Absent: no layer reads this form. */
  readonly layer?: string;
  /** What sets this framework's values apart from others of the same layer; alone where no layer reads the form. */
  readonly pattern?: RegExp;
  /** The same where a pattern cannot say it. */
  test?(value: string): boolean;
  readonly kind: 'signed' | 'encrypted' | 'jwt' | 'analytics';
  /** Follows "Its value is …": "data signed by NAME". */
  readonly text: string;
  /** The data itself is in the value; false for a signed or sealed id whose data is in a store. */
  readonly holdsData: boolean;
  /** Others write the same form, so that it names no framework by itself. */
  readonly shared?: true;
  /** Forms are tried by falling rank, then in the order of the catalog. Default 0; negative for loose patterns. */
  readonly rank?: number;
}

/** A key with which the framework signs or seals, as its own settings call it. */
export interface SecretSetting {
  /** `SECRET_KEY`, `APP_KEY`, `secret_key_base`, `session.secret` … */
  readonly setting: string;
  /** Where it is found: `settings.py`, `.env`, `config/credentials.yml.enc`. */
  readonly file?: string;
  /** Ids of the layers that use it. */
  readonly layers: readonly string[];
  /** Salts and purposes that take part, as the framework fixes them. */
  readonly salts?: readonly string[];
}

/** Cookies that belong to another cookie and are edited, undone and removed with it. */
export interface CompanionRule {
  /** Names of the companions of a cookie, in the order in which a layer wants them: `name.sig`. */
  companionsOf(name: string): readonly string[];
  /** The cookie that a companion belongs to; undefined when this is none. */
  ownerOf(name: string): string | undefined;
}

/** One value spread over several cookies: `name.0`, `name.1`. */
export interface ChunkRule {
  /** The whole's name and the place of this chunk (from 0), or undefined when the name is no chunk's. */
  chunkOf(name: string): { readonly name: string; readonly index: number } | undefined;
  chunkName(name: string, index: number): string;
  /** Most characters of one chunk's value. */
  readonly size: number;
  /** A value that is written into `name` itself while there are chunks (`chunks-2`). */
  header?(chunks: number): string;
}

/** A session as it was seen, for finding its record. */
export interface SeenSession {
  /** Name of the cookie, header or parameter. */
  readonly name: string;
  /** After percent-decoding. */
  readonly id: string;
  /** Byte for byte as in the header (Latin-1). */
  readonly raw: string;
  /** What the codec made of the value, where it did. */
  readonly decoded?: TypedNode | null;
}

/** An id and how it was come by, in words: "the id inside the signed value". */
export interface PossibleId {
  readonly id: string;
  readonly how: string;
}

/** Where a user, an address or an end is found in a session's data. */
export interface PayloadFacts {
  /** Keys that name the user, most telling first; dots lead into nested values. */
  readonly user?: readonly string[];
  /** Keys that tell sessions apart where no user is in them. */
  readonly label?: readonly string[];
  /** Keys of the framework's own housekeeping, of no use as a label. */
  readonly own?: readonly string[];
  /** Keys with the visitor's address. */
  readonly address?: readonly string[];
  /** Keys with the session's end, and how it is written. */
  readonly expires?: readonly { readonly path: readonly string[]; readonly form: 'seconds' | 'milliseconds' | 'iso' }[];
  /** Keys whose presence at the top shows that the framework wrote the data: all of one line must be there. */
  readonly signs?: readonly (readonly string[])[];
}

/** One thing that ends a session on the server's side. */
export interface EndRule {
  /**
   * `request`: checked when a request arrives; `cleanup`: a job or a request in passing removes old records;
   * `store`: the store removes them by itself (TTL); `cookie`: the value itself carries its end.
   */
  readonly by: 'request' | 'cleanup' | 'store' | 'cookie';
  readonly clock: ClockName | 'value';
  /** How the framework's settings call it, and the seconds it has unless set. null: never. */
  readonly setting?: { readonly name: string; readonly defaultSeconds: number | null };
  /** For `cleanup`: how often it runs, in words: "at 1 of 100 requests", "once an hour, by the first request". */
  readonly runs?: string;
}

/** How a finding is mended in the framework's own settings. */
export interface Advice {
  /** What to write: `SESSION_COOKIE_SECURE = True`. */
  readonly setting: string;
  /** Where: `settings.py`. */
  readonly file?: string;
  /** What it does or needs besides, one sentence. */
  readonly note?: string;
}

/** What is known of the process that serves an origin: read, never executed. Paths are absolute. */
export interface ProcessFacts {
  readonly pid: number;
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly openFiles: readonly string[];
  /** Remote ends of its connections: `127.0.0.1:6379`. */
  readonly connections: readonly string[];
  /** Programs that serve these ends, where they run here and can be seen: `127.0.0.1:7001` → `redis-server`. */
  readonly servers?: Readonly<Record<string, string>>;
  /** Text of a file under the working directory (bounded), or undefined when it is not there or may not be read. */
  readText(path: string): string | undefined;
  /** Names in a folder, or undefined. */
  list(path: string): readonly string[] | undefined;
}

/** A store that may hold the sessions, not attached yet. */
export interface StoreCandidate {
  /** A store URL or path, as `stores attach` takes it. */
  readonly url: string;
  /** Why, one sentence: "SESSION_FILE_PATH in settings.py". */
  readonly reason: string;
}

export interface Framework {
  /** In kebab-case: `webpy`, `express-session`. */
  readonly id: string;
  /** As its makers write it. */
  readonly title: string;
  readonly cookieNames: readonly CookieName[];
  /** Its cookies that are no session. */
  readonly otherCookies?: readonly OtherCookie[];
  readonly valueForms?: readonly ValueForm[];
  /**
   * Layers that only this framework needs; those that several share stand in `core/codec`. Tried before the shared
   * ones of the same score. Reach the codec through `core/frameworks/layers.ts`.
   */
  readonly layers?: readonly Layer[];
  readonly secrets?: readonly SecretSetting[];
  /** Files in which its applications keep their keys. */
  readonly settingsFiles?: readonly SettingsFile[];
  readonly companions?: CompanionRule;
  readonly chunks?: ChunkRule;
  /** The ids that a cookie's value carries, likeliest first. The layouts turn them into names of records. */
  publicIds?(session: SeenSession): readonly PossibleId[];
  /** Whether a text can be an id that this framework made. Absent: not known. */
  isId?(id: string): boolean;
  readonly tables?: readonly TableLayout[];
  readonly files?: readonly FileLayout[];
  readonly keys?: readonly KeyLayout[];
  readonly payload?: PayloadFacts;
  readonly ends?: readonly EndRule[];
  /** By the id of the finding (an experiment or a cause). */
  readonly advice?: Readonly<Record<string, Advice>>;
  /** Stores that its settings and its process point to. */
  findStores?(process: ProcessFacts): readonly StoreCandidate[];
  /** Its answers are simulated from its own rules (`simulation/` in its folder); others are only asked live. */
  readonly simulated?: true;
}
