import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../electron/icons');

/** Edges of the icon's renderings, in pixels. */
export const ICON_SIZES = [16, 32, 48, 64, 128, 256, 512, 1024] as const;

/** The rendering of the icon in one size, as PNG. */
export function iconFile(size: (typeof ICON_SIZES)[number]): string {
  return path.join(FOLDER, `${size}.png`);
}

/** Writes `icon.ico`, `icon.icns` and `icon.png` into a folder; gives the path without ending. */
export function writeIcons(to: string): string {
  mkdirSync(to, { recursive: true });
  writeFileSync(path.join(to, 'icon.ico'), ico(([16, 32, 48, 64, 128, 256] as const).map((size) => read(size))));
  const kinds = { icp4: 16, icp5: 32, icp6: 64, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 } as const;
  writeFileSync(
    path.join(to, 'icon.icns'),
    icns(Object.entries(kinds).map(([kind, size]) => [kind, read(size as (typeof ICON_SIZES)[number]).png])),
  );
  writeFileSync(path.join(to, 'icon.png'), read(512).png);
  return path.join(to, 'icon');
}

interface Rendering {
  readonly size: number;
  readonly png: Buffer;
}

const read = (size: (typeof ICON_SIZES)[number]): Rendering => ({ size, png: readFileSync(iconFile(size)) });

/** Windows' form: a directory of 16 bytes an entry, then the PNGs. 0 stands for 256 pixels. */
function ico(icons: readonly Rendering[]): Buffer {
  const head = Buffer.alloc(6 + 16 * icons.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(icons.length, 4);
  let at = head.length;
  for (const [index, { size, png }] of icons.entries()) {
    const entry = 6 + 16 * index;
    head.writeUInt8(size % 256, entry);
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4);
    head.writeUInt16LE(32, entry + 6);
    head.writeUInt32LE(png.length, entry + 8);
    head.writeUInt32LE(at, entry + 12);
    at += png.length;
  }
  return Buffer.concat([head, ...icons.map(({ png }) => png)]);
}

/** Apple's form: parts with a kind of four letters and their length, itself included. */
function icns(parts: readonly (readonly [string, Buffer])[]): Buffer {
  const part = (kind: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(kind, 'latin1');
    head.writeUInt32BE(data.length + 8, 4);
    return Buffer.concat([head, data]);
  };
  return part('icns', Buffer.concat(parts.map(([kind, data]) => part(kind, data))));
}
