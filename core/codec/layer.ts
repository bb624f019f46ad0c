import type { Edit, Path } from '../model/path.ts';
import type { Problem } from '../model/problem.ts';
import type { SignatureState } from '../model/signature.ts';
import type { TypedNode } from '../model/typed.ts';
import type { Span } from './json/cst.ts';
import type { JsonHabits } from './json/style.ts';
import type { Budget } from './limits.ts';
import type { Secret } from './secrets.ts';

export type { Span } from './json/cst.ts';

/** What a layer is told besides its bytes. */
export interface LayerContext {
  readonly budget: Budget;
  /** The user named this layer: it must not be strict about what it looks like, only about what it can read. */
  readonly chosen: boolean;
  /** Ids of the layers outside this one, outermost first. */
  readonly outer: readonly string[];
  /** Keys for signed and encrypted formats, in the order given: all are tried, the first signs. */
  readonly keys: readonly Secret[];
  /** Values of the cookies that belong to this one (`NAME.sig`, `NAME.1`), by name. */
  readonly companions: Readonly<Record<string, string>>;
  /** What an edit does with a signed time stamp: `keep` the old one, or `now`. */
  readonly stamp: 'keep' | 'now';
  /** Milliseconds since 1970: what `now` means. */
  readonly time: number;
  /** How the format outside this layer writes JSON, where it says so. */
  readonly habits?: JsonHabits;
  /** What stands after the colon in `pickle:latin1`; the layer says which words it knows. */
  readonly argument?: string;
  /** Name of the cookie or record the bytes come from; it takes part in some signatures. */
  readonly name?: string;
}

/** Why bytes look like this layer. The score only orders the attempts: what counts is that everything inside decodes. */
export interface Recognition {
  /** 0 to 1. */
  readonly score: number;
  /** In words, for display: "Only the base64 alphabet, in lines of 76". */
  readonly reasons: readonly string[];
}

export interface Warning {
  /** Stable, in kebab-case. */
  readonly code: string;
  readonly message: string;
  readonly severity: 'info' | 'warning' | 'danger';
  /** Byte offset in the input of the layer that warns. */
  readonly at?: number;
  /** The layer that warns, filled in by the codec. */
  readonly layer?: string;
}

/** Small facts and settings of one decoded layer, for display and for making another like it: `{"lines":"76 \n"}`. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** What is known of a signature, or of the authenticated encryption of a sealed value. */
export interface Signature {
  /** `django`, `itsdangerous`, `jws HS256` … */
  readonly scheme: string;
  /**
   * `valid`: made with one of the keys; `invalid`: with none of them; `unchecked`: there is no key to check it with;
   * `none`: the format has a signature and this value goes without.
   */
  readonly state: SignatureState;
  /** Index of the key that fits, among the keys given. */
  readonly key?: number;
}

interface DecodedCommon {
  readonly warnings: readonly Warning[];
  readonly facts: Facts;
  readonly signature?: Signature;
  /** False when writing the unedited content back would not give the same bytes. */
  readonly lossless: boolean;
}

/** A layer that holds other bytes. */
export interface BytesDecoded extends DecodedCommon {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
  /** The bytes themselves make this layer certain without a look inside: a checksum, a signature, a complete frame. */
  readonly proven: boolean;
  /** Layers that the format writes inside, likeliest first, as they are named in `as`; tried before any guess. */
  readonly inside?: readonly string[];
  readonly habits?: JsonHabits;
  /** The outer bytes for changed inner ones, with every habit of the original kept. */
  encode(inner: Uint8Array): Uint8Array;
  /** The outer bytes that give these inner ones; undefined where there is no such piece (compression). */
  outerSpan(inner: Span): Span | undefined;
  /** For outer bytes that `encode` gave: the cookies that must change with them; null removes one. */
  companions?(outer: Uint8Array): Companions;
}

/** New values of cookies by name; null: the cookie goes. */
export type Companions = Readonly<Record<string, string | null>>;

/** A layer that holds a value: the innermost one. */
export interface ValueDecoded extends DecodedCommon {
  readonly kind: 'value';
  readonly value: TypedNode;
  /** How strong the evidence is that the bytes are this format, for the guess: a scalar alone never is. */
  readonly evidence: 'none' | 'container' | 'structure';
  /** What the program that wrote the bytes would refuse although the value can be shown. */
  readonly refusal?: Problem;
  /** The bytes of the value at a full path (`resolvePath`). */
  spanOf(path: Path): Span | undefined;
  /** The bytes after the edits; paths are full ones. Throws ProblemErrors for what the format cannot say. */
  edit(edits: readonly Edit[]): Uint8Array;
  /** A value of commands and fields in the kinds of this format: a mapping becomes a PHP array. Absent: as it is. */
  dialect?(value: TypedNode): TypedNode;
}

export type LayerDecoded = BytesDecoded | ValueDecoded;

/**
 * One step between bytes and a value. A format is one file that exports one of these, and one line in `registry.ts`.
 * `recognise` is cheap (it looks at a bounded prefix or does one pass without allocation); `decode` says where and why
 * it fails with a ProblemError that has `at`.
 */
export interface Layer {
  readonly id: string;
  readonly title: string;
  /** Undefined: cannot be this, or this layer is never guessed. */
  recognise(bytes: Uint8Array, context: LayerContext): Recognition | undefined;
  decode(bytes: Uint8Array, context: LayerContext): LayerDecoded;
  /** Bytes for new content in the layer's usual form. Byte layers wrap bytes, value layers write a value. */
  readonly make: LayerMaker;
}

export type LayerMaker =
  | { readonly kind: 'bytes'; readonly onlyEdited?: true; wrap(inner: Uint8Array): Uint8Array }
  /** `onlyEdited`: there is no usual form, so that a value only comes from editing one; both functions throw. */
  | { readonly kind: 'value'; readonly onlyEdited?: true; write(value: TypedNode): Uint8Array };
