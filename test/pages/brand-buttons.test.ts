/** The one source of how brands want their buttons, and the two that must agree with it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { signedOutPage } from '../../demo/pages.ts'
import { addingWords, brandButtons, brandStyles, buttonClass } from '../../src/pages/brand-buttons.ts'
import { stylesheet } from '../../src/pages/stylesheet.ts'

describe('the button of a connection', () => {
  it.each([
    ['google', 'connection google'],
    ['apple', 'connection apple'],
    ['okta', 'connection'],
    ['constructor', 'connection'],
    [undefined, 'connection'],
  ])('of kind %s has the class %s', (kind, name) => {
    expect(buttonClass(kind)).toBe(name)
  })

  it.each([
    ['google', 'Google', 'Continue with Google'],
    ['apple', 'Apple', 'Continue with Apple'],
    ['linkedin', 'LinkedIn', 'Sign in with LinkedIn'],
    ['saml', 'Okta (partner)', 'Continue with Okta (partner)'],
  ])('that adds %s named %s says %s', (kind, name, words) => {
    expect(addingWords(kind, name)).toBe(words)
  })
})

describe('brand colors', () => {
  it('follow the guidelines of Google and Apple', () => {
    const { google, apple } = brandButtons
    expect(google.light).toMatchObject({ fill: '#fff', edge: '#747775', text: '#1f1f1f' })
    expect(google.dark).toMatchObject({ fill: '#131314', edge: '#8e918f', text: '#e3e3e3' })
    for (const look of [apple.light, apple.dark])
      expect(look).toMatchObject({ fill: '#fff', edge: '#000', text: '#000' })
  })

  it('are in the stylesheets of our pages and the demo', () => {
    expect(stylesheet.content.endsWith(brandStyles())).toBe(true)
    const demo = signedOutPage()
    expect(demo).toContain(`${brandStyles()}</style>`)
    for (const kind of Object.keys(brandButtons)) expect(demo).toContain(`class="button connection ${kind}"`)
  })

  it('match the buttons for pages of other sites', () => {
    const buttons = readFileSync(new URL('../../src/sdk/buttons.ts', import.meta.url), 'utf8')
    const { light, dark } = brandButtons.google
    for (const [name, part] of [
      ['bg', 'fill'],
      ['fg', 'text'],
      ['edge', 'edge'],
      ['hover', 'hover'],
    ] as const) {
      expect(buttons).toContain(`--${name}:${light[part]};`)
      expect(buttons).toContain(`--${name}:light-dark(${light[part]},${dark[part]})`)
    }
    const { fill, text, edge, hover } = brandButtons.apple.light
    expect(buttons).toContain(`.apple{--bg:${fill};--fg:${text};--edge:${edge};--hover:${hover};--chip:transparent}`)
    expect(buttons).toContain('.google{--chip:transparent}')
  })
})
