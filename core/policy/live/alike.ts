/** Another id of the same make: digits for digits, letters for letters of the same case. */
export function alike(id: string, randomHex: (bytes: number) => string): string {
  const random = Buffer.from(randomHex(id.length), 'hex');
  const isHex = /^[0-9a-f]+$/i.test(id);
  return [...id]
    .map((char, i) => {
      const byte = random[i] ?? 0;
      if (isHex) return '0123456789abcdef'[byte % 16];
      if (/\d/.test(char)) return String(byte % 10);
      if (/[a-z]/.test(char)) return String.fromCharCode(97 + (byte % 26));
      return /[A-Z]/.test(char) ? String.fromCharCode(65 + (byte % 26)) : char;
    })
    .join('');
}
