/** Where a file lies that was dropped from outside; null when the host does not tell. */
export function droppedPath(data: DataTransfer): string | null {
  const file = data.files[0];
  const host = (window as { sessionscope?: { pathForFile?: (file: File) => string } }).sessionscope;
  if (file !== undefined && host?.pathForFile !== undefined) return host.pathForFile(file) || null;
  const text = data.getData('text/uri-list') || data.getData('text/plain');
  if (text === '') return null;
  const first = text.split(/\r?\n/)[0] ?? '';
  return first.startsWith('file://') ? decodeURIComponent(new URL(first).pathname) : first;
}
