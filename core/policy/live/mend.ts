import { FRAMEWORKS } from '../../frameworks/catalog.ts';
import type { ExperimentMeta } from '../../model/lab.ts';

/**
 * How a finding is mended: in the settings of the framework whose cookie it is, where that is known for certain, else in
 * any application.
 */
export function mendOf({ id, mend }: Pick<ExperimentMeta, 'id' | 'mend'>, cookieName: string): string {
  const name = cookieName.toLowerCase().replace(/^__(host|secure)-/, '');
  const framework = FRAMEWORKS.find(({ cookieNames }) =>
    cookieNames.some(({ pattern, sharedBy }) => sharedBy === undefined && pattern.test(name)),
  );
  const advice = framework?.advice?.[id];
  if (framework === undefined || advice === undefined) return mend;
  const where = advice.file === undefined ? '' : ` in ${advice.file}`;
  const note = advice.note === undefined ? '' : ` ${advice.note}`;
  return `${framework.title}: ${advice.setting}${where}.${note}`;
}
