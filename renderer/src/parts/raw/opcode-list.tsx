import { useEffect, useMemo, useRef, useState } from 'react';
import { disassemble } from '../../../../core/codec/pickle/disassemble.ts';
import type { ByteSpan } from '../../../../core/model/peel.ts';
import { useText } from '../../i18n/index.ts';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual-list.tsx';

/** A pickle opcode by opcode, indented by its open marks; those that make the selected value are lit. */
export function OpcodeList({ bytes, span }: { bytes: Uint8Array; span: ByteSpan | null }) {
  const t = useText();
  const list = useRef<VirtualListHandle>(null);
  const [active, setActive] = useState(0);
  const lines = useMemo(() => disassemble(bytes), [bytes]);
  const start = span?.start;
  useEffect(() => {
    if (start === undefined) return;
    const row = lines.findIndex(({ end }) => end > start);
    if (row < 0) return;
    setActive(row);
    list.current?.scrollTo(row);
  }, [start, lines]);
  return (
    <VirtualList
      handle={list}
      className="hex"
      role="list"
      label={t('raw.opcodes')}
      testId="opcodes"
      count={lines.length}
      rowHeight={20}
      active={active}
      onActive={setActive}
      rowKey={(index) => index}
      row={(index) => {
        const line = lines[index];
        if (line === undefined) return null;
        const lit = span !== null && line.at < span.end && line.end > span.start;
        return (
          <div className="opcode-row" data-lit={lit}>
            <span className="offset">{line.at.toString(16).padStart(8, '0')}</span>
            <span className="cut" style={{ paddingInlineStart: Math.min(line.depth, 16) * 12 }}>
              <span className="opcode">{line.name}</span> <span className="v-str">{line.argument}</span>
              {line.error !== undefined && <span className="bad"> {line.error}</span>}
            </span>
          </div>
        );
      }}
    />
  );
}
