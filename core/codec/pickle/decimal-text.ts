/** `str(Decimal(text))` of CPython, or undefined where the constructor refuses the text. */
export function decimalText(text: string): string | undefined {
  const plain = text.trim().replaceAll('_', '');
  const special = /^([+-]?)(inf(?:inity)?|s?nan)(\d*)$/i.exec(plain);
  if (special !== null) {
    const [, sign = '', word = '', payload = ''] = special;
    const minus = sign === '-' ? '-' : '';
    if (/^inf/i.test(word)) return payload === '' ? `${minus}Infinity` : undefined;
    return `${minus}${/^s/i.test(word) ? 'sNaN' : 'NaN'}${payload.replace(/^0+/, '')}`;
  }
  const match = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:e([+-]?\d+))?$/i.exec(plain);
  if (match === null) return undefined;
  const [, sign = '', whole = '', after, only, power = '0'] = match;
  const part = after ?? only ?? '';
  const digits = `${whole}${part}`.replace(/^0+(?=\d)/, '');
  const exponent = Number(power) - part.length;
  if (!Number.isSafeInteger(exponent) || Math.abs(exponent) + digits.length >= 1e18) return undefined;
  const minus = sign === '-' ? '-' : '';
  const left = exponent + digits.length;
  if (exponent <= 0 && left > -6) {
    if (exponent === 0) return `${minus}${digits}`;
    if (left > 0) return `${minus}${digits.slice(0, left)}.${digits.slice(left)}`;
    return `${minus}0.${'0'.repeat(-left)}${digits}`;
  }
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${minus}${mantissa}E${left - 1 < 0 ? '-' : '+'}${Math.abs(left - 1)}`;
}
