import type { Framework } from '../framework.ts';
import { pyramid as signed } from './signed.ts';

export const pyramid: Framework = {
  id: 'pyramid',
  title: 'Pyramid',
  // Its own default, `session`, is that of many.
  cookieNames: [],
  layers: [signed],
};
