import type { Framework } from '../framework.ts';
import { secretbox } from './secretbox.ts';

export const secureSession: Framework = {
  id: 'secure-session',
  title: 'fastify secure-session',
  cookieNames: [],
  valueForms: [
    {
      layer: 'secretbox',
      kind: 'encrypted',
      text: 'data encrypted by secure-session',
      holdsData: true,
    },
  ],
  layers: [secretbox],
};
