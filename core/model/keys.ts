/** A key as it is listed: never the key itself. */
export interface KeyInfo {
  /** A fingerprint, for telling keys apart. */
  readonly id: string;
  /** Length of the key in bytes. */
  readonly bytes: number;
}

/** A key that stands in a settings file of an application: offered, and used only on the user's word. */
export interface KeyOffer {
  /** From the folder on. */
  readonly file: string;
  /** From 1, where it stands in a line. */
  readonly line?: number;
  /** As the application calls it. */
  readonly setting: string;
  readonly id: string;
  readonly bytes: number;
}
