import { problem } from '../../model/problem.ts';
import type { LayerMaker } from '../layer.ts';

/** Signed and sealed values are only made by editing one: key, salt and stamp come from it. */
export const NEVER_NEW: LayerMaker = {
  kind: 'bytes',
  onlyEdited: true,
  wrap() {
    throw problem('needs-secret', 'A signed value is only made by editing one');
  },
};

/** The same for layers that show a part of a value. */
export const NEVER_NEW_VALUE: LayerMaker = {
  kind: 'value',
  onlyEdited: true,
  write() {
    throw problem('bad-layers', 'A part of a value is only made by editing the whole');
  },
};
