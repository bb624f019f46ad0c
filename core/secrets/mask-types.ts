/** What stands in the place of a secret. */
export const MASK = '[masked]';

/** Notes that a value was hidden, by the name it stood under, and gives what stands in its place. */
export type Hide = (name: string) => string;
