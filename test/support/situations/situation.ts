import type { Diagnosis } from '../../../core/model/diagnosis.ts';
import type { World } from './world.ts';

/** A way in which a session ends, made with real parts, in which one cause is the truth. */
export interface Situation {
  /** Id of the cause that is the truth. */
  readonly truth: string;
  /** Where the evidence of a real situation leaves nothing else; likely where certainty is impossible. */
  readonly certainty: 'certain' | 'likely' | 'possible';
  readonly name: string;
  /** Brings it about, and asks why. */
  run(world: World): Promise<Diagnosis>;
}
