import type { LiveResult } from '../file/result.ts';

/** A public requirement on sessions, in our words. */
export interface Requirement {
  /** `v5.0.0-7.3.1`, `WSTG-v42-SESS-08` */
  readonly number: string;
  readonly about: string;
}

/** The requirements on sessions of ASVS 5.0.0 (V7 and those of other chapters that sessions touch) and of the WSTG. */
const REQUIREMENTS: readonly Requirement[] = [
  ['v5.0.0-7.1.1', 'idle and absolute limits are documented'],
  ['v5.0.0-7.1.2', 'the number of parallel sessions is documented'],
  ['v5.0.0-7.1.3', 'how sessions of single sign-on end is documented'],
  ['v5.0.0-7.2.1', 'sessions are verified by the backend'],
  ['v5.0.0-7.2.2', 'tokens are made for each session, no static keys'],
  ['v5.0.0-7.2.3', 'ids are unique and random, 128 bits at least'],
  ['v5.0.0-7.2.4', 'a login gives a new token and ends the old one'],
  ['v5.0.0-7.3.1', 'sessions end when they are not used'],
  ['v5.0.0-7.3.2', 'sessions end after an absolute lifetime'],
  ['v5.0.0-7.4.1', 'an ended session cannot be used'],
  ['v5.0.0-7.4.2', 'disabling an account ends its sessions'],
  ['v5.0.0-7.4.3', 'other sessions can be ended after a change of a factor'],
  ['v5.0.0-7.4.4', 'pages show a way to log out'],
  ['v5.0.0-7.4.5', 'administrators can end sessions'],
  ['v5.0.0-7.5.1', 'sensitive changes ask for the password again'],
  ['v5.0.0-7.5.2', 'users see their sessions and can end them'],
  ['v5.0.0-7.5.3', 'very sensitive acts ask for a further factor'],
  ['v5.0.0-7.6.1', 'sessions of federated logins end as agreed'],
  ['v5.0.0-7.6.2', 'a session begins only with the consent of the user'],
  ['v5.0.0-3.3.1', 'cookies are Secure and have a prefix'],
  ['v5.0.0-3.3.2', 'cookies have a fitting SameSite'],
  ['v5.0.0-3.3.3', 'cookies have __Host- unless they are shared'],
  ['v5.0.0-3.3.4', 'cookies are HttpOnly and stand in Set-Cookie only'],
  ['v5.0.0-3.3.5', 'cookies are not larger than 4096 bytes'],
  ['v5.0.0-3.5.1', 'requests of other sites are refused'],
  ['v5.0.0-3.5.2', 'preflights protect what relies on them'],
  ['v5.0.0-3.5.3', 'safe methods change nothing'],
  ['v5.0.0-9.1.1', 'self-contained tokens are verified by their signature'],
  ['v5.0.0-9.1.2', 'only named algorithms are accepted'],
  ['v5.0.0-9.1.3', 'only trusted keys are used'],
  ['v5.0.0-9.2.1', 'tokens are accepted within their time only'],
  ['v5.0.0-14.2.1', 'no token stands in an address'],
  ['v5.0.0-14.3.1', 'the browser is cleared after the logout'],
  ['v5.0.0-14.3.2', 'pages with private data are stored nowhere'],
  ['WSTG-v42-SESS-01', 'the schema of session management'],
  ['WSTG-v42-SESS-02', 'cookie attributes'],
  ['WSTG-v42-SESS-03', 'session fixation'],
  ['WSTG-v42-SESS-04', 'exposed session variables'],
  ['WSTG-v42-SESS-05', 'cross-site request forgery'],
  ['WSTG-v42-SESS-06', 'logout'],
  ['WSTG-v42-SESS-07', 'timeout'],
  ['WSTG-v42-SESS-08', 'session puzzling: one name for different things'],
  ['WSTG-v42-SESS-09', 'session hijacking'],
  ['WSTG-latest-SESS-10 (2023)', 'JSON Web Tokens'],
  ['WSTG-latest-SESS-11 (2024)', 'concurrent sessions'],
].map(([number = '', about = '']) => ({ number, about }));

/** The requirements about which a run found nothing: not asked, not applicable, or open. */
export function notCovered(live: readonly LiveResult[]): readonly Requirement[] {
  const decided = new Set(
    live
      .filter(({ outcome }) => outcome.verdict === 'holds' || outcome.verdict === 'does-not-hold')
      .flatMap(({ meta }) => [...meta.asvs, ...meta.wstg]),
  );
  return REQUIREMENTS.filter(({ number }) => !decided.has(number));
}

const ORDER = ['does-not-hold', 'cannot-tell', 'holds', 'not-applicable'];

/** Not as expected first, then what failed, what is open, what holds; within each as it was run. */
export function failedFirst(live: readonly LiveResult[]): readonly LiveResult[] {
  const rank = ({ asExpected, outcome }: LiveResult) => (asExpected ? 10 : 0) + ORDER.indexOf(outcome.verdict);
  return [...live].sort((a, b) => rank(a) - rank(b));
}
