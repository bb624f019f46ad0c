/** Letters and digits that are told apart when read aloud: no 0 and o, no 1, l and i. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A password of three groups of five: 74 bits, from the window's secure random source. */
export function newPassword(): string {
  const groups = Array.from({ length: 3 }, () => {
    let group = '';
    while (group.length < 5) {
      // Values beyond a multiple of the alphabet are thrown away: each letter is as likely as the next.
      for (const value of crypto.getRandomValues(new Uint8Array(8))) {
        if (value < 248 && group.length < 5) group += LETTERS[value % LETTERS.length];
      }
    }
    return group;
  });
  return groups.join('-');
}
