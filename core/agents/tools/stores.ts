import * as z from 'zod';
import { tool } from '../tool.ts';

/** Lists and attaches stores. */
export const stores = tool({
  name: 'stores',
  title: 'List or attach session stores',
  description:
    'Lists the attached session stores. With attach, attaches one more by its URL or path (disk:PATH, sqlite:FILE, redis://HOST, postgres://…, mysql://…), ' +
    'so that sessions show their records. Reading never counts as use, and nothing is written.',
  operations: ['stores.list', 'stores.attach'],
  input: z.object({ attach: z.string().max(4_000).optional() }),
  async run({ attach }, { handlers }) {
    if (attach !== undefined) await handlers['stores.attach']({ address: attach });
    const { stores: attached } = await handlers['stores.list']({});
    return {
      said:
        attached.length === 0
          ? { stores: 0, what_to_do: 'Attach the store of the application: a path or a URL.' }
          : { stores: attached.length },
      outside: {
        attached: attached.map(({ storeId, url, kind, records, canWrite, canAge, problem }) => ({
          store: storeId,
          url,
          kind,
          records,
          can_write: canWrite,
          can_age: canAge,
          ...(problem === undefined ? {} : { problem: problem.message, what_to_do: problem.remedy }),
        })),
      },
    };
  },
});
