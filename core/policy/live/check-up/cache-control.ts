import { doesNotHold, type Experiment, holds } from '../experiment.ts';
import type { Answer } from '../ports.ts';

/** What is shown to a logged in user is kept by no cache and is not there after the logout. */
export const cacheControl: Experiment = {
  meta: {
    id: 'cache-control',
    title: 'Pages of a logged in user are stored by no cache',
    why: 'After the logout the back button shows them, and a cache in between gives them to others.',
    cause: 'The response to the verification as it is, asked as the user and as a visitor.',
    act: 'Its Cache-Control field, and fields by which caches say that they answered.',
    control: 'The field that keeps it out of every cache.',
    severity: 'medium',
    mend: 'Send Cache-Control: no-store with pages that need the login.',
    needs: ['request'],
    writes: false,
    wstg: ['WSTG-v42-SESS-04', 'WSTG-v42-SESS-06'],
    asvs: ['v5.0.0-14.3.2'],
  },
  async run(lab) {
    const answer = await lab.control('The page of the logged in user');
    const fields = fieldsOf(answer);
    const seen = { title: 'Cache-Control of the page', value: fields === '' ? 'not sent' : fields };
    const hit = answer.observation.cacheHeaders;
    if (hit.length > 0) {
      return doesNotHold(
        lab.contrast(
          { title: 'Fields of caches in the response', value: hit.join('; ') },
          { title: 'Control: a response of the application itself', value: 'none' },
        ),
        `A cache in between answers with a page of a logged in user: ${hit.join('; ')}.`,
      );
    }
    if (/\bno-store\b/i.test(fields)) {
      return holds(
        lab.contrast(seen, { title: 'Control: without the field', value: 'stored by browsers' }),
        'The page of a logged in user is stored by no cache (no-store): the back button asks again.',
      );
    }
    return doesNotHold(
      lab.contrast(seen, { title: 'Control: what keeps it out', value: 'no-store' }),
      `The page of a logged in user may be stored (Cache-Control: ${seen.value}): the back button shows it after the logout.`,
    );
  },
};

function fieldsOf({ flow }: Answer): string {
  const raw = flow.response?.rawHeaders ?? [];
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === 'cache-control').join(', ');
}
