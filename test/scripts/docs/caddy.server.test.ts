/** Caddy itself reads every configuration of it that the documentation shows. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readSource, sitePages } from '../../../scripts/docs/pages.ts'

const code = /^ *```.*\n([\s\S]*?)\n *```$|`([^`\n]+\{[^`\n]+)`/gm
const configurations = [...sitePages().keys()].flatMap((page) =>
  [...readSource(page).matchAll(code)]
    .map(([, block, inline]) => ({ page, text: block ?? inline ?? '' }))
    .filter(({ text }) => /\b(reverse_proxy|forward_auth) /.test(text)),
)

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-caddy-docs-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('finds the configurations', () => {
  expect(configurations.map(({ page }) => page)).toEqual(
    expect.arrayContaining(['docs/operations/install.md', 'docs/reverse-proxies.md']),
  )
})

it.each(configurations)('Caddy accepts the one of $page', ({ text }) => {
  const file = join(folder, 'Caddyfile')
  writeFileSync(file, text)
  const { status, stderr, error } = spawnSync('caddy', ['adapt', '--adapter', 'caddyfile', '--config', file], {
    encoding: 'utf8',
  })
  expect(error?.message, 'apt-get install caddy').toBeUndefined()
  expect(status, stderr).toBe(0)
})
