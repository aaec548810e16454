/** Passes what a user typed to the next page, sealed: URLs end up in histories and logs. */
import type { KeyRing } from '../../crypto/keyring.ts'
import { type Fields, textField } from '../../http/fields.ts'

const contexts = { email_hint: 'typed email', name_hint: 'typed name' } as const

export function sealedEmailQuery(keyRing: KeyRing, email: string | undefined): { readonly email_hint?: string } {
  return email === undefined ? {} : { email_hint: seal(keyRing, 'email_hint', email) }
}

export function sealedNameQuery(keyRing: KeyRing, name: string | undefined): { readonly name_hint?: string } {
  return name === undefined ? {} : { name_hint: seal(keyRing, 'name_hint', name) }
}

const seal = (keyRing: KeyRing, field: keyof typeof contexts, text: string) =>
  keyRing.seal(text, contexts[field]).toString('base64url')

/** Undefined where none was passed on, or what came is not ours. */
export const openEmailQuery = (keyRing: KeyRing, query: Fields) => open(keyRing, 'email_hint', query)

export const openNameQuery = (keyRing: KeyRing, query: Fields) => open(keyRing, 'name_hint', query)

function open(keyRing: KeyRing, field: keyof typeof contexts, query: Fields): string | undefined {
  const sealed = textField(query, field)
  return sealed === undefined
    ? undefined
    : keyRing.open(Buffer.from(sealed, 'base64url'), contexts[field])?.content.toString()
}
