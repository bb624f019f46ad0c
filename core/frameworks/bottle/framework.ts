import type { Framework } from '../framework.ts';
import { bottle as bottleLayer } from './signed.ts';

const B64 = '[A-Za-z0-9+/]';

export const bottle: Framework = {
  id: 'bottle',
  title: 'Bottle',
  cookieNames: [],
  valueForms: [
    {
      pattern: new RegExp(`^!${B64}{20,}={0,2}\\?${B64}+={0,2}$`),
      kind: 'signed',
      text: 'data signed by Bottle',
      holdsData: true,
    },
  ],
  layers: [bottleLayer],
};
