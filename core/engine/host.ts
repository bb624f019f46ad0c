import type { Notice } from '../model/app.ts';

/** How the host keeps the certificate authority's key: the operating system's keychain, where it has one. */
export interface KeyProtection {
  encrypt(text: string): Uint8Array;
  decrypt(bytes: Uint8Array): string;
}

/** What a file dialog is to show. */
export interface FileDialog {
  readonly kind: 'directory' | 'file' | 'save';
  readonly title: string;
  readonly name?: string;
}

/** What the engine needs to know of the process that hosts it, and what only that process can do. */
export interface Host {
  readonly mode: 'desktop' | 'web';
  readonly version: string;
  /** Folder for workspace, certificate authority, browser profiles and practice stores. Made when missing. */
  readonly dataFolder: string;
  /** The workspace file; undefined: the one in `dataFolder`. */
  readonly workspaceFile: string | undefined;
  /** Preferred port of the proxy; a free one is taken when it is in use. Undefined: any free one. */
  readonly proxyPort: number | undefined;
  /** Folder of the bundled workers; undefined when the sources run as they are. */
  readonly workers: string | undefined;
  /** Shows the host's file dialog and gives the chosen path, null when the user cancels; undefined where there is none. */
  readonly pickFile: ((dialog: FileDialog) => Promise<string | null>) | undefined;
  /** More arguments for the browsers that are opened from here. */
  readonly browserArguments: readonly string[];
  /** Whether agents may join over the data folder: with a window in which the user allows them, by `--allow`, or not at all. */
  readonly agents: 'window' | 'allow' | 'none';
  /** Closes this engine, which has no window, because one with a window starts on the same data folder. */
  readonly giveWay: (() => void) | undefined;
  readonly protectKey: KeyProtection | undefined;
  /** Where `HTTP_PROXY` and its like are looked up; empty: they count for nothing. */
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Diagnostics for the user who runs the process; secrets are masked before they come here. */
  readonly log: (line: string) => void;
  /** Passes on what the last guard of the process caught: `LastGuard.onFailure`. */
  readonly onFailure: ((listener: (notice: Notice) => void) => void) | undefined;
}

type Needed = 'mode' | 'version' | 'dataFolder';

/** What a host gives; the rest has defaults. */
export type EngineOptions = Pick<Host, Needed> & Partial<Omit<Host, Needed>>;

/** The options with every default spelled. */
export function hostOf(options: EngineOptions): Host {
  return {
    workspaceFile: undefined,
    proxyPort: undefined,
    workers: undefined,
    pickFile: undefined,
    browserArguments: [],
    agents: 'none',
    giveWay: undefined,
    protectKey: undefined,
    env: {},
    clock: Date.now,
    log: () => {},
    onFailure: undefined,
    ...options,
  };
}
