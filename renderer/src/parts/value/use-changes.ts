import { useEffect, useRef, useState } from 'react';
import { diff } from '../../../../core/codec/diff.ts';
import type { RecordView } from '../../../../core/model/session.ts';
import type { TypedNode } from '../../../../core/model/typed.ts';
import { pathId } from '../../state/tree-rows.ts';

/** What changed at a place of the tree, and when the window saw it (ms). */
export interface Change {
  readonly at: number;
  readonly before: TypedNode | undefined;
}

const MAX_MARKS = 500;
const SHOWN_MS = 60_000;

/** Marks of the places at which the record has changed while it was in view, by row id. */
export function useChanges(record: RecordView): ReadonlyMap<string, Change> {
  const seen = useRef(record);
  const [changes, setChanges] = useState<ReadonlyMap<string, Change>>(new Map());
  useEffect(() => {
    const was = seen.current;
    seen.current = record;
    if (was.revision === record.revision || was.value === null || record.value === null) return;
    const at = Date.now();
    const lines = diff(was.value, record.value, { max: MAX_MARKS });
    setChanges((known) => {
      const next = new Map([...known].filter(([, change]) => at - change.at < SHOWN_MS));
      for (const line of lines) next.set(pathId(line.path), { at, before: line.before });
      return next;
    });
  }, [record]);
  return changes;
}
