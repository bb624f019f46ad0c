import type { TypedNode } from '../../model/typed.ts';

/** Where something stands in the bytes, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** One value of a JSON text with its place; brackets and quotes are inside the span, white space around is not. */
export interface JsonNode extends Span {
  readonly value: TypedNode;
  /** Members of an object or array, in the order of the text. */
  readonly members?: readonly JsonMember[];
}

export interface JsonMember extends Span {
  /** Absent in an array. */
  readonly key?: Span & { readonly text: string };
  readonly node: JsonNode;
}

/** Something unusual that was read all the same. */
export interface JsonRemark {
  readonly code: 'json-duplicate-key' | 'json-not-a-number' | 'json-lone-surrogate' | 'json-bom';
  readonly message: string;
  readonly at: number;
}

export interface JsonDocument {
  readonly bytes: Uint8Array;
  readonly root: JsonNode;
  readonly remarks: readonly JsonRemark[];
}
