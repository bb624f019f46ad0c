import { useEffect, useRef, useState } from 'react';
import type { ByteSpan } from '../../../../core/model/peel.ts';
import { useText } from '../../i18n/index.ts';
import { HEX_WIDTH, hexLine, type LitParts, litLine } from '../../state/hex.ts';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual-list.tsx';

/** Bytes in lines of sixteen; those of the selected value are lit, and come into view when they change. */
export function HexList({ bytes, span }: { bytes: Uint8Array; span: ByteSpan | null }) {
  const t = useText();
  const list = useRef<VirtualListHandle>(null);
  const [active, setActive] = useState(0);
  const start = span?.start;
  useEffect(() => {
    if (start === undefined || start >= bytes.length) return;
    const row = Math.floor(start / HEX_WIDTH);
    setActive(row);
    list.current?.scrollTo(row);
  }, [start, bytes]);
  return (
    <VirtualList
      handle={list}
      className="hex"
      role="list"
      label={t('raw.hex')}
      testId="hex"
      count={Math.ceil(bytes.length / HEX_WIDTH)}
      rowHeight={20}
      active={active}
      onActive={setActive}
      rowKey={(index) => index}
      row={(index) => {
        const line = hexLine(bytes, index);
        const { hex, text } = litLine(line, index, span);
        return (
          <div className="hex-row">
            <span className="offset">{line.offset}</span>
            <Lit parts={hex} />
            <Lit parts={text} className="v-str" />
          </div>
        );
      }}
    />
  );
}

function Lit({ parts: [before, lit, after], className }: { parts: LitParts; className?: string }) {
  return (
    <span className={className}>
      {before}
      {lit !== '' && (
        <mark className="lit" data-testid="lit">
          {lit}
        </mark>
      )}
      {after}
    </span>
  );
}
