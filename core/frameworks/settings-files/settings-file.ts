/** A file in which an application keeps a key. It is read, never executed. */
export interface SettingsFile {
  /** From the application's folder on, with `/`; `*` stands for one folder (`*∕settings.py`). */
  readonly path: string;
  /** Further files that are needed beside it. */
  readonly beside?: readonly string[];
  /** The keys in it. Never throws: what is not understood gives none. */
  read(text: string, beside: Readonly<Record<string, string>>): readonly FoundKey[];
}

export interface FoundKey {
  /** As the application calls it: `SECRET_KEY`. */
  readonly setting: string;
  /** As `readSecret` takes it. */
  readonly key: string;
  /** From 1; absent where it stands in no line (sealed credentials). */
  readonly line?: number;
}
