import type { Notice } from '../model/app.ts';

/** How the host keeps the certificate authority's key: the operating system's keychain, where it has one. */
export interface KeyProtection {
  encrypt(text: string): Uint8Array;
  decrypt(bytes: Uint8Array): string;
}

/** What the engine needs to know of the process that hosts it, and what only that process can do. */
export interface EngineOptions {
  readonly mode: 'desktop' | 'web';
  readonly version: string;
  /** Folder for workspace, certificate authority, browser profiles and practice stores. Made when missing. */
  readonly dataFolder: string;
  /** The workspace file, when it is not the one in `dataFolder`. */
  readonly workspaceFile?: string;
  /** Wished port of the proxy; a free one is taken when it is in use. */
  readonly proxyPort?: number;
  /** Folder of the bundled workers; absent when the sources run as they are. */
  readonly workers?: string;
  /** Shows the host's file dialog; absent where there is none. */
  readonly pickFile?: (ask: {
    kind: 'directory' | 'file' | 'save';
    title: string;
    name?: string;
  }) => Promise<string | null>;
  /** More arguments for the browsers that are opened from here. */
  readonly browserArguments?: readonly string[];
  readonly protectKey?: KeyProtection;
  /** Passes on what the last guard of the process caught: `LastGuard.onFailure`. */
  readonly onFailure?: (listener: (notice: Notice) => void) => void;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Diagnostics for the person who runs the process; secrets are masked before they come here. */
  readonly log?: (line: string) => void;
}
