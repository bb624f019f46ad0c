import { useTranslation } from 'react-i18next';
import type { Problem } from '../../../core/model/problem.ts';
import { visibleLines } from '../../../core/model/visible.ts';
import { problemsZh } from './problems-zh.ts';

/** A problem in the window's language. */
export interface ProblemWords {
  readonly message: string;
  readonly remedy?: string;
  /** The engine's own sentence, where `message` is a translation of its kind: it has the names and numbers. */
  readonly detail?: string;
}

/** What a problem says in a language; the engine's own words where there are no others. */
export function problemWords(problem: Problem, language: string): ProblemWords {
  const { remedy } = problem;
  // Messages quote names and texts from outside.
  const message = visibleLines(problem.message);
  const own = { message, ...(remedy === undefined || remedy === '' ? {} : { remedy: visibleLines(remedy) }) };
  // A message that the window made itself is in its language already.
  const translated =
    language.startsWith('zh') && !/[\u4e00-\u9fff]/.test(message) ? problemsZh[problem.kind] : undefined;
  return translated === undefined ? own : { ...own, ...translated, detail: message };
}

export function useProblemWords(problem: Problem): ProblemWords {
  const { i18n } = useTranslation();
  return problemWords(problem, i18n.language);
}
