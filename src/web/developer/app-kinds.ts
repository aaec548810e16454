/** The kinds of apps, as the forms name them. */
import type { Choice } from './developer-fields.tsx'

export const kindChoices: readonly Choice[] = [
  { value: 'web', label: 'Web app', hint: 'has a server that can keep a secret' },
  { value: 'single-page', label: 'Single-page app', hint: 'runs entirely in the browser' },
  { value: 'native', label: 'Native app', hint: 'runs on a phone, a desktop or a command line' },
  { value: 'service', label: 'Service', hint: 'machine-to-machine, no user' },
]

export function kindLabel({ kind }: { readonly kind: string }): string {
  return kindChoices.find(({ value }) => value === kind)?.label ?? kind
}
