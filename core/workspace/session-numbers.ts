/** `flow.sessions`: the numbers of the sessions seen in a flow, as `3,17`; null for none. */
export function sessionNumbers(column: string | null | undefined): number[] {
  return column === null || column === undefined ? [] : column.split(',').map(Number);
}
