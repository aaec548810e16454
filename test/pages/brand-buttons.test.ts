/** Buttons follow the guidelines that providers state. */
import { describe, expect, it } from 'vitest'
import { brands } from '../../demo/brands.ts'
import { signedOutPage } from '../../demo/pages.ts'
import { apple } from '../../providers/apple/apple.ts'
import { google } from '../../providers/google/google.ts'
import { providers } from '../../providers/index.ts'
import { okta } from '../../providers/okta/okta.ts'
import { brandStyles, brandStylesheet, buttonClass, buttonLook } from '../../src/pages/brand-buttons.ts'

const branded = providers.filter(({ brand }) => brand.colors !== undefined)

describe('the button of a connection', () => {
  it.each([
    [google, 'connection google'],
    [apple, 'connection apple'],
    [okta, 'connection'],
  ])('of $kind has the class %s', (provider, name) => {
    expect(buttonClass(buttonLook(provider))).toBe(name)
  })
})

describe('brand colors', () => {
  it('follow the guidelines of Google and Apple', () => {
    const { light, dark } = google.brand.colors ?? {}
    expect(light).toMatchObject({ fill: '#fff', border: '#747775', text: '#1f1f1f' })
    expect(dark).toMatchObject({ fill: '#131314', border: '#8e918f', text: '#e3e3e3' })
    for (const scheme of Object.values(apple.brand.colors ?? {}))
      expect(scheme).toMatchObject({ fill: '#fff', border: '#000', text: '#000' })
  })

  it.each(branded)('of $kind leave its label readable, in light and dark', ({ brand }) => {
    for (const { fill, hover, text } of Object.values(brand.colors ?? {}))
      for (const background of [fill, hover]) expect(contrast(text, background)).toBeGreaterThanOrEqual(4.5)
  })

  it('are in the stylesheets of our pages and the demo', () => {
    const { path, content } = brandStylesheet(providers)
    expect(path).toMatch(/^\/static\/brands-[0-9a-f]{12}\.css$/)
    expect(brandStylesheet([google]).path).not.toBe(path)
    for (const { kind } of branded) expect(content).toContain(`.connection.${kind} { border-color: #`)
    const demo = signedOutPage()
    expect(demo).toContain(`${brandStyles(brands)}</style>`)
    for (const { kind } of branded.filter((provider) => brands.includes(provider)))
      expect(demo).toContain(`class="button connection ${kind}"`)
  })

  it('every brand has a logo for dark pages, which leaves its own button alone', () => {
    const { content } = brandStylesheet(providers)
    for (const { kind, brand } of providers.filter(({ brand }) => brand.logo !== undefined)) {
      const scope = brand.colors === undefined ? '' : ':not(.connection) > '
      expect(content, kind).toContain(`\n${scope}img.logo[src$="/${kind}.svg"] {`)
    }
  })

  it('need no rule without brands', () => {
    expect(brandStyles([okta])).toBe('')
  })
})

/** WCAG 2.2, 1.4.3. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.replace(/[^#]/g, '$&$&') : hex
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(full.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
