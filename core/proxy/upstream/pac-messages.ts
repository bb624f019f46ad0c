/** What the thread of a PAC script is started with. */
export interface PacWorkerData {
  readonly script: string;
  /** `quickjs.wasm`; the library's own file when undefined. */
  readonly wasm: Uint8Array<ArrayBuffer> | undefined;
  /** Milliseconds for one question. */
  readonly timeLimit: number;
}

/** `id` 0 asks only whether the thread still answers. */
export interface PacQuestion {
  readonly id: number;
  readonly url: string;
  readonly host: string;
}

export type PacAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly why: string }
  | { readonly kind: 'begun'; readonly id: number }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: string }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };
