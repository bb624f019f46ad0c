import { useEffect, useRef, useState } from 'react';
import type { Matrix, MatrixQuestion } from '../../../../core/model/lab.ts';
import type { Problem } from '../../../../core/model/problem.ts';
import { problemOf, useApp } from '../../state/app.ts';

const ASK_AFTER_MS = 250;

export interface MatrixAnswer {
  /** The newest answer; it stays in view while the next one is computed. */
  readonly matrix: Matrix | null;
  readonly problem: Problem | null;
  readonly asking: boolean;
}

/** Asks for the matrix again with every change of the question or of the record. */
export function useMatrix(key: string, revision: string, question: MatrixQuestion | null): MatrixAnswer {
  const app = useApp();
  const [state, setState] = useState<MatrixAnswer>({ matrix: null, problem: null, asking: question !== null });
  const turn = useRef(0);
  const asText = JSON.stringify(question);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the question as text and the record's revision decide
  useEffect(() => {
    if (question === null) return;
    const mine = ++turn.current;
    setState((was) => ({ ...was, asking: true }));
    const timer = setTimeout(() => {
      app.client.call('lab.matrix', { key, question: copyOf(question) }).then(
        (matrix) => {
          if (mine === turn.current) setState({ matrix, problem: null, asking: false });
        },
        (error) => {
          if (mine === turn.current) setState({ matrix: null, problem: problemOf(error), asking: false });
        },
      );
    }, ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [app, key, revision, asText]);
  return state;
}

/** The bridge's request has lists that can be written. */
function copyOf(question: MatrixQuestion) {
  const { profiles, addresses, timeouts, ages, ...rest } = question;
  return {
    ...rest,
    profiles: [...profiles],
    addresses: [...addresses],
    timeouts: [...timeouts],
    ages: [...ages],
  };
}
