import { webAddress } from '../../../model/web-address.ts';
import { cannotTell, doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';
import { setCookieOf } from './cookie-attributes.ts';
import { cookieField } from './cookie-field.ts';

/** The cookie over plain http. */
export const httpDowngrade: Experiment = {
  meta: {
    id: 'http-downgrade',
    title: 'The session is not used over plain http',
    why: 'One request over http gives the cookie to everybody on the way.',
    cause: 'The address is the same over http instead of https.',
    act: 'The verification request as a browser would send it there, with the cookie unless it is Secure.',
    control: 'The same request over https.',
    severity: 'high',
    mend: 'Set Secure and Strict-Transport-Security, and answer http with a redirect to https only.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-v42-SESS-02', 'WSTG-v42-SESS-09'],
    asvs: ['v5.0.0-3.3.1'],
  },
  async run(lab) {
    const at = webAddress(lab.ports.verification.request.url);
    if (at.protocol !== 'https:') return notApplicable('The application is used over http as it is.');
    await lab.control('Control: over https');
    const field = await setCookieOf(lab);
    if (field !== undefined && cookieField(field, lab.ports.clock()).secure) {
      return holds(
        lab.contrast(
          { title: 'Set-Cookie', value: 'Secure' },
          { title: 'Control: without it', value: 'sent over http' },
        ),
        'The cookie is Secure: browsers do not send it over http.',
      );
    }
    const plain = await lab.ask({
      title: 'Over http',
      url: `http://${at.hostname}${at.pathname}${at.search}`,
      headers: { Host: at.hostname },
      control: 'visitor',
    });
    if (plain.outcome === 'accepted') {
      return doesNotHold(
        lab.contrast(plain, await lab.visitor()),
        'The cookie is not Secure, and the session is accepted over http.',
      );
    }
    if (plain.outcome === 'no-answer') {
      return cannotTell(
        'Nothing answers over http at this host; the cookie is not Secure, so browsers would send it there.',
      );
    }
    return cannotTell(
      'Over http the session is not accepted. But the cookie is not Secure: a browser that is led there sends it in clear before it is refused, unless it knows by Strict-Transport-Security to use https.',
    );
  },
};
