import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import { en, type TextKey } from './en.ts';
import { zh } from './zh.ts';

export type Language = 'en' | 'zh-CN';
export const languages: readonly { readonly id: Language; readonly name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'zh-CN', name: '简体中文' },
];

/** Texts with typed keys; a missing key or a misspelt one does not compile. */
export type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

/** Starts the texts once; React re-renders when the language changes. */
export async function startTexts(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, 'zh-CN': { translation: zh } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language;
}

export async function setLanguage(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** The language that is shown now. */
export function currentLanguage(): string {
  return i18next.language;
}

/** The translator for a component. */
export function useText(): Translate {
  const { t } = useTranslation();
  return t as unknown as Translate;
}

/** The translator outside of components (notices made by actions). */
export const text: Translate = (key, values) => i18next.t(key as never, values as never) as unknown as string;

/** The language that the system asks for. */
export function systemLanguage(): Language {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}
