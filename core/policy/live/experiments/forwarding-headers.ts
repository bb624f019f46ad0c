import { webAddress } from '../../../model/web-address.ts';
import { cannotTell, doesNotHold, type Experiment, holds } from '../experiment.ts';

/** An address for documentation (RFC 5737): nobody's. */
const FOREIGN = '203.0.113.7';

/** Headers in which a visitor claims another address. */
export const forwardingHeaders: Experiment = {
  meta: {
    id: 'forwarding-headers',
    title: 'Forwarding headers of the visitor are not believed',
    why: 'Anybody can write X-Forwarded-For: an address check that believes it can be walked around.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-SESS-09'],
    asvs: ['v5.0.0-4.1.3'],
  },
  async run(lab) {
    const headers: readonly (readonly [name: string, value: (address: string) => string])[] = [
      ['X-Forwarded-For', (address) => address],
      ['Forwarded', (address) => (address.includes(':') ? `for="[${address}]"` : `for=${address}`)],
      ['X-Real-IP', (address) => address],
    ];
    let knowsAddress = lab.hasRecord;
    const ownIp = lab.facts().ip;
    for (const [name, value] of headers) {
      if (lab.hasRecord) await lab.setRecord(0);
      const answer = await lab.ask({ title: `${name}: ${value(FOREIGN)}`, headers: { [name]: value(FOREIGN) } });
      if (answer.outcome === 'refused')
        return doesNotHold(`With ${name} of another address the session is refused: it is believed.`);
      if (answer.outcome !== 'accepted') return cannotTell(`The answer with ${name} could not be judged.`);
      const { ip } = lab.facts(answer.after);
      if (ip === FOREIGN)
        return doesNotHold(`After ${name}: ${value(FOREIGN)} the record says ip ${ip}: it is believed.`);
      knowsAddress &&= typeof ip === 'string';
    }
    // The other way round: from elsewhere, claiming the address of the session's owner.
    const other = lab.settings.addresses.find((address) => !address.includes(':'));
    const { hostname } = webAddress(lab.ports.verification.request.url);
    if (other !== undefined && /^([\d.]+|localhost)$/.test(hostname)) {
      if (lab.hasRecord) await lab.setRecord(0);
      const plain = await lab.ask({ title: `From ${other}`, localAddress: other });
      if (plain.outcome === 'refused') {
        knowsAddress = true;
        // As the application writes it, too: behind a socket of both families that is ::ffff:127.0.0.1.
        for (const owner of new Set(['127.0.0.1', ownIp ?? '127.0.0.1'])) {
          for (const [name, value] of headers) {
            if (lab.hasRecord) await lab.setRecord(0);
            const claimed = await lab.ask({
              title: `From ${other} with ${name}: ${owner}`,
              localAddress: other,
              headers: { [name]: value(owner) },
            });
            if (claimed.outcome === 'accepted') {
              return doesNotHold(`From ${other} the session is refused, but with ${name}: ${owner} it is accepted.`);
            }
          }
        }
      }
    }
    return knowsAddress
      ? holds('X-Forwarded-For, Forwarded and X-Real-IP of the visitor change nothing.')
      : cannotTell(
          'The session is accepted with them, but neither record nor answers show which address the application sees.',
        );
  },
};
