/** Sign-in buttons in the colors and words that their brands require. */
import type { ButtonScheme, Provider } from '../provider/provider.ts'
import { asset } from './assets.ts'

type Branded = Pick<Provider, 'kind' | 'brand'>

export interface ButtonLook {
  /** Set if the brand has colors of its own. */
  readonly kind?: string | undefined
}

export function buttonLook({ kind, brand }: Branded): ButtonLook {
  return brand.colors === undefined ? {} : { kind }
}

export function buttonClass({ kind }: ButtonLook): string {
  return kind === undefined ? 'connection' : `connection ${kind}`
}

/** Stylesheet of pages with sign-in buttons. */
export const brandStylesheet = (providers: readonly Branded[]) =>
  asset('brands.css', 'text/css', brandStyles(providers) + darkLogoStyles(providers))

/**
 * In dark mode, these logos replace those of the page. A button in colors of the brand keeps its
 * own.
 */
function darkLogoStyles(providers: readonly Branded[]): string {
  const rules = providers.flatMap(({ kind, brand: { logo, logoDark, colors } }) => {
    if (logoDark === undefined) return []
    const other = logoDark.href === logo?.href ? '' : `content: url("/static/logos/${kind}-dark.svg"); `
    const place = colors === undefined ? '' : ':not(.connection) > '
    return [`${place}img.logo[src$="/${kind}.svg"] { ${other}background: none }`]
  })
  return rules.length === 0 ? '' : `@media screen and (prefers-color-scheme: dark) {\n${rules.join('\n')}\n}\n`
}

/** Colors of the brands, without a white tile under their logos. */
export function brandStyles(providers: readonly Branded[]): string {
  const branded = providers.flatMap(({ kind, brand: { colors } }) => (colors === undefined ? [] : [{ kind, colors }]))
  const rules = (scheme: 'light' | 'dark') =>
    branded.map(({ kind, colors }) => rulesOf(`.connection.${kind}`, colors[scheme])).join('\n')
  const bare = branded.map(({ kind }) => `.connection.${kind} img`).join(', ')
  if (branded.length === 0) return ''
  return `${rules('light')}
@media screen and (prefers-color-scheme: dark) {
${rules('dark')}
}
${bare} { background: none }
`
}

function rulesOf(selector: string, { fill, border, text, hover }: ButtonScheme): string {
  return `${selector} { border-color: ${border}; background: ${fill}; color: ${text} }
${selector}:hover { border-color: ${border}; background: ${hover} }`
}
