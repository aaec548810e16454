/**
 * Colors and words that brands require of buttons with their logo. `src/sdk/buttons.ts` repeats
 * them, as it stands alone; a test compares the two.
 * Google: https://developers.google.com/identity/branding-guidelines
 * Apple: https://developer.apple.com/design/human-interface-guidelines/sign-in-with-apple
 * LinkedIn:
 * https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
 */

export interface ButtonLook {
  readonly fill: string
  readonly edge: string
  /** Of the title, and of a logo in one colour. */
  readonly text: string
  readonly hover: string
}

interface BrandButton {
  readonly light: ButtonLook
  readonly dark: ButtonLook
}

const apple: ButtonLook = { fill: '#fff', edge: '#000', text: '#000', hover: '#f2f2f2' }

export const brandButtons = {
  google: {
    light: { fill: '#fff', edge: '#747775', text: '#1f1f1f', hover: '#f2f5fa' },
    dark: { fill: '#131314', edge: '#8e918f', text: '#e3e3e3', hover: '#26272a' },
  },
  apple: { light: apple, dark: apple },
} as const satisfies Readonly<Record<string, BrandButton>>

export function buttonClass(kind: string | undefined): string {
  return kind !== undefined && Object.hasOwn(brandButtons, kind) ? `connection ${kind}` : 'connection'
}

/** For adding a sign-in method. LinkedIn allows no other wording than "Sign in". */
export function addingWords(kind: string, name: string): string {
  return `${kind === 'linkedin' ? 'Sign in' : 'Continue'} with ${name}`
}

/** Rules appended to the stylesheet. Logos of these brands need no white background. */
export function brandStyles(): string {
  const rules = (scheme: keyof BrandButton) =>
    Object.entries(brandButtons).map(([kind, button]) => rulesOf(`.connection.${kind}`, button[scheme]))
  const bare = Object.keys(brandButtons).map((kind) => `.connection.${kind} img`)
  return [
    ...rules('light'),
    `@media (prefers-color-scheme: dark) {\n${rules('dark').join('\n')}\n}`,
    `${bare.join(', ')} { background: none }\n`,
  ].join('\n')
}

function rulesOf(selector: string, { fill, edge, text, hover }: ButtonLook): string {
  return `${selector} { border-color: ${edge}; background: ${fill}; color: ${text} }
${selector}:hover { border-color: ${edge}; background: ${hover} }`
}
