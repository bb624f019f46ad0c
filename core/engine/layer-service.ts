import { texts } from './settings.ts';

export interface LayerServiceOptions {
  readonly load: () => unknown;
  readonly save: (value: Readonly<Record<string, readonly string[]>>) => void;
}

/** So many choices are kept; the oldest go. */
const MOST = 1_000;

/** Which layers the user has named for which record, instead of those that would be guessed. */
export class LayerService {
  readonly #options: LayerServiceOptions;
  readonly #named: Map<string, readonly string[]>;

  constructor(options: LayerServiceOptions) {
    this.#options = options;
    const kept = options.load();
    const entries = typeof kept === 'object' && kept !== null ? Object.entries(kept) : [];
    this.#named = new Map(entries.map(([place, layers]) => [place, texts(layers)]));
  }

  /** Undefined: they are guessed. */
  of(storeId: string, id: string): readonly string[] | undefined {
    return this.#named.get(placeOf(storeId, id));
  }

  name(storeId: string, id: string, layers: readonly string[] | null): void {
    const place = placeOf(storeId, id);
    this.#named.delete(place);
    if (layers !== null) this.#named.set(place, layers);
    for (const oldest of this.#named.keys()) {
      if (this.#named.size <= MOST) break;
      this.#named.delete(oldest);
    }
    this.#options.save(Object.fromEntries(this.#named));
  }
}

function placeOf(storeId: string, id: string): string {
  return `${storeId} ${id}`;
}
