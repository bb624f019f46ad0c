import { createHmac } from 'node:crypto';
import { readSecret } from '../../../codec/secrets.ts';
import { decode } from '../../../frameworks/codec.ts';
import { PUBLISHED_SECRETS, takesKey, weakKeysIn } from '../../../frameworks/weak-keys/findings.ts';
import { doesNotHold, type Experiment, holds, notApplicable } from '../experiment.ts';

/** The key of the session's signature, looked for among those that anybody can look up. No request is made for it. */
export const publishedKey: Experiment = {
  meta: {
    id: 'published-key',
    title: 'The session is not made with a published key',
    why: 'Who knows the key writes sessions of any user; keys of examples and defaults are known to everybody.',
    cause: 'The session cookie, and the keys of documentation and defaults.',
    act: 'Each of these keys is tried on the cookie here, without a request.',
    control: 'A random key, which must not fit; a cookie made here with a published key, which must be found.',
    severity: 'high',
    mend: "Set the application's key to a random one that stands in no repository.",
    needs: ['request'],
    writes: false,
    wstg: ['WSTG-v42-SESS-01'],
    asvs: ['v5.0.0-9.1.1'],
  },
  worksBlind: true,
  async run(lab) {
    const bytes = Buffer.from(lab.raw.replace(/^Bearer\s+/i, ''), 'latin1');
    const { name } = lab.ports.cookie;
    const random = decode(bytes, { name, secrets: [lab.ports.randomHex(32)] });
    if (!takesKey(random)) return notApplicable('The session cookie is neither signed nor encrypted.');
    const [found] = weakKeysIn(decode(bytes, { name, secrets: PUBLISHED_SECRETS }));
    if (found !== undefined) {
      return doesNotHold(
        lab.contrast(
          { title: `The key: ${found.source}`, value: 'fits' },
          { title: 'Control: a random key', value: random.signature?.state === 'valid' ? 'fits' : 'does not fit' },
        ),
        `${found.sentence}. ${found.mend}.`,
      );
    }
    return holds(
      lab.contrast(
        { title: `The ${PUBLISHED_SECRETS.length} published keys that are known here`, value: 'none fits' },
        { title: 'Control: a cookie made here with one of them', value: isFound(control()) ? 'one fits' : 'none fits' },
      ),
      'None of the published keys that are known here fits the session cookie.',
    );
  },
};

function isFound(bytes: Uint8Array): boolean {
  return weakKeysIn(decode(bytes, { secrets: PUBLISHED_SECRETS })).length > 0;
}

/** A signed id as an application writes it that was set up by copying an example. */
function control(): Uint8Array {
  const [example = ''] = PUBLISHED_SECRETS;
  const signature = createHmac('sha256', readSecret(example).bytes)
    .update('control')
    .digest('base64')
    .replace(/=+$/, '');
  return Buffer.from(`s:control.${signature}`);
}
