/** An app that was packaged and waits for its installers. */
export interface PackagedApp {
  /** The folder with the program; on macOS the one that holds the `.app`. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly version: string;
  /** Where finished files go; each target works in a folder of its own until then. */
  readonly to: string;
  /** Large files are packed quickly instead of tightly: for tests. */
  readonly fast: boolean;
}

/** What a target lacks, and what brings it. */
export class Lacking extends Error {}

/** One kind of installer. */
export interface Target {
  readonly name: string;
  readonly platforms: readonly NodeJS.Platform[];
  /**
   * Makes the file in `work`, an empty folder that is removed afterwards. Gives the path of the finished file there.
   * @throws Lacking where a tool or a file is missing
   */
  make(app: PackagedApp, work: string): Promise<string>;
}
