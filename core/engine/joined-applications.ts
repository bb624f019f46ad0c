import { SETTING, texts } from './settings.ts';

interface Settings {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** Which applications of one host the user said share their sessions; kept in the workspace. Pairs have no order. */
export class JoinedApplications {
  readonly #settings: Settings;
  readonly #pairs: Set<string>;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#pairs = new Set(texts(settings.get(SETTING.joinedApplications)));
  }

  has(host: string, other: string): boolean {
    return this.#pairs.size > 0 && this.#pairs.has(pairOf(host, other));
  }

  set(host: string, other: string, joined: boolean): void {
    if (joined) this.#pairs.add(pairOf(host, other));
    else this.#pairs.delete(pairOf(host, other));
    this.#settings.set(SETTING.joinedApplications, [...this.#pairs]);
  }
}

function pairOf(a: string, b: string): string {
  return [a, b].sort().join(' ');
}
