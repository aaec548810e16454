/** `npm run docs`: builds the documentation site in dist/docs. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createFilePages, imagePlace } from './file-pages.ts'
import { foreignResources } from './foreign-resources.ts'
import { withSiteLinks } from './links.ts'
import { linkTargets, readSource, root, sitePages } from './pages.ts'
import { sidebar } from './sidebar.ts'
import type { SiteOptions } from './site/config.ts'

await buildSite()

async function buildSite(): Promise<void> {
  const sources = join(root, 'dist', 'docs-sources')
  const outDir = join(root, 'dist', 'docs')
  rmSync(sources, { recursive: true, force: true })
  writePages(sources)
  const { version } = JSON.parse(readSource('package.json'))
  writeConfig(sources, { outDir, sidebar: sidebar(), version: String(version) })
  const { build } = await import('vitepress')
  await build(sources)
  rmSync(sources, { recursive: true })
  const foreign = foreignResources(outDir)
  if (foreign.length > 0) throw new Error(`the site would load from other hosts:\n${foreign.join('\n')}`)
  process.stdout.write('The site is in dist/docs. Gatehouse serves it at /docs from its next start on.\n')
}

/** Every page with its links rewritten, and a page for each other file that one links to. */
function writePages(folder: string): void {
  const files = createFilePages(linkTargets())
  for (const [source, page] of sitePages())
    write(folder, page, withSiteLinks(readSource(source), { source, page }, files.pageOf))
  for (const { page, text } of files.all()) write(folder, page, text)
  for (const image of files.images()) write(folder, imagePlace(image), readFileSync(join(root, image)))
}

/**
 * VitePress wants both in the folder of the pages. The address keeps Vite from compiling our
 * configuration.
 */
function writeConfig(folder: string, options: SiteOptions): void {
  const address = (file: string) => JSON.stringify(new URL(`site/${file}`, import.meta.url).href)
  const config = `const { siteConfig } = await import(new URL(${address('config.ts')}).href)\n`
  write(folder, '.vitepress/config.mjs', `${config}export default siteConfig(${JSON.stringify(options)})\n`)
  const theme = JSON.stringify(join(root, 'scripts', 'docs', 'site', 'theme', 'index.js'))
  write(folder, '.vitepress/theme/index.js', `export { default } from ${theme}\n`)
}

function write(folder: string, page: string, text: string | Buffer): void {
  const file = join(folder, page)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
