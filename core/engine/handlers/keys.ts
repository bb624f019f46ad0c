import type { HandlersOf } from '../../bridge/contract.ts';
import type { keyRing as table } from '../../bridge/operations/keys.ts';
import { keyOffers, offeredKey } from '../key-offers.ts';
import type { KeyService } from '../key-service.ts';

/** Keys of sites and stores. */
export function keyHandlers(keys: KeyService): HandlersOf<typeof table> {
  return {
    'keys.list': async ({ place }) => ({ keys: keys.list(place) }),
    'keys.add': async ({ place, key }) => {
      keys.add(place, key);
      return { keys: keys.list(place) };
    },
    'keys.offers': async ({ folder }) => ({ offers: keyOffers(folder) }),
    'keys.take': async ({ place, folder, file, id }) => {
      keys.add(place, offeredKey(folder, file, id));
      return { keys: keys.list(place) };
    },
    'keys.remove': async ({ place, id }) => {
      keys.remove(place, id);
      return { keys: keys.list(place) };
    },
  };
}
