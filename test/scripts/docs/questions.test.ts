/**
 * Ten questions of a newcomer, each answered within two clicks of the README: its link, then a
 * heading.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const readme = textOf('README.md')

/** The row of the README, the heading that answers, and what the answer must say. */
const questions = [
  ["add a tenant's Okta?", 'At Gatehouse', /kind: okta|okta:\n +issuer:/],
  ['protect an Express route?', 'Protect a route', /requireUser/],
  ['sign users in from a single-page app?', 'The program', /UserManager/],
  ['put Caddy, nginx or Traefik in front of an app?', 'Caddy', /forward_auth/],
  ['rotate keys?', 'Rotate the signing keys', /gatehouse keys rotate/],
  ['find out why a login failed?', 'Why did a login fail', /gatehouse trace --failed/],
  ['add a brand?', 'Add a provider in 20 minutes', /providers\/index\.ts/],
  ['back up and restore?', undefined, /restore/i],
  ['scale to two processes?', 'Add a process', /\/readyz/],
  ['understand an error such as `link_refused`?', 'link_refused', /fix/i],
] as const

const linkIn = (question: string) =>
  /\]\(([^)#\s]+)/.exec(readme.split('\n').find((line) => line.startsWith(`| ${question} |`)) ?? '')?.[1]

/** From the heading to the next one of the same or a higher level; without a heading, the page. */
function answerOf(page: string, heading: string | undefined): string | undefined {
  if (heading === undefined) return page
  const sections: string[] = []
  for (const part of page.split(/^(?=#+ )/m)) {
    const last = sections.at(-1) ?? ''
    // comments in code begin as headings do
    const isInCode = (last.match(/^ *```/gm) ?? []).length % 2 === 1
    if (isInCode) sections[sections.length - 1] = last + part
    else sections.push(part)
  }
  const levelOf = (section: string) => /^#*/.exec(section)?.[0].length ?? 0
  const start = sections.findIndex((section) => section.split('\n')[0]?.replace(/^#+ |`/g, '') === heading)
  const level = levelOf(sections[start] ?? '')
  const end = sections.findIndex((section, at) => at > start && levelOf(section) <= level)
  return start === -1 ? undefined : sections.slice(start, end === -1 ? undefined : end).join('')
}

describe('the README answers within two clicks', () => {
  it.each(questions)('%s', (question, heading, answer) => {
    const link = linkIn(question)
    expect(link).toBeDefined()
    expect(answerOf(textOf(link ?? ''), heading)).toMatch(answer)
  })

  it('in at most 150 lines', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(150)
  })
})
