/**
 * What brands ask of a button that bears their logo: colours in a light and a dark page, and words. Whoever asks for nothing gets the look
 * of the page. `src/sdk/buttons.ts` stands alone and says the same; a test compares them.
 * Google: https://developers.google.com/identity/branding-guidelines
 * Apple: https://developer.apple.com/design/human-interface-guidelines/sign-in-with-apple (white with an outline, on any ground)
 * LinkedIn: https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2 (one wording)
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

/** The class of a gate's button: the kind, where its brand has rules. */
export function buttonClass(kind: string | undefined): string {
  return kind !== undefined && Object.hasOwn(brandButtons, kind) ? `gate ${kind}` : 'gate'
}

/** For a person who is signed in and wants this gate, too. LinkedIn knows no other words than those of signing in. */
export function addingWords(kind: string, name: string): string {
  return `${kind === 'linkedin' ? 'Sign in' : 'Continue'} with ${name}`
}

/** The rules for `.gate`, to stand behind a stylesheet of its own: a logo needs no white paper on a ground its brand chose. */
export function brandStyles(): string {
  const rules = (scheme: keyof BrandButton) =>
    Object.entries(brandButtons).map(([kind, button]) => rulesOf(`.gate.${kind}`, button[scheme]))
  const bare = Object.keys(brandButtons).map((kind) => `.gate.${kind} img`)
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
