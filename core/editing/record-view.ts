import type { StoredRecord } from '../model/record.ts';
import type { RecordView } from '../model/session.ts';
import type { DecodedRecord } from './ports.ts';

/** So many raw bytes go to the window with the record. */
const RAW_KEPT = 1_000_000;

/** A record with its decoded value, as the window gets it. */
export function recordView(storeId: string, record: StoredRecord, decoded: DecodedRecord): RecordView {
  const raw = record.bytes.subarray(0, RAW_KEPT);
  return {
    storeId,
    id: record.id,
    revision: record.revision,
    bytes: record.bytes.length,
    rawBase64: Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('base64'),
    rawKept: raw.length,
    lastUsed: record.lastUsed,
    ...(record.expires === undefined ? {} : { expires: record.expires }),
    ...(record.lastUsedText === undefined ? {} : { lastUsedText: record.lastUsedText }),
    ...(record.extra === undefined ? {} : { extra: record.extra }),
    layers: decoded.layers,
    value: decoded.value,
    lossless: decoded.lossless,
    warnings: decoded.warnings,
    ...(decoded.error === undefined ? {} : { error: decoded.error }),
    ...(decoded.signature === undefined ? {} : { signature: decoded.signature }),
  };
}
