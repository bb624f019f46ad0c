/** What a session may have to survive. */
export const TRIALS = ['browser-restart', 'deploy', 'night', 'login-redirect', 'embedded-frame'] as const;

export type Trial = (typeof TRIALS)[number];

/** The answer to "will it survive …?" from what is known of cookie, clocks and framework: nothing is sent for it. */
export interface Outlook {
  readonly trial: Trial;
  /** `depends`: on something that the sentence names. */
  readonly verdict: 'yes' | 'no' | 'depends' | 'cannot-tell';
  /** With the reason. */
  readonly sentence: string;
  /** What the answer rests on: header lines, clocks, settings. */
  readonly because: readonly string[];
}
