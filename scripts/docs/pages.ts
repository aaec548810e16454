/** The pages of the documentation site, and the Markdown files that they come from. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export const readSource = (path: string): string => readFileSync(`${root}${path}`, 'utf8')

/** Files outside docs/ that are pages too. */
const elsewhere: Readonly<Record<string, string>> = {
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing/index.md',
  'SECURITY.md': 'security/reporting.md',
  'providers/README.md': 'sign-in-methods/providers.md',
  'providers/PLUGINS.md': 'sign-in-methods/plugins.md',
}

/** The README is the page of the repository; the site's home takes its place. */
const home: Readonly<Record<string, string>> = { 'README.md': 'index.md' }

/** Path in the site by path in the repository. */
export function sitePages(): ReadonlyMap<string, string> {
  const files = globSync(['docs/**/*.md', 'providers/*/setup.md', 'examples/{README,*/README}.md'], { cwd: root })
  return new Map([...Object.entries(elsewhere), ...files.sort().map((file) => [file, sitePathOf(file)] as const)])
}

/** What a link to a file of the repository leads to in the site. */
export function linkTargets(): ReadonlyMap<string, string> {
  return new Map([...sitePages(), ...Object.entries(home)])
}

function sitePathOf(file: string): string {
  return file
    .replace(/^docs\//, '')
    .replace(/^providers\/(.+)\/setup\.md$/, 'sign-in-methods/$1.md')
    .replace(/^examples\/(.+)\/README\.md$/, 'examples/$1.md')
    .replace(/^examples\/README\.md$/, 'examples/index.md')
}
