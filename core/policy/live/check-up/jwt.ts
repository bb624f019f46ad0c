import { duration } from '../../../model/duration.ts';
import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import type { Answer } from '../ports.ts';
import { forgeTokens, readToken } from './jwt-forgeries.ts';

/** A session that is a signed token. */
export const jwt: Experiment = {
  meta: {
    id: 'jwt',
    title: 'A token that its issuer did not sign is not accepted, and it ends',
    why: 'Who can write tokens is any user at any time.',
    cause: 'The token without a signature, with alg none, with another key, with a kid that leads elsewhere.',
    act: 'The verification request with that token.',
    control: 'The same request with the token as it was issued.',
    severity: 'high',
    mend: 'Name the one algorithm and the keys that are allowed in the verification, and check exp.',
    needs: ['request'],
    writes: false,
    wstg: ['WSTG-latest-SESS-10 (2023)'],
    asvs: ['v5.0.0-9.1.1', 'v5.0.0-9.1.2', 'v5.0.0-9.1.3', 'v5.0.0-9.2.1'],
  },
  async run(lab) {
    const token = readToken(lab.raw);
    if (token === undefined) return notApplicable('The session cookie is no signed token (JWT).');
    const control = await lab.control('Control: the token as it was issued');
    let refused: Answer | undefined;
    for (const { what, token: forged } of forgeTokens(lab.raw, lab.ports.clock())) {
      const answer = await lab.ask({ title: `The token with ${what}`, cookie: forged });
      if (answer.outcome === 'accepted') {
        return doesNotHold(lab.contrast(answer, await lab.visitor()), `The token is accepted with ${what}.`);
      }
      if (answer.outcome !== 'refused')
        return cannotTell(`The response to the token with ${what} could not be judged.`);
      refused ??= answer;
    }
    if (refused === undefined) return cannotTell('No forged token could be sent.');
    const { exp, iat } = token.claims;
    if (typeof exp !== 'number') {
      return doesNotHold(
        lab.contrast(
          { title: 'exp of the token', value: 'none' },
          { title: 'Control: a token that ends', value: 'a time' },
        ),
        'Forged tokens are refused, but the token has no exp: it never ends.',
      );
    }
    const lasts = typeof iat === 'number' ? `, after ${duration(exp - iat)}` : '';
    return holds(lab.contrast(refused, control), `Forged tokens are refused; the token ends by its exp${lasts}.`);
  },
};
