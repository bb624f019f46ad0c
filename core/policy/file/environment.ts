/** `${NAME}`, `${NAME:-otherwise}`, and `$${` for the two characters themselves. */
const PLACEHOLDER = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A placeholder whose variable is not set. */
export interface UnsetVariable {
  readonly path: readonly PropertyKey[];
  readonly name: string;
}

export interface Substituted {
  readonly value: unknown;
  readonly unset: readonly UnsetVariable[];
  /** Values that came from the environment where secrets stand: they must appear in no report. */
  readonly secrets: readonly string[];
}

const SECRET_PLACES: readonly (readonly [group: string, key: string])[] = [
  ['target', 'cookies'],
  ['target', 'headers'],
  ['target', 'login'],
  ['target', 'logout'],
  ['target', 'verification'],
  ['parameters', 'secret_key'],
];

/** Logins, cookies and keys. The password of a store is known when its address has been read. */
function isSecretPlace([group, key]: readonly PropertyKey[]): boolean {
  if (group === 'secrets') return true;
  return SECRET_PLACES.some((place) => place[0] === group && place[1] === key);
}

/**
 * Puts the values of the environment in place of `${NAME}` in every text of plain data; keys stay as they are. Where a
 * placeholder is only a part of a store's address its value is percent-encoded, so that a password may hold any character.
 */
export function substitute(value: unknown, env: Environment): Substituted {
  const unset: UnsetVariable[] = [];
  const secrets = new Set<string>();
  const inText = (text: string, path: readonly PropertyKey[]): string =>
    text.replace(PLACEHOLDER, (whole: string, name?: string, otherwise?: string) => {
      if (name === undefined) return '${';
      const found = env[name];
      if (found === undefined || found === '') {
        if (otherwise !== undefined) return otherwise;
        unset.push({ path, name });
        return whole;
      }
      if (isSecretPlace(path)) secrets.add(found);
      return path[0] === 'store' && whole !== text.trim() ? encodeURIComponent(found) : found;
    });
  const visit = (part: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof part === 'string') return inText(part, path);
    if (Array.isArray(part)) return part.map((child, i) => visit(child, [...path, i]));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, child]) => [key, visit(child, [...path, key])]));
  };
  return { value: visit(value, []), unset, secrets: [...secrets] };
}
