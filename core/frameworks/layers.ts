import type { Layer } from '../codec/layer.ts';
import { LAYERS as SHARED_LAYERS } from '../codec/registry.ts';
import { FRAMEWORKS } from './catalog.ts';

/** Every layer there is: the frameworks' own, then those that are shared. Of equal scores the earlier is tried first. */
export const LAYERS: readonly Layer[] = [...FRAMEWORKS.flatMap(({ layers }) => layers ?? []), ...SHARED_LAYERS];
