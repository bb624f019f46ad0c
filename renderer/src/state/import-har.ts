import type { Client } from '../../../core/bridge/wire.ts';

/** Bytes of the file in one message: the host reads one while the next is not even sent, so little of it is in memory. */
const PIECE_BYTES = 4_000_000;

/** Reads a HAR of any size into the workspace, piece by piece; the host shows the progress. */
export async function importHar(
  client: Pick<Client, 'call'>,
  file: Pick<File, 'name' | 'size' | 'slice'>,
): Promise<{ readonly count: number; readonly notes: readonly string[] }> {
  const { importId } = await client.call('import.begin', { name: file.name.slice(0, 200), size: file.size });
  const decoder = new TextDecoder();
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    const bytes = await file.slice(at, at + PIECE_BYTES).arrayBuffer();
    const last = at + PIECE_BYTES >= file.size;
    // A character may lie on both sides of the cut.
    const text = decoder.decode(bytes, { stream: !last });
    await client.call('import.piece', { importId, text, size: bytes.byteLength });
  }
  return client.call('import.end', { importId });
}
