import { useTranslation } from 'react-i18next';
import type { ExperimentMeta } from '../../../../../core/model/lab.ts';
import { experimentsZh } from '../../../i18n/experiments-zh.ts';

/** Title and reason of an experiment in the window's language; in the engine's own where there is no translation. */
export function useExperimentWords(meta: { id: string } & Partial<Pick<ExperimentMeta, 'title' | 'why'>>): {
  readonly title: string;
  readonly why: string;
} {
  const { i18n } = useTranslation();
  const own = { title: meta.title ?? meta.id, why: meta.why ?? '' };
  return i18n.language.startsWith('zh') ? (experimentsZh[meta.id] ?? own) : own;
}
