import type { Framework } from '../framework.ts';
import { tornado as tornadoLayer } from './signed.ts';

const B64U = '[A-Za-z0-9_-]';

export const tornado: Framework = {
  id: 'tornado',
  title: 'Tornado',
  cookieNames: [],
  valueForms: [
    {
      pattern: /^2\|\d+:\d+\|\d+:\d+\|.*\|[0-9a-f]{64}$/s,
      kind: 'signed',
      text: 'data signed by Tornado',
      holdsData: true,
    },
    {
      pattern: new RegExp(`^${B64U}+={0,2}\\|\\d{10}\\|[0-9a-f]{40}$`),
      kind: 'signed',
      text: 'data signed by Tornado',
      holdsData: true,
    },
  ],
  layers: [tornadoLayer],
};
