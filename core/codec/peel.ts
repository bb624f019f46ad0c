import { type Problem, ProblemError, problem, toProblem } from '../model/problem.ts';
import type { Layer, LayerContext, LayerDecoded, Recognition, ValueDecoded } from './layer.ts';
import type { Limits } from './limits.ts';
import { layerById } from './registry.ts';

/** How bytes are read: layers, keys, companions, limits. */
export interface DecodeOptions {
  /** The layers, outermost first, as `base64` and `pickle`; guessed when absent. */
  readonly as?: readonly string[];
  readonly limits?: Limits;
  /** The layers that are known; the shared ones when absent. `core/frameworks/codec.ts` passes all. */
  readonly layers?: readonly Layer[];
  readonly signal?: AbortSignal;
  /** Keys, as `readSecret` takes them: all are tried, the first signs. */
  readonly secrets?: readonly string[];
  /** Values of cookies that belong to this one, by name. */
  readonly companions?: Readonly<Record<string, string>>;
  /** What an edit does with a signed time stamp; `keep` when absent. */
  readonly stamp?: 'keep' | 'now';
  /** Milliseconds since 1970 that `now` stands for; the clock when absent. */
  readonly time?: number;
  /** Name of the cookie or record the bytes come from. */
  readonly name?: string;
  /** Gives milliseconds, for the time limit. */
  readonly now?: () => number;
}

/** One layer that was taken off, with what is needed to put it on again. */
export interface OpenedStep {
  readonly layer: Layer;
  /** As it would be given in `as`: the id, and its argument after a colon. */
  readonly spelled: string;
  readonly input: Uint8Array;
  readonly recognition?: Recognition;
  readonly decoded: LayerDecoded;
}

/** The peel path of some bytes, as far as it was readable. */
export interface Opened {
  readonly steps: readonly OpenedStep[];
  /** Absent when a layer failed. */
  readonly value?: ValueDecoded;
  /** Why there is no value, and the layer that failed. */
  readonly error?: Problem;
  readonly failed?: string;
}

/** What every layer of one decoding is told. */
export type BaseContext = Pick<LayerContext, 'budget' | 'keys' | 'name' | 'companions' | 'stamp' | 'time'> & {
  readonly layers: readonly Layer[];
};

/** Takes off the layers that a user named. Throws kinds `bad-layer` and `bad-layers` for a wrong choice. */
export function peel(bytes: Uint8Array, as: readonly string[], base: BaseContext): Opened {
  const layers = chosenLayers(as, base);
  const steps: OpenedStep[] = [];
  let input = bytes;
  for (const [i, { layer, spelled, argument }] of layers.entries()) {
    const context = contextOf(base, steps, true, argument);
    try {
      const decoded = layer.decode(input, context);
      steps.push({ layer, spelled, input, decoded });
      if (decoded.kind === 'bytes') input = decoded.bytes;
      else if (i < layers.length - 1) {
        throw problem('bad-layers', `${layer.id} gives a value, so no layer can follow it`);
      } else return { steps, value: decoded };
    } catch (error) {
      return { steps, error: failure(error, layer), failed: spelled };
    }
  }
  // Only bytes are left: they are shown as text where they are text.
  return peelRest(input, steps, base);
}

/** What a layer inside these steps is told. */
export function contextOf(
  base: BaseContext,
  steps: readonly OpenedStep[],
  chosen: boolean,
  argument?: string,
): LayerContext {
  const last = steps.at(-1)?.decoded;
  const habits = last?.kind === 'bytes' ? last.habits : undefined;
  return {
    ...base,
    chosen,
    outer: steps.map((step) => step.layer.id),
    ...(argument !== undefined && { argument }),
    ...(habits !== undefined && { habits }),
  };
}

/** What stands after the colon of a layer that is named in `as`. */
export function argumentOf(spelled: string): string | undefined {
  const colon = spelled.indexOf(':');
  return colon < 0 ? undefined : spelled.slice(colon + 1);
}

/** Cancelling and bugs are thrown on; whatever else happened becomes data. */
export function failure(error: unknown, layer: Layer): Problem {
  if (
    !(error instanceof ProblemError) ||
    error.problem.kind === 'cancelled' ||
    error.problem.kind === 'bad-layer' ||
    error.problem.kind === 'bad-layers'
  )
    throw error;
  const found = toProblem(error);
  return { ...found, where: found.where ?? layer.id };
}

interface Chosen {
  readonly layer: Layer;
  readonly spelled: string;
  readonly argument?: string;
}

function chosenLayers(as: readonly string[], { budget, layers }: BaseContext): Chosen[] {
  if (as.length === 0) throw problem('bad-layers', 'No layer is given');
  if (as.length > budget.limits.layers)
    throw problem('bad-layers', `More than ${budget.limits.layers} layers are given`);
  return as.map((spelled) => {
    const layer = layerById(spelled, layers);
    if (layer === undefined) {
      throw problem('bad-layers', `There is no layer "${spelled}"`, {
        remedy: `Use these: ${layers.map((one) => one.id).join(', ')}`,
      });
    }
    const argument = argumentOf(spelled);
    return { layer, spelled, ...(argument !== undefined && { argument }) };
  });
}

/** Ends a peel path that stops at bytes: UTF-8 text, or else bytes as they are. */
export function peelRest(input: Uint8Array, steps: readonly OpenedStep[], base: BaseContext): Opened {
  const context = contextOf(base, steps, true);
  for (const id of ['text', 'bytes']) {
    const layer = layerById(id, base.layers);
    if (layer === undefined) continue;
    try {
      const decoded = layer.decode(input, context);
      if (decoded.kind === 'value')
        return { steps: [...steps, { layer, spelled: id, input, decoded }], value: decoded };
    } catch (error) {
      failure(error, layer);
    }
  }
  throw new Error('Bytes are always readable as bytes');
}
