import {
  Database,
  FlaskConical,
  Globe,
  House,
  KeyRound,
  Layers,
  ListTree,
  Settings as SettingsIcon,
} from 'lucide-react';
import type { TextKey } from '../i18n/en.ts';
import type { Screen } from '../state/app-state.ts';

/** The screens in the order of the rail. */
export const screens: readonly { id: Screen; label: TextKey; Icon: typeof House }[] = [
  { id: 'home', label: 'nav.home', Icon: House },
  { id: 'sessions', label: 'nav.sessions', Icon: Layers },
  { id: 'flows', label: 'nav.flows', Icon: ListTree },
  { id: 'stores', label: 'nav.stores', Icon: Database },
  { id: 'lab', label: 'nav.lab', Icon: FlaskConical },
  { id: 'values', label: 'nav.values', Icon: KeyRound },
  { id: 'browsers', label: 'nav.browsers', Icon: Globe },
  { id: 'settings', label: 'nav.settings', Icon: SettingsIcon },
];
