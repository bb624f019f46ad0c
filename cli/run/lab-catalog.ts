import { policyJsonSchema } from '../../core/policy/file/schema.ts';
import { EXPERIMENTS } from '../../core/policy/live/catalog.ts';
import { type List, type ListOptions, printList } from '../listing.ts';
import { answered, printJson } from '../output.ts';

type Row = (typeof EXPERIMENTS)[number]['meta'];

const LIST: List<Row> = {
  name: 'experiments',
  columns: [
    { id: 'id', title: 'EXPERIMENT', cell: ({ id }) => id },
    { id: 'question', title: 'QUESTION', shrinks: 24, cell: ({ title }) => title },
    { id: 'needs', title: 'NEEDS', shrinks: 8, cell: ({ needs }) => needs.join(', ') },
    { id: 'wstg', title: 'WSTG', shrinks: 8, cell: ({ wstg }) => wstg.join(', ') },
    { id: 'asvs', title: 'ASVS', shrinks: 8, cell: ({ asvs }) => asvs.join(', ') },
  ],
  fields: {
    text: ({ id, title, needs, wstg, asvs }) => [id, title, ...needs, ...wstg, ...asvs],
    texts: { id: ({ id }) => [id] },
  },
  json: (meta) => meta,
  nothing: 'No experiment',
};

export const labList = (options: ListOptions): Promise<number> =>
  answered(options, () =>
    printList(
      EXPERIMENTS.map(({ meta }) => meta),
      LIST,
      options,
    ),
  );

export function labSchema(): void {
  printJson(policyJsonSchema());
}
