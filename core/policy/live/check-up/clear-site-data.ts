import { cannotTell, type Experiment, holds, notApplicable } from '../experiment.ts';
import { logOut } from '../log-out.ts';

/** What a browser keeps of the application after the logout. */
export const clearSiteData: Experiment = {
  meta: {
    id: 'clear-site-data',
    title: 'The logout clears what the browser keeps of the application',
    why: 'Pages, storage and caches of the browser show to the next user what the last one did.',
    cause: 'The session logs out.',
    act: 'The Clear-Site-Data field of the response.',
    control: 'The response without that field, after which everything stays.',
    severity: 'low',
    mend: 'Send Clear-Site-Data: "cache", "cookies", "storage" with the response to the logout.',
    needs: ['request', 'logout'],
    writes: true,
    wstg: ['WSTG-v42-SESS-06'],
    asvs: ['v5.0.0-14.3.1'],
  },
  async run(lab) {
    if (!lab.canRenew) return cannotTell('Without the record the session could not be restored after a logout.');
    const page = await lab.control();
    const out = await logOut(lab, page);
    lab.ended(lab.raw);
    const raw = out?.answer.flow.response?.rawHeaders ?? [];
    const field = raw.find((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === 'clear-site-data');
    if (field === undefined) {
      return notApplicable(
        'Reported: the logout sends no Clear-Site-Data. Scripts of the page may clear what is kept, which is not seen here.',
      );
    }
    return holds(
      lab.contrast(
        { title: 'Clear-Site-Data of the logout', value: field },
        { title: 'Control: without it', value: 'not sent' },
      ),
      `The logout clears what the browser keeps: ${field}.`,
    );
  },
};
