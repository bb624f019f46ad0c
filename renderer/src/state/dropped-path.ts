import { percentDecoded, webAddress } from '../../../core/model/web-address.ts';
/** Where a file lies that was dropped from outside; null when the host does not tell. */
export function droppedPath(data: DataTransfer): string | null {
  const file = data.files[0];
  const host = (window as { sessionscope?: { pathForFile?: (file: File) => string } }).sessionscope;
  if (file !== undefined && host?.pathForFile !== undefined) return host.pathForFile(file) || null;
  const text = data.getData('text/uri-list') || data.getData('text/plain');
  if (text === '') return null;
  const first = text.split(/\r?\n/)[0] ?? '';
  if (!first.startsWith('file://')) return first;
  const { pathname } = webAddress(first);
  return percentDecoded(pathname) ?? pathname;
}
