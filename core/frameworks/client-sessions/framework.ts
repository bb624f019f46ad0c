import type { Framework } from '../framework.ts';
import { clientSessions as sealed } from './sealed.ts';

export const clientSessions: Framework = {
  id: 'client-sessions',
  title: 'client-sessions',
  cookieNames: [],
  valueForms: [
    {
      layer: 'client-sessions',
      kind: 'encrypted',
      text: 'data encrypted by client-sessions',
      holdsData: true,
      // Its five parts fit an encrypted token as well.
      rank: 1,
    },
  ],
  layers: [sealed],
};
