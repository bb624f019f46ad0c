import type { signedEn } from './signed-en.ts';

export const signedZh: { readonly [K in keyof typeof signedEn]: string } = {
  'finding.weak-key': '用公开的密钥生成',
  'finding.jwt-alg-none': '未签名（alg none）',
  'finding.jwt-public-key-as-secret': '把公钥当作密钥',
  'finding.jwt-no-exp': '永不过期的令牌',
  'finding.mark': '不安全',
  'finding.mark.title': '不安全：{{what}}',
  'finding.mend': '修复方法：',
  'sessions.signature.invalid': '签名由另一个密钥生成（{{scheme}}）',
  'sessions.signature.invalid.mark': '其他密钥',
};
