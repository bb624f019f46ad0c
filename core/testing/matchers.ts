import type { TestSession } from './test-session.ts';

/** What `expect` can say of a session once `expect.extend(sessionMatchers)` was called; for declarations of types. */
export interface SessionMatchers<Result = Promise<void>> {
  /** The application would still accept it after so long without use: `25h`. */
  toSurvive(span: string): Result;
}

/** For `expect.extend` of vitest and of Playwright. */
export const sessionMatchers = {
  async toSurvive(session: TestSession, span: string): Promise<{ pass: boolean; message: () => string }> {
    const { survives, sentence } = await session.survives(span);
    if (survives === undefined) {
      // Neither it nor its opposite was shown: both fail.
      throw new Error(`Whether the session survives ${span} cannot be told: ${sentence}`);
    }
    return {
      pass: survives,
      message: () => `Expected the session ${survives ? 'not ' : ''}to survive ${span} without use. ${sentence}`,
    };
  },
};
