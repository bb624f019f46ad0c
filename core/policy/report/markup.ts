import { visibleLines } from '../../model/visible.ts';

/** Text as it stands in HTML and XML, attributes included; what cannot be seen is written out. */
export function escapeMarkup(text: string): string {
  return visibleLines(text.replace(/\r\n?/g, '\n')).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
