import type { ProcessFacts } from '../../frameworks/framework.ts';

/** Facts of a process as a system tells them; the files are read by the caller. */
export type RawProcess = Omit<ProcessFacts, 'readText' | 'list'> & {
  /** Where a path inside the process's container lies outside; undefined where it cannot be reached. */
  outside?(path: string): string | undefined;
};

/** How a system says who listens at a port. Nothing is read that the user may not read, and nothing is executed but the system's own tools. */
export interface ProcessSource {
  /** The processes that listen at a port of this computer. Empty where none can be seen. */
  listeners(port: number): Promise<readonly RawProcess[]>;
}
