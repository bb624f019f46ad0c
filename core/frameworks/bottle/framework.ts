import type { Framework } from '../framework.ts';
import { bottle as bottleLayer } from './signed.ts';

export const bottle: Framework = {
  id: 'bottle',
  title: 'Bottle',
  cookieNames: [],
  valueForms: [
    {
      layer: 'bottle',
      kind: 'signed',
      text: 'data signed by Bottle',
      holdsData: true,
    },
  ],
  layers: [bottleLayer],
};
