import { duration } from '../../../model/duration.ts';
import type { LabContext } from '../context.ts';
import type { Ask } from '../ports.ts';
import { movedTimes } from '../record-facts.ts';

export const TEN_YEARS = 3_653 * 86_400;

/**
 * A request with the record last used so many seconds ago. `inData`: the times in its data that the application renews
 * with each request are moved by that age too, and by nothing more: one in the future stays in the future when the age is
 * less than what was left.
 */
export function atAge(
  lab: LabContext,
  seconds: number,
  inData: boolean,
  title = `Last used ${duration(seconds)} ago`,
): Ask {
  return {
    title,
    prepare: async () => {
      const { base } = lab;
      if (base === undefined || !inData) return await lab.setRecord(seconds);
      const renewed = lab.times(true);
      const now = lab.ports.clock();
      const past = renewed.map(({ time }) => time).filter((time) => time <= now + 1_000);
      // So much of the age has passed already since the application wrote these times.
      const elapsed = (now - (past.length > 0 ? Math.max(...past) : lab.baseAt)) / 1000;
      await lab.setRecord(seconds, movedTimes(base.bytes, renewed, Math.round(seconds - elapsed), lab.facts().layers));
    },
  };
}

/** Idle limits (seconds) that times in the future, renewed with each request, name by themselves. */
export function limitsInData(lab: LabContext): number[] {
  return lab
    .times(true)
    .map(({ time }) => Math.round((time - lab.baseAt) / 1000))
    .filter((seconds) => seconds > 1);
}
