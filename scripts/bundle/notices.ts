import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..', '..');

interface Part {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly homepage: string | undefined;
  /** The texts that the package brings; empty when it brings none. */
  readonly texts: readonly string[];
}

/** What is known of packages in `node_modules`, for notices and the list of parts. */
function partsOf(names: readonly string[]): Part[] {
  return names.map((name) => {
    const folder = path.join(root, 'node_modules', name);
    const { version, license, homepage } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const files = existsSync(folder)
      ? readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      : [];
    const texts = files
      .sort()
      .filter((file) => !/\.(js|ts|json)$/.test(file))
      .map((file) => readFileSync(path.join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
    return { name, version, license: String(license?.type ?? license ?? 'unknown'), homepage, texts };
  });
}

/** The text of THIRD-PARTY-NOTICES: each package that is inside, with its licence. */
export function noticesText(names: readonly string[]): string {
  const parts = partsOf(names).map(({ name, version, license, homepage, texts }) => {
    const head = `${name} ${version} (${license})${homepage === undefined ? '' : `\n${homepage}`}`;
    return `${head}\n\n${texts.length > 0 ? texts.join('\n\n') : `The package says ${license} and brings no text of it.`}`;
  });
  return `Sessionscope contains the following packages.\n\n${[...parts].join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}

/**
 * The list of parts as CycloneDX 1.6, the same for the same parts (neither a time nor a random serial number).
 * @param version of Sessionscope
 */
export function cycloneDx(names: readonly string[], version: string): object {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', name: 'sessionscope', version, 'bom-ref': `pkg:npm/sessionscope@${version}` },
    },
    components: partsOf(names).map((part) => {
      const purl = `pkg:npm/${part.name.replace('@', '%40')}@${part.version}`;
      return {
        type: 'library',
        'bom-ref': purl,
        name: part.name,
        version: part.version,
        purl,
        licenses: [/^[\w.-]+$/.test(part.license) ? { license: { id: part.license } } : { expression: part.license }],
      };
    }),
  };
}
