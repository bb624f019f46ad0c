import type { Framework } from '../framework.ts';
import { tornado as tornadoLayer } from './signed.ts';

export const tornado: Framework = {
  id: 'tornado',
  title: 'Tornado',
  cookieNames: [],
  valueForms: [
    {
      layer: 'tornado',
      kind: 'signed',
      text: 'data signed by Tornado',
      holdsData: true,
    },
  ],
  layers: [tornadoLayer],
};
