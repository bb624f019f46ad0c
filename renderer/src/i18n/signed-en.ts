/** Texts about signed and sealed values: their keys, what is wrong with them, the screen for any value. */
export const signedEn = {
  'finding.weak-key': 'Made with a published key',
  'finding.jwt-alg-none': 'Not signed (alg none)',
  'finding.jwt-public-key-as-secret': 'A public key as the secret',
  'finding.jwt-no-exp': 'A token that never ends',
  'finding.mark': 'unsafe',
  'finding.mark.title': 'Unsafe: {{what}}',
  'finding.mend': 'Mend it:',
  'sessions.signature.invalid': 'Its signature was made with another key ({{scheme}})',
  'sessions.signature.invalid.mark': 'other key',
} as const;
