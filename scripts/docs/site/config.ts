/** The configuration of VitePress. build-site.ts passes what depends on the repository. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type UserConfig } from 'vitepress'
import { anchorOf } from '../anchors.ts'
import type { SidebarGroup } from '../sidebar.ts'
import { diagramOf } from './diagrams.ts'
import { moveInlineScripts } from './inline-scripts.ts'
import { searchSections } from './search-sections.ts'

export interface SiteOptions {
  readonly outDir: string
  readonly sidebar: readonly SidebarGroup[]
  readonly version: string
}

export function siteConfig({ outDir, sidebar, version }: SiteOptions): UserConfig {
  const scripts = new Map<string, string>()
  return defineConfig({
    title: 'Gatehouse',
    description: 'Documentation of Gatehouse, a federated identity broker',
    lang: 'en',
    base: '/docs/',
    outDir,
    cleanUrls: true,
    ignoreDeadLinks: 'localhostLinks',
    // its transition adds a style element, which the content security policy forbids
    appearance: { disableTransition: false },
    markdown: {
      anchor: { slugify: anchorOf },
      attrs: { disable: true }, // `{id}` is text
      config: (md) => {
        md.linkify.set({ fuzzyLink: false, fuzzyEmail: false }) // setup.md is no host
        const { fence, text } = md.renderer.rules
        md.renderer.rules.fence = (tokens, index, ...rest) => {
          const { info = '', content = '' } = tokens[index] ?? {}
          return info.trim() === 'mermaid' ? diagramOf(content) : (fence?.(tokens, index, ...rest) ?? '')
        }
        md.renderer.rules.text = (...rendered) => escapeVue(text?.(...rendered) ?? '')
      },
    },
    transformHtml: (html) => moveInlineScripts(html, '/docs/', scripts),
    buildEnd: () => {
      mkdirSync(join(outDir, 'assets'), { recursive: true })
      for (const [file, script] of scripts) writeFileSync(join(outDir, file), script)
    },
    vite: {
      build: { chunkSizeWarningLimit: 5000 }, // the search index, which loads with the first search
      resolve: { alias: [{ find: /^.*\/VPSocialLink\.vue$/, replacement: themeFile('no-social-link.js') }] },
    },
    themeConfig: {
      search: {
        provider: 'local',
        // at build time; theme/search.ts has how it searches
        options: {
          _render: (markdown) => markdown,
          miniSearch: { _splitIntoSections: (_, markdown) => searchSections(markdown) },
        },
      },
      outline: { level: [2, 3] },
      nav: [
        { text: 'Get started', link: '/getting-started' },
        { text: 'Configuration', link: '/reference/configuration' },
        { text: 'API', link: '/reference/api' },
        { text: 'Errors', link: '/reference/errors' },
        { text: version, link: '/changelog' },
      ],
      sidebar: sidebar.map(({ text, items }) => ({ text, items: [...items], collapsed: folded.has(text) })),
    },
  })
}

/** Sections of the sidebar that are closed until a page of them is shown. */
const folded = new Set(['Examples', 'Contributing'])

const themeFile = (name: string) => fileURLToPath(new URL(`theme/${name}`, import.meta.url))

/** Vue evaluates `{{ … }}`. */
const escapeVue = (html: string) => html.replaceAll('{{', '&#123;&#123;')
