import { createStore, useStore } from 'zustand';

export const labParts = ['ask', 'matrix', 'live'] as const;
export type LabPart = (typeof labParts)[number];

/** Which part of the lab is in view: the same for every session, in the inspector and on the lab's own screen. */
const view = createStore<{ part: LabPart }>(() => ({ part: 'ask' }));

export function useLabPart(): [LabPart, (next: LabPart) => void] {
  return [useStore(view, (state) => state.part), (part) => view.setState({ part })];
}
