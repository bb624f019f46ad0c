/** Session bytes put together by hand, so that the store suites depend on no codec. */

/** The pickle (protocol 4) of `{'session_id': id, 'count': count, 'ip': '127.0.0.1'}`. */
export function samplePickle(id: string, count: number): Buffer {
  return framed(dict(id, count));
}

/** The same as web.py stores it on disk and in tables: base64 in lines of 76 characters. */
export function sampleRecord(id: string, count: number): Buffer {
  const text = samplePickle(id, count).toString('base64');
  return Buffer.from(`${(text.match(/.{1,76}/g) ?? []).join('\n')}\n`, 'latin1');
}

/** `(seconds, {…})` as a shelf holds it. */
export function sampleShelfValue(id: string, count: number, seconds: number): Buffer {
  const time = Buffer.alloc(9);
  time[0] = 0x47;
  time.writeDoubleBE(seconds, 1);
  return framed(Buffer.concat([time, dict(id, count), Buffer.from([0x86, 0x94])]));
}

function dict(id: string, count: number): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value, 'utf8');
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    return bytes.length < 256
      ? Buffer.concat([Buffer.from([0x8c, bytes.length]), bytes, Buffer.from([0x94])])
      : Buffer.concat([Buffer.from([0x58]), size, bytes, Buffer.from([0x94])]);
  };
  const number = Buffer.alloc(count < 256 ? 2 : count < 65_536 ? 3 : 5);
  number[0] = count < 256 ? 0x4b : count < 65_536 ? 0x4d : 0x4a;
  number.writeUIntLE(count, 1, number.length - 1);
  return Buffer.concat([
    Buffer.from([0x7d, 0x94, 0x28]),
    text('session_id'),
    text(id),
    text('count'),
    number,
    text('ip'),
    text('127.0.0.1'),
    Buffer.from('u'),
  ]);
}

function framed(body: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head.set([0x80, 4, 0x95]);
  head.writeBigUInt64LE(BigInt(body.length + 1), 3);
  return Buffer.concat([head, body, Buffer.from('.')]);
}
