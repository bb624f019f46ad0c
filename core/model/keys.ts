/** A key as it is listed: never the key itself. */
export interface KeyInfo {
  /** A fingerprint, for telling keys apart. */
  readonly id: string;
  /** Length of the key in bytes. */
  readonly bytes: number;
}
