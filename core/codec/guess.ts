import type { Problem } from '../model/problem.ts';
import { isLimit } from '../model/problem-kinds.ts';
import type { BytesDecoded, Layer, LayerContext, Recognition } from './layer.ts';
import { argumentOf, type BaseContext, contextOf, failure, type Opened, type OpenedStep, peelRest } from './peel.ts';
import { withTextOf } from './signed/parts.ts';

/** Most layers that one guess takes off on trial, so that no input costs more than a bounded number of decodings. */
const MAX_TRIALS = 120;
const STEPS_OF_TRIAL = 100;

/** What fails for want of the right key is sealed; only layers that looked as likely as this are tried after that. */
const AS_SURE = 0.85;

/** A failure of a layer that looked this likely is the answer when nothing else decodes. */
const WORTH_TELLING = 0.7;

interface Attempt {
  readonly steps: readonly OpenedStep[];
  readonly error: Problem;
  readonly failed: string;
  /** How likely the layer looked; a failure further inside counts more. */
  readonly weight: number;
}

/**
 * Finds the layers of some bytes. A path counts only when everything inside decodes to a structure (an object of JSON,
 * a complete pickle) or a checksum proves a layer; a text that merely fits an alphabet is never taken for a format.
 */
export function guess(bytes: Uint8Array, base: BaseContext): Opened {
  const search = new Search(base);
  const found = search.into(bytes, []);
  if (found !== undefined) return found;
  const { worst } = search;
  const beyond = worst !== undefined && isLimit(worst.error.kind);
  if (search.proven !== undefined && !beyond) return peelRest(search.proven.input, search.proven.steps, base);
  if (worst !== undefined) return { steps: worst.steps, error: worst.error, failed: worst.failed };
  return {
    steps: [],
    error: {
      kind: 'not-recognised',
      message: bytes.length === 0 ? 'There are no bytes' : 'These bytes are in no format that is known here',
      remedy: bytes.length === 0 ? 'Give a value' : 'Name the layers if you know them, such as base64/text',
      at: 0,
    },
  };
}

class Search {
  readonly #base: BaseContext;
  #trials = 0;
  worst: Attempt | undefined;
  proven: { readonly steps: readonly OpenedStep[]; readonly input: Uint8Array } | undefined;

  constructor(base: BaseContext) {
    this.#base = base;
  }

  into(input: Uint8Array, steps: readonly OpenedStep[]): Opened | undefined {
    const { budget } = this.#base;
    budget.check();
    // Every layer looks at the input.
    budget.spend(2 * input.length);
    if (steps.length >= budget.limits.layers) return undefined;
    const context = contextOf(this.#base, steps, false);
    let sealed = false;
    for (const { layer, recognition } of withTextOf(input, () => this.#candidates(input, context))) {
      if (++this.#trials > MAX_TRIALS || (sealed && recognition.score < AS_SURE)) return undefined;
      budget.spend(STEPS_OF_TRIAL + (input.length >> 1));
      const found = this.#try(layer, recognition, input, steps, context);
      if (found === 'sealed') sealed = true;
      else if (found !== undefined) return found;
    }
    return undefined;
  }

  #candidates(input: Uint8Array, context: LayerContext): { layer: Layer; recognition: Recognition }[] {
    const found: { layer: Layer; recognition: Recognition }[] = [];
    for (const layer of this.#base.layers) {
      const recognition = layer.recognise(input, context);
      if (recognition !== undefined) found.push({ layer, recognition });
    }
    return found.sort((a, b) => b.recognition.score - a.recognition.score);
  }

  #try(
    layer: Layer,
    recognition: Recognition,
    input: Uint8Array,
    steps: readonly OpenedStep[],
    context: LayerContext,
  ): Opened | 'sealed' | undefined {
    let decoded: OpenedStep['decoded'];
    try {
      decoded = layer.decode(input, context);
    } catch (error) {
      const why = failure(error, layer);
      this.#note(why, layer, recognition, steps);
      return why.kind === 'needs-secret' || why.kind === 'wrong-key' ? 'sealed' : undefined;
    }
    const path = [...steps, { layer, spelled: layer.id, input, recognition, decoded }];
    if (decoded.kind === 'value') {
      const direct = steps.length === 0 && decoded.evidence === 'container';
      return decoded.evidence === 'structure' || direct ? { steps: path, value: decoded } : undefined;
    }
    // Bytes that stay the same would be taken off forever.
    const inside =
      this.#named(decoded, path) ?? (decoded.bytes.length === 0 ? undefined : this.into(decoded.bytes, path));
    if (inside === undefined && decoded.proven) {
      // A signature that fits leaves no other reading; a checksum may still be one by chance.
      if (decoded.signature !== undefined && this.proven === undefined)
        return peelRest(decoded.bytes, path, this.#base);
      this.proven ??= { steps: path, input: decoded.bytes };
    }
    return inside;
  }

  /** Tries what the format outside says that it writes inside: there even a scalar counts, once that is certain. */
  #named(outer: BytesDecoded, steps: readonly OpenedStep[]): Opened | undefined {
    if (steps.length >= this.#base.budget.limits.layers) return undefined;
    for (const spelled of outer.inside ?? []) {
      const layer = this.#base.layers.find(({ id }) => id === spelled.split(':', 1)[0]);
      if (layer === undefined || ++this.#trials > MAX_TRIALS) continue;
      const context = contextOf(this.#base, steps, true, argumentOf(spelled));
      let decoded: OpenedStep['decoded'];
      try {
        decoded = layer.decode(outer.bytes, context);
      } catch (error) {
        failure(error, layer);
        continue;
      }
      const recognition = { score: 1, reasons: [] };
      const path = [...steps, { layer, spelled, input: outer.bytes, recognition, decoded }];
      if (decoded.kind === 'value') {
        if (outer.proven || decoded.evidence !== 'none') return { steps: path, value: decoded };
        continue;
      }
      const inside = this.#named(decoded, path) ?? this.into(decoded.bytes, path);
      if (inside !== undefined) return inside;
      if (decoded.proven) this.proven ??= { steps: path, input: decoded.bytes };
    }
    return undefined;
  }

  #note(error: Problem, layer: Layer, recognition: Recognition, steps: readonly OpenedStep[]): void {
    const trust = steps.reduce((least, step) => Math.min(least, step.recognition?.score ?? 1), recognition.score);
    const weight = trust + steps.length * 0.01;
    const telling = recognition.score >= WORTH_TELLING;
    if (telling && weight > (this.worst?.weight ?? 0)) this.worst = { steps, error, failed: layer.id, weight };
  }
}
